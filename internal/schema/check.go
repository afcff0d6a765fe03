package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

// verdict is what a schema says of a value. Examples are refused for what is certain, so
// a keyword that the checker does not know leaves the verdict open.
type verdict uint8

const (
	accepts verdict = iota
	open
	refuses
)

// checker judges examples and defaults by the schemas that they stand in. Its sentences
// say what is wrong with a value: "is greater than 127".
type checker struct {
	components openapi.Map[*openapi.Schema]
	patterns   map[string]*regexp.Regexp // nil: no expression of Go
	depth      int
}

// check is an example that waits for all components.
type check struct {
	schema *openapi.Schema
	value  any
	report func(reason string)
}

// Check has value checked against s once the components are named: report is called from
// Components with what is wrong, which ends a sentence.
func (b *Builder) Check(s *openapi.Schema, value any, report func(reason string)) {
	b.checks = append(b.checks, check{s, value, report})
}

// Refuses reports whether s, whatever it refers to, is certain to refuse a value.
func Refuses(s *openapi.Schema, value any) bool {
	v, _ := (&checker{patterns: map[string]*regexp.Regexp{}}).check(s, value)
	return v == refuses
}

// runChecks checks the examples.
func (b *Builder) runChecks(components openapi.Map[*openapi.Schema]) {
	c := &checker{components: components, patterns: map[string]*regexp.Regexp{}}
	for _, p := range b.checks {
		value, err := plainJSON(p.value)
		if err != nil {
			p.report("has no JSON form")
			continue
		}
		if v, reason := c.check(p.schema, value); v == refuses {
			p.report(reason)
		}
	}
	b.checks = nil
}

// plainJSON is a value as JSON decodes it, with numbers as they are written.
func plainJSON(v any) (any, error) {
	text, err := (&openapi.Schema{Default: v}).MarshalJSON()
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	var out struct{ Default any }
	err = dec.Decode(&out)
	return out.Default, err
}

// deepest ends the check of a value by a schema that refers to itself.
const deepest = 100

func (c *checker) check(s *openapi.Schema, v any) (verdict, string) {
	if s == nil {
		return accepts, ""
	}
	if s.IsNever() {
		return refuses, "is not allowed there"
	}
	if c.depth++; c.depth > deepest {
		c.depth--
		return open, ""
	}
	defer func() { c.depth-- }()
	worst := accepts
	for _, part := range [...]func(*openapi.Schema, any) (verdict, string){c.reference, c.form, c.combined, c.content} {
		switch is, reason := part(s, v); is {
		case refuses:
			return refuses, reason
		case open:
			worst = open
		}
	}
	if s.More.Len() > 0 {
		worst = open
	}
	return worst, ""
}

func (c *checker) reference(s *openapi.Schema, v any) (verdict, string) {
	if s.Ref == "" {
		return accepts, ""
	}
	name, ok := strings.CutPrefix(s.Ref, componentPrefix)
	target, known := c.components.Get(name)
	if !ok || !known {
		return open, "" // which is refused as a reference to nothing
	}
	return c.check(target, v)
}

// form checks type, enum, const and format.
func (c *checker) form(s *openapi.Schema, v any) (verdict, string) {
	if len(s.Type) > 0 && !slices.ContainsFunc(s.Type, func(want string) bool { return isOf(v, want) }) {
		return refuses, "is no " + strings.Join(s.Type, " or ")
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { return same(e, v) }) {
		return refuses, "is none of its enum"
	}
	if s.Const != nil && !same(s.Const, v) {
		return refuses, "is not its one value"
	}
	return c.format(s.Format, v)
}

// isOf reports whether v has a type of JSON Schema: 1.0 is an integer there.
func isOf(v any, want string) bool {
	switch v := v.(type) {
	case nil:
		return want == openapi.TypeNull
	case bool:
		return want == openapi.TypeBoolean
	case string:
		return want == openapi.TypeString
	case []any:
		return want == openapi.TypeArray
	case map[string]any:
		return want == openapi.TypeObject
	case json.Number:
		if want != openapi.TypeInteger {
			return want == openapi.TypeNumber
		}
		r, ok := rational(v)
		return ok && r.IsInt()
	}
	return false
}

