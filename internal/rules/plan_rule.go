package rules

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"
)

// stepOf compiles one rule for a value of type t, which is no pointer. pointed tells
// that a pointer led to it: then validator counts even a zero value as present. A step
// without a test has nothing to do.
func (p *planner) stepOf(t reflect.Type, rule Rule, pointed bool) (_ step, covered bool) {
	switch rule.Name {
	case tagOmitEmpty:
		return step{omit: true, test: emptyTest(t, pointed)}, true
	case tagOmitZero:
		return step{omit: true, test: zeroTest(t)}, true
	case tagOmitNil:
		return step{omit: true, test: nilTest(t)}, true
	case tagStructOnly, tagNoStructLevel:
		return step{}, false
	}
	test, ok := p.testOf(t, rule, pointed)
	return step{test: test}, ok
}

func nilTest(t reflect.Type) test {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		return reflect.Value.IsNil
	}
	return nil
}

// emptyTest is the opposite of validator's hasValue; nil where it never holds.
func emptyTest(t reflect.Type, pointed bool) test {
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return reflect.Value.IsNil
	default:
		if !pointed {
			return reflect.Value.IsZero
		}
	}
	return nil
}

// zeroTest is the opposite of validator's hasNotZeroValue.
func zeroTest(t reflect.Type) test {
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return func(v reflect.Value) bool { return v.Len() == 0 }
	}
	return reflect.Value.IsZero
}

func never(reflect.Value) bool { return false }

// testOf compiles a rule that judges. A nil test always holds.
func (p *planner) testOf(t reflect.Type, rule Rule, pointed bool) (_ test, covered bool) {
	if len(rule.Any) > 0 {
		return p.anyOf(t, rule.Any, pointed)
	}
	if p.validator.registered(rule.Name) {
		return nil, false
	}
	switch rule.Name {
	case "required", "isdefault":
		empty := emptyTest(t, pointed)
		if t.Kind() == reflect.Chan || t.Kind() == reflect.Func {
			return nil, false
		}
		switch {
		case rule.Name == "required" && empty == nil:
			return nil, true
		case rule.Name == "required":
			return func(v reflect.Value) bool { return !empty(v) }, true
		case empty == nil:
			return never, true
		}
		return empty, true
	}
	switch kind := KindOf(t); {
	case kind.Has(IntKind):
		return intTest(t, rule)
	case kind.Has(UintKind):
		return uintTest(t, rule)
	case kind.Has(FloatKind):
		return floatTest(t, rule)
	case kind.Has(BoolKind):
		return boolTest(rule)
	case kind.Has(lengths):
		return sizeTest(t, rule)
	}
	return nil, false
}

// anyOf compiles alternatives: all must be covered, as one that is not might hold.
func (p *planner) anyOf(t reflect.Type, rules []Rule, pointed bool) (_ test, covered bool) {
	var tests []test
	for _, rule := range rules {
		test, ok := p.testOf(t, rule, pointed)
		if !ok {
			return nil, false
		}
		if test == nil {
			return nil, true
		}
		tests = append(tests, test)
	}
	return func(v reflect.Value) bool {
		for _, test := range tests {
			if test(v) {
				return true
			}
		}
		return false
	}, true
}

// comparison is one of len, eq, ne, min, gte, max, lte, gt, lt against a bound, of numbers
// that [bounds] is not for.
func comparison[N uint64 | float64](name string, bound N) func(N) bool {
	switch name {
	case "len", "eq":
		return func(n N) bool { return n == bound }
	case "ne":
		return func(n N) bool { return n != bound }
	case "min", "gte":
		return func(n N) bool { return n >= bound }
	case "max", "lte":
		return func(n N) bool { return n <= bound }
	case "gt":
		return func(n N) bool { return n > bound }
	case "lt":
		return func(n N) bool { return n < bound }
	}
	return nil
}

// bounds is what a rule about a size or a whole number leaves, both ends included, n being
// its parameter.
func bounds(name string, n int64) (least, most int64, ok bool) {
	switch name {
	case "len", "eq":
		return n, n, true
	case "min", "gte":
		return n, math.MaxInt64, true
	case "max", "lte":
		return math.MinInt64, n, true
	case "gt":
		return n + 1, math.MaxInt64, n < math.MaxInt64
	case "lt":
		return math.MinInt64, n - 1, n > math.MinInt64
	}
	return 0, 0, false
}

