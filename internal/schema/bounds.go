package schema

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// bound is a rule that compares with a number: a value, or a length.
func (r *ruler) bound(rule rules.Rule) (*openapi.Schema, bool) {
	switch r.kind {
	case stringKind:
		if rule.Name == "eq" || rule.Name == "ne" {
			return only(rule.Name == "ne", openapi.Schema{Const: rule.Param}), true
		}
		return r.size(rule, func(least, most *int) openapi.Schema {
			return openapi.Schema{MinLength: least, MaxLength: most}
		})
	case listKind:
		return r.size(rule, func(least, most *int) openapi.Schema {
			return openapi.Schema{MinItems: least, MaxItems: most}
		})
	case mapKind:
		return r.size(rule, func(least, most *int) openapi.Schema {
			return openapi.Schema{MinProperties: least, MaxProperties: most}
		})
	case bytesKind:
		s, _ := r.size(rule, func(least, most *int) openapi.Schema {
			return openapi.Schema{MinLength: r.encoded(least), MaxLength: r.encoded(most)}
		})
		if rule.Name == "ne" {
			return nil, false // several numbers of bytes have texts of one length
		}
		return s, false
	case boolKind:
		want, err := strconv.ParseBool(rule.Param)
		if err != nil {
			return nil, false
		}
		return only(rule.Name == "ne", openapi.Schema{Const: want}), true
	case wholeKind, floatKind:
		return r.amount(rule)
	}
	return nil, false
}

func (r *ruler) encoded(n *int) *int {
	if n == nil || *n > math.MaxInt/4 {
		return nil
	}
	return new(encodingOf(r.shape.format).length(*n))
}

// size turns a rule about a length into bounds, both inclusive. Lengths of strings
// count code points, as JSON Schema does.
func (r *ruler) size(rule rules.Rule, say func(least, most *int) openapi.Schema) (*openapi.Schema, bool) {
	parsed, err := strconv.ParseInt(rule.Param, 0, 64)
	if err != nil || parsed < math.MinInt32 || parsed > math.MaxInt32 {
		return nil, false
	}
	n := int(parsed)
	// No length is negative, so a bound below zero holds always or never.
	var least, most *int
	switch rule.Name {
	case "len", "eq", "ne":
		least, most = &n, &n
	case "min", "gte":
		least = &n
	case "gt":
		least = new(n + 1)
	case "max", "lte":
		most = &n
	case "lt":
		most = new(n - 1)
	}
	switch {
	case most != nil && *most < 0:
		if rule.Name == "ne" {
			return nil, true
		}
		return openapi.Never(), true
	case least != nil && *least <= 0 && most == nil:
		return nil, true
	}
	return only(rule.Name == "ne", say(least, most)), true
}

// amount bounds a number. validator reads the parameters of integers with base 0:
// 010 is eight.
func (r *ruler) amount(rule rules.Rule) (*openapi.Schema, bool) {
	n, ok := r.parameter(rule.Param)
	if !ok {
		return nil, false
	}
	switch rule.Name {
	case "len", "eq":
		return &openapi.Schema{Const: n}, true
	case "ne":
		return only(true, openapi.Schema{Const: n}), true
	case "min", "gte":
		return &openapi.Schema{Minimum: n}, true
	case "max", "lte":
		return &openapi.Schema{Maximum: n}, true
	case "gt":
		return &openapi.Schema{ExclusiveMinimum: n}, true
	}
	return &openapi.Schema{ExclusiveMaximum: n}, true
}

// parameter writes a rule's parameter as the JSON number that it means for this type.
func (r *ruler) parameter(text string) (openapi.Number, bool) {
	_, signed, isInt := intKind(r.typ)
	switch {
	case isInt && signed:
		n, err := strconv.ParseInt(text, 0, 64)
		return openapi.Number(strconv.FormatInt(n, 10)), err == nil
	case isInt:
		n, err := strconv.ParseUint(text, 0, 64)
		return openapi.Number(strconv.FormatUint(n, 10)), err == nil
	}
	bits := 64
	if r.typ.Kind() == reflect.Float32 {
		bits = 32
	}
	n, err := strconv.ParseFloat(text, bits)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return "", false
	}
	return openapi.Number(strconv.FormatFloat(n, 'f', -1, bits)), true
}

// only is s, or what s refuses.
func only(not bool, s openapi.Schema) *openapi.Schema {
	if not {
		return &openapi.Schema{Not: &s}
	}
	return &s
}

// numeric is a rule with a name of its own on a number.
func (r *ruler) numeric(name string) (*openapi.Schema, bool) {
	between := func(least, most openapi.Number) (*openapi.Schema, bool) {
		return &openapi.Schema{Minimum: least, Maximum: most}, true
	}
	switch name {
	case "port":
		return between("1", "65535")
	case "latitude":
		return between("-90", "90")
	case "longitude":
		return between("-180", "180")
	case "iso4217_numeric":
		return r.listed(rules.Rule{Name: "oneof", Param: strings.Join(tables[name], " ")})
	case "numeric", "number":
		return nil, true
	}
	// The country codes are taken modulo 1000, and no keyword says a check digit.
	return nil, false
}

