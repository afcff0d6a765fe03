package docs

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/schema"
	"github.com/apiroutes/apiroutes/typed"
)

// parameters are what the path, the query, the header and cookies of a request carry.
// names replaces the names of those in the path.
func (w *writer) parameters(op *typed.Operation, names map[string]string) []*openapi.Parameter {
	var out []*openapi.Parameter
	fields := hook.Binding(op).(*bind.Plan).Fields()
	w.fields = fields
	for i := range fields {
		f := &fields[i]
		if f.Source == bind.Header && isNoParameter(f.Name) {
			continue
		}
		switch f.Source {
		case bind.Path, bind.Query, bind.Header, bind.Cookie:
			p := w.parameter(f)
			if name, ok := names[p.Name]; ok && f.Source == bind.Path {
				p.Name = name
			}
			out = append(out, p)
		}
	}
	return out
}

// isNoParameter reports whether OpenAPI ignores header parameters of a name (3.1.0, 4.8.12.2:
// "the parameter definition SHALL be ignored"): Security says the one, the media types of
// the responses and of the request body say the others.
func isNoParameter(header string) bool {
	switch http.CanonicalHeaderKey(header) {
	case "Authorization", "Accept", "Content-Type":
		return true
	}
	return false
}

func (w *writer) parameter(f *bind.Field) *openapi.Parameter {
	s, required := w.field(f, false)
	p := &openapi.Parameter{
		Name: f.Name, In: f.Source.String(), Description: s.Description,
		Required: f.Source == bind.Path || required, Schema: s,
	}
	p.Deprecated, s.Deprecated = s.Deprecated, false
	s.Description = ""
	if len(s.Examples) > 0 {
		// A page fills in the example, and should not where there is a default.
		if _, given := f.Tag.Lookup("example"); given || !f.HasDefault {
			p.Example = s.Examples[0]
		}
		s.Examples = nil
	}
	switch {
	case f.Style == bind.DeepObject:
		p.Style, p.Explode = "deepObject", new(true)
	case f.Type.Kind() == reflect.Slice && f.Source == bind.Query:
		p.Style, p.Explode = "form", new(f.Style != bind.Comma)
	}
	return p
}

// field is the schema of a parameter or form field, and whether it has to be sent.
func (w *writer) field(f *bind.Field, unruled bool) (s *openapi.Schema, required bool) {
	if f.Style == bind.DeepObject {
		return w.deepObject(f)
	}
	s, required = w.schemas.Parameter(w.asParameter(f, unruled))
	if required && s.Items != nil && s.MinItems == nil {
		s.MinItems = new(1) // a list without elements is nil
	}
	if f.HasDefault {
		s.Default = schema.Default(s, f.Type, f.Default())
		required = false
	}
	return s, required
}

// goField is the field as Go has it.
func goField(f *bind.Field) reflect.StructField {
	return reflect.StructField{Name: f.Path[strings.LastIndexByte(f.Path, '.')+1:], Type: f.Type, Tag: f.Tag}
}

func (w *writer) asParameter(f *bind.Field, unruled bool) schema.Parameter {
	beside := f.Path[:strings.LastIndexByte(f.Path, '.')+1]
	return schema.Parameter{
		Field: goField(f), Format: f.Format, Comma: f.Style == bind.Comma, Unruled: unruled,
		Beside: func(goPath string) (string, bool) { return nameOf(w.fields, beside+goPath) },
	}
}

// nameOf is what a client calls the field at a Go path.
func nameOf(fields []bind.Field, path string) (string, bool) {
	for i := range fields {
		f := &fields[i]
		if f.Path == path && f.Name != "" {
			return f.Name, true
		}
		if name, ok := nameOf(f.Members, path); ok {
			return name, true
		}
	}
	return "", false
}

// deepObject is field for a struct in the query, whose fields are texts.
func (w *writer) deepObject(f *bind.Field) (*openapi.Schema, bool) {
	members := make([]schema.QueryMember, len(f.Members))
	for i := range members {
		m := &f.Members[i]
		members[i] = schema.QueryMember{Parameter: w.asParameter(m, false), Name: m.MemberName(), Filled: m.HasDefault && !m.FillsZero}
	}
	return w.schemas.Query(w.asParameter(f, false), members, func(i int, unruled bool) (*openapi.Schema, bool) {
		return w.field(&f.Members[i], unruled)
	})
}

