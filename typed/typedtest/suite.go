package typedtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// suite is an API and what its document says of it.
type suite struct {
	api         *typed.API
	document    map[string]any
	compiler    *jsonschema.Compiler
	compiled    map[string]*jsonschema.Schema // by the pointers of schemas
	operations  []*operation
	byOperation map[*typed.Operation]*operation
	errors      string         // the media type of problems
	types       *regexp.Regexp // what names a Go type, or looks like the inside of a program
}

// operation is one endpoint.
type operation struct {
	*typed.Operation
	suite     *suite
	binding   *bind.Plan
	at        string // the JSON Pointer of what the document says; "": nothing
	params    []*param
	body      *body // nil: none
	responses map[string]any
	security  [][]string // schemes that are needed together, by alternatives; nil: none is
	anonymous bool       // or none
	unsaid    string     // the rules of the request that no schema says
	beyond    bool       // more than tags judge the request, or a part of it
}

// param is a parameter or a field of a form.
type param struct {
	in, name string
	schema   schema
	required bool
	list     string // how a list is sent: "" is each for itself, else the separator
	deep     bool   // a struct: name[member]
	rest     bool   // a path parameter of several segments
	json     bool   // a JSON part of a multipart body
	file     string // the media types of a file; "": it is none
	example  any    // nil: there is none
	given    []argument
}

// body is the content of a request.
type body struct {
	mediaTypes []string
	schema     schema
	item       schema // of lines
	required   bool
	kind       bind.BodyKind
}

// schema is a place in the document.
type schema struct {
	at   string
	node any // a map, or a bool
}

// newSuite reads the document of an API.
func newSuite(api *typed.API) (*suite, error) {
	var opts docs.Options
	if mounted, ok := (*hook.Documents(api)).(*docs.Options); ok && mounted != nil {
		opts = *mounted
	}
	opts.Version, opts.OpenAPI30 = "3.1", false
	doc, err := docs.OpenAPI(api, &opts)
	if err != nil {
		return nil, err
	}
	text, err := doc.JSON()
	if err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	s := &suite{
		api: api, document: tree.(map[string]any), compiler: jsonschema.NewCompiler(),
		compiled: map[string]*jsonschema.Schema{}, byOperation: map[*typed.Operation]*operation{}, errors: "application/problem+json",
	}
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	s.compiler.AssertFormat()
	s.compiler.RegisterFormat(&jsonschema.Format{Name: "email", Validate: isEmail})
	if err := s.compiler.AddResource("document.json", tree); err != nil {
		return nil, err
	}
	if mediaType, payload, _ := hook.Errors(api); payload != nil {
		s.errors, _, _ = strings.Cut(mediaType, ";")
	}
	byID := map[string]*operation{}
	packages := map[string]bool{}
	for op := range api.Operations() {
		packages[packageOf(op.Request.String())] = true
		for _, o := range op.Outcomes {
			if o.Payload != nil {
				packages[packageOf(o.Payload.String())] = true
			}
		}
		if !op.Hidden {
			o := &operation{Operation: op, suite: s, binding: hook.Binding(op).(*bind.Plan)}
			s.operations = append(s.operations, o)
			s.byOperation[op], byID[op.ID] = o, o
		}
	}
	for _, name := range []string{"json", "strconv", "reflect", "runtime", "errors", "sql", "url", "time", "net", "http", "io", "fs", "os", "fmt", "typed", "respond"} {
		packages[name] = true
	}
	delete(packages, "")
	s.types = regexp.MustCompile(`\b(?:` + strings.Join(slices.Sorted(maps.Keys(packages)), "|") + `)\.[A-Z]\w*|goroutine \d+ \[|runtime error|\bstrconv\.|interface ?\{\}|\.go:\d+`)
	paths, _ := s.document["paths"].(map[string]any)
	for path, item := range paths {
		for method, object := range item.(map[string]any) {
			object, _ := object.(map[string]any)
			if id, ok := object["operationId"].(string); ok && byID[id] != nil {
				byID[id].read("/paths/"+escape(path)+"/"+method, path, object)
			}
		}
	}
	return s, nil
}

// packageOf is the name of the package of a type as reflect writes it: main of *main.User.
func packageOf(typ string) string {
	name, _, ok := strings.Cut(strings.TrimLeft(typ, "*[]"), ".")
	if !ok || strings.ContainsAny(name, " {[") {
		return ""
	}
	return regexp.QuoteMeta(name)
}

