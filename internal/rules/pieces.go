package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// piece is how many elements validator is given at once. It finds all failures before it
// tells one, so a value that holds more is split, until enough failures are found.
const piece = 250

// origin is where a piece comes from: in the namespaces of its failures, path takes the
// place of name, and first is added to the index that follows.
type origin struct {
	name, path string
	first      int
}

func (o origin) locate(namespace string) string {
	rest := strings.TrimPrefix(namespace, o.name)
	if o.first > 0 {
		digits, below, _ := strings.Cut(rest[1:], "]")
		i, _ := strconv.Atoi(digits)
		return o.path + "[" + strconv.Itoa(o.first+i) + "]" + below
	}
	if o.path != "" && rest != "" && rest[0] != '[' {
		return o.path + "." + rest
	}
	return o.path + rest
}

// frame is a struct that validator can be given, and what is judged of it.
type frame struct {
	ptr  any
	at   origin
	in   string // what the namespaces of the fields that are next begin with
	skip validator.FilterFunc
}

// prefixOf is what the namespaces of a struct begin with that validator is given.
func prefixOf(t reflect.Type) string {
	if t.Kind() != reflect.Struct || t.Name() == "" {
		return ""
	}
	return t.Name() + "."
}

// listsOf are the fields of a struct through which validator may come to lists.
func (v *Validator) listsOf(t reflect.Type) (fields []int) {
	_, _, present := presence.Of(t)
	for i := range t.NumField() {
		f := t.Field(i)
		visited := present || (f.IsExported() || f.Anonymous) && f.Tag.Get(v.tagName) != tagSkip
		if visited && mayHoldList(f.Type) {
			fields = append(fields, i)
		}
	}
	return fields
}

func (p *pieces) ask(at origin, v reflect.Value, tag []string) (refused bool, err error) {
	return p.tell(at, p.run(func() error { return p.engine.VarCtx(p.ctx, v.Interface(), strings.Join(tag, ",")) }))
}

// field judges one field of a frame.
func (p *pieces) field(f frame, v reflect.Value, field reflect.StructField) error {
	name := f.in + field.Name
	if !field.IsExported() && !field.Anonymous || f.skip != nil && f.skip([]byte(name)) {
		return nil
	}
	if rules, err := p.validator.RulesOf(field); err == nil && !rules.Skip && p.weigh(v, 0) > p.piece {
		below := f
		below.in = name + "."
		tag := strings.Split(field.Tag.Get(p.validator.tagName), ",")
		if done, err := p.split(v, rules, tag, f.at.locate(name), &below); done {
			return err
		}
	}
	skip := func(visited []byte) bool {
		return !isBelow(visited, name) && !isBelow(name, string(visited)) || f.skip != nil && f.skip(visited)
	}
	_, err := p.tell(f.at, p.run(func() error { return p.engine.StructFilteredCtx(p.ctx, f.ptr, skip) }))
	return err
}

// split judges a large value in pieces. It is not done where they might not fail as the
// whole does. f is for the fields of v; nil where v is no field itself.
func (p *pieces) split(whole reflect.Value, rules *Level, tag []string, path string, f *frame) (done bool, err error) {
	known, v := p.validator, judged(whole, true)
	if known.foreign || p.engine != known.engine || !v.IsValid() {
		return false, nil
	}
	switch t := v.Type(); t.Kind() {
	case reflect.Struct:
		present := func(r Rule) bool { return r.Name == "required" || strings.HasPrefix(r.Name, "omit") } // all that v keeps
		if f == nil && v.CanAddr() {
			f = &frame{v.Addr().Interface(), origin{name: prefixOf(t), path: path}, prefixOf(t), nil}
		}
		if f == nil || v.IsZero() || known.structs[t] != nil ||
			slices.ContainsFunc(rules.All, func(r Rule) bool { return !present(r) || known.registered(r.Name) }) {
			return false, nil
		}
		for i := 0; i < t.NumField() && err == nil && !p.out.Truncated; i++ {
			err = p.field(*f, v.Field(i), t.Field(i))
		}
		return true, err
	case reflect.Slice, reflect.Map:
		dive := slices.Index(tag, tagDive)
		beyond := func(r Rule) bool { return r.looksElsewhere() || known.registered(r.Name) }
		aliased := func(r Rule) bool { return r.Alias != "" } // which may hold another dive
		if dive != len(rules.All) || slices.ContainsFunc(rules.All, aliased) || rules.any(beyond) ||
			known.callsProgram(t, make(map[reflect.Type]bool)) {
			return false, nil
		}
		if dive > 0 {
			if refused, err := p.ask(origin{path: path}, whole, tag[:dive]); refused || err != nil {
				return true, err
			}
		}
		return true, p.elements(v, rules, tag[dive:], path)
	}
	return false, nil
}

// elements judges what a slice or a map holds, by what its tag says from dive on.
func (p *pieces) elements(v reflect.Value, rules *Level, tag []string, path string) (err error) {
	part, element, name, last := v.Slice, v.Index, strconv.Itoa, v.Len()
	if v.Kind() == reflect.Map { // validator has no order there either
		keys := v.MapKeys()
		name = func(i int) string { return fmt.Sprint(keys[i]) }
		element = func(i int) reflect.Value {
			copied := reflect.New(v.Type().Elem()).Elem()
			copied.Set(v.MapIndex(keys[i]))
			return copied
		}
		part = func(i, end int) reflect.Value {
			m := reflect.MakeMap(v.Type())
			for _, key := range keys[i:end] {
				m.SetMapIndex(key, v.MapIndex(key))
			}
			return m
		}
	}
	var end int
	for i := 0; i < last && err == nil && !p.out.Truncated; i = end {
		done := false
		if end = i + 1; p.weigh(element(i), 0) > p.piece && rules.Keys == nil {
			done, err = p.split(element(i), rules.Elem, tag[1:], path+"["+name(i)+"]", nil)
		}
		if done {
			continue
		}
		for n := p.weigh(element(i), 1); end < last; end++ {
			if n = p.weigh(element(end), n+1); n > p.piece {
				break
			}
		}
		at := origin{path: path}
		if v.Kind() == reflect.Slice {
			at.first = i
		}
		_, err = p.ask(at, part(i, end), tag)
	}
	return err
}

// callsProgram reports whether a value of t may be judged by a function that was registered:
// it may look at all that surrounds the value.
func (v *Validator) callsProgram(t reflect.Type, seen map[reflect.Type]bool) bool {
	t = innermost(t)
	_, _, present := presence.Of(t)
	switch {
	case len(v.custom)+len(v.structs) == 0 || seen[t]:
		return false
	case t.Kind() == reflect.Interface, isValuer(t) && !present, v.structs[t] != nil:
		return true
	case t.Kind() != reflect.Struct:
		return false
	}
	seen[t] = true
	for f := range t.Fields() {
		rules, err := v.RulesOf(f)
		if err != nil || rules.any(func(r Rule) bool { return v.registered(r.Name) }) || v.callsProgram(f.Type, seen) {
			return true
		}
	}
	return false
}
