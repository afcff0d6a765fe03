package rules

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// A tag in a generic type has to fit every type argument: in struct{ Data T } dive fits a
// slice and nothing else, and without it validator skips the elements. So a field of a
// generic type needs no dive: what its slices and maps hold is visited all the same.

// Implied adds to the rules of field f of struct t the dive that a generic type implies.
func (v *Validator) Implied(t reflect.Type, f reflect.StructField, rules *Level) *Level {
	if rules.Skip || rules.Elem != nil || v.foreign || !f.IsExported() || !isGeneric(t) {
		return rules
	}
	list := deref(f.Type)
	switch list.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
	default:
		return rules
	}
	if isValuer(f.Type) || !v.hasRules(innermost(list)) {
		return rules
	}
	implied := *rules
	implied.Elem = elements(list.Elem())
	return &implied
}

// isGeneric reports whether a type is an instance of a generic one.
func isGeneric(t reflect.Type) bool { return strings.Contains(t.Name(), "[") }

// fieldRules are the rules of a field of struct t. The caller holds v.mu.
func (v *Validator) fieldRules(t reflect.Type, f *ruledField) (*Level, *badTag) {
	rules, bad := v.rules(f.tag)
	if bad != nil {
		return nil, bad
	}
	implied := v.Implied(t, f.StructField, rules)
	v.generic = v.generic || implied != rules
	return implied, nil
}

// engineFor is the engine that judges values of t. Where a generic type in it implies dive,
// functions for these structs judge the elements, in another engine: adding them to
// the shared one would race with the requests that it serves. The caller holds v.mu.
func (v *Validator) engineFor(t reflect.Type) *validator.Validate {
	if !v.generic {
		return v.engine
	}
	implied := make(map[reflect.Type][]reflect.StructField)
	v.findImplied(t, implied, make(map[reflect.Type]bool))
	if len(implied) == 0 {
		return v.engine
	}
	engine := v.newEngine()
	for typ, fields := range implied {
		engine.RegisterStructValidationCtx(diveInto(fields, v.structs[typ]), reflect.Zero(typ).Interface())
	}
	return engine
}

// findImplied gathers the fields of all structs that t reaches that imply dive.
func (v *Validator) findImplied(t reflect.Type, implied map[reflect.Type][]reflect.StructField, seen map[reflect.Type]bool) {
	t = innermost(t)
	if isValuer(t) {
		if t = valueType(t); t == nil {
			return
		}
		t = innermost(t)
	}
	if t.Kind() != reflect.Struct || isTime(t) || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if rules, bad := v.rules(f.Tag.Get(v.tagName)); bad == nil && v.Implied(t, f, rules) != rules {
			implied[t] = append(implied[t], f)
		}
		v.findImplied(f.Type, implied, seen)
	}
}

// diveInto judges what the fields hold, after what the program registered for the struct.
func diveInto(fields []reflect.StructField, registered validator.StructLevelFuncCtx) validator.StructLevelFuncCtx {
	return func(ctx context.Context, sl validator.StructLevel) {
		if registered != nil {
			registered(ctx, sl)
		}
		for _, f := range fields {
			err := sl.Validator().VarCtx(ctx, sl.Current().FieldByIndex(f.Index).Interface(), divePath(f.Type))
			if found, ok := errors.AsType[validator.ValidationErrors](err); ok {
				sl.ReportValidationErrors(f.Name, f.Name, found)
			}
		}
	}
}
