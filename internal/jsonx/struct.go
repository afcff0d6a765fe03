package jsonx

import (
	"reflect"
	"sync"
)

// structs describes the struct types that one codec reaches. Each is read once: the
// audit fills a description in, and what is compiled after it takes it from there.
type structs struct {
	*room                               // nil: not yet
	byType map[reflect.Type]*structType // where there are more than room is for
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

// room is for descriptions while a codec is compiled. A program has thousands of types to
// compile before its first request, and their descriptions would be most of the garbage.
type room struct {
	types [8]structType // few enough to look at each
	used  int
	all   [64]Member
	taken int
	parts partCollector
}

var rooms = sync.Pool{New: func() any { return new(room) }}

func (s *structs) open() {
	if s.room == nil {
		s.room = rooms.Get().(*room)
	}
}

// release gives the room back. Nothing may refer to a description any more.
func (s *structs) release() {
	r := s.room
	if r == nil {
		return
	}
	clear(r.types[:r.used])
	clear(r.all[:r.taken])
	r.used, r.taken, s.room = 0, 0, nil
	rooms.Put(r)
}

// take makes room for n members more.
func (s *structs) take(n int) []Member {
	s.open()
	from := s.taken
	if n > len(s.all)-from {
		return make([]Member, n)
	}
	s.taken += n
	return s.all[from:s.taken:s.taken]
}

// of returns the description of struct type t.
func (s *structs) of(t reflect.Type) *structType {
	s.open()
	for i := range s.types[:s.used] {
		if d := &s.types[i]; d.typ == t {
			return d
		}
	}
	if s.used < len(s.types) {
		d := &s.types[s.used]
		s.used++
		d.typ = t
		return d
	}
	d, ok := s.byType[t]
	if !ok {
		if s.byType == nil {
			s.byType = make(map[reflect.Type]*structType)
		}
		d = &structType{typ: t}
		s.byType[t] = d
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
