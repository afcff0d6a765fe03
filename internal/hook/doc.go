// Package hook holds the functions by which one package of this module reaches into
// the unexported parts of another: what only the pipeline needs is then public
// nowhere. The package that owns the parts sets its functions when it is initialised;
// nobody sets them later. It is the one exception to the rules that there is no init
// and no mutable package variable.
package hook
