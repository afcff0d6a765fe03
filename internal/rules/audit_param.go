package rules

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// param audits what follows '='. An empty problem means that it is in order.
func (a *auditor) param(s site, tag Tag, rule Rule) (fix, problem string) {
	t := deref(s.typ)
	switch tag.Param {
	case NoParam:
		if rule.HasParam {
			return "remove =" + rule.Param, tag.Name + " takes no parameter"
		}
	case NumberParam:
		if KindOf(t).Has(TimeKind) {
			if rule.HasParam {
				return "write " + tag.Name, tag.Name + " compares a time with now and ignores its parameter"
			}
			return "", ""
		}
		return numberParam(t, rule)
	case ValueParam:
		return valueParam(t, rule)
	case ListParam:
		return listParam(t, rule)
	case TextParam:
		if rule.Param == "" {
			return "write " + tag.Name + "=TEXT", "the parameter is empty"
		}
		if strings.HasSuffix(tag.Name, "rune") && utf8.RuneCountInString(rule.Param) != 1 {
			return "write one character", "only the first character of the parameter would count"
		}
	case FieldParam:
		return fieldParam(s, tag, rule)
	case FieldsParam:
		return fieldsParam(s, rule)
	case PairsParam:
		return pairsParam(s, rule)
	case LayoutParam:
		when := time.Date(2011, 11, 10, 21, 9, 8, 7, time.UTC)
		if when.Format(rule.Param) == rule.Param {
			return "write a layout such as datetime=2006-01-02", "the parameter is no layout of package time"
		}
	case CountryParam:
		if len(rule.Param) != 2 || strings.Trim(rule.Param, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return "write a code such as " + tag.Name + "=DE", "the parameter is no ISO 3166-1 alpha-2 code"
		}
	case MemberParam:
		return uniqueParam(t, rule)
	case MethodParam:
		return methodParam(t, rule)
	case SpiceParam:
		if !slices.Contains([]string{"", "id", "permission", "type"}, rule.Param) {
			return "write spicedb=id, spicedb=permission or spicedb=type", "spicedb panics on other parameters"
		}
	}
	return "", ""
}

func numberParam(t reflect.Type, rule Rule) (fix, problem string) {
	var err error
	fix = "write a number such as " + rule.Name + "=3"
	switch kind := KindOf(t); {
	case kind.Has(IntKind):
		_, err = parseInt(rule.Param, t)
		if t == reflect.TypeFor[time.Duration]() {
			fix = "write a duration such as " + rule.Name + "=1h30m"
		}
	case kind.Has(UintKind):
		_, err = strconv.ParseUint(rule.Param, 0, 64)
	case kind.Has(FloatKind):
		var f float64
		if f, err = parseFloat(rule.Param, t); err == nil && math.IsNaN(f) {
			return fix, "nothing compares with NaN"
		}
	default:
		_, err = strconv.ParseInt(rule.Param, 0, 64)
	}
	if err != nil {
		return fix, "the parameter is no number that fits " + kindWord(t)
	}
	return "", ""
}

func valueParam(t reflect.Type, rule Rule) (fix, problem string) {
	kind := KindOf(t)
	switch {
	case !rule.HasParam:
		return "write " + rule.Name + "=VALUE", "the value to compare with is missing"
	case kind.Has(StringKind):
		return "", ""
	case kind.Has(BoolKind):
		if _, err := strconv.ParseBool(rule.Param); err != nil {
			return "write true or false", "the parameter is no bool"
		}
		return "", ""
	}
	return numberParam(t, rule)
}

func listParam(t reflect.Type, rule Rule) (fix, problem string) {
	values := splitList(rule.Param)
	if len(values) == 0 {
		return "write " + rule.Name + "=A B 'C D'", "the list is empty"
	}
	zero := reflect.Zero(t)
	for _, value := range values {
		fits := true
		switch kind := KindOf(t); {
		case kind.Has(IntKind):
			n, err := strconv.ParseInt(value, 10, 64)
			fits = err == nil && strconv.FormatInt(n, 10) == value && !zero.OverflowInt(n)
		case kind.Has(UintKind):
			n, err := strconv.ParseUint(value, 10, 64)
			fits = err == nil && strconv.FormatUint(n, 10) == value && !zero.OverflowUint(n)
		}
		if !fits {
			return "write values of the type in plain decimal digits", fmt.Sprintf("%q is no %s in plain decimal digits", value, kindWord(t))
		}
	}
	return "", ""
}

