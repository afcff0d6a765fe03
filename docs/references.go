package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

const schemaRefs = "#/components/schemas/"

// references refuses a document with a reference to nothing. Most references are to
// components, which are looked up by name.
func references(doc *openapi.Document) error {
	r := &resolver{doc: doc}
	var errs []error
	seen := map[string]bool{}
	for place, s := range schemasOf(doc) {
		for part := range s.All() {
			targets := []string{}
			if part.Ref != "" {
				targets = append(targets, part.Ref)
			}
			if part.Discriminator != nil {
				for _, target := range part.Discriminator.Mapping.All() {
					targets = append(targets, r.mapped(target))
				}
			}
			for _, target := range targets {
				if !r.finds(target) && !seen[target] {
					seen[target] = true
					errs = append(errs, fmt.Errorf("%s: the reference %q points to nothing: "+
						"write %sNAME with the name of a component, and name its Go type in Options.Components", place, target, schemaRefs))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// resolver looks for what references point to.
type resolver struct {
	doc *openapi.Document
	raw any // the document as JSON; nil until a reference needs it
}

// mapped is what a value of a discriminator's mapping refers to, which may be a name.
func (r *resolver) mapped(target string) string {
	if _, ok := r.doc.Components.Schemas.Get(target); ok {
		return schemaRefs + target
	}
	return target
}

func (r *resolver) finds(ref string) bool {
	pointer, here := strings.CutPrefix(ref, "#")
	if !here {
		u, err := url.Parse(ref)
		return err == nil && u.IsAbs() // of another document, which is not ours to read
	}
	if name, ok := strings.CutPrefix(ref, schemaRefs); ok {
		if _, there := r.doc.Components.Schemas.Get(name); there {
			return true
		}
	}
	if r.raw == nil {
		text, err := r.doc.JSON()
		if err != nil || json.Unmarshal(text, &r.raw) != nil {
			return false
		}
	}
	return points(r.raw, pointer)
}

// points reports whether a JSON Pointer (RFC 6901, 4 and 6) points to a value.
func points(v any, pointer string) bool {
	decoded, err := url.PathUnescape(pointer)
	if err != nil || decoded != "" && decoded[0] != '/' {
		return false
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(decoded, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch part := v.(type) {
		case map[string]any:
			inner, there := part[token]
			if !there {
				return false
			}
			v = inner
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(part) {
				return false
			}
			v = part[i]
		default:
			return false
		}
	}
	return true
}

// schemasOf yields the schemas of a document that are not within others, with the place
// where each stands.
func schemasOf(doc *openapi.Document) iter.Seq2[string, *openapi.Schema] {
	return func(yield func(string, *openapi.Schema) bool) {
		media := func(place string, content openapi.Map[*openapi.MediaType]) bool {
			for _, m := range content.All() {
				if !yield(place, m.Schema) || !yield(place, m.ItemSchema) {
					return false
				}
			}
			return true
		}
		response := func(place string, resp *openapi.Response) bool {
			for _, h := range resp.Headers.All() {
				if !yield(place, h.Schema) {
					return false
				}
			}
			return media(place, resp.Content)
		}
		for name, s := range doc.Components.Schemas.All() {
			if !yield("schema "+name, s) {
				return
			}
		}
		for name, h := range doc.Components.Headers.All() {
			if !yield("header "+name, h.Schema) {
				return
			}
		}
		for name, resp := range doc.Components.Responses.All() {
			if !response("response "+name, resp) {
				return
			}
		}
		for path, item := range doc.Paths.All() {
			for method, op := range item.Operations.All() {
				place := strings.ToUpper(method) + " " + path
				if slices.ContainsFunc(op.Parameters, func(p *openapi.Parameter) bool { return !yield(place, p.Schema) }) ||
					op.RequestBody != nil && !media(place, op.RequestBody.Content) {
					return
				}
				for _, resp := range op.Responses.All() {
					if !response(place, resp) {
						return
					}
				}
			}
		}
	}
}
