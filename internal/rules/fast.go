package rules

import (
	"maps"
	"reflect"

	"github.com/go-playground/validator/v10"
)

// compile prepares the fast path: field by field for a struct, as a whole for a slice
// or a map.
func (c *Checker) compile() {
	p := &planner{validator: c.validator}
	if c.typ.Kind() != reflect.Struct || isTime(c.typ) {
		if l, covered := p.levelOf(c.typ, elements(c.typ)); covered {
			c.plan = l
			c.ruled = l != nil
		}
	} else if plan := p.structOf(c.typ); len(plan.fields) > 0 {
		c.split = plan
	} else {
		c.ruled = !plan.complete()
	}
	maps.Copy(c.validator.plans, p.structs) // once all of them are whole
}

// elements are the rules that make validator visit the structs inside a slice or map.
func elements(t reflect.Type) *Level {
	switch t = deref(t); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return &Level{All: []Rule{{Name: tagOmitEmpty}}, Elem: elements(t.Elem())}
	}
	return &Level{}
}

// undecided tests the covered fields of a root struct and returns the bits of those that
// the plan does not vouch for. Beyond 64 fields several share a bit: then validator looks
// at some that are in order as well. Below the root a field is covered entirely or not at
// all.
func (p *structPlan) undecided(v reflect.Value) (bits uint64) {
	for i := range p.fields {
		if f := &p.fields[i]; !f.level.holds(v.Field(f.index)) {
			bits |= 1 << (i % 64)
		}
	}
	return bits
}

// slowPath is what values need that validator has to judge. It is made for the first of
// them, as most types never meet one.
type slowPath struct {
	name    string         // the prefix of validator's namespaces
	members memberTable    // the names of the fields that failures may be about
	bits    map[string]int // of the fields that the plan of the root covers, by validator's namespace
	known   failureCache
}

func (c *Checker) slow() *slowPath {
	c.slowOnce.Do(func() {
		s, v := &c.slowState, c.validator
		s.known.off = v.foreign || len(v.structs) > 0
		if root := deref(c.typ); root.Kind() == reflect.Struct && root.Name() != "" {
			s.name = root.Name() + "."
		}
		s.members = make(memberTable)
		s.members.collect(c.typ)
		if c.split != nil {
			s.bits = make(map[string]int, len(c.split.fields))
			for i, f := range c.split.fields {
				s.bits[s.name+c.typ.Field(f.index).Name] = i % 64
			}
		}
	})
	return &c.slowState
}

// rest makes validator skip the covered fields that the plan vouches for. It sees the
// whole struct all the same, so that rules about other fields work.
func (c *Checker) rest(undecided uint64) validator.FilterFunc {
	bits := c.slow().bits
	return func(path []byte) bool {
		bit, covered := bits[string(path)]
		return covered && undecided&(1<<bit) == 0
	}
}
