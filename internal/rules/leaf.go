package rules

import "reflect"

// leaf is the type and the tag of a field that holds no struct and no interface: what
// its rules mean does not depend on where it stands. The same few pairs stand on
// most fields of a program, so each is audited and compiled once for a Validator.
type leaf struct {
	typ reflect.Type
	tag string
}

// leafRules is what became of a leaf.
type leafRules struct {
	sound   bool       // the audit has nothing to say of it; else it is audited field by field
	level   *levelPlan // of a sound leaf, as levelOf returns it
	covered bool
}

// leafOf returns what is known of a field's type and tag, nil for what is no leaf. The
// caller holds v.mu.
func (v *Validator) leafOf(t reflect.Type, tag string) *leafRules {
	if !isLeaf(t) {
		return nil
	}
	key := leaf{t, tag}
	if known, ok := v.leaves[key]; ok {
		return known
	}
	l := &leafRules{}
	v.leaves[key] = l
	rules, bad := v.rules(tag)
	if bad != nil || v.foreign || rules.Skip || looksAround(rules, isScalar(t) && t.Kind() != reflect.String) {
		return l
	}
	a := auditor{validator: v}
	a.level(site{field: reflect.StructField{Type: t}, typ: t}, rules)
	if l.sound = len(a.faults) == 0; l.sound {
		l.level, l.covered = (&planner{validator: v}).levelOf(t, rules)
	}
	return l
}

// planLeaves audits and compiles, in one pass, a struct whose fields are sound leaves. It
// reports false, and leaves nothing behind, for any other. The caller holds v.mu.
func (v *Validator) planLeaves(t reflect.Type) bool {
	plan := &structPlan{judged: v.structs[t], done: true}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get(v.tagName)
		if !f.IsExported() && !f.Anonymous && tag == "" {
			continue
		}
		l := v.leafOf(f.Type, tag)
		if l == nil || !l.sound || !f.IsExported() {
			return false
		}
		plan.add(i, t, l.level, l.covered)
	}
	v.plans[t] = plan
	return true
}

// isLeaf reports whether a type is a scalar, or pointers, slices, arrays and maps of one.
func isLeaf(t reflect.Type) bool {
	for range maxLevels {
		switch t.Kind() {
		case reflect.Map:
			if !isScalar(t.Key()) {
				return false
			}
		case reflect.Pointer, reflect.Slice, reflect.Array:
		default:
			return isScalar(t)
		}
		t = t.Elem()
	}
	return false
}

func isScalar(t reflect.Type) bool {
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
}

// looksAround reports whether the audit of rules asks for more than the field's type:
// for fields that they name, or, where required is worth a warning, for the field's own name.
func looksAround(rules *Level, warns bool) bool {
	if rules == nil {
		return false
	}
	return anyLooksAround(rules.All, warns) || looksAround(rules.Keys, warns) || looksAround(rules.Elem, warns)
}

func anyLooksAround(rules []Rule, warns bool) bool {
	for i := range rules {
		rule := &rules[i]
		switch builtins[rule.Name].Param {
		case FieldParam, FieldsParam, PairsParam:
			return true
		}
		if warns && rule.Name == "required" || anyLooksAround(rule.Any, warns) {
			return true
		}
	}
	return false
}