// same compares a value of a schema with one of an example.
func same(of, v any) bool {
	plain, err := plainJSON(of)
	if err != nil {
		return false
	}
	return equal(plain, v)
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		if !ok {
			return false
		}
		x, okX := rational(a)
		y, okY := rational(n)
		return okX && okY && x.Cmp(y) == 0 || a == n
	case []any:
		list, ok := b.([]any)
		return ok && slices.EqualFunc(a, list, equal)
	case map[string]any:
		object, ok := b.(map[string]any)
		if !ok || len(a) != len(object) {
			return false
		}
		for name, v := range a {
			if other, there := object[name]; !there || !equal(v, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// rational is a number without loss; not ok for exponents that would fill the memory.
func rational(n json.Number) (*big.Rat, bool) {
	if i := strings.IndexAny(string(n), "eE"); i >= 0 {
		if exponent, err := strconv.Atoi(string(n)[i+1:]); err != nil || exponent > 5000 || exponent < -5000 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(string(n))
}

// format checks the formats that say which values there are.
func (c *checker) format(format string, v any) (verdict, string) {
	switch v := v.(type) {
	case json.Number:
		return numberFormat(format, v)
	case string:
		return textFormat(format, v)
	}
	return accepts, ""
}

func numberFormat(format string, n json.Number) (verdict, string) {
	switch format {
	case "double", "float":
		bits := 64
		if format == "float" {
			bits = 32
		}
		if f, err := strconv.ParseFloat(string(n), bits); err != nil || math.IsInf(f, 0) {
			return refuses, "is greater than a " + format + " can be"
		}
		return accepts, ""
	}
	bits, signed := strings.CutPrefix(format, "int")
	if !signed {
		var unsigned bool
		if bits, unsigned = strings.CutPrefix(format, "uint"); !unsigned {
			return accepts, ""
		}
	}
	size, err := strconv.Atoi(bits)
	if err != nil || size < 8 || size > 64 {
		return accepts, ""
	}
	least, greatest := intRange(size, signed)
	return within(n, least, greatest)
}

func within(n json.Number, least, greatest openapi.Number) (verdict, string) {
	value, ok := rational(n)
	if !ok {
		return refuses, "is out of all bounds"
	}
	if least != "" && value.Cmp(bound(least)) < 0 {
		return refuses, "is less than " + string(least)
	}
	if greatest != "" && value.Cmp(bound(greatest)) > 0 {
		return refuses, "is greater than " + string(greatest)
	}
	return accepts, ""
}

// bound is a number of a schema; what is none bounds nothing and is never compared.
func bound(n openapi.Number) *big.Rat {
	if r, ok := rational(json.Number(n)); ok {
		return r
	}
	return new(big.Rat)
}

func textFormat(format, text string) (verdict, string) {
	var err error
	switch format {
	case "date-time":
		_, err = time.Parse(time.RFC3339, text)
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "ipv4", "ipv6":
		addr, bad := netip.ParseAddr(text)
		if err = bad; err == nil && addr.Is4() != (format == "ipv4") {
			err = fmt.Errorf("an address of the other version")
		}
	case "uuid":
		if !uuidText.MatchString(text) {
			err = fmt.Errorf("no UUID")
		}
	}
	if err != nil {
		return refuses, "is not in the format " + format
	}
	return accepts, ""
}

var uuidText = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// combined checks allOf, anyOf, oneOf, not and if.
func (c *checker) combined(s *openapi.Schema, v any) (verdict, string) {
	worst := accepts
	for _, part := range s.AllOf {
		is, reason := c.check(part, v)
		if is == refuses {
			return refuses, reason
		}
		worst = max(worst, is)
	}
	if len(s.AnyOf) > 0 {
		is, reason, _ := c.alternatives(s.AnyOf, v)
		if is == refuses {
			return refuses, reason
		}
		worst = max(worst, is)
	}
	if len(s.OneOf) > 0 {
		is, reason, fit := c.alternatives(s.OneOf, v)
		switch {
		case is == refuses:
			return refuses, reason
		case fit > 1:
			return refuses, "fits more than one schema of its oneOf"
		}
		worst = max(worst, is)
	}
	if s.Not != nil {
		switch is, _ := c.check(s.Not, v); is {
		case accepts:
			return refuses, "is one of the values that its schema excludes"
		case open:
			worst = open
		}
	}
	is, reason := c.conditional(s, v)
	return max(worst, is), reason
}

// alternatives is whether a value fits one of several schemas, and how many for certain.
func (c *checker) alternatives(list []*openapi.Schema, v any) (best verdict, reason string, fit int) {
	best = refuses
	told := 0
	for _, part := range list {
		is, why := c.check(part, v)
		if is == accepts {
			fit++
		}
		if !isType(part, []string{openapi.TypeNull}) { // whoever writes a value means the other one
			told, reason = told+1, why
		}
		best = min(best, is)
	}
	if told > 1 {
		reason = "fits none of the schemas that it may have"
	}
	return best, reason, fit
}

func (c *checker) conditional(s *openapi.Schema, v any) (verdict, string) {
	if s.If == nil {
		return accepts, ""
	}
	switch is, _ := c.check(s.If, v); is {
	case accepts:
		return c.check(s.Then, v)
	case refuses:
		return c.check(s.Else, v)
	}
	return open, ""
}

// content checks what the keywords of the value's type say.
func (c *checker) content(s *openapi.Schema, v any) (verdict, string) {
	switch v := v.(type) {
	case json.Number:
		return numberContent(s, v)
	case string:
		return c.textContent(s, v)
	case []any:
		return c.listContent(s, v)
	case map[string]any:
		return c.objectContent(s, v)
	}
	return accepts, ""
}

func numberContent(s *openapi.Schema, n json.Number) (verdict, string) {
	if is, reason := within(n, s.Minimum, s.Maximum); is == refuses {
		return is, reason
	}
	value, ok := rational(n)
	if !ok {
		return accepts, ""
	}
	switch {
	case s.ExclusiveMinimum != "" && value.Cmp(bound(s.ExclusiveMinimum)) <= 0:
		return refuses, "is not greater than " + string(s.ExclusiveMinimum)
	case s.ExclusiveMaximum != "" && value.Cmp(bound(s.ExclusiveMaximum)) >= 0:
		return refuses, "is not less than " + string(s.ExclusiveMaximum)
	}
	if step := bound(s.MultipleOf); step.Sign() > 0 && !new(big.Rat).Quo(value, step).IsInt() {
		return refuses, "is no multiple of " + string(s.MultipleOf)
	}
	return accepts, ""
}

func (c *checker) textContent(s *openapi.Schema, text string) (verdict, string) {
	if is, reason := counted(utf8.RuneCountInString(text), s.MinLength, s.MaxLength, "characters"); is == refuses {
		return is, reason
	}
	if s.Pattern == "" {
		return accepts, ""
	}
	pattern, known := c.patterns[s.Pattern]
	if !known {
		pattern, _ = regexp.Compile(s.Pattern) // nil where ECMA 262 knows more than Go
		c.patterns[s.Pattern] = pattern
	}
	switch {
	case pattern == nil:
		return open, ""
	case !pattern.MatchString(text):
		return refuses, "does not match the pattern " + s.Pattern
	}
	return accepts, ""
}

func counted(n int, least, most *int, of string) (verdict, string) {
	switch {
	case least != nil && n < *least:
		return refuses, fmt.Sprintf("has fewer than %d %s", *least, of)
	case most != nil && n > *most:
		return refuses, fmt.Sprintf("has more than %d %s", *most, of)
	}
	return accepts, ""
}

func (c *checker) listContent(s *openapi.Schema, list []any) (verdict, string) {
	if is, reason := counted(len(list), s.MinItems, s.MaxItems, "items"); is == refuses {
		return is, reason
	}
	worst := accepts
	for i, v := range list {
		if s.UniqueItems && slices.ContainsFunc(list[:i], func(other any) bool { return equal(other, v) }) {
			return refuses, "has an item twice"
		}
		is, reason := c.check(s.Items, v)
		if is == refuses {
			return refuses, fmt.Sprintf("has an item %d that %s", i, reason)
		}
		worst = max(worst, is)
	}
	return worst, ""
}

func (c *checker) objectContent(s *openapi.Schema, object map[string]any) (verdict, string) {
	if is, reason := counted(len(object), s.MinProperties, s.MaxProperties, "members"); is == refuses {
		return is, reason
	}
	for _, name := range s.Required {
		if _, there := object[name]; !there {
			return refuses, fmt.Sprintf("has no member %q", name)
		}
	}
	worst := accepts
	for name, v := range object {
		part, declared := s.Properties.Get(name)
		if !declared {
			if part = s.AdditionalProperties; part.IsNever() && s.More.Len() == 0 {
				return refuses, fmt.Sprintf("has a member %q that its schema does not have", name)
			} else if part.IsNever() {
				continue // a keyword of More may allow it
			}
			if is, reason := c.check(s.PropertyNames, name); is == refuses {
				return refuses, fmt.Sprintf("has a member whose name %q %s", name, reason)
			}
		}
		is, reason := c.check(part, v)
		if is == refuses {
			return refuses, fmt.Sprintf("has a member %q that %s", name, reason)
		}
		worst = max(worst, is)
	}
	return worst, ""
}
