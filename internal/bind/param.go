package bind

import (
	"reflect"
	"strings"
)

// param is a field that is read from text: from path, query, header, cookie or form.
type param struct {
	*Field
	key     string // how the name is looked up: header names in canonical form
	bit     int    // its place in the sets of parameters seen
	scalar  scalar
	list    bool
	pointer bool
	plain   bool // neither of them, and a field of the request type itself

	absent *absent // nil without a default
}

// absent is what a request without the parameter binds, its default.
type absent struct {
	texts   []string // one unless list
	written []string // the same, as append writes the values
}

// set reads one text into the field; a list grows by it.
func (p *param) set(root reflect.Value, s string) verdict {
	if p.plain {
		return p.scalar.parse(root.Field(p.Index[0]), s)
	}
	v := p.in(root)
	switch {
	case p.list:
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v = v.Index(n)
	case p.pointer:
		ptr := reflect.New(v.Type().Elem())
		v.Set(ptr)
		v = ptr.Elem()
	}
	return p.scalar.parse(v, s)
}

// setDefault parses the default anew: a handler may change what it was given.
func (p *param) setDefault(root reflect.Value) {
	for _, s := range p.absent.texts {
		p.set(root, s)
	}
}

// texts are what set would have to be given to make the field's value.
func (p *param) texts(root reflect.Value) []string {
	v := p.in(root)
	switch {
	case p.list:
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = string(p.scalar.append(nil, v.Index(i)))
		}
		return texts
	case p.pointer && v.IsNil():
		return nil
	case p.pointer:
		v = v.Elem()
	}
	return []string{string(p.scalar.append(nil, v))}
}

// splitDefault splits a list's default at its commas.
func splitDefault(s string, list bool) []string {
	if !list {
		return []string{s}
	}
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// table finds parameters by name. A short list beats a map up to about eight names.
type table struct {
	params []*param
	byName map[string]*param
}

const fewNames = 8

func newTable(params []*param) table {
	t := table{params: params}
	if len(params) > fewNames {
		t.byName = make(map[string]*param, len(params))
		for _, p := range params {
			t.byName[p.key] = p
		}
	}
	return t
}

func (t *table) find(name string) *param {
	if t.byName != nil {
		return t.byName[name]
	}
	for _, p := range t.params {
		if p.key == name {
			return p
		}
	}
	return nil
}

// set of parameters, by their bit.
type set struct {
	first uint64
	more  []uint64
}

func (s *set) has(bit int) bool {
	if bit < 64 {
		return s.first>>bit&1 == 1
	}
	word := bit/64 - 1
	return word < len(s.more) && s.more[word]>>(bit%64)&1 == 1
}

func (s *set) add(bit int) {
	if bit < 64 {
		s.first |= 1 << bit
		return
	}
	word := bit/64 - 1
	for len(s.more) <= word {
		s.more = append(s.more, 0)
	}
	s.more[word] |= 1 << (bit % 64)
}
