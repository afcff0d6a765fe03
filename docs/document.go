package docs

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"unicode"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/schema"
	"github.com/apiroutes/apiroutes/typed"
)

// OpenAPI makes the document of all endpoints handled so far that are not Hidden. opts
// may be nil. The same endpoints and options give the same document. Whoever changes it
// should know that operations share what they say of problems, and nothing else. The
// error names every type whose JSON form cannot be known, every example that its own
// schema refuses, every reference to nothing and every security scheme that is not
// declared, and what to write.
func OpenAPI(api *typed.API, opts *Options) (*openapi.Document, error) {
	if opts == nil {
		opts = &Options{}
	}
	version, err := opts.version()
	if err != nil {
		return nil, err
	}
	w := &writer{
		api: api, operations: shown(api),
		doc: &openapi.Document{
			Info: openapi.Info{
				Title: api.Title(), Version: api.Version(), Summary: opts.Summary, Description: opts.Description,
				TermsOfService: opts.TermsOfService, Contact: opts.Contact, License: opts.License,
			},
			Servers:      opts.Servers,
			ExternalDocs: opts.ExternalDocs,
		},
		shapes:  map[string]string{},
		refs:    map[int]*openapi.Response{},
		schemas: schema.New(schema.Options{Validator: rules.Of(api.Validator()), Types: opts.Types}),
	}
	if w.doc.Servers == nil {
		w.doc.Servers = []*openapi.Server{{URL: "."}}
		if hook.KnowsBasePath(api) {
			w.doc.Servers[0].URL = cmp.Or(api.BasePath(), "/")
		}
	}
	w.schemes(api, opts.SecuritySchemes)
	if err := w.write(opts); err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	switch version {
	case openapi.Version30:
		return w.doc.Downgrade(), nil
	case openapi.Version32:
		w.doc.Version = version
	}
	return w.doc, nil
}

// write fills the document.
func (w *writer) write(opts *Options) error {
	w.doc.Security = w.security("Options.Security", opts.Security)
	w.errorForm()
	for op := range w.operations {
		w.add(op)
	}
	for _, t := range opts.Components {
		if t == nil {
			w.errs = append(w.errs, errors.New("Options.Components has a nil type: write reflect.TypeFor[User]()"))
			continue
		}
		w.schemas.Component(t)
	}
	w.tags(opts.Tags)
	w.doc.Components.Schemas = w.schemas.Components()
	if err := errors.Join(append(w.errs, w.schemas.Err())...); err != nil {
		return err
	}
	if opts.Change != nil {
		opts.Change(w.doc)
	}
	return references(w.doc)
}

// version is the version of the specification to write.
func (o *Options) version() (string, error) {
	switch {
	case o.OpenAPI30 && o.Version != "" && o.Version != "3.0":
		return "", fmt.Errorf("docs: Options.OpenAPI30 is set beside the Version %q: drop one of them", o.Version)
	case o.OpenAPI30 || o.Version == "3.0":
		return openapi.Version30, nil
	case o.Version == "" || o.Version == "3.1":
		return openapi.Version, nil
	case o.Version == "3.2":
		return openapi.Version32, nil
	}
	return "", fmt.Errorf(`docs: Options.Version is %q: write "3.0", "3.1" or "3.2"`, o.Version)
}

// shown are the operations that a document is about.
func shown(api *typed.API) iter.Seq[*typed.Operation] {
	return func(yield func(*typed.Operation) bool) {
		for op := range api.Operations() {
			if !op.Hidden && !yield(op) {
				return
			}
		}
	}
}

// writer is one document on its way.
type writer struct {
	api        *typed.API
	operations iter.Seq[*typed.Operation]

	doc     *openapi.Document
	schemas *schema.Builder
	fields  []bind.Field              // of the request that is being described
	problem failureContent            // of every problem
	invalid failureContent            // of requests that OnInvalid answers
	used    openapi.Map[bool]         // the tags of operations, in order
	shapes  map[string]string         // paths by what they are without the names of parameters
	refs    map[int]*openapi.Response // the shared problems, by status
	errs    []error
}

