// Package syntax holds the small grammars that several packages read and write, each
// once: header fields (RFC 9110), percent-encoding (RFC 3986), JSON strings (RFC 8259)
// and JSON Pointers (RFC 6901). It imports the standard library only, and every
// function is safe for concurrent use.
package syntax
