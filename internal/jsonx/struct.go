package jsonx

import (
	"reflect"
	"sync"
)

// structs describes the struct types that one codec reaches. Each is read once: the
// audit fills a description in, and what is compiled after it takes it from there.
type structs struct {
	list   []*structType
	byType map[reflect.Type]*structType // of a list that is not short
	room   *[]Member                    // the members of all, while there is room; nil: not yet
}

// rooms are for the members of a codec's structs while it is compiled. A program has thousands
// of types to compile before its first request, and their members would be most of
// the garbage.
var rooms = sync.Pool{New: func() any {
	room := make([]Member, 0, 64)
	return &room
}}

// take makes room for n members more.
func (s *structs) take(n int) []Member {
	if s.room == nil {
		s.room = rooms.Get().(*[]Member)
	}
	used := len(*s.room)
	if n > cap(*s.room)-used {
		return make([]Member, n)
	}
	*s.room = (*s.room)[:used+n]
	return (*s.room)[used : used+n : used+n]
}

// release gives the room back. Nothing may refer to a Member of it any more.
func (s *structs) release() {
	if s.room == nil {
		return
	}
	clear(*s.room)
	*s.room = (*s.room)[:0]
	rooms.Put(s.room)
	s.room = nil
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

// members is [Members], once for each type.
func (s *structs) members(t reflect.Type) ([]Member, error) {
	d := s.of(t)
	if !d.known {
		d.known = true
		var room []Member
		if t.Kind() == reflect.Struct {
			room = s.take(t.NumField())
		}
		d.members, d.err = collect(t, room)
	}
	return d.members, d.err
}
