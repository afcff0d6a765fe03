package openapi

import (
	"iter"
	"slices"
)

// Map is a JSON object whose members keep the order in which they were first set.
// The zero value is empty and ready to use. Copies share their members as copies of a
// slice do: once there are two, neither may be set.
type Map[V any] struct {
	entries []entry[V]
	places  map[string]int // in entries; nil while there are few, which are searched faster
}

type entry[V any] struct {
	name  string
	value V
}

// few is how many members a Map searches one by one.
const few = 8

// Set adds a member, or replaces the value of one that is there, in its old place.
func (m *Map[V]) Set(name string, value V) {
	if i := m.place(name); i >= 0 {
		m.entries[i].value = value
		return
	}
	m.entries = append(m.entries, entry[V]{name, value})
	switch n := len(m.entries); {
	case m.places != nil:
		m.places[name] = n - 1
	case n > few:
		m.places = make(map[string]int, 2*n)
		for i := range m.entries {
			m.places[m.entries[i].name] = i
		}
	}
}

// Grow makes room for n more members.
func (m *Map[V]) Grow(n int) { m.entries = slices.Grow(m.entries, n) }

// place is the index of a member, -1 if there is none.
func (m *Map[V]) place(name string) int {
	if m.places != nil {
		if i, ok := m.places[name]; ok {
			return i
		}
		return -1
	}
	for i := range m.entries {
		if m.entries[i].name == name {
			return i
		}
	}
	return -1
}

// Get returns a member's value, and whether there is one.
func (m Map[V]) Get(name string) (value V, ok bool) {
	if i := m.place(name); i >= 0 {
		return m.entries[i].value, true
	}
	return value, false
}

// Len is the number of members.
func (m Map[V]) Len() int { return len(m.entries) }

// All yields the members in order.
func (m Map[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for i := range m.entries {
			if !yield(m.entries[i].name, m.entries[i].value) {
				return
			}
		}
	}
}

// MarshalJSON writes the members in order.
func (m Map[V]) MarshalJSON() ([]byte, error) { return marshal(m) }

func (m Map[V]) encode(e *encoder) {
	e.begin()
	for i := range m.entries {
		e.key(m.entries[i].name)
		e.value(m.entries[i].value)
	}
	e.end()
}
