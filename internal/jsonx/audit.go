package jsonx

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/presence"
)

var (
	anyType      = reflect.TypeFor[any]()
	durationType = reflect.TypeFor[time.Duration]()
	stringType   = reflect.TypeFor[string]()
	timeType     = reflect.TypeFor[time.Time]()
)

// audit walks all types that a value of one type can hold and finds what JSON cannot
// say. It also notes what the codec must know about them.
type audit struct {
	types   types
	decode  bool                                                 // judge for decoding rather than for encoding
	plain   bool                                                 // a time.Duration without a format is somewhere
	format  bool                                                 // a time.Duration with a format is somewhere
	number  bool                                                 // a json.Number is somewhere
	present bool                                                 // a presence type is somewhere
	dynamic bool                                                 // values of types that nobody knows before: interfaces, own coders
	coder   bool                                                 // a type with code of its own for json v2, which may decode anything
	hidden  func(t reflect.Type, index []int, name string) error // nil: nothing is wrong with one
}

func newAudit(decode bool) *audit {
	return &audit{types: make(types), decode: decode}
}

// check returns a sentence about what is wrong with t, or nil.
func (a *audit) check(t reflect.Type) error {
	if formatTags() == nil {
		return errToolchain
	}
	return a.visit(t, false, "")
}

// visit judges t as the type of a value; quoted and format are what the tag of its
// field says.
func (a *audit) visit(t reflect.Type, quoted bool, format string) error {
	if !quoted && format == "" && (isPredeclared(t) || a.met(t)) {
		return nil // a type that refers to itself does so without options at some point
	}
	if _, _, ok := presence.Of(t); ok {
		return fmt.Errorf("%s is for a member of an object: use it as the type of a struct field, without a pointer, a list, a map or another of its kind around it", presence.Name(t))
	}
	if a.ownCoder(t) {
		return a.borrowed(t)
	}
	if t == durationType {
		a.plain, a.format = a.plain || format == "", a.format || format != ""
	}
	a.number = a.number || t == numberType
	if err := checkOptions(t, quoted, format); err != nil {
		return err
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Invalid:
		return fmt.Errorf("JSON has no form for %s", t)
	case reflect.Interface:
		a.dynamic = true
		if a.decode && t.NumMethod() > 0 {
			return fmt.Errorf("JSON cannot say which type to decode into the interface %s", t)
		}
	case reflect.Pointer:
		for e, n := t.Elem(), 0; e.Kind() == reflect.Pointer; e, n = e.Elem(), n+1 {
			if e == t || n > 100 {
				return fmt.Errorf("%s is a pointer to pointers only", t)
			}
		}
		return a.pointee(t.Elem(), quoted, format)
	case reflect.Slice, reflect.Array:
		if isBytes(t) && format != "array" {
			return nil
		}
		return a.visit(t.Elem(), false, "")
	case reflect.Map:
		if err := a.key(t.Key()); err != nil {
			return fmt.Errorf("%w (the key of %s)", err, t)
		}
		return a.visit(t.Elem(), false, "")
	case reflect.Struct:
		if t != timeType {
			return a.members(t)
		}
	}
	return nil
}

// pointee judges t as the type of what a pointer points to.
func (a *audit) pointee(t reflect.Type, quoted bool, format string) error {
	if t.Kind() == reflect.Struct && t != timeType && !a.ownCoder(t) {
		if _, err := a.types.members(t); errors.Is(err, errNoFields) {
			return nil // as in url.URL, whose User is nil nearly always: json v2 refuses the value, not the type
		}
	}
	return a.visit(t, quoted, format)
}

// met reports whether the type was visited before.
func (a *audit) met(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
	default:
		return false
	}
	info := a.types.of(t)
	met := info.audited
	info.audited = true
	return met
}

