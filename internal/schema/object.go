package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// InputMembers is the schema of a request body that holds only some members of
// struct t, because its other fields come from elsewhere; names tells what those are
// called, by their Go paths.
func (b *Builder) InputMembers(t reflect.Type, keep func(jsonx.Member) bool, names func(goPath string) (string, bool), open bool) *openapi.Schema {
	f := form{input: true, rules: b.opts.Validator != nil, open: open, nulls: b.nulls}
	build := func() *openapi.Schema { return b.objectOf(t, f, keep, names) }
	if t.Name() == "" {
		return build()
	}
	return b.refer(t, f, build)
}

func (b *Builder) object(t reflect.Type, f form) *openapi.Schema {
	return b.objectOf(t, f, func(jsonx.Member) bool { return true }, nil)
}

// object is one struct on its way to a schema.
type object struct {
	*Builder
	typ      reflect.Type
	form     form
	names    func(goPath string) (string, bool) // see [Builder.InputMembers]
	beside   bool                               // its other fields come from elsewhere, and its embedded pointers are all set
	members  []jsonx.Member
	embedded []*embedded
	crosses  []*openapi.Schema
}

func (b *Builder) objectOf(t reflect.Type, f form, keep func(jsonx.Member) bool, names func(goPath string) (string, bool)) *openapi.Schema {
	members, err := jsonx.Members(t)
	if err != nil {
		return b.fail(t, "%v", err)
	}
	o := &object{Builder: b, typ: t, form: f, names: names, beside: names != nil}
	o.members = slices.DeleteFunc(members, func(m jsonx.Member) bool { return !keep(m) })
	if f.rules {
		o.embedded = o.embeddedIn()
	}
	out := typed(openapi.TypeObject)
	out.Properties.Grow(len(o.members))
	closed := f.input && !f.open
	for i := range o.members {
		m := &o.members[i]
		if m.Rest {
			closed = false
			if t := pointee(m.Type); t.Kind() == reflect.Map {
				out.AdditionalProperties = b.value(t.Elem(), f)
				if f.nulls {
					out.AdditionalProperties = nullable(out.AdditionalProperties)
				}
			}
			continue
		}
		if m.IgnoreCase && f.input {
			closed = false // the name may come in any case
		}
		if e := o.omitting(m); e != nil {
			out.Properties.Set(m.Name, o.judgedWith(e, m))
			continue
		}
		s, required := o.member(m)
		out.Properties.Set(m.Name, s)
		if required && !(m.IgnoreCase && f.input) {
			out.Required = append(out.Required, m.Name)
			o.asked(m)
		}
	}
	if closed {
		out.AdditionalProperties = b.nothing
	}
	o.conditions(out)
	out = o.ownRules(out)
	if f.input && b.opts.Validator != nil && b.opts.Validator.JudgedBeyond(t) {
		words := BeyondTags
		if said, ok := out.Extensions.Get(Beyond); ok {
			words = fmt.Sprint(said, ",", words)
		}
		out.Extensions.Set(Beyond, words)
		out.Description = strings.TrimSpace(out.Description + " The server also checks conditions that no schema says.")
	}
	return out
}

// Beyond names the rules that a schema does not say, and BeyondTags among them what no tag
// says either: a Validate method, or a function for the struct.
const Beyond, BeyondTags = "x-validate", "validate"

// member is the schema of one member, and whether it is always there.
func (o *object) member(m *jsonx.Member) (s *openapi.Schema, required bool) {
	if value, null, ok := presence.Of(m.Type); ok {
		return o.present(m, value, null)
	}
	how := shape{m.String, m.Format}
	switch {
	case !o.form.input:
		s, required = o.written(m, how)
	case !o.form.rules || o.unvisited(m):
		s = o.shaped(m.Type, o.form.unruled(), how)
	default:
		rules, err := o.opts.Validator.RulesOf(m.Field)
		if err != nil {
			return o.fail(o.typ, "field %s: %v", m.Field.Name, err), false
		}
		if len(m.Index) == 1 {
			rules = o.opts.Validator.Implied(o.typ, m.Field, rules)
		}
		s = o.leaf(leaf{m.Type, rules, o.form, how}, func() *openapi.Schema {
			return o.ruled(m.Type, rules, o.form, how, &site{member: m, object: o})
		})
		required = o.demanded(m, rules)
	}
	if o.form.nulls && !required {
		s = nullable(s)
	}
	return o.annotate(s, m.Field), required
}

// present is a member of a presence type. Its rules judge what was sent, and required only
// that something was.
func (o *object) present(m *jsonx.Member, value reflect.Type, null bool) (*openapi.Schema, bool) {
	inner := *m
	inner.Type, inner.Field.Type = value, value
	if !o.form.input || !o.form.rules || o.unvisited(m) {
		s := o.shaped(value, o.form.unruled(), shape{m.String, m.Format})
		if null || o.form.nulls {
			s = nullable(s)
		}
		return o.annotate(s, inner.Field), false
	}
	all, err := o.opts.Validator.RulesOf(m.Field)
	if err != nil {
		return o.fail(o.typ, "field %s: %v", m.Field.Name, err), false
	}
	s := o.ruled(value, sentRules(all), o.form, shape{m.String, m.Format}, &site{member: m, object: o})
	required := all.Has("required") && !o.mayBeNil(m)
	if null || o.form.nulls && !required {
		s = nullable(s)
	}
	return o.annotate(s, inner.Field), required
}

