package schema

import (
	"cmp"
	"math/big"
	"reflect"
	"slices"
	"strconv"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

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

func compare(a, b openapi.Number) int {
	m, errM := strconv.ParseInt(string(a), 10, 64)
	n, errN := strconv.ParseInt(string(b), 10, 64)
	if errM == nil && errN == nil {
		return cmp.Compare(m, n)
	}
	x, okX := new(big.Rat).SetString(string(a))
	y, okY := new(big.Rat).SetString(string(b))
	if !okX || !okY {
		return 0
	}
	return x.Cmp(y)
}
