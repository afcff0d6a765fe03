package rules

import "reflect"

// JudgedBeyond reports whether more than tags judge the values of t: a Validate method, or a
// function of RegisterStruct.
func (v *Validator) JudgedBeyond(t reflect.Type) bool {
	if t.Kind() == reflect.Interface {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.structs[t] != nil || reflect.PointerTo(t).Implements(reflect.TypeFor[SelfChecker]())
}