// sentRules are the rules of a presence type that judge the value that was sent.
func sentRules(all *rules.Level) *rules.Level {
	sent := *all
	sent.All = slices.DeleteFunc(slices.Clone(all.All), func(r rules.Rule) bool {
		return slices.Contains([]string{"required", "omitempty", "omitnil", "omitzero"}, r.Name)
	})
	return &sent
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

// mayBeNil reports whether a member belongs to an embedded pointer that may be nil in a
// request: its rules do not count then.
func (o *object) mayBeNil(m *jsonx.Member) bool {
	return !o.beside && o.alongPath(m, func(f reflect.StructField) bool {
		rules, err := o.opts.Validator.RulesOf(f)
		return f.Type.Kind() == reflect.Pointer && (err != nil || !rules.Has("required"))
	})
}

// unvisited reports whether validator passes over the embedded struct that a member
// belongs to.
func (o *object) unvisited(m *jsonx.Member) bool {
	return o.alongPath(m, func(f reflect.StructField) bool {
		rules, err := o.opts.Validator.RulesOf(f)
		return err == nil && (rules.Skip || rules.Has("structonly"))
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
	return !o.mayBeNil(m) && o.zeroFails(m.Type, rules)
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
		inner, err := b.opts.Validator.RulesOf(f)
		if err != nil {
			continue
		}
		if _, _, absent := presence.Of(f.Type); absent { // the rules but required are about what is sent
			if inner.Has("required") {
				return true
			}
			continue
		}
		if b.zeroFails(f.Type, inner) {
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

// looks reports whether a rule looks at other fields, and whether if/then can say it.
func looks(rule rules.Rule) (across, conditional bool) {
	tag, _ := rules.Builtin(rule.Name)
	switch tag.Param {
	case rules.PairsParam, rules.FieldsParam:
		return true, true
	case rules.FieldParam, rules.MethodParam: // a method sees the whole struct
		return true, false
	}
	return false, false
}

// crosses reports whether a rule, or one of its alternatives, looks at other fields.
func crosses(rule rules.Rule) bool {
	across, _ := looks(rule)
	return across || slices.ContainsFunc(rule.Any, crosses)
}

// withoutCrossing leaves out the rules whose verdict on a zero value depends on other
// fields. Alternatives that compare are kept for a pointer: they refuse nil whatever
// the other field holds.
func withoutCrossing(level *rules.Level, pointer bool) *rules.Level {
	if level == nil {
		return nil
	}
	out := *level
	out.All = slices.DeleteFunc(slices.Clone(level.All), func(rule rules.Rule) bool {
		conditional := func(alternative rules.Rule) bool { _, yes := looks(alternative); return yes }
		return crosses(rule) && (!pointer || len(rule.Any) == 0 || slices.ContainsFunc(rule.Any, conditional))
	})
	out.Keys, out.Elem = withoutCrossing(level.Keys, false), withoutCrossing(level.Elem, false)
	return &out
}

// cross hands a rule about other fields to the object; where there is none, or
// omitempty has made the rule pointless, it is described.
func (r *ruler) cross(rule rules.Rule) {
	if _, conditional := looks(rule); r.site.member == nil || !conditional {
		r.site.inWords(rule)
		return
	}
	o := r.site.object
	then, ok := o.then(*r.site.member, strings.HasPrefix(rule.Name, "excluded"))
	if !ok {
		r.site.inWords(rule)
		return
	}
	condition, ok := o.condition(*r.site.member, rule)
	if !ok {
		r.site.inWords(rule)
		return
	}
	if strings.HasSuffix(rule.Name, "_unless") && rule.Name != "skip_unless" {
		o.crosses = append(o.crosses, &openapi.Schema{If: condition, Else: then})
		return
	}
	o.crosses = append(o.crosses, &openapi.Schema{If: condition, Then: then})
}

// conditions puts what the rules about other fields say into the object.
func (o *object) conditions(s *openapi.Schema) { s.AllOf = append(s.AllOf, o.crosses...) }

// then is what a condition demands of a member: a value, or none.
func (o *object) then(m jsonx.Member, excluded bool) (*openapi.Schema, bool) {
	if _, null, ok := presence.Of(m.Type); ok && excluded {
		only := openapi.Never()
		if null || o.form.nulls {
			only = typed(openapi.TypeNull)
		}
		out := &openapi.Schema{}
		out.Properties.Set(m.Name, only)
		return out, true
	}
	if _, null, ok := presence.Of(m.Type); ok && null {
		return &openapi.Schema{Required: []string{m.Name}}, true // null is not judged
	}
	if excluded {
		zero, ok := o.zero(m.Type, shape{m.String, m.Format})
		out := &openapi.Schema{}
		out.Properties.Set(m.Name, zero)
		return out, ok
	}
	return o.nonzero(m)
}

// nonzero is an object whose member m is there with a value that validator counts as
// one: any but null of a presence type or behind a pointer, else any but the zero value.
func (o *object) nonzero(m jsonx.Member) (*openapi.Schema, bool) {
	if _, _, ok := presence.Of(m.Type); ok {
		out := &openapi.Schema{Required: []string{m.Name}}
		out.Properties.Set(m.Name, &openapi.Schema{Not: typed(openapi.TypeNull)})
		return out, true
	}
	zero, ok := o.zero(m.Type, shape{m.String, m.Format})
	if !ok {
		return nil, false
	}
	out := &openapi.Schema{Required: []string{m.Name}}
	value := &openapi.Schema{}
	switch {
	case zero.IsNever(): // [] and {} are values
	case zero.MaxLength != nil:
		value.MinLength = new(1)
	case zero.Const == false:
		value.Const = true
	default:
		value.Not = zero
	}
	if o.form.nulls && value.Const == nil { // null counts as absent
		value = join(value, &openapi.Schema{Not: typed(openapi.TypeNull)})
	}
	if !reflect.DeepEqual(value, &openapi.Schema{}) {
		out.Properties.Set(m.Name, value)
	}
	return out, true
}

// condition is the schema of objects for which a rule demands something, or, for
// the tags with unless, does not.
func (o *object) condition(m jsonx.Member, rule rules.Rule) (*openapi.Schema, bool) {
	params := rule.Words()
	name := strings.TrimPrefix(strings.TrimPrefix(rule.Name, "required_"), "excluded_")
	switch name {
	case "if", "skip_unless", "unless":
		if len(params) == 0 || len(params)%2 != 0 {
			return nil, false
		}
		var pairs []*openapi.Schema
		for i := 0; i < len(params); i += 2 {
			pair, ok := o.equal(m, params[i], params[i+1])
			if !ok {
				return nil, false
			}
			pairs = append(pairs, pair)
		}
		return combine(pairs, name != "unless"), true
	}
	var each []*openapi.Schema
	for _, param := range params {
		other, ok := o.sibling(m, param)
		if !ok {
			return nil, false
		}
		s, ok := o.nonzero(other)
		if !ok {
			return nil, false
		}
		if strings.HasPrefix(name, "without") {
			s = &openapi.Schema{Not: s}
		}
		each = append(each, s)
	}
	return combine(each, strings.HasSuffix(name, "_all")), len(each) > 0
}

// combine asks for all of the schemas, or any.
func combine(each []*openapi.Schema, all bool) *openapi.Schema {
	if len(each) == 1 {
		return each[0]
	}
	if all {
		return &openapi.Schema{AllOf: each}
	}
	return &openapi.Schema{AnyOf: each}
}

// sibling finds the member of a field that stands beside m in the same Go struct.
func (o *object) sibling(m jsonx.Member, goName string) (jsonx.Member, bool) {
	dir := m.Index[:len(m.Index)-1]
	for _, other := range o.members {
		last := len(other.Index) - 1
		if other.Field.Name == goName && last == len(dir) && reflect.DeepEqual(other.Index[:last], dir) && !other.Rest {
			return other, true
		}
	}
	return jsonx.Member{}, false
}

// elsewhere is the name of a field beside m that is no member of the body.
func (o *object) elsewhere(m *jsonx.Member, goPath string) (string, bool) {
	if o.names == nil {
		return "", false
	}
	path := ""
	o.alongPath(m, func(f reflect.StructField) bool {
		path += f.Name + "."
		return false
	})
	return o.names(path + goPath)
}

// equal is the schema of objects whose member has the value that a parameter names.
func (o *object) equal(m jsonx.Member, goName, value string) (*openapi.Schema, bool) {
	other, ok := o.sibling(m, goName)
	if !ok || other.String || other.Format != "" {
		return nil, false
	}
	t := pointee(other.Type)
	if !o.natural(t) {
		return nil, false
	}
	var want any
	var zero bool
	_, signed, isInt := intKind(t)
	switch {
	case t.Kind() == reflect.String:
		want, zero = value, value == ""
	case t.Kind() == reflect.Bool:
		want, zero = value == "true", value != "true"
	case isInt && signed:
		n, err := strconv.ParseInt(value, 0, 64)
		want, zero, ok = openapi.Number(strconv.FormatInt(n, 10)), n == 0, err == nil
	case isInt:
		n, err := strconv.ParseUint(value, 0, 64)
		want, zero, ok = openapi.Number(strconv.FormatUint(n, 10)), n == 0, err == nil
	default:
		return nil, false
	}
	out := &openapi.Schema{}
	out.Properties.Set(other.Name, &openapi.Schema{Const: want})
	if !zero || other.Type.Kind() == reflect.Pointer {
		out.Required = []string{other.Name}
	}
	return out, ok
}