// unique is uniqueItems for what Go and JSON compare alike. Structs that differ in JSON
// may be equal in Go, never the other way round.
func (r *ruler) unique(rule rules.Rule) (*openapi.Schema, bool) {
	if r.kind != listKind || rule.Param != "" {
		return nil, false
	}
	elem := pointee(r.typ.Elem())
	_, _, isInt := intKind(elem)
	scalar := isInt || elem.Kind() == reflect.String || elem.Kind() == reflect.Bool || elem.Kind() == reflect.Float64
	return &openapi.Schema{UniqueItems: true}, scalar && r.natural(elem)
}

// join makes s accept only what c accepts too, and returns it; nil accepts everything.
// Bounds are merged to the tighter one; what cannot stand beside a keyword of s stays
// in c, which goes into allOf. Neither may be used afterwards.
func join(s, c *openapi.Schema) *openapi.Schema {
	if isEmpty(c) {
		return s
	}
	if isEmpty(s) {
		return c
	}
	tighter(&s.Minimum, &c.Minimum, 1)
	tighter(&s.ExclusiveMinimum, &c.ExclusiveMinimum, 1)
	tighter(&s.Maximum, &c.Maximum, -1)
	tighter(&s.ExclusiveMaximum, &c.ExclusiveMaximum, -1)
	narrow(&s.MinLength, &c.MinLength, 1)
	narrow(&s.MaxLength, &c.MaxLength, -1)
	narrow(&s.MinItems, &c.MinItems, 1)
	narrow(&s.MaxItems, &c.MaxItems, -1)
	narrow(&s.MinProperties, &c.MinProperties, 1)
	narrow(&s.MaxProperties, &c.MaxProperties, -1)
	take(&s.Format, &c.Format)
	take(&s.Pattern, &c.Pattern)
	take(&s.ContentEncoding, &c.ContentEncoding)
	take(&s.ContentMediaType, &c.ContentMediaType)
	if s.Const == nil {
		s.Const, c.Const = c.Const, nil
	}
	take(&s.Not, &c.Not)
	if c.UniqueItems {
		s.UniqueItems, c.UniqueItems = true, false
	}
	if len(s.Enum) == 0 {
		s.Enum, c.Enum = c.Enum, nil
	}
	if len(s.AnyOf) == 0 {
		s.AnyOf, c.AnyOf = c.AnyOf, nil
	}
	s.AllOf = append(s.AllOf, c.AllOf...)
	c.AllOf = nil
	if !isEmpty(c) && !isType(c, s.Type) {
		s.AllOf = append(s.AllOf, c)
	}
	prune(s)
	return s
}

// prune drops bounds of the type that a rule has made pointless.
func prune(s *openapi.Schema) {
	if s.Minimum != "" && s.ExclusiveMinimum != "" {
		if compare(s.ExclusiveMinimum, s.Minimum) >= 0 {
			s.Minimum = ""
		} else {
			s.ExclusiveMinimum = ""
		}
	}
	if s.Maximum != "" && s.ExclusiveMaximum != "" {
		if compare(s.ExclusiveMaximum, s.Maximum) <= 0 {
			s.Maximum = ""
		} else {
			s.ExclusiveMaximum = ""
		}
	}
	if len(s.Enum) > 0 || s.Const != nil {
		s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum = pruneEnum(s)
	}
}

// pruneEnum keeps the bounds only where a listed number is beyond them.
func pruneEnum(s *openapi.Schema) (least, greatest, over, under openapi.Number) {
	listed := s.Enum
	if s.Const != nil {
		listed = []any{s.Const}
	}
	for _, v := range listed {
		n, ok := v.(openapi.Number)
		if !ok || s.Minimum != "" && compare(n, s.Minimum) < 0 || s.Maximum != "" && compare(n, s.Maximum) > 0 ||
			s.ExclusiveMinimum != "" && compare(n, s.ExclusiveMinimum) <= 0 || s.ExclusiveMaximum != "" && compare(n, s.ExclusiveMaximum) >= 0 {
			return s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum
		}
	}
	return "", "", "", ""
}

func isEmpty(s *openapi.Schema) bool { return s == nil || reflect.ValueOf(s).Elem().IsZero() }

// isType reports whether s says nothing but that type.
func isType(s *openapi.Schema, name []string) bool {
	rest := *s
	rest.Type = nil
	return slices.Equal(s.Type, name) && isEmpty(&rest)
}

// tighter moves a bound from c to s if it is the tighter one: the greater for sign 1.
func tighter(s, c *openapi.Number, sign int) {
	if *c != "" && (*s == "" || sign*compare(*c, *s) > 0) {
		*s = *c
	}
	*c = ""
}

func narrow(s, c **int, sign int) {
	if *c != nil && (*s == nil || sign*(**c-**s) > 0) {
		*s = *c
	}
	*c = nil
}

// take moves a value into a place that is empty, or holds the same.
func take[T comparable](s, c *T) {
	var none T
	if *s == none || *s == *c {
		*s = *c
		if *c != none {
			*c = none
		}
	}
}

func compare(a, b openapi.Number) int { return bound(a).Cmp(bound(b)) }
