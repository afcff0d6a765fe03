package rules

import (
	"maps"
	"reflect"
	"slices"
)

// TableSize is the number of rows in the table of built-in tags.
func TableSize() int { return len(builtins) }

// TableNames are the built-in tags.
func TableNames() []string { return slices.Sorted(maps.Keys(builtins)) }

// Vouches reports whether the fast path alone is content with the value behind ptr.
func Vouches(c *Checker, ptr any) bool {
	root := reflect.ValueOf(ptr).Elem()
	return Covered(c) && (!c.ruled || c.split == nil && c.plan.holds(root) || c.split != nil && c.split.holds(root))
}

// Covered reports whether the fast path covers all rules of the type.
func Covered(c *Checker) bool {
	return !c.ruled || c.plan != nil || c.split != nil && c.split.complete()
}

// Sentence is the default sentence of a rule that a value of type t broke.
func Sentence(r Rule, t reflect.Type) string { return sentence(r, t) }

// SetPiece has a Checker split what holds more than n elements.
func SetPiece(c *Checker, n int) { c.piece = n }

// Piece is how many elements a piece has.
const Piece = piece
