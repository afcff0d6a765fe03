package compat

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/apiroutes/apiroutes/typed"
)

// place is where a document says something: of an operation as a whole, of a parameter, of
// the body of a request or an answer, or of a member there.
type place struct {
	endpoint string // without the names of path parameters
	part     string // "operation", "parameter", "request" or "response"
	name     string // "query a" of a parameter, "200" of a response
	path     string // the member, "address/city"; "": all of it
}

// aspect is something that oasdiff does not compare.
type aspect string

const (
	style      aspect = "style"       // how a parameter is written
	accepts    aspect = "accepts"     // the media types of a file
	maxBytes   aspect = "max-bytes"   // of a file
	maxBody    aspect = "max-body"    // of all
	strict     aspect = "strict"      // whether unknown query parameters are refused
	closed     aspect = "closed"      // whether unknown members are refused
	rules      aspect = "rules"       // that only words say
	condition  aspect = "condition"   // whether one of several schemas has to hold
	exclusion  aspect = "exclusion"   // the schema of what is refused
	timeFormat aspect = "time-format" // that no format names
)

// said is what a document says of all aspects, by place.
type said map[place]map[aspect]string

func (s said) set(at place, what aspect, value string) {
	if s[at] == nil {
		s[at] = map[aspect]string{}
	}
	if before := s[at][what]; what == rules && before != "" && value != "" {
		value = before + "," + value // of the parts of an allOf
	} else if before != "" && value == "" {
		return
	}
	s[at][what] = value
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// read finds what a document says.
func read(doc *openapi3.T) said {
	s := said{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			s.operation(method+" "+wildcard.ReplaceAllString(path, "{}"), op)
		}
	}
	return s
}

func (s said) operation(endpoint string, op *openapi3.Operation) {
	whole := place{endpoint: endpoint, part: "operation"}
	s.set(whole, strict, text(op.Extensions, "x-strict-query"))
	for _, p := range op.Parameters {
		at := place{endpoint: endpoint, part: "parameter", name: p.Value.In + " " + p.Value.Name}
		if form, err := p.Value.SerializationMethod(); err == nil && p.Value.In == openapi3.ParameterInQuery {
			s.set(at, style, fmt.Sprintf("%s, explode %t", form.Style, form.Explode))
		}
		s.schema(at, p.Value.Schema, nil)
	}
	if body := op.RequestBody; body != nil {
		limit := text(op.Extensions, "x-max-body")
		if limit == "" {
			limit = strconv.Itoa(typed.DefaultMaxBody)
		}
		s.set(whole, maxBody, limit)
		for _, media := range body.Value.Content {
			at := place{endpoint: endpoint, part: "request"}
			s.schema(at, media.Schema, nil)
			s.files(at, media)
		}
	}
	for status, response := range op.Responses.Map() {
		for _, media := range response.Value.Content {
			s.schema(place{endpoint: endpoint, part: "response", name: status}, media.Schema, nil)
		}
	}
}

// files are the properties of a form that are bytes.
func (s said) files(at place, media *openapi3.MediaType) {
	if media.Schema == nil {
		return
	}
	for name, property := range media.Schema.Value.Properties {
		file := property.Value
		if file.Items != nil {
			file = file.Items.Value
		}
		if file.Format != "binary" {
			continue
		}
		at.path = name
		s.set(at, accepts, "*/*")
		if e := media.Encoding[name]; e != nil && e.ContentType != "application/octet-stream" {
			s.set(at, accepts, e.ContentType)
		}
		s.set(at, maxBytes, text(file.Extensions, "x-max-bytes"))
	}
}

// schema is what one says, and the schemas in it. above are those that it is in.
func (s said) schema(at place, ref *openapi3.SchemaRef, above []*openapi3.Schema) {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) {
		return
	}
	is := ref.Value
	above = append(above[:len(above):len(above)], is)
	s.set(at, timeFormat, text(is.Extensions, "x-format"))
	if at.part != "response" {
		s.set(at, rules, text(is.Extensions, "x-validate"))
		s.set(at, condition, "")
		if is.Type != nil && len(is.AnyOf) > 0 {
			s.set(at, condition, "one of several")
		}
		excluded := ""
		if is.Not != nil {
			text, _ := json.Marshal(is.Not)
			excluded = string(text)
		}
		s.set(at, exclusion, excluded)
		if is.Type.Includes(openapi3.TypeObject) {
			s.set(at, closed, strconv.FormatBool(is.AdditionalProperties.Has != nil && !*is.AdditionalProperties.Has))
		}
	}
	for _, list := range []openapi3.SchemaRefs{is.AllOf, is.AnyOf, is.OneOf} {
		for _, part := range list {
			s.schema(at, part, above)
		}
	}
	inner := func(name string, ref *openapi3.SchemaRef) {
		below := at
		below.path = strings.TrimPrefix(at.path+"/"+name, "/")
		s.schema(below, ref, above)
	}
	for name, property := range is.Properties {
		inner(name, property)
	}
	inner("items", is.Items)
	inner("additionalProperties", is.AdditionalProperties.Schema)
	inner("propertyNames", is.PropertyNames)
}

// text is an extension as text; "": there is none.
func text(extensions map[string]any, name string) string {
	switch v := extensions[name].(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// compareSaid finds what changed between two documents in what oasdiff does not compare,
// at places that both have.
func (c *check) compareSaid(old, now *openapi3.T) []change {
	before, after := read(old), read(now)
	endpoints := map[string]*typed.Operation{}
	for op := range c.api.Operations() {
		endpoints[op.Method+" "+wildcard.ReplaceAllString(op.Path, "{}")] = op
	}
	var out []change
	for at, aspects := range after {
		for what, value := range aspects {
			was, ok := before[at][what]
			if !ok || was == value {
				continue
			}
			op := endpoints[at.endpoint]
			if op == nil {
				continue
			}
			from := at.origin(what, op)
			if what == closed {
				at.path = "" // the option is about all depths
			}
			for _, one := range judge(at, what, was, value) {
				one.endpoint, one.origin = op.Method+" "+strings.ReplaceAll(op.Path, "...}", "}"), from
				if !slices.Contains(out, one) { // a body of several media types says all of them twice
					out = append(out, one)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// origin is the Go field or option that an aspect comes from.
func (p place) origin(what aspect, op *typed.Operation) string {
	switch {
	case what == maxBody:
		return "typed.MaxBody"
	case what == strict:
		return "typed.StrictQuery"
	case what == closed:
		return "typed.AllowUnknownFields"
	}
	words := strings.Fields(p.name)
	if p.path != "" {
		words = append(words, p.path)
	}
	return origin(p.part+"-property", op, words)
}
