package jsonx

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Member is one member of the JSON object that a struct is written as and read from.
type Member struct {
	Name       string       // the JSON name; empty for Rest
	Index      []int        // the way to the field from the outer struct, through embedded ones
	Type       reflect.Type // the field's type
	Field      reflect.StructField
	Format     string // the tag's format option, "" for none
	OmitZero   bool   // left out where the Go value is zero (or its IsZero says so)
	OmitEmpty  bool   // left out where the JSON value is null, "", [] or {}
	String     bool   // a number written within a string
	IgnoreCase bool   // the tag's case:ignore: the name matches in any case

	// Rest marks the embedded map or jsontext.Value that holds every member which
	// has no field of its own. There is at most one, and it is the last.
	Rest bool

	named bool // the tag gives the name
}

var (
	rawValueType        = reflect.TypeFor[jsontext.Value]()
	marshalerTypes      = []reflect.Type{reflect.TypeFor[json.MarshalerTo](), reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextAppender](), reflect.TypeFor[encoding.TextMarshaler]()}
	unmarshalerTypes    = []reflect.Type{reflect.TypeFor[json.UnmarshalerFrom](), reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()}
	isZeroerType        = reflect.TypeFor[interface{ IsZero() bool }]()
	marshalerToType     = marshalerTypes[0]
	unmarshalerFromType = unmarshalerTypes[0]
	unmarshalerType     = unmarshalerTypes[1]
	textUnmarshalerType = unmarshalerTypes[2]
)

// implements reports whether t or *t has one of the interfaces. json v2 calls
// methods on addressable values, so that both count, but never on a pointer or
// interface type itself.
func implements(t reflect.Type, interfaces ...reflect.Type) bool {
	k := t.Kind()
	if k == reflect.Pointer || k == reflect.Interface || (k != reflect.Struct && t.PkgPath() == "") {
		return false // the last: what has no name of its own has no methods, embedding aside
	}
	p := reflect.PointerTo(t)
	if p.NumMethod() == 0 {
		return false
	}
	for _, i := range interfaces {
		if p.Implements(i) { // *T has the methods of T
			return true
		}
	}
	return false
}

// isPredeclared reports whether t is string, bool or a number of Go's, which JSON always has
// a form for.
func isPredeclared(t reflect.Type) bool {
	k := t.Kind()
	return (k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String) && t.PkgPath() == ""
}

// pointed is what a type points to, through as many pointers as there are.
func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// indirect unwraps one unnamed pointer, the only one that Go can embed.
func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		return t.Elem()
	}
	return t
}

// errNoFields ends the sentence about a struct that hides all it has.
var errNoFields = errors.New("has no exported fields")

// types is what one codec knows of the types that it reaches, while it is compiled.
type types map[reflect.Type]*typeInfo

type typeInfo struct {
	listed  bool // members and err are what Members says
	members []Member
	hidden  []Member // see [collect]
	err     error

	audited bool // or being audited

	read  *reader // nil: it is not made
	left  bool    // only json v2 can read the type
	write *writer // nil: it is not made
}

func (ts types) of(t reflect.Type) *typeInfo {
	info := ts[t]
	if info == nil {
		info = new(typeInfo)
		ts[t] = info
	}
	return info
}

func (ts types) members(t reflect.Type) ([]Member, error) {
	info := ts.of(t)
	if !info.listed {
		info.listed = true
		info.members, info.hidden, info.err = collect(t)
	}
	return info.members, info.err
}

// Members lists the members of struct type t in the order in which they are written:
// embedded structs without a name of their own are flattened, and of several fields
// with one name the shallowest wins, then the only one that is named by its tag, else
// none. That is how json v2 sees a struct. The error is a sentence about a
// declaration that json v2 refuses.
func Members(t reflect.Type) ([]Member, error) {
	members, _, err := collect(t)
	return members, err
}

