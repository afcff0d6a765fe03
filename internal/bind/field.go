package bind

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
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
	// Auth is who the client is, auth:"token": typed finds out, and nothing is bound.
	Auth
	// Part is a JSON part of a multipart body, part:"meta".
	Part
	// Member is a member of the JSON body, json:"name".
	Member
)

// tagNames are the struct tags that this package looks at, by their places: first those of
// the sources, in the order of Source.
var tagNames = [...]string{
	Path: "path", Query: "query", Header: "header", Cookie: "cookie", Form: "form", Body: "body", Auth: "auth", Part: "part", Member: "json",
	tagDefault: "default", tagAccept: "accept", tagMaxSize: "maxsize", tagScopes: "scopes",
}

const (
	tagJSON    = int(Member)
	tagDefault = tagJSON + 1
	tagAccept  = tagDefault + 1
	tagMaxSize = tagAccept + 1
	tagScopes  = tagMaxSize + 1
)

// String is the word that problems use for `in`.
func (s Source) String() string {
	switch s {
	case Member:
		return tagNames[Body]
	case Part:
		return tagNames[Form]
	}
	return tagNames[s]
}

// noun is what start-up sentences call a thing of the source.
func (s Source) noun() string {
	return [...]string{"path parameter", "query parameter", "header field", "cookie", "form field", "body", "principal", "part", "member"}[s]
}

// Style says how a query parameter stands for more than one value, in the terms of
// OpenAPI.
type Style uint8

const (
	// Plain is one value; a list has the parameter once for each of its values (form,
	// explode true).
	Plain Style = iota
	// Comma is a list in one parameter, ids=1,2 (form, explode false).
	Comma
	// DeepObject is a struct with a parameter for each of its fields, filter[name]=x.
	DeepObject
)

// HTTPDate is the [Field.Format] of a time.Time in a header field that HTTP defines as a
// date, such as If-Modified-Since.
const HTTPDate = "http-date"

// Field is one field of a request type and where it is read from.
type Field struct {
	Source     Source
	Style      Style
	HasDefault bool
	FillsZero  bool   // the default is the zero value
	Name       string // on the wire, as written in the tag; empty for Body
	Format     string // the option format of a source tag, which means what json's means, or HTTPDate
	Path       string // the Go path below the request type, "Page.Limit"
	Index      []int  // of the fields on the way; pointers between them are followed
	Type       reflect.Type
	Tag        reflect.StructTag
	Members    []Field // of a DeepObject; their names are filter[name]
	Files      *Files  // what files may be; nil: it takes none
}

// Files is what the files of a field may be.
type Files struct {
	Accept  string // the media types, "image/png, image/*"; "": any
	MaxSize string // how large each may be, "5 MB"; "": as the body

	MaxBytes int64 // what MaxSize says
}

// Default is the default as written; "" without one.
func (f *Field) Default() string { return f.Tag.Get("default") }

// MemberName is the name of a DeepObject's member within its object.
func (f *Field) MemberName() string {
	_, name, _ := strings.Cut(f.Name, "[")
	return strings.TrimSuffix(name, "]")
}

// EmptyIsAbsent reports whether the field counts as absent when it is sent empty. A
// browser sends each field of a form, and an empty text is only a value of a string.
func (f *Field) EmptyIsAbsent() bool {
	t := presence.Unwrap(f.Type)
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return f.Source == Form && (t.Kind() == reflect.Pointer || f.Format != "" || scalarOf(t).kind != text)
}

// IsCheckbox reports whether the field also takes "on", which is what a browser sends
// for a checkbox without a value.
func (f *Field) IsCheckbox() bool {
	t := presence.Unwrap(f.Type)
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return f.Source == Form && scalarOf(t).kind == boolean
}

// goName is the last element of the Go path.
func (f *Field) goName() string { return f.Path[strings.LastIndexByte(f.Path, '.')+1:] }

// BodyKind says how a plan reads the body.
type BodyKind uint8

const (
	// NoBody: the body is neither read nor judged.
	NoBody BodyKind = iota
	// JSONBody is application/json, application/*+json, or what the endpoint names.
	JSONBody
	// FormBody is application/x-www-form-urlencoded.
	FormBody
	// MultipartBody is multipart/form-data.
	MultipartBody
	// RawBody is bytes, read to the end before the handler runs, of the media types
	// that the endpoint names, or else of any.
	RawBody
	// StreamBody is the same, read by the handler.
	StreamBody
	// LinesBody is a JSON value on each line, read by the handler.
	LinesBody
)

// fieldTags are the struct tags of one field, by their places.
type fieldTags struct {
	values       [len(tagNames)]string
	found        uint16 // a bit for each
	problem, fix string // see [syntax.ReadTag]
}

// readTags finds what StructTag.Lookup finds.
func readTags(tag reflect.StructTag) (t fieldTags) {
	var seen uint16 // also those whose value is no Go string, which are not found
	t.problem, t.fix = syntax.ReadTag(tag, func(key, quoted string) {
		at := slices.Index(tagNames[:], key)
		if at < 0 || seen>>at&1 == 1 {
			return
		}
		seen |= 1 << at
		if value, ok := syntax.UnquoteTag(quoted); ok {
			t.values[at] = value
			t.found |= 1 << at
		}
	})
	return t
}

// has reports whether the tag at a place was found.
func (t *fieldTags) has(at int) bool { return t.found>>at&1 == 1 }

// anySource reports whether any tag but json says where the field comes from.
func (t *fieldTags) anySource() bool { return t.found&(1<<tagJSON-1) != 0 }

// sources has the bits of the tags that say where the field comes from.
func (t *fieldTags) sources() uint16 {
	found := t.found & (1<<tagDefault - 1)
	if t.values[tagJSON] == "-" {
		found &^= 1 << tagJSON
	}
	return found
}

// unquote is the value of an option, which single quotes let have any text.
func unquote(value string) string {
	if inner, quoted := strings.CutPrefix(value, "'"); quoted {
		inner = strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `\'`, "'")
		if text, err := strconv.Unquote(`"` + strings.ReplaceAll(inner, `"`, `\"`) + `"`); err == nil {
			return text
		}
	}
	return value
}

// cutOption cuts the first of a tag's comma-separated options off. As in a json tag, a
// value in single quotes may hold commas; the quotes stay.
func cutOption(options string) (option, rest string) {
	quoted := false
	for i := 0; i < len(options); i++ {
		switch c := options[i]; {
		case c == '\'':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return options[:i], options[i+1:]
		}
	}
	return options, ""
}
