package rules

import (
	"reflect"
	"sync"
)

// few is the number of elements up to which comparing each with each is quicker than
// a map, and allocates nothing.
const few = 32

// uniqueTest covers slices and arrays of scalars. Validator puts the elements into a
// map, so that two NaN are not the same, and 0 and -0 are: == says the same.
func uniqueTest(elem reflect.Type) (_ test, covered bool) {
	switch KindOf(elem) &^ StringerKind {
	case StringKind:
		return distinct(elem, reflect.Value.String)
	case IntKind:
		return distinct(elem, reflect.Value.Int)
	case UintKind:
		return distinct(elem, reflect.Value.Uint)
	case FloatKind:
		return distinct(elem, reflect.Value.Float)
	case BoolKind:
		return distinct(elem, reflect.Value.Bool)
	}
	return nil, false
}

func distinct[K comparable](elem reflect.Type, key func(reflect.Value) K) (_ test, covered bool) {
	if elem.Kind() == reflect.Pointer {
		return nil, false
	}
	pool := &sync.Pool{New: func() any { return make(map[K]struct{}) }}
	return func(v reflect.Value) bool {
		n := v.Len()
		if n > few {
			seen := pool.Get().(map[K]struct{})
			for i := range n {
				seen[key(v.Index(i))] = struct{}{}
			}
			all := len(seen) == n
			if clear(seen); n < 10_000 { // a larger one is not kept
				pool.Put(seen)
			}
			return all
		}
		for i := 1; i < n; i++ {
			k := key(v.Index(i))
			for j := range i {
				if key(v.Index(j)) == k {
					return false
				}
			}
		}
		return true
	}, true
}