// collect is [Members], with the fields that have lost their names to others.
func collect(t reflect.Type) (members, hidden []Member, err error) {
	if t.Kind() != reflect.Struct {
		return nil, nil, fmt.Errorf("%s is not a struct", t)
	}
	c := collector{root: t}
	if err := c.visit(level{typ: t, descend: true}); err != nil {
		return nil, nil, err
	}
	for i := 0; i < len(c.queue); i++ {
		if err := c.visit(c.queue[i]); err != nil {
			return nil, nil, err
		}
	}
	members = c.found
	if len(c.queue) > 0 {
		members, hidden = c.dominant()
		slices.SortFunc(members, func(a, b Member) int { return slices.Compare(a.Index, b.Index) })
	}
	if n := len(c.rests); n == 1 || (n > 1 && len(c.rests[0].Index) != len(c.rests[1].Index)) {
		members = append(members, c.rests[0])
	}
	return members, hidden, nil
}

// level is a struct whose fields are collected; descend is false where the type was
// met before, so that recursive embedding ends.
type level struct {
	typ     reflect.Type
	index   []int
	descend bool
}

// collector walks a struct and those embedded in it, breadth first.
type collector struct {
	root  reflect.Type
	queue []level // of embedded structs
	seen  map[reflect.Type]bool
	found []Member
	rests []Member
}

func (c *collector) visit(at level) error {
	first := len(c.found)
	c.found = slices.Grow(c.found, at.typ.NumField())
	anyTag, anyField, rest := false, false, ""
	for i := range at.typ.NumField() {
		f := at.typ.Field(i)
		o, skip, err := parseTag(&f)
		anyTag = anyTag || o.tagged
		if err != nil {
			return err
		}
		if skip {
			continue
		}
		anyField = true
		index := f.Index
		if len(at.index) > 0 {
			index = append(slices.Clip(at.index), i)
		}
		m := memberOf(&f, index, o)
		if f.Anonymous && !o.named && indirect(f.Type).Kind() != reflect.Struct {
			return fmt.Errorf("the embedded field %s is no struct and needs a json name", f.Name)
		}
		if o.embed || (f.Anonymous && !o.named) {
			if err := c.embed(at, m, o); err != nil {
				return err
			}
			if indirect(f.Type).Kind() != reflect.Struct {
				if rest != "" {
					return fmt.Errorf("the fields %s and %s cannot both hold the remaining members", rest, f.Name)
				}
				rest = f.Name
			}
			continue
		}
		if !f.IsExported() && (implements(indirect(f.Type), marshalerTypes...) || implements(indirect(f.Type), unmarshalerTypes...) || (o.omitZero && implements(indirect(f.Type), isZeroerType))) {
			return fmt.Errorf("the embedded field %s is not exported, so that its methods cannot be called", f.Name)
		}
		if !f.IsExported() && indirect(f.Type).Kind() != reflect.Struct {
			return fmt.Errorf("the embedded field %s is not exported", f.Name)
		}
		for _, other := range c.found[first:] {
			if other.Name == o.name {
				return fmt.Errorf("the fields %s and %s have the same json name", other.Field.Name, f.Name)
			}
		}
		c.found = append(c.found, m)
	}
	if at.typ.NumField() > 0 && !anyTag && !anyField {
		return fmt.Errorf("the struct %s %w", at.typ, errNoFields)
	}
	return nil
}

func memberOf(f *reflect.StructField, index []int, o tagOptions) Member {
	_, _, present := presence.Of(f.Type) // left out when it is absent
	return Member{
		Name: o.name, Index: index, Type: f.Type, Field: *f, Format: o.format,
		OmitZero: o.omitZero || present, OmitEmpty: o.omitEmpty, String: o.quoted, IgnoreCase: o.ignoreCase, named: o.named,
	}
}

