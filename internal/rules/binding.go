package rules

import (
	"reflect"
	"strings"
)

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
		if strings.Contains(string(f.Tag), "binding") { // else there is nothing to look up, as mostly
			v.warnBindingOf(site{field: f, parent: t})
		}
		v.warnBinding(f.Type, seen)
	}
}

func (v *Validator) warnBindingOf(s site) {
	_, binding := s.field.Tag.Lookup("binding")
	if _, rules := s.field.Tag.Lookup(v.tagName); binding && !rules {
		v.warn(s, "a binding tag is not read; write its rules in a "+v.tagName+" tag, or set validate.Options.TagName")
	}
}
