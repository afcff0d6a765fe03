package validate

import (
	"reflect"

	"github.com/go-playground/validator/v10"
)

// compile prepares the fast path: field by field for a struct, as a whole for a slice
// or a map.
func (c *Checker) compile() {
	p := &planner{validator: c.validator, structs: make(map[reflect.Type]*structPlan)}
	if c.typ.Kind() != reflect.Struct || isTime(c.typ) {
		if l, covered := p.levelOf(c.typ, elements(c.typ)); covered {
			c.plan = l
			c.ruled = l != nil
		}
		return
	}
	plan := p.structOf(c.typ)
	if len(plan.fields) == 0 {
		c.ruled = !plan.complete()
		return
	}
	c.split = &split{structPlan: plan, bits: make(map[string]int)}
	for i, f := range plan.fields {
		c.split.bits[c.name+c.typ.Field(f.index).Name] = i % 64
	}
}

// elements are the rules that make validator visit the structs inside a slice or map.
func elements(t reflect.Type) *Rules {
	switch t = deref(t); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return &Rules{All: []Rule{{Name: tagOmitEmpty}}, Elem: elements(t.Elem())}
	}
	return &Rules{}
}

// split is the plan of a root struct, whose fields go to validator one by one: those
// that the plan does not cover, and those that it does not vouch for. Validator sees
// the whole struct all the same, so that rules about other fields work. Below the root
// a field is covered entirely or not at all.
type split struct {
	*structPlan
	bits map[string]int // the bit of each covered field, by validator's namespace
}

// doubtful tests the covered fields and returns the bits of those that it does not
// vouch for. Beyond 64 fields several share a bit, which only makes doubt contagious.
func (s *split) doubtful(v reflect.Value) (bits uint64) {
	for i := range s.fields {
		if f := &s.fields[i]; !f.level.holds(v.Field(f.index)) {
			bits |= 1 << (i % 64)
		}
	}
	return bits
}

// rest makes validator skip the covered fields that are in no doubt.
func (s *split) rest(doubtful uint64) validator.FilterFunc {
	return func(path []byte) bool {
		bit, covered := s.bits[string(path)]
		return covered && doubtful&(1<<bit) == 0
	}
}
