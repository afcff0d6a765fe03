package rules

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// auditor looks for mistakes in the tags of everything that a type reaches. Trying the
// rules on a zero value would not find them: omitempty,min=abc passes there.
type auditor struct {
	validator *Validator
	structs   ruledStructs
	faults    []fault.Fault
}

// ruledStructs are the structs that one Compile meets. Its steps walk through them one
// after the other, and each field is read once.
type ruledStructs map[reflect.Type]*ruledStruct

type ruledStruct struct {
	fields  []ruledField
	audited bool        // the auditor has met it
	warned  bool        // warnForeign has met it
	plan    *structPlan // nil: it is not compiled
}

// ruledField is a field and the tag of its rules.
type ruledField struct {
	reflect.StructField
	tag    string
	tagged bool
	plan   *leafPlan // of a leaf that was in order elsewhere; nil: the field is none
	// unruled is set where the rules of the field's type do not count: an auth field holds
	// who is asking, which is no part of what was sent.
	unruled bool
}

// of reads struct t.
func (s ruledStructs) of(t reflect.Type, tagName string) *ruledStruct {
	read, ok := s[t]
	if !ok {
		read = &ruledStruct{fields: make([]ruledField, t.NumField())}
		for i := range read.fields {
			f := &read.fields[i]
			f.StructField = t.Field(i)
			f.tag, f.tagged = syntax.LookupTag(f.Tag, tagName)
			f.unruled = hasNoRules(&f.StructField)
		}
		s[t] = read
	}
	return read
}

// site is a field, or a level below it, whose rules are being audited.
type site struct {
	path   string
	field  reflect.StructField
	parent reflect.Type // the struct that declares the field; rules about other fields start there
	typ    reflect.Type // of this level
	list   string       // the tag with a list or a text as its parameter that stands before the rule
}

func (a *auditor) fault(s site, tag, fix, problem string, args ...any) {
	problem = fmt.Sprintf(problem, args...)
	if tag != "" {
		problem = "tag " + tag + ": " + problem
	}
	a.faults = append(a.faults, fault.Fault{Field: s.path, Problem: problem, Fix: fix})
}

// fields audits a struct, once. One that has a plan was found to be in order before.
func (a *auditor) fields(t reflect.Type, path string) {
	if t.Kind() != reflect.Struct || isTime(t) || a.validator.plans[t] != nil {
		return
	}
	read := a.structs.of(t, a.validator.tagName)
	if read.audited {
		return
	}
	read.audited = true
	for i := range read.fields {
		f := &read.fields[i]
		if f.unruled {
			continue
		}
		if f.plan = a.validator.leaves[leaf{f.Type, f.tag}]; f.plan != nil && f.IsExported() {
			continue
		}
		s := site{path: path + f.Name, field: f.StructField, parent: t, typ: f.Type}
		rules, bad := a.validator.fieldRules(t, f)
		switch {
		case bad != nil:
			a.fault(s, f.tag, bad.fix, "%s", bad.problem)
		case rules.Skip:
		case !f.IsExported() && (!f.Anonymous || deref(f.Type).Kind() != reflect.Struct):
			if f.tag != "" {
				a.fault(s, f.tag, "export the field or remove the tag", "validator never looks at unexported fields")
			}
		default:
			a.level(s, rules)
		}
	}
}

// level audits the rules up to dive, then what dive leads to.
func (a *auditor) level(s site, rules *Level) {
	if isValuer(s.typ) {
		inner := valueType(s.typ)
		if inner == nil { // any type: then only the names of the rules can be wrong
			for _, rule := range rules.All {
				a.rule(s, rule)
			}
			return
		}
		if s.typ.Kind() == reflect.Pointer {
			inner = reflect.PointerTo(inner)
		}
		s.typ = inner
	}
	t := deref(s.typ)
	before := len(a.faults)
	closed := "" // the word after which validator stops
	for _, rule := range rules.All {
		if closed != "" {
			a.fault(s, rule.String(), "put it before "+closed, "nothing after %s is run", closed)
		}
		a.rule(s, rule)
		if tag, ok := Builtin(rule.Name); ok {
			s.list = ""
			if takesText(tag, s.typ) {
				s.list = rule.Name
			}
		}
		if rule.Name == tagStructOnly || rule.Name == tagNoStructLevel {
			closed = rule.Name
		}
	}
	if s.typ.Kind() == reflect.Pointer {
		a.nilPointer(s, rules)
	}
	if len(a.faults) == before {
		a.effects(s, rules)
	}
	if closed == tagNoStructLevel && a.validator.hasRules(t) {
		a.fault(s, closed, "remove it, or write structonly if the fields should not be checked",
			"validator v10 checks none of the fields inside")
	}
	if rules.Elem != nil {
		a.dive(s, rules)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		if closed == "" {
			a.fields(t, s.path+".")
		}
	case reflect.Slice, reflect.Array, reflect.Map:
		if a.validator.hasRules(innermost(t)) {
			a.fault(s, "", "add dive to its validate tag, once for each level, or tag it \"-\"",
				"the elements have rules, and without dive validator skips them silently")
		}
	}
}

