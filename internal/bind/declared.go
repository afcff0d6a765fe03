package bind

import (
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/presence"
)

// Unnamed stands for a name that the client made up.
const Unnamed = "*"

// Declared is the place of a failure without what the client named: the names of
// parameters and members that the request type does not have, and the keys of maps, are
// [Unnamed]. Positions in lists stay. p may be nil: then nothing is declared.
func (p *Plan) Declared(in, name, pointer string) (declaredName, declaredPointer string) {
	if name != "" && !p.names(in, name) {
		name = Unnamed
	}
	if pointer == "" {
		return name, ""
	}
	var t reflect.Type
	var b strings.Builder
	first := true
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		known := false
		if first && p != nil {
			t, known = p.member(token)
		} else if t != nil {
			t, known = below(t, token)
		}
		first = false
		b.WriteByte('/')
		if !known {
			b.WriteString(Unnamed)
		} else {
			b.WriteString(token)
		}
		if t == nil {
			break // what is below it is not declared, either
		}
	}
	return name, b.String()
}

// names reports whether the request type has a parameter of that name.
func (p *Plan) names(in, name string) bool {
	if p == nil {
		return false
	}
	for i := range p.fields {
		f := &p.fields[i]
		if f.Source.String() != in {
			continue
		}
		if f.Name == name {
			return true
		}
		for j := range f.Members {
			if f.Members[j].Name == name {
				return true
			}
		}
	}
	return false
}

// member is the type of a member of the body, by the first token of a pointer.
func (p *Plan) member(token string) (t reflect.Type, known bool) {
	if t := p.BodyType(); t != nil {
		return below(t, token)
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.Source == Member && f.Name == unescape.Replace(token) {
			return f.Type, true
		}
	}
	return nil, false
}

// unescape undoes RFC 6901, section 4.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// below follows one token of a pointer. t is nil where the type does not say what is there,
// known is false where the token is not of the type.
func below(t reflect.Type, token string) (inner reflect.Type, known bool) {
	for {
		if t = presence.Unwrap(t); t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), false
	case reflect.Slice, reflect.Array:
		if len(token) > 10 || strings.Trim(token, "0123456789") != "" {
			return nil, false
		}
		return t.Elem(), true
	case reflect.Struct:
		members, err := jsonx.Members(t)
		if err != nil {
			return nil, false
		}
		token = unescape.Replace(token)
		for i := range members {
			if m := &members[i]; m.Name == token && !m.Rest {
				return m.Type, true
			}
		}
	}
	return nil, false
}
