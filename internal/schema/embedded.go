package schema

import (
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// embedded is an embedded struct with rules of its own. Its members stand in its place, so
// that no property can say them.
type embedded struct {
	index   []int
	rules   *rules.Level
	pointer bool // nil while none of its members is sent
	set     bool // a pointer that is never nil
	certain bool // validator comes there whatever is sent
	members []*jsonx.Member
	zero    *openapi.Schema // an object without any member that is not zero; nil: no schema says it
	judged  openapi.Schema  // what its members are where they are not all zero, if that omits their rules
	asks    bool            // a member has to be sent
}

// embeddedIn finds the embedded structs with rules that members belong to, of each member
// the outermost first.
func (o *object) embeddedIn() (found []*embedded) {
	for i := range o.members {
		m := &o.members[i]
		t, certain := o.typ, true
		var outer *embedded
		for depth, at := range m.Index[:len(m.Index)-1] {
			f := pointee(t).Field(at)
			t = f.Type
			pointer := t.Kind() == reflect.Pointer
			all, err := o.opts.Validator.RulesOf(f)
			if err != nil || all.Skip {
				break
			}
			index := m.Index[:depth+1]
			at := slices.IndexFunc(found, func(e *embedded) bool { return slices.Equal(e.index, index) })
			if at < 0 {
				at = len(found)
				found = append(found, &embedded{index: index, rules: all, pointer: pointer && !o.beside, set: pointer && o.beside, certain: certain})
			}
			e := found[at]
			e.members = append(e.members, m)
			if e.omits() && outer == nil {
				outer = e
				e.zero = &openapi.Schema{}
			} else if e.omits() {
				outer.zero = nil // two choices, one in the other
			}
			certain = certain && !e.omits() && (!e.pointer || all.Has("required"))
			if all.Has("structonly") {
				break
			}
		}
	}
	for _, e := range found {
		if !e.omits() || e.zero != nil {
			e.zero = o.zeroMembers(e.members)
		}
	}
	return found
}

// omits reports whether the rules of the members do not count while all of them are zero. A
// pointer is only there when one of them is sent, and then they count.
func (e *embedded) omits() bool {
	return !e.pointer && !e.set && (e.rules.Has("omitempty") || e.rules.Has("omitzero"))
}

// zeroMembers is an object in which members are absent or zero; nil where no schema says
// that.
func (o *object) zeroMembers(members []*jsonx.Member) *openapi.Schema {
	out := &openapi.Schema{}
	for _, m := range members {
		if m.Rest || m.IgnoreCase {
			return nil
		}
		_, null, present := presence.Of(m.Type)
		zero, ok := o.nothing, true
		if !present {
			null = m.Type.Kind() == reflect.Pointer
			zero, ok = o.zero(m.Type, shape{m.String, m.Format})
		}
		switch {
		case !ok:
			return nil
		case o.form.nulls && !null && zero.IsNever(): // null counts as absent
			zero = typed(openapi.TypeNull)
		case o.form.nulls && !null:
			zero = &openapi.Schema{AnyOf: []*openapi.Schema{zero, typed(openapi.TypeNull)}}
		case zero.MaxLength != nil:
			zero.Type = []string{openapi.TypeString}
		}
		out.Properties.Set(m.Name, zero)
	}
	return out
}

// sentMembers is an object in which one of members is there.
func (o *object) sentMembers(members []*jsonx.Member) *openapi.Schema {
	out := &openapi.Schema{}
	for _, m := range members {
		if m.Rest || m.IgnoreCase {
			return nil
		}
		sent := &openapi.Schema{Required: []string{m.Name}}
		if _, null, present := presence.Of(m.Type); o.form.nulls && m.Type.Kind() != reflect.Pointer && (!present || !null) {
			sent.Properties.Set(m.Name, &openapi.Schema{Not: typed(openapi.TypeNull)})
		}
		out.AnyOf = append(out.AnyOf, sent)
	}
	return out
}

// omitting is the embedded struct whose members m is judged with, nil for none.
func (o *object) omitting(m *jsonx.Member) *embedded {
	for _, e := range o.embedded {
		if e.omits() && slices.Contains(e.members, m) {
			return e
		}
	}
	return nil
}

// asked notes that m has to be sent.
func (o *object) asked(m *jsonx.Member) {
	for _, e := range o.embedded {
		e.asks = e.asks || slices.Contains(e.members, m)
	}
}

// judgedWith is a member of e, which omits the zero value: without its rules, which e keeps,
// or else the description.
func (o *object) judgedWith(e *embedded, m *jsonx.Member) *openapi.Schema {
	form, crosses := o.form, o.crosses
	o.crosses = nil
	ruled, required := o.member(m)
	if e.zero != nil {
		e.judged.Properties.Set(m.Name, ruled)
		if required {
			e.judged.Required = append(e.judged.Required, m.Name)
		}
		e.judged.AllOf = append(e.judged.AllOf, o.crosses...)
	}
	o.form, o.crosses = form.unruled(), crosses
	s, _ := o.member(m)
	o.form = form
	if all, err := o.opts.Validator.RulesOf(m.Field); err == nil && e.zero == nil && alone(all) != "" {
		return describe(s, &site{words: []string{alone(all)}})
	}
	return s
}

// ownRules puts the rules of embedded structs into the object, or into its description.
func (o *object) ownRules(out *openapi.Schema) *openapi.Schema {
	var words []string
	for _, e := range o.embedded {
		if e.omits() && e.zero != nil && e.certain {
			out.AllOf = append(out.AllOf, &openapi.Schema{AnyOf: []*openapi.Schema{e.zero, &e.judged}})
		}
		at := &site{member: &jsonx.Member{Index: e.index}, object: o}
		for _, rule := range e.rules.All {
			var said *openapi.Schema
			switch rule.Name {
			case "structonly", "nostructlevel", "omitempty", "omitzero", "omitnil":
				continue
			case "required":
				switch {
				case e.set, e.asks && e.certain:
					continue
				case e.pointer:
					said = o.sentMembers(e.members)
				case e.zero != nil:
					said = &openapi.Schema{Not: e.zero}
				}
			}
			if said == nil || !e.certain {
				at.inWords(rule)
				continue
			}
			out.AllOf = append(out.AllOf, said)
		}
		words = append(words, at.words...)
	}
	return describe(out, &site{words: words})
}