func (w *writer) add(op *typed.Operation) {
	path, names := w.path(op)
	item, ok := w.doc.Paths.Get(path)
	if !ok {
		item = &openapi.PathItem{}
		w.doc.Paths.Set(path, item)
	}
	tags := op.Tags
	if len(tags) == 0 {
		tags = []string{firstSegment(path)}
	}
	for _, tag := range tags {
		w.used.Set(tag, true)
	}
	description := cmp.Or(op.Description, op.Summary)
	if description == "" {
		description = account(op, path)
	}
	plan := hook.Binding(op).(*bind.Plan)
	var extensions openapi.Map[any]
	if plan.StrictQuery() {
		// In words, since OpenAPI has no keyword for it, and for programs.
		description += "\n\nA query parameter that is not listed here is refused with 422."
		extensions.Set("x-strict-query", true)
	}
	if plan.BodyKind() != bind.NoBody && plan.DeclaredMaxBody() != typed.DefaultMaxBody {
		extensions.Set("x-max-body", plan.DeclaredMaxBody())
	}
	if w.isJudgedBeyond(op) {
		description += "\n\nThe server also checks conditions between parts of the request that no schema says."
		extensions.Set(schema.Beyond, schema.BeyondTags)
	}
	item.Operations.Set(strings.ToLower(op.Method), &openapi.Operation{
		Tags:        tags,
		Summary:     cmp.Or(op.Summary, words(op.ID)),
		Description: description,
		OperationID: op.ID,
		Parameters:  w.parameters(op, names),
		RequestBody: w.requestBody(op),
		Responses:   w.responses(op),
		Deprecated:  op.Deprecated,
		Security:    w.operationSecurity(op),
		Extensions:  extensions,
	})
}

// path is where the document lists an operation. Paths that differ only in the names
// of their parameters are one path there, with the names that came first; names
// says which of those of op they replace. OpenAPI has no parameter that takes several
// segments, so /files/{path...} is written /files/{path} unless another operation
// of that method is there already.
func (w *writer) path(op *typed.Operation) (path string, names map[string]string) {
	path = strings.ReplaceAll(op.Path, "...}", "}")
	shape, params := wildcards(path)
	first, ok := w.shapes[shape]
	if !ok {
		w.shapes[shape] = path
		return path, nil
	}
	if item, ok := w.doc.Paths.Get(first); ok {
		if _, taken := item.Operations.Get(strings.ToLower(op.Method)); taken {
			return op.Path, nil
		}
	}
	names = map[string]string{}
	_, theirs := wildcards(first)
	for i, name := range params {
		names[name] = theirs[i]
	}
	return first, names
}

// wildcards takes the names of the parameters out of a path: /users/{} and id.
func wildcards(path string) (shape string, names []string) {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "{")
		out.WriteString(before)
		if !ok {
			return out.String(), names
		}
		name, after, _ := strings.Cut(rest, "}")
		out.WriteString("{}")
		names, path = append(names, name), after
	}
}

// words makes a summary of an operation id: getUsersById is "Get users by id".
func words(id string) string {
	var out strings.Builder
	for i, r := range id {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			out.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		out.WriteRune(r)
	}
	return out.String()
}

// firstSegment is the tag of an operation that names none.
func firstSegment(path string) string {
	for segment := range strings.SplitSeq(path, "/") {
		if segment != "" && segment[0] != '{' {
			return segment
		}
	}
	return "root"
}

// account describes an operation of which the program says nothing, by what is known.
func account(op *typed.Operation, path string) string {
	text := "`" + op.Method + " " + path + "`"
	if op.Request.Name() != "" && op.Request != reflect.TypeFor[typed.None]() {
		text += " takes " + readable(op.Request)
	}
	var answers []string
	for _, o := range op.Outcomes {
		switch {
		case o.Payload == nil:
			answers = append(answers, fmt.Sprint(o.Status))
		case hook.Form(o.Payload) >= answer.FormEvents:
			what := map[answer.Form]string{answer.FormEvents: "events", answer.FormLines: "lines"}
			form, item := hook.Items(o.Payload)
			answers = append(answers, fmt.Sprintf("%d with %s of %s", o.Status, what[form], readable(item)))
		case hook.Form(o.Payload) == answer.FormStream:
			answers = append(answers, fmt.Sprintf("%d with a stream", o.Status))
		case hook.Form(o.Payload) == answer.FormContent:
			answers = append(answers, fmt.Sprintf("%d with the content, or the part of it that Range asks for", o.Status))
		default:
			answers = append(answers, fmt.Sprintf("%d with %s", o.Status, readable(o.Payload)))
		}
	}
	if strings.Contains(text, " takes ") {
		text += " and"
	}
	return text + " answers " + strings.Join(answers, ", or ") + "."
}

// readable names a type for readers of the document.
func readable(t reflect.Type) string {
	if strings.Contains(t.Name(), "[") {
		return schema.TypeName(t)
	}
	if t.Name() != "" {
		return t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return readable(t.Elem())
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "a list of " + readable(t.Elem())
	case reflect.Map:
		return "a map of " + readable(t.Elem())
	case reflect.Interface:
		return "content"
	}
	return "an object"
}

// tags lists every tag that an operation uses, the described ones first.
func (w *writer) tags(described []*openapi.Tag) {
	listed := map[string]bool{}
	for _, tag := range described {
		listed[tag.Name] = true
		w.doc.Tags = append(w.doc.Tags, tag)
	}
	for name := range w.used.All() {
		if !listed[name] {
			w.doc.Tags = append(w.doc.Tags, &openapi.Tag{Name: name, Description: "Operations on " + name + "."})
		}
	}
}
