// Package schema makes JSON Schemas (draft 2020-12, as OpenAPI 3.1 writes them) of Go
// types and their validate tags.
//
// A type has two forms. The input form accepts whatever the server accepts: it holds
// the rules, refuses unknown members, and requires a member if and only if its zero
// value breaks the rules. The output form accepts whatever the server writes: it
// holds no rules, because output is not validated, and requires the members that are
// always written. Where a rule cannot be said in JSON Schema the input form accepts
// more than the server, and names the rule in x-validate and in the description.
//
// [Builder] collects the named structs that it meets as components, each once for
// every form in use. Two forms that read alike are one component.
package schema
