package bind

import (
	"reflect"
	"slices"
	"strings"
)

// param is a field that is read from text: from path, query, header, cookie or form.
type param struct {
	Field
	key     string // how the name is looked up: header names in canonical form
	bit     int    // its place in the sets of parameters seen
	scalar  scalar
	list    bool
	pointer bool
	skips   bool    // an empty text is no value
	joins   byte    // what several lines of a header field are joined with; 0 for not at all
	absent  *absent // nil without a default
}

// absent is what a request without the parameter binds, its default.
type absent struct {
	texts   []string // one unless list
	written []string // the same, as append writes the values
}

// set reads one text into the field; a list grows by it.
func (p *param) set(root reflect.Value, s string) verdict {
	v := p.at(root)
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

// texts are what set would have to be given to make the field's value; none where the
// field lies below a nil pointer.
func (p *param) texts(root reflect.Value) []string {
	v, err := root.FieldByIndexErr(p.Index)
	switch {
	case err != nil:
		return nil
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

// impliedBy reports whether a request without the parameter binds the same value, whose
// texts are given.
func (p *param) impliedBy(root reflect.Value, texts []string) bool {
	if p.HasDefault {
		return slices.Equal(texts, p.absent.written)
	}
	return len(texts) == 0 || !p.list && root.FieldByIndex(p.Index).IsZero()
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

func (t *table) find(key string) *param {
	if t.byName != nil {
		return t.byName[key]
	}
	for _, p := range t.params {
		if p.key == key {
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

// add reports whether the parameter was in the set before.
func (s *set) add(bit int) (before bool) {
	word := &s.first
	if bit >= 64 {
		for len(s.more) < bit/64 {
			s.more = append(s.more, 0)
		}
		word = &s.more[bit/64-1]
	}
	before = *word>>(bit%64)&1 == 1
	*word |= 1 << (bit % 64)
	return before
}
