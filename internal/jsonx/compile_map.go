package jsonx

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// mapWriter compiles a map. Its members are sorted by name.
func (c *compiler) mapWriter(t reflect.Type) writer {
	name := keyName(t.Key())
	if name == nil {
		return c.library.write
	}
	element := c.writer(t.Elem())
	pool := &sync.Pool{New: func() any { return &mapScratch{typ: t} }}
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if depth++; depth > handOverDepth {
			return dst, errHandOver
		}
		if v.Len() == 0 {
			return append(dst, "{}"...), nil
		}
		s := pool.Get().(*mapScratch)
		s.load(v, name)
		dst, err := s.write(dst, element, depth)
		s.clear()
		pool.Put(s)
		return dst, err
	}
}

// keyName returns how to write a key of type t as a name, or nil if only json v2 knows.
func keyName(t reflect.Type) func(reflect.Value) string {
	if implements(t, marshalerTypes...) || t == durationType || t == numberType {
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		return reflect.Value.String
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) string { return strconv.FormatInt(v.Int(), 10) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(v reflect.Value) string { return strconv.FormatUint(v.Uint(), 10) }
	}
	return nil
}

// mapScratch holds a copy of one map's entries while they are sorted and written.
type mapScratch struct {
	typ     reflect.Type
	key     reflect.Value // one key
	values  reflect.Value // a slice of the elements
	members []mapMember
}

type mapMember struct {
	name string
	at   int // in values
}

// load copies the entries of m.
func (s *mapScratch) load(m reflect.Value, name func(reflect.Value) string) {
	n := m.Len()
	if !s.key.IsValid() {
		s.key = reflect.New(s.typ.Key()).Elem()
	}
	if !s.values.IsValid() || s.values.Len() < n {
		s.values = reflect.MakeSlice(reflect.SliceOf(s.typ.Elem()), max(n, 8), max(n, 8))
	}
	s.members = s.members[:0]
	// At most n, should the map grow meanwhile.
	for i, entries := 0, m.MapRange(); i < n && entries.Next(); i++ {
		s.key.SetIterKey(entries)
		s.values.Index(i).SetIterValue(entries)
		s.members = append(s.members, mapMember{name(s.key), i})
	}
	slices.SortFunc(s.members, func(a, b mapMember) int { return strings.Compare(a.name, b.name) })
}

// write appends the loaded entries as an object.
func (s *mapScratch) write(dst []byte, element *writer, depth int) ([]byte, error) {
	dst = append(dst, '{')
	for i, m := range s.members {
		if !utf8.ValidString(m.name) {
			return dst, errHandOver // two such names may become the same one
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, m.name), ':')
		var err error
		if dst, err = (*element)(dst, s.values.Index(m.at), depth); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// largestScratch is how many entries a scratch may hold on to.
const largestScratch = 1024

// clear forgets the entries, so that a pooled scratch keeps nothing alive.
func (s *mapScratch) clear() {
	s.key.SetZero()
	clear(s.members)
	if s.values.Len() > largestScratch {
		s.values, s.members = reflect.Value{}, nil
		return
	}
	s.values.Clear()
}