// isEmail is what certainly is an address or certainly is none: no engine agrees with another
// on those between, and none of them is drawn.
func isEmail(v any) error {
	if text, ok := v.(string); ok && !strings.Contains(text, "@") {
		return fmt.Errorf("%q is no address", text)
	}
	return nil
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func escape(name string) string { return pointerEscaper.Replace(name) }

func unescape(name string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(name) }

// read fills in what the document says of an operation.
func (o *operation) read(at, path string, object map[string]any) {
	o.at = at
	o.responses, _ = object["responses"].(map[string]any)
	named := map[string]string{} // the pattern's wildcards by those of the document
	in := wildcards(path)        // the order of those of the pattern
	for i, name := range wildcards(o.Path) {
		if i < len(in) {
			named[in[i]] = name
		}
	}
	list, _ := object["parameters"].([]any)
	for i := range list {
		p := list[i].(map[string]any)
		q := &param{schema: schema{fmt.Sprintf("%s/parameters/%d/schema", at, i), p["schema"]}}
		q.in, _ = p["in"].(string)
		q.name, _ = p["name"].(string)
		q.required, _ = p["required"].(bool)
		q.example = p["example"]
		if style, _ := p["style"].(string); style == "deepObject" {
			q.deep = true
		} else if explode, ok := p["explode"].(bool); q.in == "header" || ok && !explode {
			if _, isList := o.suite.items(q.schema.node, 0); isList {
				q.list = ","
			}
		}
		if q.in == "path" {
			q.name = named[q.name]
			q.rest = strings.Contains(o.Path, "{"+q.name+"...}")
		}
		o.params = append(o.params, q)
	}
	if request, ok := object["requestBody"].(map[string]any); ok {
		o.readBody(at+"/requestBody", request)
	}
	o.readSecurity(object)
	unsaid := map[string]bool{}
	for _, p := range o.params {
		o.suite.collect(p.schema.node, unsaid, map[string]bool{})
	}
	if o.body != nil {
		o.suite.collect(o.body.schema.node, unsaid, map[string]bool{})
		o.suite.collect(o.body.item.node, unsaid, map[string]bool{})
	}
	if rule, ok := object["x-validate"].(string); ok {
		unsaid[rule] = true
	}
	o.beyond = unsaid["validate"]
	o.unsaid = strings.Join(slices.Sorted(maps.Keys(unsaid)), ",")
}

func (o *operation) readBody(at string, request map[string]any) {
	content, _ := request["content"].(map[string]any)
	b := &body{kind: o.binding.BodyKind()}
	b.required, _ = request["required"].(bool)
	b.mediaTypes = slices.Sorted(maps.Keys(content))
	if len(b.mediaTypes) == 0 {
		return
	}
	media, _ := content[b.mediaTypes[0]].(map[string]any)
	at += "/content/" + escape(b.mediaTypes[0])
	b.schema = schema{at + "/schema", media["schema"]}
	b.item = schema{at + "/x-itemSchema", media["x-itemSchema"]}
	o.body = b
	if b.kind != bind.FormBody && b.kind != bind.MultipartBody {
		return
	}
	encoding, _ := media["encoding"].(map[string]any)
	node, _ := o.suite.resolve(b.schema.node).(map[string]any)
	properties, _ := node["properties"].(map[string]any)
	required, _ := node["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		p := &param{
			in: "form", name: name, required: slices.Contains(required, any(name)),
			schema: schema{b.schema.at + "/properties/" + escape(name), properties[name]},
		}
		if part, ok := encoding[name].(map[string]any); ok {
			p.file, _ = part["contentType"].(string)
			if p.json = p.file == "application/json"; p.json {
				p.file = ""
			}
		}
		o.params = append(o.params, p)
	}
}

// readSecurity finds out which schemes a client needs.
func (o *operation) readSecurity(object map[string]any) {
	asked, ok := object["security"].([]any)
	if !ok {
		asked, _ = o.suite.document["security"].([]any)
	}
	for _, alternative := range asked {
		names := slices.Sorted(maps.Keys(alternative.(map[string]any)))
		if len(names) == 0 {
			o.anonymous = true
			continue
		}
		o.security = append(o.security, names)
	}
	o.anonymous = o.anonymous || len(o.security) == 0
}

// name is how an endpoint was declared.
func (o *operation) name() string { return o.Method + " " + o.Path }

// wildcards are the names in a path.
func wildcards(path string) (names []string) {
	for _, segment := range strings.Split(path, "/") {
		if strings.HasPrefix(segment, "{") && segment != "{$}" {
			names = append(names, strings.TrimSuffix(strings.Trim(segment, "{}"), "..."))
		}
	}
	return names
}

// isStream reports whether an answer may go on for ever.
func (o *operation) isStream() bool {
	text, _ := json.Marshal(o.responses)
	return bytes.Contains(text, []byte(`"text/event-stream"`))
}

// resolve follows references.
func (s *suite) resolve(node any) any {
	for range 100 {
		object, _ := node.(map[string]any)
		ref, ok := object["$ref"].(string)
		if !ok {
			return node
		}
		node = s.find(strings.TrimPrefix(ref, "#"))
	}
	return nil
}

// find returns what is at a JSON Pointer of the document; nil: nothing.
func (s *suite) find(pointer string) any {
	v := any(s.document)
	for _, name := range strings.Split(pointer, "/")[1:] {
		in, _ := v.(map[string]any)
		v = in[unescape(name)]
	}
	return v
}

// collect adds the rules that no schema says below a node.
func (s *suite) collect(node any, unsaid, seen map[string]bool) {
	switch v := node.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && !seen[ref] {
			seen[ref] = true
			s.collect(s.resolve(v), unsaid, seen)
		}
		for name, inner := range v {
			if rule, ok := inner.(string); ok && name == "x-validate" {
				unsaid[rule] = true
			}
			s.collect(inner, unsaid, seen)
		}
	case []any:
		for _, inner := range v {
			s.collect(inner, unsaid, seen)
		}
	}
}

// check judges a value by a schema of the document.
func (s *suite) check(at schema, value any) error {
	if at.node == nil || at.node == true {
		return nil
	}
	compiled, ok := s.compiled[at.at]
	if !ok {
		var err error
		if compiled, err = s.compiler.Compile("document.json#" + (&url.URL{Path: at.at}).EscapedPath()); err != nil {
			return err
		}
		s.compiled[at.at] = compiled
	}
	return compiled.Validate(value)
}

// why is the innermost sentence of a schema error, in one line.
func why(err error) string {
	failed, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return err.Error()
	}
	for len(failed.Causes) > 0 {
		failed = failed.Causes[0]
	}
	text := failed.Error()
	if at := strings.LastIndex(text, "\n"); at >= 0 {
		text = text[at+1:]
	}
	return strings.TrimPrefix(strings.TrimSpace(text), "- ")
}
