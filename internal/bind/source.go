package bind

import (
	"reflect"
	"strings"
)

// Source is the part of a request that a field is read from.
type Source uint8

const (
	// Path is a wildcard of the pattern, path:"id".
	Path Source = iota
	// Query is a query parameter, query:"limit".
	Query
	// Header is a header field, header:"X-Trace".
	Header
	// Cookie is a cookie, cookie:"session".
	Cookie
	// Form is a field of a urlencoded body, form:"name".
	Form
	// Body is the whole body, body:"".
	Body
	// Member is a member of the JSON body, json:"name".
	Member
)

// tags are the struct tags of the sources; Member has none of its own.
var tags = [...]string{Path: "path", Query: "query", Header: "header", Cookie: "cookie", Form: "form", Body: "body"}

// String is the word that problems use for `in`.
func (s Source) String() string {
	if s == Member {
		return tags[Body]
	}
	return tags[s]
}

// Field is one field of a request type and where it is read from.
type Field struct {
	Source     Source
	HasDefault bool
	Name       string // on the wire, as written in the tag; empty for Body
	Path       string // the Go path below the request type, "Page.Limit"
	Index      []int  // for reflect.Value.FieldByIndex
	Type       reflect.Type
	Tag        reflect.StructTag
}

// Default is the default as written; "" without one.
func (f *Field) Default() string { return f.Tag.Get("default") }

// in returns the field of a request; embedded pointers on the way must be set.
func (f *Field) in(root reflect.Value) reflect.Value {
	if len(f.Index) == 1 {
		return root.Field(f.Index[0])
	}
	return root.FieldByIndex(f.Index)
}

// goName is the last element of the Go path.
func (f *Field) goName() string { return f.Path[strings.LastIndexByte(f.Path, '.')+1:] }

// BodyKind says how a plan reads the body.
type BodyKind uint8

const (
	// NoBody: the body is neither read nor judged.
	NoBody BodyKind = iota
	// JSONBody is application/json, or application/*+json.
	JSONBody
	// FormBody is application/x-www-form-urlencoded.
	FormBody
	// RawBody is bytes of any media type, read to the end before the handler runs.
	RawBody
	// StreamBody is bytes of any media type, read by the handler.
	StreamBody
)
