package rules

import "reflect"

// ZeroFails reports whether the zero value of t breaks rules, if that follows from
// built-in rules which look at nothing else; known is false where only Required can tell.
//
// It is for callers with many types: validator remembers each type that it is asked
// about, and copies all that it remembers before it adds the next.
func (v *Validator) ZeroFails(t reflect.Type, rules *Level) (fails, known bool) {
	if v.foreign || isValuer(t) {
		return false, false
	}
	if rules.Skip {
		return false, true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		known = len(rules.All) > 0 && v.stopsAtNil(rules.All[0])
		return known && !nilHolds(rules), known
	case reflect.Struct, reflect.Array:
		return false, false // a time may be zero, and elements have rules of their own
	}
	// A nil slice or map has no elements that could be judged.
	l, known := (&planner{validator: v}).levelOf(t, &Level{All: rules.All})
	return known && l != nil && !l.holds(reflect.Zero(t)), known
}

// stopsAtNil reports whether a rule in the first place lets a nil pointer pass or
// refuses it, whatever other fields hold.
func (v *Validator) stopsAtNil(rule Rule) bool {
	tag, ok := builtins[rule.Name]
	looksElsewhere := tag.Param == PairsParam || tag.Param == FieldsParam || tag.Param == FieldParam
	return ok && !looksElsewhere && !v.registered(rule.Name)
}
