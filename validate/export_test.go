package validate

import "reflect"

// TableSize is the number of rows in the table of built-in tags.
func TableSize() int { return len(builtins) }

// Vouches reports whether the fast path alone is content with the value behind ptr.
func Vouches(c *Checker, ptr any) bool {
	return !c.ruled || c.plan != nil && c.rest == nil && c.plan.holds(reflect.ValueOf(ptr).Elem())
}

// Covered reports whether the fast path covers all rules of the type.
func Covered(c *Checker) bool { return !c.ruled || c.plan != nil && c.rest == nil }

// Sentence is the default sentence of a rule that a value of type t broke.
func Sentence(r Rule, t reflect.Type) string { return sentence(r, t) }