// ownCoder reports whether t encodes or decodes itself, so that its insides do not
// matter.
func (a *audit) ownCoder(t reflect.Type) bool {
	if t == timeType {
		return false
	}
	if a.decode {
		a.coder = a.coder || implements(t, unmarshalerFromType)
		return implements(t, unmarshalerTypes...)
	}
	a.dynamic = a.dynamic || implements(t, marshalerToType)
	return implements(t, marshalerTypes...)
}

func (a *audit) members(t reflect.Type) error {
	members, err := a.types.members(t)
	if err != nil {
		return err
	}
	var wrong []error
	for _, m := range a.types.of(t).hidden {
		if a.hidden == nil {
			break
		}
		if err := a.hidden(t, m.Index, m.Name); err != nil {
			wrong = append(wrong, err)
		}
	}
	for i := range members {
		m := &members[i]
		if a.decode && len(m.Index) > 1 {
			if name, ok := settable(t, m.Index); !ok {
				return fmt.Errorf("the embedded field %s of %s is a pointer to an unexported struct and cannot be set: embed the struct itself", name, t)
			}
		}
		if m.Rest && m.Type == rawValueType {
			continue
		}
		if err := a.member(m); err != nil {
			for _, err := range fault.Each(err) {
				wrong = append(wrong, below(m.Field.Name, err))
			}
		}
	}
	if !a.decode && byLibrary(members) {
		wrong = append(wrong, absentWritten(members)...)
	}
	return fault.Join(wrong)
}

// below puts the field before what is wrong with its type.
func below(field string, err error) error {
	if wrong, ok := errors.AsType[fault.Fault](err); ok {
		if wrong.Field != "" {
			field += "." + wrong.Field
		}
		wrong.Field = field
		return wrong
	}
	return fmt.Errorf("field %s: %w", field, err)
}

// borrowed refuses a struct that is coded by a method of an embedded field, as of
// time.Time, which knows nothing of the fields beside it: they would be lost in silence.
func (a *audit) borrowed(t reflect.Type) error {
	coders := marshalerTypes
	if a.decode {
		coders = unmarshalerTypes
	}
	at := slices.IndexFunc(coders, func(i reflect.Type) bool { return implements(t, i) })
	if t.Kind() != reflect.Struct || at < 0 || !isPromoted(t, coders[at].Method(0).Name) {
		return nil
	}
	var from, beside string
	var typ reflect.Type
	for i := range t.NumField() {
		switch f := t.Field(i); {
		case f.Anonymous && (f.Type.Implements(coders[at]) || implements(indirect(f.Type), coders[at])):
			from, typ = f.Name, f.Type
		case f.Tag.Get("json") != "-" && (f.IsExported() || f.Anonymous):
			beside = f.Name
		}
	}
	if from == "" || beside == "" {
		return nil
	}
	return fault.Fault{
		Field:   from,
		Problem: fmt.Sprintf("the embedded field has methods that stand for the whole of %s in JSON, so that %s is left out", t, beside),
		Fix:     fmt.Sprintf("give the field a name, like At %s", typ),
	}
}

// isPromoted reports whether the method of t or *t is one of an embedded field. The
// compiler writes those itself, in a file that there is not; one that is declared on t
// counts where *t has a generated form of it too.
func isPromoted(t reflect.Type, name string) bool {
	m, ok := t.MethodByName(name)
	if !ok {
		m, _ = reflect.PointerTo(t).MethodByName(name)
	}
	f := runtime.FuncForPC(m.Func.Pointer())
	if f == nil {
		return false
	}
	file, _ := f.FileLine(f.Entry())
	return file == "<autogenerated>"
}

// member judges the type of a member, which alone may be a presence type.
func (a *audit) member(m *Member) error {
	value, _, ok := presence.Of(m.Type)
	if !ok {
		return a.visit(m.Type, m.String, m.Format)
	}
	a.present = true
	if value.Kind() == reflect.Pointer {
		return fmt.Errorf("%s of a pointer: write typed.Nullable of %s, which takes null", presence.Name(m.Type), value.Elem())
	}
	return a.visit(value, m.String, m.Format)
}

