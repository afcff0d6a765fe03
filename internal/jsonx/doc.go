// Package jsonx is the JSON codec of the toolkit: github.com/go-json-experiment/json
// (json v2) behind a Decoder and an Encoder, with none of its types in a signature.
//
// Decoding is strict: names match in exact case, and duplicate names, unknown members,
// invalid UTF-8, trailing data and a null where the type has none are refused. Syntax
// wins: a body that is not one well-formed JSON value is reported as such whatever
// mistake came first. Every refusal is an [Error] that is fit for the client: a
// JSON Pointer, a stable rule and a sentence without Go type names or client values.
//
// Encoding is deterministic (map members sorted by name), escapes nothing for HTML,
// writes nil slices as [] and nil maps as {}, and replaces invalid UTF-8 by U+FFFD.
// NaN, infinities and cyclic values are errors.
//
// time.Duration is text such as "1h30m" in both directions unless the field's json tag
// says another format, time.Time is RFC 3339, and encoding/json's Number is a number.
//
// Decoders and Encoders are compiled once for each type, at registration, and are
// safe for concurrent use.
package jsonx