// embed flattens an embedded struct into the outer one, or notes the map or raw
// value that takes the remaining members.
func (c *collector) embed(at level, m Member, o tagOptions) error {
	if o.named || o.omitZero || o.omitEmpty || o.quoted || o.format != "" || o.ignoreCase || o.strictCase {
		return fmt.Errorf("the embedded field %s cannot have other json options", m.Field.Name)
	}
	t := indirect(m.Type)
	if t != rawValueType && (implements(t, marshalerTypes...) || implements(t, unmarshalerTypes...)) {
		return fmt.Errorf("the embedded field %s has methods that encode or decode it: give it a json name", m.Field.Name)
	}
	switch {
	case t.Kind() == reflect.Struct:
		if c.seen == nil {
			c.seen = map[reflect.Type]bool{c.root: true}
		}
		if at.descend {
			c.queue = append(c.queue, level{t, m.Index, !c.seen[t]})
		}
		c.seen[t] = true
		return nil
	case !m.Field.IsExported():
		return fmt.Errorf("the embedded field %s is not exported", m.Field.Name)
	case t == rawValueType:
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String && !implements(t.Key(), marshalerTypes...) && !implements(t.Key(), unmarshalerTypes...):
	default:
		return fmt.Errorf("the embedded field %s must be a struct, a map with plain string keys, or a raw JSON value", m.Field.Name)
	}
	m.Name, m.Rest = "", true
	c.rests = append(c.rests, m)
	return nil
}

// dominant keeps one field for each name, or none where no field prevails.
func (c *collector) dominant() (members, hidden []Member) {
	order := make([]int, len(c.found))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) int {
		if c.found[i].named {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &c.found[i], &c.found[j]
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(len(a.Index), len(b.Index)), cmp.Compare(rank(i), rank(j)))
	})
	members = make([]Member, 0, len(order))
	for len(order) > 0 {
		n := 1
		for n < len(order) && c.found[order[n]].Name == c.found[order[0]].Name {
			n++
		}
		if n == 1 || len(c.found[order[0]].Index) != len(c.found[order[1]].Index) || c.found[order[0]].named != c.found[order[1]].named {
			members, order, n = append(members, c.found[order[0]]), order[1:], n-1
		}
		for _, i := range order[:n] {
			hidden = append(hidden, c.found[i])
		}
		order = order[n:]
	}
	return members, hidden
}

// tagOptions is what the json tag of one struct field says.
type tagOptions struct {
	name       string // the member's name: the tag's, else the field's
	tagged     bool   // there is a tag
	named      bool   // the tag gave the name
	embed      bool
	omitZero   bool
	omitEmpty  bool
	quoted     bool // ",string"
	ignoreCase bool
	strictCase bool
	format     string
}

// parseTag reads the json tag of f by the grammar of json v2: a name, then options
// that are identifiers, two of which (case and format) take a value after a colon.
// Options that json v2 does not know are refused, although it ignores them: whoever
// writes one believes that it does something. Fields that are no members (`json:"-"`,
// unexported ones) report skip.
func parseTag(f *reflect.StructField) (o tagOptions, skip bool, err error) {
	var tag string
	var met, tagged bool // met: tagged, if the value is a Go string
	problem, fix := syntax.ReadTag(f.Tag, func(key, quoted string) {
		if key == "json" && !met {
			met = true
			tag, tagged = syntax.UnquoteTag(quoted)
		}
	})
	o.tagged = tagged
	if tag == "-" {
		return o, true, nil
	}
	if !f.IsExported() && !f.Anonymous {
		if tagged {
			return o, true, fault.Fault{Field: f.Name, Problem: "the field has a json tag but is not exported", Fix: "export the field, or drop the tag"}
		}
		return o, true, nil
	}
	if problem != "" {
		return o, false, fault.Fault{Field: f.Name, Problem: problem, Fix: fix}
	}
	o, err = parseValue(f.Name, tag)
	o.tagged = tagged
	return o, false, err
}

