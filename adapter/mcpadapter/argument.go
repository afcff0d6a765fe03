package mcpadapter

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/respond"
)

// argument is one that becomes text: a path or query parameter, or a form field.
type argument struct {
	name     string
	source   bind.Source
	comma    bool // a list in one parameter
	defaults bool // there is a value for one that is absent
	value    kinds
	items    *kinds               // of a list; nil: it is none
	members  map[string]*argument // of an object, filter[name]=x; nil: it is none
}

// kinds are the JSON values that a schema takes, where they are told apart.
type kinds struct {
	text, number, whole, boolean, null bool
}

// anything is what a schema says that does not tell.
func anything() kinds { return kinds{text: true, number: true, boolean: true} }

func (c *compilation) newArgument(f *bind.Field, s *openapi.Schema) *argument {
	a := &argument{name: f.Name, source: f.Source, comma: f.Style == bind.Comma, defaults: f.HasDefault}
	r := c.resolve(s)
	switch {
	case f.Style == bind.DeepObject:
		a.members = map[string]*argument{}
		for i := range f.Members {
			m := &f.Members[i]
			if s, ok := r.Properties.Get(m.MemberName()); ok {
				a.members[m.MemberName()] = c.newArgument(m, s)
			}
		}
	case slices.Contains(r.Type, openapi.TypeArray):
		a.items = new(anything())
		if r.Items != nil {
			a.items = new(c.kinds(r.Items))
		}
	default:
		a.value = c.kinds(r)
	}
	return a
}

// kinds reads which values a schema of one value takes.
func (c *compilation) kinds(s *openapi.Schema) (k kinds) {
	s = c.resolve(s)
	for _, t := range s.Type {
		switch t {
		case openapi.TypeString:
			k.text = true
		case openapi.TypeNumber:
			k.number = true
		case openapi.TypeInteger:
			k.number, k.whole = true, true
		case openapi.TypeBoolean:
			k.boolean = true
		case openapi.TypeNull:
			k.null = true
		}
	}
	if len(s.Type) > 0 {
		return k
	}
	values := s.Enum
	if s.Const != nil {
		values = []any{s.Const}
	}
	for _, v := range values {
		if text, err := json.Marshal(v); err == nil && len(text) > 0 {
			k = k.or(kindOf(jsontext.Value(text).Kind()))
		}
	}
	for _, list := range [][]*openapi.Schema{s.AnyOf, s.OneOf} {
		for _, part := range list {
			k = k.or(c.kinds(part))
		}
	}
	if k == (kinds{}) {
		return anything()
	}
	return k
}

func (k kinds) or(o kinds) kinds {
	return kinds{k.text || o.text, k.number || o.number, k.whole || o.whole, k.boolean || o.boolean, k.null || o.null}
}

func kindOf(k jsontext.Kind) kinds {
	return kinds{text: k == '"', number: k == '0', boolean: k == 't' || k == 'f', null: k == 'n'}
}

// String says what is taken, for the end of "must be".
func (k kinds) String() string {
	var words []string
	if k.text {
		words = append(words, "a string")
	}
	switch {
	case k.whole:
		words = append(words, "a whole number")
	case k.number:
		words = append(words, "a number")
	}
	if k.boolean {
		words = append(words, "true or false")
	}
	return strings.Join(words, " or ")
}

// write is a value as a parameter has it. It is not ok for a value of another kind.
func (k kinds) write(v jsontext.Value) (text string, ok bool) {
	switch v.Kind() {
	case '"':
		unquoted, err := jsontext.AppendUnquote(nil, v)
		return string(unquoted), k.text && err == nil
	case '0':
		if k.whole {
			return wholeNumber(string(v)), k.number
		}
		return string(v), k.number
	case 't', 'f':
		return string(v), k.boolean
	}
	return "", false
}

// wholeNumber writes an integer with its digits, as parameters have it: 1e2 and 100.0 are
// integers to a schema. What is none, or far out of every range, stays as it is.
func wholeNumber(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		if exponent, err := strconv.Atoi(text[at+1:]); err != nil || exponent > 100 || exponent < -100 {
			return text
		}
	}
	if r, ok := new(big.Rat).SetString(text); ok && len(text) < 1000 && r.IsInt() {
		return r.Num().String()
	}
	return text
}

// pair is a name and a value of a query or a form.
type pair struct {
	name   string
	values []string
	comma  bool
}

// pairs makes text of a value. What does not fit is added to failures.
func (a *argument) pairs(v jsontext.Value, failures *[]respond.FieldError) []pair {
	refuse := func(detail string) []pair {
		*failures = append(*failures, respond.FieldError{In: a.source.String(), Name: a.name, Rule: "type", Detail: detail})
		return nil
	}
	switch {
	case a.members != nil:
		inner, ok := membersOf(v)
		if !ok {
			return refuse("must be an object")
		}
		var out []pair
		for _, m := range inner {
			member, known := a.members[m.name]
			if !known {
				member = &argument{name: a.name + "[" + m.name + "]", source: a.source, value: anything()}
			}
			out = append(out, member.pairs(m.value, failures)...)
		}
		return out
	case a.items != nil:
		if v.Kind() != '[' {
			return refuse("must be a list")
		}
		var values []string
		for _, item := range elementsOf(v) {
			text, ok := a.items.write(item)
			if !ok {
				return refuse("must be a list, each of which must be " + a.items.String())
			}
			values = append(values, text)
		}
		switch {
		case a.comma && len(values) == 0:
			return []pair{{name: a.name, values: []string{""}}} // the empty list
		case a.comma && len(values) == 1 && values[0] == "":
			return refuse("cannot be a list of one empty string")
		case len(values) == 0 && a.defaults:
			return refuse("cannot be the empty list: an absent one has a default")
		}
		return []pair{{a.name, values, a.comma}}
	case v.Kind() == 'n' && a.value.null:
		return nil
	}
	text, ok := a.value.write(v)
	if !ok {
		return refuse("must be " + a.value.String())
	}
	return []pair{{name: a.name, values: []string{text}}}
}

// appendPairs appends name=value pairs, as a query and a form have them.
func appendPairs(dst []byte, pairs []pair) []byte {
	begin := func(name string) {
		if len(dst) > 0 {
			dst = append(dst, '&')
		}
		dst = append(syntax.AppendQuery(dst, name), '=')
	}
	for _, p := range pairs {
		for i, value := range p.values {
			switch {
			case i > 0 && p.comma:
				dst = append(dst, ',')
			default:
				begin(p.name)
			}
			dst = syntax.AppendQuery(dst, value)
		}
	}
	return dst
}
