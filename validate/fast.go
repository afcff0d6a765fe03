package validate

import "reflect"

// compile prepares the fast path. A root struct is split: what the plan covers is
// tested, and only the fields that it does not cover go to validator, which sees the
// whole struct all the same. Below the root a field is covered entirely or not at all.
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
	if plan.complete() {
		c.ruled = len(plan.fields) > 0
		c.plan = &level{below: plan.holds}
		return
	}
	if len(plan.fields) == 0 {
		return
	}
	c.plan = &level{below: plan.fieldsHold}
	covered := make(map[string]bool)
	for _, f := range plan.fields {
		covered[c.name+c.typ.Field(f.index).Name] = true
	}
	c.rest = func(path []byte) bool { return covered[string(path)] }
}

// elements are the rules that make validator visit the structs inside a slice or map.
func elements(t reflect.Type) *Rules {
	switch t = deref(t); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return &Rules{All: []Rule{{Name: tagOmitEmpty}}, Elem: elements(t.Elem())}
	}
	return &Rules{}
}