func uniqueParam(t reflect.Type, rule Rule) (fix, problem string) {
	elem := t.Elem()
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem() // validator looks through one pointer
	}
	if rule.Param == "" {
		if !hashable(elem) {
			return "give the elements a type that Go can compare", "unique panics on elements that cannot be map keys"
		}
		return "", ""
	}
	if t.Kind() == reflect.Map {
		return "write unique", "on maps validator ignores the parameter"
	}
	if elem.Kind() != reflect.Struct {
		return "write unique", "the elements have no fields"
	}
	f, problem := fieldByName(elem, rule.Param)
	switch {
	case problem != "":
		return "name a field of the elements", problem
	case !f.IsExported():
		return "name an exported field", "unique panics on the unexported field " + rule.Param
	}
	if f.Type.Kind() == reflect.Pointer {
		f.Type = f.Type.Elem()
	}
	if !hashable(f.Type) {
		return "name a field that Go can compare", "unique panics on values that cannot be map keys"
	}
	return "", ""
}

// hashable reports whether every value of t can be a map key: comparing an interface
// compiles, but panics on the slice that a client puts into it.
func hashable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return false
	case reflect.Array:
		return hashable(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if !hashable(f.Type) {
				return false
			}
		}
	}
	return t.Comparable()
}

func methodParam(t reflect.Type, rule Rule) (fix, problem string) {
	name := rule.Param
	if name == "" {
		name = "Validate"
	}
	method, ok := reflect.PointerTo(t).MethodByName(name)
	if !ok {
		return "add func (T) " + name + "() error", "there is no method " + name
	}
	if method.Type.NumIn() != 1 || method.Type.NumOut() == 0 ||
		method.Type.Out(0).Kind() != reflect.Bool && method.Type.Out(0) != reflect.TypeFor[error]() {
		return "declare it as func (T) " + name + "() error", "the method " + name + " has other parameters or results"
	}
	return "", ""
}

// takesText reports whether a tag's parameter may hold a comma or a bar.
func takesText(tag Tag, t reflect.Type) bool {
	switch tag.Param {
	case ListParam, TextParam, LayoutParam:
		return true
	}
	return tag.Param == ValueParam && deref(t).Kind() == reflect.String
}

// fixUnknown says what to write for a tag that nobody knows. Behind a list or a text it may
// be what follows a comma in that: oneof=a,b and datetime=Mon, 02 Jan 2006 begin a tag b
// and a tag " 02 Jan 2006".
func fixUnknown(rule Rule, before string) string {
	near := guess(strings.TrimSpace(rule.Name), 2)
	if before == "" || rule.Param != "" && near != "" {
		return fixName(rule.Name)
	}
	fix := "write 0x2C for a comma and 0x7C for a | in the parameter of " + before
	if builtins[before].Param == ListParam {
		fix = "put blanks instead of commas between the values of " + before + ", and write 0x2C for a comma in a value"
	}
	if near != "" {
		fix += "; or write " + near
	}
	return fix
}

// fixName guesses what a tag's unknown name was meant to be.
func fixName(name string) string {
	if trimmed := strings.TrimSpace(name); trimmed != name {
		return "remove the blank, which validator takes as part of the name"
	}
	if best := guess(name, 3); best != "" {
		return "write " + best + ", or give Validator.Register a function for it"
	}
	return "give Validator.Register a function for it, or write one of validator's tags"
}

// guess is the built-in tag that is nearest to name, in fewer than least edits; "" is none.
func guess(name string, least int) string {
	best := ""
	for known := range builtins {
		if d := syntax.Distance(name, known); d < least || d == least && known < best {
			best, least = known, d
		}
	}
	return best
}

// fieldByName finds a field that a rule names. Go's FieldByName panics on the way
// through a nil embedded pointer, which a client makes by sending nothing for it.
func fieldByName(t reflect.Type, name string) (f reflect.StructField, problem string) {
	f, ok := t.FieldByName(name)
	if !ok {
		return f, fmt.Sprintf("there is no field %q", name)
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

const (
	fixField = "name a field of the same struct"
	fixSelf  = "name another field"
	itself   = "it names the field itself"
)

func fieldParam(s site, tag Tag, rule Rule) (fix, problem string) {
	if rule.Param == "" {
		return fixField, "it names no field"
	}
	if rule.Param == s.field.Name {
		return fixSelf, itself
	}
	other, problem := follow(s.parent, rule.Param)
	if problem != "" {
		return fixField, problem
	}
	mine, others := deref(s.typ), deref(other)
	if tag.Name == "postcode_iso3166_alpha2_field" {
		if other.Kind() != reflect.String {
			return "name a field of type string", "validator panics unless the other field is a string"
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
		if name == s.field.Name {
			return fixSelf, itself
		}
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
		if name == s.field.Name {
			return fixSelf, itself
		}
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
