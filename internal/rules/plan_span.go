package rules

import (
	"math"
	"reflect"
)

// span is what rules about a size leave, both ends included.
type span struct {
	least, most int64
}

// spanOf is what a rule leaves, n being its parameter.
func spanOf(name string, n int64) (_ span, ok bool) {
	switch name {
	case "len":
		return span{n, n}, true
	case "min", "gte":
		return span{n, math.MaxInt64}, true
	case "max", "lte":
		return span{math.MinInt64, n}, true
	case "gt":
		return span{n + 1, math.MaxInt64}, n < math.MaxInt64
	case "lt":
		return span{math.MinInt64, n - 1}, n > math.MinInt64
	}
	return span{}, false
}

// narrow leaves what t leaves as well.
func (s *span) narrow(t span) { s.least, s.most = max(s.least, t.least), min(s.most, t.most) }

// holds tests a signed number.
func (s *span) holds(v reflect.Value) bool {
	n := v.Int()
	return s.least <= n && n <= s.most
}

// numbersOf is what a rule leaves of the values of a type; nil where that is no span of
// signed numbers.
func numbersOf(t reflect.Type, rule Rule) *span {
	if !KindOf(t).Has(IntKind) || len(rule.Any) > 0 {
		return nil
	}
	n, err := parseInt(rule.Param, t)
	if err != nil {
		return nil
	}
	name := rule.Name
	if name == "eq" { // of a text it is no size
		name = "len"
	}
	if s, ok := spanOf(name, n); ok {
		return &s
	}
	return nil
}

// addStep appends a rule of anything but a string. Neighbours that are spans of numbers
// become one.
func (l *levelPlan) addStep(s step, numbers *span) {
	switch {
	case numbers == nil || s.omit:
		l.steps, l.numbers = append(l.steps, s), nil
	case l.numbers != nil:
		l.numbers.narrow(*numbers)
	default:
		l.numbers = numbers
		l.steps = append(l.steps, step{test: numbers.holds})
	}
}
