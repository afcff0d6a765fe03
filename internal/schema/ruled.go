package schema

import (
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// site is where rules stand: the member of a struct, or an element below it. It
// gathers the rules that the schema cannot say.
type site struct {
	member *jsonx.Member // nil: no member, so nothing to compare with
	object *object
	loose  []string
}

// loosely notes a rule. Other fields that it names get the names that a client knows.
func (s *site) loosely(rule rules.Rule) {
	if _, cross := crossing[rule.Name]; cross && s.member != nil {
		words := strings.Fields(rule.Param)
		for i, word := range words {
			if other, ok := s.object.sibling(*s.member, word); ok {
				words[i] = other.Name
			}
		}
		rule.Param = strings.Join(words, " ")
	}
	s.loose = append(s.loose, rule.String())
}

// Parameter is the schema of a parameter or form field, which has a text instead of
// JSON. required reports whether its absence breaks its rules.
func (b *Builder) Parameter(f reflect.StructField) (s *openapi.Schema, required bool) {
	in := form{input: true, rules: b.opts.Validator != nil, text: true}
	if !in.rules {
		return b.annotate(b.plain(pointee(f.Type), in, shape{}), f), false
	}
	rules, err := b.rulesOf(f)
	if err != nil {
		return b.fail(f.Type, "field %s: %v", f.Name, err), false
	}
	s = b.leaf(leaf{f.Type, rules, in, shape{}}, func() *openapi.Schema {
		return b.ruled(f.Type, rules, in, shape{}, &site{})
	})
	return b.annotate(s, f), b.zeroFails(f.Type, rules)
}

// ruled is the schema of t under the rules of a field or an element.
func (b *Builder) ruled(t reflect.Type, rules *rules.Level, f form, how shape, at *site) *openapi.Schema {
	base := pointee(t)
	if rules.Skip || rules.Has("structonly") {
		f = f.unruled()
	}
	s := b.inside(base, rules, f, how, at)
	r := &ruler{Builder: b, typ: base, shape: how, pointer: t.Kind() == reflect.Pointer, site: at}
	r.kind = r.classify()
	if r.kind == structKind && !r.pointer && (rules.Has("omitempty") || rules.Has("omitzero")) {
		s = r.omitted(s, rules)
	} else {
		s = join(s, r.sequence(rules.All))
	}
	if r.pointer && !f.text && !b.zeroFails(t, rules) {
		s = nullable(s)
	}
	return describe(s, at)
}

// inside is the schema of t with the rules of its elements, but not its own.
func (b *Builder) inside(t reflect.Type, rules *rules.Level, f form, how shape, at *site) *openapi.Schema {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
	default:
		return b.plain(t, f, how)
	}
	if rules.Elem == nil || isBytes(t) || !b.natural(t) {
		return b.plain(t, f.unruled(), how) // without dive validator does not look at the elements
	}
	if t.Name() != "" && recursive(t) {
		at.loose = append(at.loose, "dive")
		return b.plain(t, f.unruled(), how)
	}
	elem := b.ruled(t.Elem(), rules.Elem, f, shape{}, &site{})
	var s *openapi.Schema
	if t.Kind() == reflect.Map {
		s = mapOf(elem, b.ruledKeys(t.Key(), rules.Keys, f, at))
	} else {
		s = arrayOf(t, elem)
	}
	if how.format == "emitnull" {
		return nullable(s)
	}
	return s
}

// ruledKeys is the schema of a map's keys under rules. Rules on a number do not say
// what its text looks like.
func (b *Builder) ruledKeys(t reflect.Type, rules *rules.Level, f form, at *site) *openapi.Schema {
	names := b.keys(t, f)
	if rules == nil || len(rules.All) == 0 {
		return names
	}
	if pointee(t).Kind() != reflect.String || !b.natural(pointee(t)) {
		at.loose = append(at.loose, "dive,keys,"+alone(rules)+",endkeys")
		return names
	}
	return b.ruled(t, rules, f, shape{}, &site{})
}

// describe names the rules that the schema does not say, or does not say in full.
func describe(s *openapi.Schema, at *site) *openapi.Schema {
	if len(at.loose) == 0 {
		return s
	}
	rules := strings.Join(at.loose, ",")
	if s.Ref != "" && s.Description == "" {
		s = &openapi.Schema{AllOf: []*openapi.Schema{s}}
	}
	s.Extensions.Set("x-validate", rules)
	if s.Description != "" {
		s.Description += " "
	}
	s.Description += "The server also checks: " + strings.Join(sentences(at.loose), "; ") + "."
	return s
}

// alone writes rules as a tag, without those that look at other fields.
func alone(rules *rules.Level) string {
	var parts []string
	for _, rule := range rules.All {
		if _, ok := crossing[rule.Name]; !ok {
			parts = append(parts, tagText(rule))
		}
	}
	if rules.Elem == nil {
		return strings.Join(parts, ",")
	}
	parts = append(parts, "dive")
	if rules.Keys != nil {
		parts = append(parts, "keys", alone(rules.Keys), "endkeys")
	}
	if elem := alone(rules.Elem); elem != "" {
		parts = append(parts, elem)
	}
	return strings.Join(parts, ",")
}

// tagText writes a rule so that it reads back: commas and bars of a parameter hidden.
func tagText(rule rules.Rule) string {
	if len(rule.Any) > 0 {
		parts := make([]string, len(rule.Any))
		for i, alt := range rule.Any {
			parts[i] = tagText(alt)
		}
		return strings.Join(parts, "|")
	}
	if strings.ContainsAny(rule.Param, ",|") { // seldom, and a Replacer takes long to make
		rule.Param = strings.NewReplacer(",", "0x2C", "|", "0x7C").Replace(rule.Param)
	}
	return rule.String()
}
