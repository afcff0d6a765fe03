package validate

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
func elements(t reflect.Type) *Rules {
	switch t = deref(t); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return &Rules{All: []Rule{{Name: tagOmitEmpty}}, Elem: elements(t.Elem())}
	}
	return &Rules{}
}

// doubtful tests the covered fields of a root struct and returns the bits of those that
// the plan does not vouch for. Beyond 64 fields several share a bit, which only makes doubt
// contagious. Below the root a field is covered entirely or not at all.
func (p *structPlan) doubtful(v reflect.Value) (bits uint64) {
	for i := range p.fields {
		if f := &p.fields[i]; !f.level.holds(v.Field(f.index)) {
			bits |= 1 << (i % 64)
		}
	}
	return bits
}

// inDoubt is what only values in doubt need. It is made for the first of them: most
// types never meet one, and nothing in it can fail.
type inDoubt struct {
	name    string         // the prefix of validator's namespaces
	members memberTable    // the names of the fields that failures may be about
	bits    map[string]int // of the fields that the plan of the root covers, by validator's namespace
	known   failureCache
}

func (c *Checker) inDoubt() *inDoubt {
	if d := c.doubt.Load(); d != nil {
		return d
	}
	v := c.validator
	d := &inDoubt{members: make(memberTable), known: failureCache{off: !v.own || len(v.structs) > 0}}
	if root := deref(c.typ); root.Kind() == reflect.Struct && root.Name() != "" {
		d.name = root.Name() + "."
	}
	d.members.collect(c.typ)
	if c.split != nil {
		d.bits = make(map[string]int, len(c.split.fields))
		for i, f := range c.split.fields {
			d.bits[d.name+c.typ.Field(f.index).Name] = i % 64
		}
	}
	if !c.doubt.CompareAndSwap(nil, d) {
		return c.doubt.Load() // that of another request at the same time
	}
	return d
}

// rest makes validator skip the covered fields that are in no doubt. It sees the whole
// struct all the same, so that rules about other fields work.
func (c *Checker) rest(doubtful uint64) validator.FilterFunc {
	bits := c.inDoubt().bits
	return func(path []byte) bool {
		bit, covered := bits[string(path)]
		return covered && doubtful&(1<<bit) == 0
	}
}