// lengthTest bounds the number of characters. It counts them only where the bytes do not
// tell: n bytes are at most n characters, and at least a quarter of n.
func lengthTest(least, most int64) func(string) bool {
	return func(s string) bool {
		n := int64(len(s))
		if n < least {
			return false
		}
		if n <= most && (least <= 1 || (n+3)/4 >= least) {
			return true
		}
		n = int64(utf8.RuneCountInString(s))
		return n >= least && n <= most
	}
}

// listed compiles oneof and noneof for whole numbers. Validator compares texts, so one that
// is not written as its number is left to it.
func listed[N int64 | uint64](rule Rule, parse func(string, int, int) (N, error), value func(reflect.Value) N) (_ test, covered bool) {
	var list []N
	for _, text := range splitList(rule.Param) {
		n, err := parse(text, 10, 64)
		if err != nil || fmt.Sprint(n) != text {
			return nil, false
		}
		list = append(list, n)
	}
	wanted := rule.Name == "oneof"
	return func(v reflect.Value) bool { return slices.Contains(list, value(v)) == wanted }, true
}

func intTest(t reflect.Type, rule Rule) (_ test, covered bool) {
	switch rule.Name {
	case "numeric", "number":
		return nil, true
	case "port":
		return func(v reflect.Value) bool { return v.Int() >= 1 && v.Int() <= math.MaxUint16 }, true
	case "oneof", "noneof":
		return listed(rule, strconv.ParseInt, reflect.Value.Int)
	}
	bound, err := parseInt(rule.Param, t)
	if rule.Name == "ne" {
		return func(v reflect.Value) bool { return v.Int() != bound }, err == nil
	}
	least, most, ok := bounds(rule.Name, bound)
	return func(v reflect.Value) bool { n := v.Int(); return n >= least && n <= most }, ok && err == nil
}

func uintTest(_ reflect.Type, rule Rule) (_ test, covered bool) {
	switch rule.Name {
	case "numeric", "number":
		return nil, true
	case "port":
		return func(v reflect.Value) bool { return v.Uint() >= 1 && v.Uint() <= math.MaxUint16 }, true
	case "oneof", "noneof":
		return listed(rule, strconv.ParseUint, reflect.Value.Uint)
	}
	bound, err := strconv.ParseUint(rule.Param, 0, 64)
	compare := comparison(rule.Name, bound)
	if err != nil || compare == nil {
		return nil, false
	}
	return func(v reflect.Value) bool { return compare(v.Uint()) }, true
}

func floatTest(t reflect.Type, rule Rule) (_ test, covered bool) {
	if rule.Name == "numeric" || rule.Name == "number" {
		return nil, true
	}
	bound, err := parseFloat(rule.Param, t)
	compare := comparison(rule.Name, bound)
	if err != nil || compare == nil {
		return nil, false
	}
	return func(v reflect.Value) bool { return compare(v.Float()) }, true
}

func boolTest(rule Rule) (_ test, covered bool) {
	switch rule.Name {
	case "boolean":
		return nil, true
	case "eq", "ne":
		bound, err := strconv.ParseBool(rule.Param)
		if err != nil {
			return nil, false
		}
		wanted := bound == (rule.Name == "eq")
		return func(v reflect.Value) bool { return v.Bool() == wanted }, true
	}
	return nil, false
}

// sizeTest covers slices, arrays and maps.
func sizeTest(t reflect.Type, rule Rule) (_ test, covered bool) {
	if rule.Name == "unique" {
		if rule.Param != "" || t.Kind() == reflect.Map {
			return nil, false
		}
		return uniqueTest(t.Elem())
	}
	bound, err := strconv.ParseInt(rule.Param, 0, 64)
	if rule.Name == "ne" {
		return func(v reflect.Value) bool { return int64(v.Len()) != bound }, err == nil
	}
	least, most, ok := bounds(rule.Name, bound)
	return func(v reflect.Value) bool { n := int64(v.Len()); return n >= least && n <= most }, ok && err == nil
}

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
