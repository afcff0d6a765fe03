package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// crossing are the tags that look at other fields. true: if/then can say them.
var crossing = map[string]bool{
	"required_if": true, "required_unless": true, "skip_unless": true,
	"required_with": true, "required_with_all": true, "required_without": true, "required_without_all": true,
	"excluded_if": true, "excluded_unless": true,
	"excluded_with": true, "excluded_with_all": true, "excluded_without": true, "excluded_without_all": true,

	"eqfield": false, "nefield": false, "gtfield": false, "gtefield": false, "ltfield": false, "ltefield": false,
	"eqcsfield": false, "necsfield": false, "gtcsfield": false, "gtecsfield": false, "ltcsfield": false, "ltecsfield": false,
	"fieldcontains": false, "fieldexcludes": false, "postcode_iso3166_alpha2_field": false, "validateFn": false,
}

// crosses reports whether a rule, or one of its alternatives, looks at other fields.
func crosses(rule rules.Rule) bool {
	_, cross := crossing[rule.Name]
	return cross || slices.ContainsFunc(rule.Any, crosses)
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
		conditional := func(alternative rules.Rule) bool { return crossing[alternative.Name] }
		return crosses(rule) && (!pointer || len(rule.Any) == 0 || slices.ContainsFunc(rule.Any, conditional))
	})
	out.Keys, out.Elem = withoutCrossing(level.Keys, false), withoutCrossing(level.Elem, false)
	return &out
}

// cross hands a rule about other fields to the object; where there is none, or
// omitempty has made the rule pointless, it is described.
func (r *ruler) cross(rule rules.Rule) {
	if r.site.member == nil || !crossing[rule.Name] {
		r.site.loosely(rule)
		return
	}
	o := r.site.object
	then, ok := o.then(*r.site.member, strings.HasPrefix(rule.Name, "excluded"))
	if !ok {
		r.site.loosely(rule)
		return
	}
	condition, ok := o.condition(*r.site.member, rule)
	if !ok {
		r.site.loosely(rule)
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
	if excluded {
		zero, ok := o.zero(m.Type, shape{m.String, m.Format})
		out := &openapi.Schema{}
		out.Properties.Set(m.Name, zero)
		return out, ok
	}
	return o.nonzero(m)
}

// nonzero is an object whose member m is there with a value that validator counts as
// one: any but null behind a pointer, else any but the zero value.
func (o *object) nonzero(m jsonx.Member) (*openapi.Schema, bool) {
	zero, ok := o.zero(m.Type, shape{m.String, m.Format})
	if !ok {
		return nil, false
	}
	out := &openapi.Schema{Required: []string{m.Name}}
	switch {
	case zero.IsNever(): // [] and {} are values
	case zero.MaxLength != nil:
		out.Properties.Set(m.Name, &openapi.Schema{MinLength: new(1)})
	case zero.Const == false:
		out.Properties.Set(m.Name, &openapi.Schema{Const: true})
	default:
		out.Properties.Set(m.Name, &openapi.Schema{Not: zero})
	}
	return out, true
}

// condition is the schema of objects for which a rule demands something, or, for
// the tags with unless, does not.
func (o *object) condition(m jsonx.Member, rule rules.Rule) (*openapi.Schema, bool) {
	params := splitWords(rule.Param)
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