// sentByForms adds to the schema of a form field what a browser sends for a checkbox
// without a value, and for a control that is left empty.
func sentByForms(f *bind.Field, s *openapi.Schema, required bool) *openapi.Schema {
	one := s
	if s.Items != nil {
		one = s.Items
	}
	var texts []any
	if f.IsCheckbox() && !schema.Refuses(one, true) {
		texts = append(texts, "on")
	}
	switch {
	case !f.EmptyIsAbsent():
	case !required || s.Items != nil: // an empty text is no element
		texts = append(texts, "")
	case !schema.Refuses(s, ""):
		if s.Ref != "" {
			s = &openapi.Schema{AllOf: []*openapi.Schema{s}}
		}
		s.MinLength = new(1)
	}
	if len(texts) == 0 {
		return s
	}
	if s.Items != nil {
		s.Items = &openapi.Schema{AnyOf: []*openapi.Schema{s.Items, {Enum: texts}}}
		return s
	}
	out := &openapi.Schema{Description: s.Description, AnyOf: []*openapi.Schema{s, {Enum: texts}}}
	s.Description = ""
	return out
}

// requestBody is nil for operations that read no body.
func (w *writer) requestBody(op *typed.Operation) *openapi.RequestBody {
	plan := hook.Binding(op).(*bind.Plan)
	w.fields = plan.Fields()
	body := &openapi.RequestBody{Required: plan.BodyRequired()}
	media := &openapi.MediaType{}
	w.schemas.NullAsAbsent(op.NullAsAbsent)
	switch plan.BodyKind() {
	case bind.JSONBody:
		t, fields := plan.BodyType(), plan.Fields()
		whole := slices.IndexFunc(fields, func(f bind.Field) bool { return f.Source == bind.Body && f.Type == t })
		switch {
		case whole >= 0:
			media.Schema = w.schemas.InputField(goField(&fields[whole]), op.AllowUnknown)
			body.Required = body.Required || w.schemas.IsRequired(goField(&fields[whole]))
		case t != nil:
			media.Schema = w.schemas.Input(t, op.AllowUnknown)
		default:
			media.Schema = w.schemas.InputMembers(op.Request, isMember(plan.Fields()), func(path string) (string, bool) { return nameOf(plan.Fields(), path) }, op.AllowUnknown)
		}
		for _, mediaType := range plan.MediaTypes() {
			body.Content.Set(mediaType, media)
		}
	case bind.FormBody:
		// Without any field the body is empty, but its media type still has to be there.
		media.Schema, body.Required = w.form(plan.Fields()), true
		body.Content.Set("application/x-www-form-urlencoded", media)
	case bind.MultipartBody:
		body.Required = true
		body.Content.Set("multipart/form-data", w.multipart(plan.Fields(), op.AllowUnknown))
	case bind.RawBody, bind.StreamBody:
		media.Schema = binary()
		body.Required = plan.BodyKind() == bind.StreamBody && len(plan.MediaTypes()) > 0 // one of them has to be named
		if len(plan.MediaTypes()) == 0 {
			body.Description = "Bytes of any media type."
			body.Content.Set(octets, media)
		}
		for _, mediaType := range plan.MediaTypes() {
			body.Content.Set(mediaType, media)
		}
	case bind.LinesBody:
		media.Schema = &openapi.Schema{Type: []string{openapi.TypeString}}
		media.ItemSchema = w.schemas.Input(plan.LineType(), op.AllowUnknown)
		for _, mediaType := range plan.MediaTypes() {
			body.Content.Set(mediaType, media)
		}
	default:
		return nil
	}
	return body
}

// isJudgedBeyond reports whether more than tags judge the request as a whole, and no schema
// of its type is there to say so.
func (w *writer) isJudgedBeyond(op *typed.Operation) bool {
	plan := hook.Binding(op).(*bind.Plan)
	if plan.BodyKind() == bind.JSONBody && (plan.BodyType() == nil || plan.BodyType() == op.Request) {
		return false
	}
	return rules.Of(w.api.Validator()).JudgedBeyond(op.Request)
}

const octets = "application/octet-stream"

// binary is the schema of bytes that are no JSON. In 3.1 the media type alone would say
// it, but generators of clients send a Blob or a File only where the format is named too.
func binary() *openapi.Schema {
	return &openapi.Schema{Type: []string{openapi.TypeString}, Format: "binary"}
}

// isMember tells the members of a JSON body from the fields that come from elsewhere.
func isMember(fields []bind.Field) func(jsonx.Member) bool {
	return func(m jsonx.Member) bool {
		return slices.ContainsFunc(fields, func(f bind.Field) bool { return f.Source == bind.Member && f.Name == m.Name })
	}
}

// form is the schema of the texts of a form.
func (w *writer) form(fields []bind.Field) *openapi.Schema {
	out := &openapi.Schema{Type: []string{openapi.TypeObject}}
	for i := range fields {
		f := &fields[i]
		if f.Source != bind.Form || f.Files != nil {
			continue
		}
		s, required := w.field(f, false)
		s = sentByForms(f, s, required)
		out.Properties.Set(f.Name, s)
		if required {
			out.Required = append(out.Required, f.Name)
		}
	}
	return out
}