// absentWritten refuses a presence type among members that json v2 writes, which does not
// know that an absent one is left out.
func absentWritten(members []Member) (wrong []error) {
	for i := range members {
		m := &members[i]
		if _, _, ok := presence.Of(m.Type); !ok {
			continue
		}
		if o, _, err := parseTag(&m.Field); err != nil || !o.omitZero {
			wrong = append(wrong, fmt.Errorf(`field %s: an absent value is written as null beside members with a format, remaining members or unexported fields: add the json option omitzero, as in json:"%s,omitzero"`, m.Field.Name, m.Name))
		}
	}
	return wrong
}

// settable reports whether decoding can reach the field at index, and if not, the
// name of the embedded field that bars the way.
func settable(t reflect.Type, index []int) (name string, ok bool) {
	for _, i := range index[:len(index)-1] {
		f := indirect(t).Field(i)
		if !f.IsExported() && f.Type.Kind() == reflect.Pointer {
			return f.Name, false
		}
		t = f.Type
	}
	return "", true
}

// key judges t as the type of a map's keys, which JSON writes as strings.
func (a *audit) key(t reflect.Type) error {
	if a.ownCoder(t) || t == timeType {
		return nil
	}
	switch t.Kind() {
	case reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		a.plain, a.number = a.plain || t == durationType, a.number || t == numberType
		return nil
	case reflect.Pointer:
		return a.key(t.Elem())
	case reflect.Array, reflect.Slice:
		if isBytes(t) {
			return nil
		}
	case reflect.Interface:
		a.dynamic = true
		if !a.decode || t.NumMethod() == 0 {
			return nil
		}
	}
	return fmt.Errorf("JSON cannot write %s as the name of a member", t)
}

// isBytes reports whether t is a slice or array of plain bytes, which JSON writes
// as one base64 string.
func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) &&
		t.Elem().Kind() == reflect.Uint8 && t.Elem().PkgPath() == ""
}

// checkOptions judges the options string and format of a json tag by the kind of
// type that they stand on.
func checkOptions(t reflect.Type, quoted bool, format string) error {
	if t.Kind() == reflect.Pointer {
		return nil // both are handed on to what it points to
	}
	if format != "" && !formatFits(t, format) {
		return fmt.Errorf("the json format %q does not fit %s", format, t)
	}
	if !quoted {
		return nil
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		return nil
	case reflect.Int64:
		if t != durationType || strings.Contains(" sec milli micro nano ", " "+format+" ") {
			return nil
		}
	case reflect.Struct:
		if t == timeType && strings.HasPrefix(format, "unix") {
			return nil
		}
	}
	return fmt.Errorf("the json option string does not fit %s: it is for numbers", t)
}

// formatFits reports whether json v2 knows the format for t.
func formatFits(t reflect.Type, format string) bool {
	oneOf := func(words string) bool {
		return !strings.Contains(format, " ") && strings.Contains(" "+words+" ", " "+format+" ")
	}
	switch {
	case t == durationType:
		return oneOf("units sec milli micro nano iso8601")
	case t == timeType:
		// A format that starts with a letter is a name when all of it is letters.
		word := unicode.IsLetter(rune(format[0])) && strings.TrimFunc(format, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }) == ""
		return !word || oneOf("ANSIC UnixDate RubyDate RFC822 RFC822Z RFC850 RFC1123 RFC1123Z RFC3339 RFC3339Nano Kitchen "+
			"Stamp StampMilli StampMicro StampNano DateTime DateOnly TimeOnly unix unixmilli unixmicro unixnano")
	case isBytes(t):
		return oneOf("base64 base64url base32 base32hex base16 hex array")
	}
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		return format == "nonfinite"
	case reflect.Slice, reflect.Map:
		return oneOf("emitnull emitempty")
	}
	return false
}
