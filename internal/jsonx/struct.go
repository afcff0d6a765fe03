package jsonx

import "reflect"

// structs describes the struct types that one codec reaches. Each is read once: the
// audit fills a description in, and what is compiled after it takes it from there.
type structs struct {
	list   []*structType
	byType map[reflect.Type]*structType // of a list that is not short
}

// structType is a struct type, and what became of it so far.
type structType struct {
	typ     reflect.Type
	known   bool // its members were read
	members []Member
	err     error
	audited bool
	writer  *writer
	reader  *reader
	left    bool // only json v2 can read it
}

// shortList is how many types are found faster in a list than in a map.
const shortList = 8

// of returns the description of struct type t.
func (s *structs) of(t reflect.Type) *structType {
	if s.byType != nil {
		if d, ok := s.byType[t]; ok {
			return d
		}
	} else {
		for _, d := range s.list {
			if d.typ == t {
				return d
			}
		}
	}
	d := &structType{typ: t}
	s.list = append(s.list, d)
	switch {
	case s.byType != nil:
		s.byType[t] = d
	case len(s.list) > shortList:
		s.byType = make(map[reflect.Type]*structType, 2*len(s.list))
		for _, d := range s.list {
			s.byType[d.typ] = d
		}
	}
	return d
}

// read is [Members], once.
func (d *structType) read() ([]Member, error) {
	if !d.known {
		d.known = true
		d.members, d.err = Members(d.typ)
	}
	return d.members, d.err
}