func (a *auditor) dive(s site, rules *Level) {
	t := deref(s.typ)
	elem := s
	switch t.Kind() {
	case reflect.Map:
		if rules.Keys != nil {
			keys := s
			keys.typ = t.Key()
			a.level(keys, rules.Keys)
		}
	case reflect.Slice, reflect.Array:
		if rules.Keys != nil {
			a.fault(s, tagKeys, "remove keys,…,endkeys", "only maps have keys")
		}
	default:
		a.fault(s, tagDive, "remove dive, or make the field a slice or a map", "dive panics on %s", kindWord(t))
		return
	}
	elem.typ = t.Elem()
	a.level(elem, rules.Elem)
}

// rule audits one rule on the level's type.
func (a *auditor) rule(s site, rule Rule) {
	for _, alt := range rule.Any {
		alt.Alias = rule.Alias
		a.rule(s, alt)
		if tag, ok := Builtin(alt.Name); ok && takesText(tag, s.typ) {
			s.list = alt.Name
		}
	}
	if len(rule.Any) > 0 {
		return
	}
	written := a.written(rule)
	if a.validator.registered(rule.Name) {
		return
	}
	tag, ok := Builtin(rule.Name)
	if !ok {
		if !a.validator.engineKnows(rule.Name) {
			a.fault(s, written, fixUnknown(rule, s.list), "validator knows no such tag")
		}
		return
	}
	if tag.Disk {
		a.fault(s, written, "remove it, and look for the file in the handler",
			"it tells a client which files the server has")
		return
	}
	if isValuer(s.typ) {
		return // what ValidatorValue returns is not known
	}
	kind := KindOf(s.typ)
	if !tag.Kinds.Has(kind) {
		if kind.Has(InterfaceKind) {
			a.fault(s, written, "give the field a concrete type",
				"a client chooses what an interface holds, and %s fits only %s", tag.Name, tag.Kinds)
			return
		}
		fix := "remove it, or change the field's type"
		if kind.Has(StructKind) {
			fix = "remove it, change the field's type, or give Validator.Register a rule for this type"
		}
		a.fault(s, written, fix,
			"%s does not fit %s, only %s", tag.Name, kindWord(s.typ), tag.Kinds)
		return
	}
	if fix, problem := a.param(s, tag, rule); problem != "" {
		a.fault(s, written, fix, "%s", problem)
		return
	}
	if rule.Name == "required" && s.typ == s.field.Type && kind.Has(numbers|BoolKind) && s.typ.Kind() != reflect.Pointer {
		a.validator.warnRequired(s)
	}
}

// written is a rule as the tag has it.
func (a *auditor) written(rule Rule) string {
	if rule.Alias != "" {
		return rule.Alias + " (" + rule.String() + ")"
	}
	return rule.String()
}

// warnRequired tells once that required refuses values that the client may mean.
func (v *Validator) warnRequired(s site) {
	refused := "0"
	if s.typ.Kind() == reflect.Bool {
		refused = "false"
	}
	v.warn(s, "required on a plain "+kindWord(s.typ)+" refuses "+refused+
		"; make the field a pointer if only a missing value should be refused")
}

// warn says something about a field, once.
func (v *Validator) warn(s site, text string) {
	key := s.parent.PkgPath() + "." + s.parent.String() + "." + s.field.Name + " " + text
	if v.warned[key] {
		return
	}
	v.warned[key] = true
	v.log().Warn(text, "type", s.parent.String(), "field", s.field.Name)
}

// engineKnows asks an engine of the user's for a tag: it parses omitempty,name before it
// runs anything, and panics on names that it does not know.
func (v *Validator) engineKnows(name string) (known bool) {
	if !v.foreign {
		return false
	}
	defer func() { known = recover() == nil }()
	_ = v.engine.Var(nil, tagOmitEmpty+","+name)
	return true
}

// hasRules reports whether validator would find something to check in a struct of type t.
func (v *Validator) hasRules(t reflect.Type) bool {
	return v.findRules(t, false, make(map[reflect.Type]bool))
}

// mayMeetRules is hasRules, or an interface or a validator.Valuer somewhere: validator
// looks into structs that an UnmarshalJSON or a ValidatorValue method puts there.
func (v *Validator) mayMeetRules(t reflect.Type) bool {
	return v.findRules(t, true, make(map[reflect.Type]bool))
}

