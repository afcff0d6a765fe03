package validate

import "reflect"

// warnBinding tells once of every binding tag that t reaches. gin reads its rules there,
// so a type that comes from gin looks as if it had rules, and has none.
func (v *Validator) warnBinding(t reflect.Type, seen *typeSet) {
	t = innermost(t)
	if t.Kind() != reflect.Struct || isTime(t) || !seen.add(t) {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		_, binding := f.Tag.Lookup("binding")
		if _, rules := f.Tag.Lookup(v.tagName); binding && !rules {
			v.warn(site{field: f, parent: t}, "a binding tag is not read; write its rules in a "+v.tagName+
				" tag, or set validate.Options.TagName")
		}
		v.warnBinding(f.Type, seen)
	}
}
