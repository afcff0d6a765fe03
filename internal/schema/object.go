package schema

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// InputMembers is the schema of a request body that holds only some members of
// struct t, because its other fields come from elsewhere.
func (b *Builder) InputMembers(t reflect.Type, keep func(jsonx.Member) bool, open bool) *openapi.Schema {
	f := form{input: true, rules: b.opts.Validator != nil, open: open}
	build := func() *openapi.Schema { return b.objectOf(t, f, keep) }
	if t.Name() == "" {
		return build()
	}
	return b.refer(t, f, build)
}

func (b *Builder) object(t reflect.Type, f form) *openapi.Schema {
	return b.objectOf(t, f, func(jsonx.Member) bool { return true })
}

// object is one struct on its way to a schema.
type object struct {
	*Builder
	typ     reflect.Type
	form    form
	members []jsonx.Member
	crosses []*openapi.Schema
}

func (b *Builder) objectOf(t reflect.Type, f form, keep func(jsonx.Member) bool) *openapi.Schema {
	members, err := jsonx.Members(t)
	if err != nil {
		return b.fail(t, "%v", err)
	}
	o := &object{Builder: b, typ: t, form: f}
	o.members = slices.DeleteFunc(members, func(m jsonx.Member) bool { return !keep(m) })
	out := typed(openapi.TypeObject)
	out.Properties.Grow(len(o.members))
	closed := f.input && !f.open
	for i := range o.members {
		m := &o.members[i]
		if m.Rest {
			closed = false
			if t := pointee(m.Type); t.Kind() == reflect.Map {
				out.AdditionalProperties = b.value(t.Elem(), f)
			}
			continue
		}
		if m.IgnoreCase && f.input {
			closed = false // the name may come in any case
		}
		s, required := o.member(m)
		out.Properties.Set(m.Name, s)
		if required && !(m.IgnoreCase && f.input) {
			out.Required = append(out.Required, m.Name)
		}
	}
	if closed {
		out.AdditionalProperties = b.nothing
	}
	o.conditions(out)
	return out
}

// member is the schema of one member, and whether it is always there.
func (o *object) member(m *jsonx.Member) (s *openapi.Schema, required bool) {
	how := shape{m.String, m.Format}
	switch {
	case !o.form.input:
		s, required = o.written(m, how)
	case !o.form.rules || o.unvisited(m):
		s = o.shaped(m.Type, o.form.unruled(), how)
	default:
		rules, err := o.rulesOf(m.Field)
		if err != nil {
			return o.fail(o.typ, "field %s: %v", m.Field.Name, err), false
		}
		s = o.leaf(leaf{m.Type, rules, o.form, how}, func() *openapi.Schema {
			return o.ruled(m.Type, rules, o.form, how, &site{member: m, object: o})
		})
		required = o.demanded(m, rules)
	}
	return o.annotate(s, m.Field), required
}

// written is a member of the output form.
func (o *object) written(m *jsonx.Member, how shape) (*openapi.Schema, bool) {
	s := o.shaped(m.Type, o.form, how)
	always := !m.OmitZero && !o.throughPointer(m)
	if m.OmitEmpty {
		// Only null, "", [] and {} are empty; numbers and booleans never are.
		_, _, isInt := intKind(m.Type)
		kind := m.Type.Kind()
		always = always && (isInt || kind == reflect.Bool || kind == reflect.Float64 || kind == reflect.Float32) && o.natural(m.Type)
	}
	return s, always
}

// shaped is the schema of t in the shape that its json tag gives it.
func (b *Builder) shaped(t reflect.Type, f form, how shape) *openapi.Schema {
	return b.leaf(leaf{t, nil, f, how}, func() *openapi.Schema {
		if t.Kind() == reflect.Pointer {
			return nullable(b.plain(pointee(t), f, how))
		}
		return b.plain(t, f, how)
	})
}

// throughPointer reports whether a member belongs to an embedded pointer, and is
// absent where that is nil.
func (o *object) throughPointer(m *jsonx.Member) bool {
	return o.alongPath(m, func(f reflect.StructField) bool { return f.Type.Kind() == reflect.Pointer })
}

// unvisited reports whether validator may pass over the embedded struct that a member
// belongs to. Its rules then say nothing certain.
func (o *object) unvisited(m *jsonx.Member) bool {
	return o.alongPath(m, func(f reflect.StructField) bool {
		rules, err := o.rulesOf(f)
		return err == nil && (rules.Skip || rules.Has("omitempty") || rules.Has("omitzero") || rules.Has("structonly"))
	})
}

// alongPath asks about each embedded struct on the way to a member.
func (o *object) alongPath(m *jsonx.Member, is func(reflect.StructField) bool) bool {
	t := o.typ
	for _, i := range m.Index[:len(m.Index)-1] {
		f := pointee(t).Field(i)
		if is(f) {
			return true
		}
		t = f.Type
	}
	return false
}

// demanded reports whether a request has to hold a member: whether the zero value,
// which an absent member leaves, breaks the field's rules, whatever the other fields hold.
func (o *object) demanded(m *jsonx.Member, rules *rules.Level) bool {
	return !o.throughPointer(m) && o.zeroFails(m.Type, rules)
}

// zeroFails reports whether the zero value of t breaks rules that look at nothing else.
func (b *Builder) zeroFails(t reflect.Type, rules *rules.Level) bool {
	r := ruledType{t, rules}
	fails, known := b.zeros[r]
	if !known {
		fails = b.zeroBreaks(t, rules) || b.zeroInside(t, rules)
		b.zeros[r] = fails
	}
	return fails
}

// zeroBreaks looks the zero value of a type up, or asks validator about it alone.
func (b *Builder) zeroBreaks(t reflect.Type, rules *rules.Level) bool {
	rules = withoutCrossing(rules, t.Kind() == reflect.Pointer)
	if fails, known := b.opts.Validator.ZeroFails(t, rules); known {
		return fails
	}
	tag := alone(rules)
	return tag != "" && b.opts.Validator.Required(reflect.StructOf([]reflect.StructField{{
		Name: "F", Type: t, Tag: reflect.StructTag(b.opts.Validator.TagName() + ":" + strconv.Quote(tag)),
	}}), "F")
}

// zeroInside reports whether a field of the zero struct breaks its rules.
func (b *Builder) zeroInside(t reflect.Type, rules *rules.Level) bool {
	if t.Kind() != reflect.Struct || t == timeType ||
		rules.Skip || rules.Has("omitempty") || rules.Has("omitzero") || rules.Has("structonly") {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if inner, err := b.rulesOf(f); err == nil && b.zeroFails(f.Type, inner) {
			return true
		}
	}
	return false
}

// zeroStruct is zero for structs: an object whose members, if there, are zero.
func (b *Builder) zeroStruct(t reflect.Type, seen map[reflect.Type]bool) (*openapi.Schema, bool) {
	members, err := jsonx.Members(t)
	if err != nil || seen[t] {
		return nil, false
	}
	seen[t] = true
	out := typed(openapi.TypeObject)
	out.AdditionalProperties = openapi.Never()
	for _, m := range members {
		if m.Rest || m.IgnoreCase {
			return nil, false
		}
		s, ok := b.zero(m.Type, shape{m.String, m.Format})
		if !ok {
			return nil, false
		}
		if s.MaxLength != nil {
			s.Type = []string{openapi.TypeString}
		}
		out.Properties.Set(m.Name, s)
	}
	return out, true
}