func (v *Validator) findRules(t reflect.Type, interfaces bool, seen map[reflect.Type]bool) bool {
	t = deref(t)
	if interfaces && (t.Kind() == reflect.Interface || isValuer(t)) {
		return true
	}
	if isValuer(t) {
		return v.findValuerRules(t, seen)
	}
	if t.Kind() != reflect.Struct || isTime(t) {
		return false
	}
	if v.structs[t] != nil {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		switch f.Tag.Get(v.tagName) {
		case tagSkip:
		case "":
			below := f.Type
			if isGeneric(t) {
				below = innermost(below)
			}
			if v.findRules(below, interfaces, seen) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// findValuerRules looks into what a validator.Valuer stands for; where a zero one does not
// tell, into all that it holds.
func (v *Validator) findValuerRules(t reflect.Type, seen map[reflect.Type]bool) bool {
	if inner := valueType(t); inner != nil {
		return v.findRules(innermost(inner), false, seen)
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return false
	}
	seen[t] = true
	for i := range t.NumField() {
		if v.findRules(innermost(t.Field(i).Type), false, seen) {
			return true
		}
	}
	return false
}

// valueType is the type that validator judges in place of a validator.Valuer, as a zero one
// tells; nil where it does not.
func valueType(t reflect.Type) (inner reflect.Type) {
	defer func() {
		if recover() != nil {
			inner = nil // it needs more than a zero value
		}
	}()
	v := reflect.New(deref(t))
	if t.Kind() != reflect.Pointer {
		v = v.Elem()
	}
	for range maxLevels {
		valued, ok := v.Interface().(validator.Valuer)
		switch {
		case ok:
			v = reflect.ValueOf(valued.ValidatorValue())
		case v.Kind() == reflect.Pointer:
			v = v.Elem()
		default:
			return v.Type()
		}
		if !v.IsValid() {
			return nil
		}
	}
	return nil
}

// isValuer reports whether validator judges another value in place of one of type t. It
// asks the value itself, so a method of a pointer counts where there is a pointer.
func isValuer(t reflect.Type) bool {
	valuer := reflect.TypeFor[validator.Valuer]()
	for range maxLevels {
		if t.Kind() != reflect.Interface && t.Implements(valuer) {
			return true
		}
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	return false
}

// kindWord names a kind in a message to the developer.
func kindWord(t reflect.Type) string {
	t = deref(t)
	switch {
	case isTime(t):
		return "time.Time"
	case t.Kind() == reflect.Interface:
		return "an interface"
	}
	return t.Kind().String()
}

// String lists the kinds in words: "string, slice or map".
func (k Kinds) String() string {
	names := []string{"string", "int", "uint", "float", "bool", "[]byte", "slice", "array", "map",
		"time.Time", "struct", "interface", "fmt.Stringer", "other kinds"}
	var out []string
	for i, name := range names {
		if k.Has(1 << i) {
			out = append(out, name)
		}
	}
	if last := len(out) - 1; last > 0 {
		return strings.Join(out[:last], ", ") + " and " + out[last]
	}
	return strings.Join(out, "")
}

// warnForeign tells once of every tag that t reaches in which another toolkit has its
// rules: binding of gin, and the words of JSON Schema, which huma reads. A type that comes
// from there looks as if it had rules, and has none.
func (v *Validator) warnForeign(t reflect.Type, structs ruledStructs) {
	t = innermost(t)
	if t.Kind() != reflect.Struct || isTime(t) {
		return
	}
	read := structs.of(t, v.tagName)
	if read.warned {
		return
	}
	read.warned = true
	for i := range read.fields {
		f := &read.fields[i]
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		if !f.tagged {
			v.warnForeignOf(site{field: f.StructField, parent: t})
		}
		if f.plan == nil {
			v.warnForeign(f.Type, structs)
		}
	}
}

func (v *Validator) warnForeignOf(s site) {
	for rest := string(s.field.Tag); ; {
		key, _, after, ok := syntax.CutTag(rest)
		if !ok {
			return
		}
		rest = after
		if key == "binding" {
			v.warn(s, "a binding tag is not read; write its rules in a "+v.tagName+" tag, or set validate.Options.TagName")
		}
		for i := range foreignWords {
			if word := &foreignWords[i]; word.key == key {
				v.warn(s, "the tag "+key+" is not read; write "+word.rule+" in a "+v.tagName+" tag")
			}
		}
	}
}

// foreignWords are the keys of tags that hold rules elsewhere, and what says the same here.
var foreignWords = [...]struct{ key, rule string }{
	{"minLength", "min"}, {"maxLength", "max"}, {"minItems", "min"}, {"maxItems", "max"}, {"minProperties", "min"}, {"maxProperties", "max"},
	{"minimum", "min"}, {"maximum", "max"}, {"exclusiveMinimum", "gt"}, {"exclusiveMaximum", "lt"},
	{"uniqueItems", "unique"}, {"required", "required"}, {"enum", "oneof"}, {"enums", "oneof"}, {"dependentRequired", "required_with"},
	{"format", "a rule for the format, such as email, uuid or url,"}, {"pattern", "a rule that you register for the pattern"}, {"multipleOf", "a rule that you register"},
}
