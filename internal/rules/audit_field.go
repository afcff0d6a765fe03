package rules

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// fieldByName finds a field that a rule names. Go's FieldByName panics on the way
// through a nil embedded pointer, which a client makes by sending nothing for it.
func fieldByName(t reflect.Type, name string) (f reflect.StructField, problem string) {
	f, ok := t.FieldByName(name)
	if !ok {
		return f, fmt.Sprintf("there is no field %q beside it", name)
	}
	for i := 1; i < len(f.Index); i++ {
		if t.FieldByIndex(f.Index[:i]).Type.Kind() == reflect.Pointer {
			return f, fmt.Sprintf("the field %q lies behind an embedded pointer, and validator panics where that is nil", name)
		}
	}
	return f, ""
}

// follow finds the type at the end of a path such as Address.City or Items[0].Name.
func follow(t reflect.Type, path string) (_ reflect.Type, problem string) {
	for rest := path; rest != ""; {
		t = deref(t)
		if rest[0] == '[' {
			key, after, ok := strings.Cut(rest[1:], "]")
			switch {
			case !ok:
				return nil, fmt.Sprintf("%q lacks a closing bracket", path)
			case t.Kind() == reflect.Map && t.Key() == reflect.TypeFor[string]():
			case t.Kind() != reflect.Slice && t.Kind() != reflect.Array:
				return nil, fmt.Sprintf("%q has an index where there is nothing to index", path)
			default:
				if _, err := strconv.ParseUint(key, 10, 31); err != nil {
					return nil, fmt.Sprintf("%q has an index that is no number", path)
				}
			}
			t, rest = t.Elem(), strings.TrimPrefix(after, ".")
			continue
		}
		if t.Kind() != reflect.Struct || isTime(t) {
			return nil, fmt.Sprintf("%q does not lead to a field", path)
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		f, problem := fieldByName(t, rest[:end])
		if problem != "" {
			return nil, problem
		}
		t, rest = f.Type, strings.TrimPrefix(rest[end:], ".")
	}
	return t, ""
}

const fixField = "name a field of the same struct"

func fieldParam(s site, tag Tag, rule Rule) (fix, problem string) {
	if rule.Param == "" {
		return fixField, "it names no field"
	}
	other, problem := follow(s.parent, rule.Param)
	if problem != "" {
		return fixField, problem
	}
	mine, others := deref(s.typ), deref(other)
	if tag.Name == "postcode_iso3166_alpha2_field" {
		if other.Kind() != reflect.String {
			return "name a field of type string", "it panics unless the other field is a string"
		}
		return "", ""
	}
	if mine.Kind() != others.Kind() || isTime(mine) != isTime(others) {
		return "compare fields of one kind", fmt.Sprintf("%s cannot be compared with %s", kindWord(mine), kindWord(others))
	}
	return "", ""
}

func fieldsParam(s site, rule Rule) (fix, problem string) {
	names := splitList(rule.Param)
	if len(names) == 0 {
		return fixField, "it names no field"
	}
	for _, name := range names {
		if _, problem := follow(s.parent, name); problem != "" {
			return fixField, problem
		}
	}
	return "", ""
}

func pairsParam(s site, rule Rule) (fix, problem string) {
	words := splitList(rule.Param)
	if len(words) == 0 || len(words)%2 != 0 {
		return "write " + rule.Name + "=Field value Field value", "fields and values do not pair up"
	}
	seen := make(map[string]bool)
	for i := 0; i < len(words); i += 2 {
		name, value := words[i], words[i+1]
		if seen[name] {
			return "name each field once", "validator panics on a field named twice"
		}
		seen[name] = true
		t, problem := follow(s.parent, name)
		if problem != "" {
			return fixField, problem
		}
		if problem := equalable(deref(t), value); problem != "" {
			return "write a value that " + name + " can have", problem
		}
	}
	return "", ""
}

// equalable reports what keeps validator's requireCheckFieldValue from comparing a
// field of type t with a value.
func equalable(t reflect.Type, value string) (problem string) {
	var err error
	switch kind := KindOf(t); {
	case kind.Has(InterfaceKind):
		return "a client chooses what the interface holds, and validator panics on some of it"
	case kind.Has(TimeKind | StructKind | OtherKind):
		return kindWord(t) + " never equals a value in a tag"
	case kind.Has(IntKind):
		_, err = strconv.ParseInt(value, 0, 64)
	case kind.Has(UintKind):
		_, err = strconv.ParseUint(value, 0, 64)
	case kind.Has(FloatKind):
		_, err = parseFloat(value, t)
	case kind.Has(BoolKind):
		if value != "true" && value != "false" {
			return fmt.Sprintf("%q is neither true nor false", value)
		}
	case kind.Has(ArrayKind) || kind.Has(lengths) && value != "nil":
		_, err = strconv.ParseInt(value, 0, 64)
	}
	if err != nil {
		return fmt.Sprintf("%q is no value of kind %s", value, kindWord(t))
	}
	return ""
}

// nilPointer audits what follows a condition such as required_if on a pointer. Any other
// first rule refuses nil; after a condition that does not apply validator goes on, and
// hands the nil pointer itself to rules that refuse it, or panic.
func (a *auditor) nilPointer(s site, rules *Level) {
	for i, rule := range rules.All {
		alternatives := rule.Any
		if alternatives == nil {
			alternatives = []Rule{rule}
		}
		if i == 0 && !isCondition(alternatives[0]) {
			return
		}
		switch rule.Name {
		case tagOmitEmpty, tagOmitNil, tagOmitZero:
			return
		}
		for _, alt := range alternatives {
			if alt.Name != "required" && alt.Name != "isdefault" && !isCondition(alt) {
				a.afterCondition(s, rule.String(), rules.All[0].String())
				return
			}
		}
	}
	if rules.Elem != nil && len(rules.All) > 0 {
		a.afterCondition(s, tagDive, rules.All[0].String())
	}
}

func (a *auditor) afterCondition(s site, tag, condition string) {
	a.fault(s, tag, "put omitempty before it, as a rule of its own",
		"where %s lets a nil pointer pass, validator refuses it here or panics", condition)
}

// isCondition reports whether validator runs a rule even on a nil pointer.
func isCondition(rule Rule) bool {
	tag, ok := Builtin(rule.Name)
	return ok && (tag.Param == PairsParam || tag.Param == FieldsParam)
}