// parseValue reads what the json tag of a field says, which is not "-" alone.
func parseValue(field, tag string) (o tagOptions, err error) {
	o.name = field
	if tag != "" && tag[0] != ',' {
		end := 0
		for end < len(tag) && tag[end] != ',' && tag[end] != '\\' && tag[end] != '\'' && tag[end] != '"' && tag[end] != '`' {
			end++
		}
		if end == 0 || (end < len(tag) && tag[end] != ',') {
			return o, fmt.Errorf("the json tag of field %s is malformed: a name cannot hold quotes or backslashes", field)
		}
		if tag[:end] == "-" {
			return o, fault.Fault{Field: field, Problem: `the json tag has options beside "-", which would be a name like any other`, Fix: `write json:"-" to leave the field out, or a name`}
		}
		if o.name, o.named = tag[:end], true; !utf8.ValidString(o.name) {
			return o, fmt.Errorf("the json name of field %s is not valid UTF-8", field)
		}
		tag = tag[end:]
	}
	err = o.parseOptions(field, tag)
	return o, err
}

// parseOptions reads the options of a tag, rest starting at the first comma.
func (o *tagOptions) parseOptions(field, rest string) error {
	var seen []string
	for rest != "" {
		if rest[0] != ',' || len(rest) == 1 {
			return fmt.Errorf("the json tag of field %s is malformed: expected an option after a comma", field)
		}
		option, tail, err := cutOption(rest[1:], false)
		if err != nil {
			return fmt.Errorf("the json tag of field %s is malformed: %w", field, err)
		}
		if slices.Contains(seen, option) {
			return fmt.Errorf("the json tag of field %s repeats the option %s", field, option)
		}
		if slices.Contains(seen, "format") {
			return fmt.Errorf("the json tag of field %s must give format last", field)
		}
		seen, rest = append(seen, option), tail
		if option == "case" || option == "format" {
			if rest == "" || rest[0] != ':' {
				return fmt.Errorf("the option %s in the json tag of field %s has no value", option, field)
			}
			var value string
			if value, rest, err = cutOption(rest[1:], option == "format"); err != nil || value == "" {
				return fmt.Errorf("the option %s in the json tag of field %s has a malformed value", option, field)
			}
			if err := o.set(field, option, value); err != nil {
				return err
			}
			continue
		}
		if err := o.set(field, option, ""); err != nil {
			return err
		}
	}
	return nil
}

// set records one option.
func (o *tagOptions) set(field, option, value string) error {
	switch option {
	case "embed":
		o.embed = true
	case "omitzero":
		o.omitZero = true
	case "omitempty":
		o.omitEmpty = true
	case "string":
		o.quoted = true
	case "format":
		o.format = value
	case "case":
		switch value {
		case "ignore":
			o.ignoreCase = true
		case "strict":
			o.strictCase = true
		default:
			return fmt.Errorf("the json tag of field %s says case:%s: write case:ignore or case:strict", field, value)
		}
	default:
		// json v2 refuses lookalikes of its own options too, and ignores all others.
		switch meant := strings.ReplaceAll(strings.ToLower(option), "_", ""); meant {
		case "case", "embed", "omitzero", "omitempty", "string", "format":
			return fmt.Errorf("the json tag of field %s says %s: write %s", field, option, meant)
		case "inline", "unknown": // of older forms of json v2, and of other packages
			return fault.Fault{
				Field: field, Problem: fmt.Sprintf("the json tag has the option %s, which is not known", option),
				Fix: "write embed on a field that has a name; an embedded struct needs no option",
			}
		}
		return fault.Fault{
			Field: field, Problem: fmt.Sprintf("the json tag has the option %s, which is not known", option),
			Fix: "write omitzero, omitempty, string, embed, case:ignore or format, or drop it",
		}
	}
	return nil
}

// cutOption splits s after its first option, which is an identifier or, where quoted
// is allowed, a text in single quotes.
func cutOption(s string, quoted bool) (option, rest string, err error) {
	if first, _ := utf8.DecodeRuneInString(s); first == '_' || unicode.IsLetter(first) {
		rest = strings.TrimLeftFunc(s, func(r rune) bool {
			return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
		})
		return s[:len(s)-len(rest)], rest, nil
	}
	if !quoted || s == "" || s[0] != '\'' {
		return "", "", fmt.Errorf("an option starts with a letter")
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			text := strings.ReplaceAll(s[1:i], `\'`, `'`)
			option, err = strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
			return option, s[i+1:], err
		}
	}
	return "", "", fmt.Errorf("a quote is not closed")
}
