package openapi

import "iter"

// Map is a JSON object whose members keep the order in which they were first set.
// The zero value is empty and ready to use.
type Map[V any] struct {
	names  []string
	values map[string]V
}

// Set adds a member, or replaces the value of one that is there, in its old place.
func (m *Map[V]) Set(name string, value V) {
	if _, ok := m.values[name]; !ok {
		m.names = append(m.names, name)
	}
	if m.values == nil {
		m.values = make(map[string]V)
	}
	m.values[name] = value
}

// Get returns a member's value, and whether there is one.
func (m Map[V]) Get(name string) (V, bool) {
	value, ok := m.values[name]
	return value, ok
}

// Len is the number of members.
func (m Map[V]) Len() int { return len(m.names) }

// All yields the members in order.
func (m Map[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range m.names {
			if !yield(name, m.values[name]) {
				return
			}
		}
	}
}

// MarshalJSON writes the members in order.
func (m Map[V]) MarshalJSON() ([]byte, error) { return marshal(m) }

func (m Map[V]) encode(e *encoder) {
	e.begin()
	for name, value := range m.All() {
		e.key(name)
		e.value(value)
	}
	e.end()
}
