package schema

import (
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// Parameter is a parameter or form field, which has a text instead of JSON.
type Parameter struct {
	Field   reflect.StructField
	Format  string // of its type, or of a list's elements: one of json's, or "http-date"
	Comma   bool   // a list in one text, which is nil where the text is empty
	Unruled bool   // its rules do not count
	// Beside tells what fields are called that stand beside this one, by their Go paths
	// from there; nil: nobody knows.
	Beside func(goPath string) (name string, ok bool)
}

// Parameter is the schema of a parameter. required reports whether its absence breaks its
// rules.
func (b *Builder) Parameter(p Parameter) (s *openapi.Schema, required bool) {
	f := p.Field
	in := form{input: true, rules: b.opts.Validator != nil && !p.Unruled, text: true}
	if p.Format != "" && f.Type.Kind() == reflect.Slice {
		elem := b.plain(f.Type.Elem(), in, shape{format: p.Format})
		p.Format = ""
		s, required = b.Parameter(p)
		s.Items = elem
		return s, required
	}
	how := shape{format: p.Format}
	value, _, present := presence.Of(f.Type)
	if present && !in.rules {
		f.Type = value
	}
	if !in.rules {
		return b.annotate(b.plain(pointee(f.Type), in, how), f), false
	}
	rules, err := b.opts.Validator.RulesOf(f)
	if err != nil {
		return b.fail(f.Type, "field %s: %v", f.Name, err), false
	}
	if p.Comma {
		rules = emptyAsNil(rules)
	}
	if present {
		f.Type = value
		return b.annotate(b.ruled(value, sentRules(rules), in, how, &site{beside: p.Beside}), f), rules.Has("required")
	}
	s = b.leaf(leaf{f.Type, rules, in, how}, func() *openapi.Schema {
		return b.ruled(f.Type, rules, in, how, &site{beside: p.Beside})
	})
	return b.annotate(s, f), b.zeroFails(f.Type, rules)
}

// emptyAsNil are the rules of a list that is nil where it is empty.
func emptyAsNil(level *rules.Level) *rules.Level {
	out := *level
	out.All = slices.Clone(level.All)
	for i := range out.All {
		if out.All[i].Name == "omitempty" {
			out.All[i].Name = "omitzero"
		}
	}
	return &out
}

// QueryMember is a field of a struct in the query, which is a parameter by itself.
type QueryMember struct {
	Parameter
	Name   string
	Filled bool // where it is absent, it has a default that is not zero
}

// Query is the schema of a struct in the query, and whether any of it has to be sent.
// schemaOf makes that of a member, as Parameter does.
func (b *Builder) Query(p Parameter, members []QueryMember, schemaOf func(m int, unruled bool) (s *openapi.Schema, required bool)) (s *openapi.Schema, required bool) {
	f := p.Field
	object := func(unruled bool) *openapi.Schema {
		out := typed(openapi.TypeObject)
		for i := range members {
			s, required := schemaOf(i, unruled)
			out.Properties.Set(members[i].Name, s)
			if required {
				out.Required = append(out.Required, members[i].Name)
			}
		}
		return out
	}
	if b.opts.Validator == nil {
		return b.annotate(object(true), f), false
	}
	all, err := b.opts.Validator.RulesOf(f)
	if err != nil {
		return b.fail(f.Type, "field %s: %v", f.Name, err), false
	}
	t, at := pointee(f.Type), &site{beside: p.Beside}
	r := &ruler{Builder: b, typ: t, kind: structKind, pointer: f.Type.Kind() == reflect.Pointer, site: at, query: members}
	s = object(all.Skip || all.Has("structonly"))
	if slices.ContainsFunc(members, func(m QueryMember) bool { return m.Filled }) {
		required = len(s.Required) > 0 // what is absent is not zero
	} else {
		required = b.zeroFails(f.Type, all)
	}
	own := r.sequence(withoutOmit(all.All))
	omits := !r.pointer && all.Has("omitempty") || all.Has("omitzero")
	switch zero, ok := r.zero(); {
	case !omits || isEmpty(own) && !b.zeroInside(t, &rules.Level{}):
		s = join(s, own)
	case ok:
		s = &openapi.Schema{AnyOf: []*openapi.Schema{zero, join(s, own)}}
	default:
		at.words, s = append(at.words, alone(all)), object(true)
	}
	return b.annotate(describe(s, at), f), required
}

// zeroQuery is zero for structs in the query.
func (b *Builder) zeroQuery(members []QueryMember) (*openapi.Schema, bool) {
	out := typed(openapi.TypeObject)
	for _, m := range members {
		s := b.nothing // what is sent is there
		if _, _, present := presence.Of(m.Field.Type); !present && m.Field.Type.Kind() != reflect.Pointer {
			var ok bool
			if s, ok = b.zero(m.Field.Type, shape{format: m.Format}); !ok {
				return nil, false
			}
			if s.MaxLength != nil {
				s.Type = []string{openapi.TypeString}
			}
		}
		out.Properties.Set(m.Name, s)
		if m.Filled {
			out.Required = append(out.Required, m.Name)
		}
	}
	return out, true
}
