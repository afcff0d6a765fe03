package jsonx

import "reflect"

// json v2 finds cycles that go through objects and arrays, by their depth. A ring of
// nothing but pointers and interfaces has none, and would overflow the stack, which
// ends the process. So values that json v2 writes and that can hold one are looked
// through before.

// longestChain is how many pointers and interfaces may follow each other.
const longestChain = 100

// hasRing reports whether v holds pointers and interfaces that lead to each other only.
func hasRing(v reflect.Value) bool {
	var s ringSearch
	return s.find(v, 0, 0)
}

// ringSearch walks through one value.
type ringSearch struct {
	tooDeep bool // json v2 looks for cycles from here on
}

// find looks into v, which is behind chain pointers and interfaces within depth
// objects and arrays.
func (s *ringSearch) find(v reflect.Value, chain, depth int) bool {
	if depth > handOverDepth {
		s.tooDeep = true
	}
	if s.tooDeep || !v.IsValid() || !mayHold(v.Type()) {
		return false
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && (chain == longestChain || s.find(v.Elem(), chain+1, depth))
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); (f.IsExported() || f.Anonymous) && s.find(v.Field(i), 0, depth+1) {
				return true
			}
		}
	case reflect.Map:
		if !mayHold(v.Type().Elem()) {
			return false
		}
		for entries := v.MapRange(); entries.Next(); {
			if s.find(entries.Value(), 0, depth+1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		if !mayHold(v.Type().Elem()) {
			return false
		}
		for i := range v.Len() {
			if s.find(v.Index(i), 0, depth+1) {
				return true
			}
		}
	}
	return false
}

// mayHold reports whether json v2 looks for other values inside those of t.
func mayHold(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return !implements(t, marshalerTypes...)
	}
	return false
}
