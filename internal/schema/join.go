package schema

import (
	"math/big"
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

// join makes s accept only what c accepts too, and returns it. Bounds are merged to the
// tighter one; what cannot stand beside a keyword of s goes into allOf.
func join(s, c *openapi.Schema) *openapi.Schema {
	if c == nil || isEmpty(c) {
		return s
	}
	if isEmpty(s) {
		return c
	}
	rest := *c
	tighter(&s.Minimum, &rest.Minimum, 1)
	tighter(&s.ExclusiveMinimum, &rest.ExclusiveMinimum, 1)
	tighter(&s.Maximum, &rest.Maximum, -1)
	tighter(&s.ExclusiveMaximum, &rest.ExclusiveMaximum, -1)
	narrow(&s.MinLength, &rest.MinLength, 1)
	narrow(&s.MaxLength, &rest.MaxLength, -1)
	narrow(&s.MinItems, &rest.MinItems, 1)
	narrow(&s.MaxItems, &rest.MaxItems, -1)
	narrow(&s.MinProperties, &rest.MinProperties, 1)
	narrow(&s.MaxProperties, &rest.MaxProperties, -1)
	take(&s.Format, &rest.Format)
	take(&s.Pattern, &rest.Pattern)
	take(&s.ContentEncoding, &rest.ContentEncoding)
	take(&s.ContentMediaType, &rest.ContentMediaType)
	if s.Const == nil {
		s.Const, rest.Const = rest.Const, nil
	}
	take(&s.Not, &rest.Not)
	if rest.UniqueItems {
		s.UniqueItems, rest.UniqueItems = true, false
	}
	if len(s.Enum) == 0 {
		s.Enum, rest.Enum = rest.Enum, nil
	}
	if len(s.AnyOf) == 0 {
		s.AnyOf, rest.AnyOf = rest.AnyOf, nil
	}
	s.AllOf = append(s.AllOf, rest.AllOf...)
	rest.AllOf = nil
	if !isEmpty(&rest) {
		s.AllOf = append(s.AllOf, &rest)
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

func isEmpty(s *openapi.Schema) bool { return reflect.ValueOf(s).Elem().IsZero() }

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
	x, okX := new(big.Rat).SetString(string(a))
	y, okY := new(big.Rat).SetString(string(b))
	if !okX || !okY {
		return 0
	}
	return x.Cmp(y)
}
