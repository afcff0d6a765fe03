package schema

import (
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// site is where rules stand: the member of a struct, or an element below it. It
// gathers the rules that the schema cannot say.
type site struct {
	member *jsonx.Member // nil: no member, so nothing to compare with
	object *object
	beside func(goPath string) (name string, ok bool) // of a parameter: what fields beside it are called; may be nil
	words  []string
}

// inWords notes a rule. Other fields that it names get the names that a client knows.
func (s *site) inWords(rule rules.Rule) { s.words = append(s.words, s.renamed(rule).String()) }

func (s *site) renamed(rule rules.Rule) rules.Rule {
	rule.Any = slices.Clone(rule.Any)
	for i := range rule.Any {
		rule.Any[i] = s.renamed(rule.Any[i])
	}
	if across, _ := looks(rule); !across {
		return rule
	}
	words := strings.Fields(rule.Param)
	values := strings.HasSuffix(rule.Name, "_if") || strings.HasSuffix(rule.Name, "_unless")
	for i, word := range words {
		if values && i%2 == 1 {
			continue // what the field before it is compared with
		}
		if name, ok := s.nameOf(word); ok {
			words[i] = name
		}
	}
	rule.Param = strings.Join(words, " ")
	return rule
}

// nameOf is what a client calls a field that stands beside this one, or below it.
func (s *site) nameOf(goPath string) (string, bool) {
	switch {
	case s.beside != nil:
		return s.beside(goPath)
	case s.member == nil:
		return "", false
	}
	first, rest, deep := strings.Cut(goPath, ".")
	other, ok := s.object.sibling(*s.member, first)
	if !ok {
		return s.object.elsewhere(s.member, goPath)
	}
	if !deep {
		return other.Name, true
	}
	members, err := jsonx.Members(pointee(presence.Unwrap(other.Type)))
	if err != nil {
		return "", false
	}
	below := site{member: &jsonx.Member{Index: []int{0}}, object: &object{Builder: s.object.Builder, typ: other.Type, members: members}}
	name, ok := below.nameOf(rest)
	return other.Name + "." + name, ok
}

// IsRequired reports whether the rules of a field refuse its zero value.
func (b *Builder) IsRequired(f reflect.StructField) bool {
	if b.opts.Validator == nil {
		return false
	}
	rules, err := b.opts.Validator.RulesOf(f)
	return err == nil && b.zeroFails(f.Type, rules)
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
	if r.isWhole(rules) && (!r.pointer && rules.Has("omitempty") || rules.Has("omitzero")) {
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
		at.words = append(at.words, "dive")
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
		at.words = append(at.words, "dive,keys,"+alone(rules)+",endkeys")
		return names
	}
	return b.ruled(t, rules, f, shape{}, &site{})
}

// describe names the rules that the schema does not say, or does not say in full.
func describe(s *openapi.Schema, at *site) *openapi.Schema {
	if len(at.words) == 0 {
		return s
	}
	rules := strings.Join(at.words, ",")
	if s.Ref != "" && s.Description == "" {
		s = &openapi.Schema{AllOf: []*openapi.Schema{s}}
	}
	s.Extensions.Set(Beyond, rules)
	if s.Description != "" {
		s.Description += " "
	}
	s.Description += "The server also checks: " + strings.Join(sentences(at.words), "; ") + "."
	return s
}

// alone writes rules as a tag, without those that look at other fields.
func alone(rules *rules.Level) string {
	var parts []string
	for _, rule := range rules.All {
		if across, _ := looks(rule); !across {
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
	if strings.ContainsAny(rule.Param, ",|") { // few have them, and a Replacer takes long to make
		rule.Param = strings.NewReplacer(",", "0x2C", "|", "0x7C").Replace(rule.Param)
	}
	return rule.String()
}

// kind is what a value is in JSON and in Go at once. Rules that fit both are said by
// the schema; on an opaque value none can be.
type kind uint8

const (
	opaqueKind kind = iota // JSON shows something else than the Go value that validator judges
	stringKind
	wholeKind
	floatKind
	boolKind
	bytesKind // base64
	listKind
	mapKind
	structKind
	timeKind
	anyKind
)

// ruler turns the rules of one value into a schema.
type ruler struct {
	*Builder
	typ     reflect.Type // no pointer
	shape   shape
	kind    kind
	pointer bool // of a field that may be nil; the rules then judge what it points to
	site    *site
	query   []QueryMember // of a struct in the query
}

// zero is Builder.zero of the value.
func (r *ruler) zero() (*openapi.Schema, bool) {
	if r.query != nil {
		return r.zeroQuery(r.query)
	}
	return r.Builder.zero(r.typ, r.shape)
}

func (r *ruler) classify() kind {
	switch {
	case r.typ == timeType && r.shape == (shape{}):
		return timeKind
	case r.typ.Kind() == reflect.Interface:
		return anyKind
	case !r.natural(r.typ) || r.shape.quoted:
		return opaqueKind
	case isBytes(r.typ) && r.shape.format != "array":
		return bytesKind
	}
	switch r.typ.Kind() {
	case reflect.String:
		return stringKind
	case reflect.Bool:
		return boolKind
	case reflect.Slice, reflect.Array:
		return listKind
	case reflect.Map:
		return mapKind
	case reflect.Struct:
		return structKind
	case reflect.Float32, reflect.Float64:
		return floatKind
	}
	if _, _, ok := intKind(r.typ); ok {
		return wholeKind
	}
	return opaqueKind
}

// sequence joins rules from left to right; nil accepts everything. omitempty and its
// relatives let what they skip pass, whatever rules follow them.
func (r *ruler) sequence(rules []rules.Rule) *openapi.Schema {
	var out *openapi.Schema
	for i, rule := range rules {
		switch rule.Name {
		case "omitempty", "omitzero", "omitnil":
			skipped, ok := r.skipped(rule.Name)
			if !ok {
				for _, rest := range rules[i+1:] {
					r.site.inWords(rest)
				}
				return out
			}
			if skipped == nil {
				continue
			}
			rest := r.sequence(rules[i+1:])
			if isEmpty(rest) || r.acceptsZero(rest) {
				return join(out, rest)
			}
			if r.listZero(rest) {
				return join(out, rest)
			}
			return join(out, &openapi.Schema{AnyOf: []*openapi.Schema{r.withType(skipped), r.withType(rest)}})
		case "structonly", "nostructlevel", "dive":
		default:
			out = join(out, r.rule(rule))
		}
	}
	return out
}

// withType repeats the type in an alternative: some tools read alternatives alone.
func (r *ruler) withType(s *openapi.Schema) *openapi.Schema {
	if r.kind == stringKind && len(s.Type) == 0 && !s.IsNever() {
		s.Type = []string{openapi.TypeString}
	}
	return s
}

// listZero adds the zero value to a list of values, which says the same as a choice
// and which generators of code understand.
func (r *ruler) listZero(s *openapi.Schema) bool {
	if !reflect.DeepEqual(s, &openapi.Schema{Enum: s.Enum}) {
		return false
	}
	switch r.kind {
	case stringKind:
		s.Enum = distinct(append([]any{""}, s.Enum...))
	case wholeKind:
		s.Enum = distinct(append([]any{openapi.Number("0")}, s.Enum...))
	default:
		return false
	}
	return true
}

// skipped is what JSON values an omit tag lets pass unseen; nil for none but null and
// absence, which are judged elsewhere. ok is false where that cannot be expressed.
func (r *ruler) skipped(tag string) (*openapi.Schema, bool) {
	if tag == "omitnil" || tag == "omitempty" && r.pointer {
		return nil, true
	}
	switch r.kind {
	case anyKind, bytesKind:
		return nil, tag == "omitempty"
	case listKind:
		if r.typ.Kind() == reflect.Slice {
			if tag == "omitempty" {
				return nil, true
			}
			return &openapi.Schema{MaxItems: new(0)}, true
		}
	case mapKind:
		if tag == "omitempty" {
			return nil, true
		}
		return &openapi.Schema{MaxProperties: new(0)}, true
	case opaqueKind:
		return nil, false
	}
	return r.zero()
}

// acceptsZero reports whether a zero value passes s anyway, so that no choice is needed.
func (r *ruler) acceptsZero(s *openapi.Schema) bool {
	bounds := openapi.Schema{Minimum: s.Minimum, Maximum: s.Maximum, MaxLength: s.MaxLength, MinLength: s.MinLength}
	if !reflect.DeepEqual(&bounds, s) {
		return false
	}
	return (s.MinLength == nil || *s.MinLength == 0) &&
		(s.Minimum == "" || compare(s.Minimum, "0") <= 0) && (s.Maximum == "" || compare(s.Maximum, "0") >= 0)
}

// isWhole reports whether the rules of what the type holds do not count either while all of
// it is zero.
func (r *ruler) isWhole(rules *rules.Level) bool {
	return r.kind == structKind || r.kind == listKind && r.typ.Kind() == reflect.Array && rules.Elem != nil
}

// omitted is a struct or an array that is not looked at while all of it is zero.
func (r *ruler) omitted(s *openapi.Schema, rules *rules.Level) *openapi.Schema {
	zero, ok := r.zero()
	if !ok {
		r.site.words = append(r.site.words, alone(rules))
		return r.plain(r.typ, form{input: true}, r.shape)
	}
	if n := r.typ; n.Kind() == reflect.Array {
		zero.MinItems, zero.MaxItems = new(n.Len()), new(n.Len())
	}
	return &openapi.Schema{AnyOf: []*openapi.Schema{zero, join(s, r.sequence(withoutOmit(rules.All)))}}
}

func withoutOmit(list []rules.Rule) []rules.Rule {
	var out []rules.Rule
	for _, rule := range list {
		if rule.Name != "omitempty" && rule.Name != "omitzero" {
			out = append(out, rule)
		}
	}
	return out
}

// rule is the schema of one rule, and notes it if the schema accepts more.
func (r *ruler) rule(rule rules.Rule) *openapi.Schema {
	if across, _ := looks(rule); across {
		r.cross(rule)
		return nil
	}
	s, exact := r.say(rule)
	if !exact {
		r.site.inWords(rule)
	}
	return s
}

// say is rule without the note. nil accepts everything.
func (r *ruler) say(rule rules.Rule) (s *openapi.Schema, exact bool) {
	if len(rule.Any) > 0 {
		return r.alternatives(rule.Any)
	}
	if text, ok := r.opts.Validator.Schema(rule.Name); ok {
		if text == "" {
			return nil, false
		}
		return r.parse(r.typ, "the tag "+rule.Name, text), true
	}
	switch rule.Name {
	case "required":
		return r.present()
	case "isdefault":
		if r.pointer {
			return openapi.Never(), true
		}
		return r.zero()
	case "len", "min", "max", "gte", "lte", "gt", "lt", "eq", "ne":
		return r.bound(rule)
	case "oneof", "noneof", "oneofci", "noneofci", "eq_ignore_case", "ne_ignore_case":
		return r.listed(rule)
	case "unique":
		return r.unique(rule)
	case "port", "latitude", "longitude", "numeric", "number", "iso3166_1_alpha_numeric", "iso3166_1_alpha_numeric_eu", "iso4217_numeric", "luhn_checksum":
		if r.kind == wholeKind || r.kind == floatKind {
			return r.numeric(rule.Name)
		}
	case "boolean":
		if r.kind == boolKind {
			return nil, true
		}
	}
	if r.kind != stringKind {
		return nil, false
	}
	return text(rule)
}

// alternatives accepts what one of them accepts.
func (r *ruler) alternatives(rules []rules.Rule) (*openapi.Schema, bool) {
	out, exact := &openapi.Schema{}, true
	for _, rule := range rules {
		if across, _ := looks(rule); across {
			return nil, false
		}
		s, ok := r.say(rule)
		if s == nil || isEmpty(s) {
			return nil, ok
		}
		exact = exact && ok
		out.AnyOf = append(out.AnyOf, s)
	}
	return out, exact
}

// present is required: not zero, where zero is none of null and absence.
func (r *ruler) present() (*openapi.Schema, bool) {
	if r.pointer {
		return nil, true
	}
	switch r.kind {
	case stringKind:
		return &openapi.Schema{MinLength: new(1)}, true
	case boolKind:
		return &openapi.Schema{Const: true}, true
	case bytesKind, mapKind:
		return nil, true
	case listKind:
		if r.typ.Kind() == reflect.Slice {
			return nil, true
		}
	case anyKind:
		return &openapi.Schema{Not: typed(openapi.TypeNull)}, true
	}
	zero, ok := r.zero()
	if !ok {
		return nil, false
	}
	return &openapi.Schema{Not: zero}, true
}

// sentences puts the rules that a schema does not say into words, for the description.
func sentences(rules []string) []string {
	out := make([]string, len(rules))
	for i, rule := range rules {
		out[i] = sentence(rule)
	}
	return out
}

// comparisons are the rules about another field.
var comparisons = map[string]string{
	"eqfield": "is equal to", "nefield": "differs from", "gtfield": "is greater than", "gtefield": "is at least",
	"ltfield": "is less than", "ltefield": "is at most", "eqcsfield": "is equal to", "necsfield": "differs from",
	"gtcsfield": "is greater than", "gtecsfield": "is at least", "ltcsfield": "is less than", "ltecsfield": "is at most",
	"fieldcontains": "contains the characters of", "fieldexcludes": "contains none of the characters of",
}

func sentence(rule string) string {
	name, param, _ := strings.Cut(rule, "=")
	if words, ok := comparisons[name]; ok && !strings.Contains(param, "|") {
		return words + " `" + param + "`"
	}
	return "`" + rule + "`"
}
