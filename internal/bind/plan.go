package bind

import (
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// DefaultMaxBody is the limit of a body where Options name none: 1 MiB.
const DefaultMaxBody = 1 << 20

// Options are what a plan must know of its endpoint.
type Options struct {
	Method       string   // empty: any, for a plan without an endpoint
	PathNames    []string // the pattern's wildcards in order
	MaxBody      int64    // bytes, inclusive; 0: DefaultMaxBody
	MaxBodySet   bool     // MaxBody is for all of a multipart body, and does not grow by its files
	MaxText      int64    // of the texts and JSON parts of a multipart body; 0: MaxBody
	Accepts      []string // media types: further ones of a JSON body, all that a raw body may have
	AllowUnknown bool     // skip members that the type does not have
	StrictQuery  bool     // refuse query parameters that neither the type has nor QueryKeys
	QueryKeys    []string // query parameters that say who the client is
	NullAsAbsent bool     // a member whose type has no null counts as absent if it is null

	// Hidden is jsonx.Options.Hidden.
	Hidden func(t reflect.Type, index []int, name string) error

	// MaxElements says how many elements the rules of a field allow its list or map, and
	// those within, by depth; nil: any number. See jsonx.Options.
	MaxElements func(reflect.StructField) []int

	// ZeroFails reports whether the rules of a field refuse its zero value, which then stands
	// for the default of a parameter that is sent; nil: of none.
	ZeroFails func(reflect.StructField) bool

	// Lines tells the type of a line's value, if t is a body of lines; nil: none is.
	Lines   func(t reflect.Type) (item reflect.Type)
	MaxLine int64 // bytes of a line; 0: DefaultMaxLine, or MaxBody if that is less
}

// Plan reads requests into one request type. It is immutable and safe for concurrent
// use; make one with [Compile].
type Plan struct {
	method          string
	maxBody         int64
	declaredMaxBody int64 // maxBody without what the files of a multipart body may have
	maxText         int64 // of the texts and JSON parts of a multipart body
	accepts         []string
	strictQuery     bool
	queryKeys       []string
	fields          []Field

	path     []*param // in the order of Options.PathNames
	query    table
	headers  []*param
	cookies  []*param
	form     table
	uploads  map[string]*upfield // of a multipart body, by name
	defaults []*param
	pointers []pointer // embedded pointers, outer ones first
	body     body
	nothing  bool // there is nothing to bind, not even a default
}

// pointer is an embedded pointer to a struct, which is set on every request: reading
// a field of it must not panic because nothing was sent.
type pointer struct {
	index []int
	elem  reflect.Type
}

// body says what becomes of the body.
type body struct {
	kind     BodyKind
	typ      reflect.Type   // what it decodes to; nil for none, a form and members
	field    *Field         // takes it; nil: the request type itself or its members
	raw      *Field         // takes a copy of the bytes beside what is decoded
	decoder  *jsonx.Decoder // JSON; of lines, of each of them
	lines    *lines         // nil: it is none
	optional bool           // absence is not an error
}

// Fields are the parameters, the whole-body fields and the members beside them, in
// the order of declaration. A request type that is itself the body has none: see
// [Plan.BodyType]. Callers must not change them.
func (p *Plan) Fields() []Field { return p.fields }

// parts are the members as the decoder sees them.
func (p *Plan) parts() []reflect.StructField {
	parts := make([]reflect.StructField, 0, len(p.fields))
	for i := range p.fields {
		if f := &p.fields[i]; f.Source == Member {
			parts = append(parts, reflect.StructField{Name: f.goName(), Index: f.Index, Type: f.Type, Tag: f.Tag})
		}
	}
	return parts
}

// StrictQuery reports whether query parameters that the type does not have are refused.
func (p *Plan) StrictQuery() bool { return p.strictQuery }

// RefusesQuery reports whether a raw query has a name that StrictQuery refuses.
func (p *Plan) RefusesQuery(query string) bool {
	if !p.strictQuery {
		return false
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, problem := decode(name)
		if pair != "" && (problem != "" || p.query.find(name) == nil && !slices.Contains(p.queryKeys, name)) {
			return true
		}
	}
	return false
}

// MaxBody is how many bytes the body may have: that of the options, and of a multipart
// body what its files may have beside it.
func (p *Plan) MaxBody() int64 { return p.maxBody }

// DeclaredMaxBody is that of the options alone.
func (p *Plan) DeclaredMaxBody() int64 { return p.declaredMaxBody }

// BodyKind says how the body is read.
func (p *Plan) BodyKind() BodyKind { return p.body.kind }

// BodyType is what the body decodes to: the request type itself or the type of its
// whole-body field. It is nil without a body, and where the body is made of fields.
func (p *Plan) BodyType() reflect.Type { return p.body.typ }

// LargestElement is the size of the largest element of a list or map in a JSON body, in
// bytes.
func (p *Plan) LargestElement() int {
	if p.body.decoder == nil {
		return 0
	}
	return p.body.decoder.LargestElement()
}

// BodyRequired reports whether a request without a body is refused.
func (p *Plan) BodyRequired() bool { return p.body.kind == JSONBody && !p.body.optional }

// MediaTypes are those that the body may have, the usual one first; raw bodies may have
// ranges of them, such as image/*. It is empty without a body, and for raw bodies that
// may have any. Callers must not change it.
func (p *Plan) MediaTypes() []string { return p.accepts }

// CrossSite reports whether the form of a foreign page could make a browser send a
// request that the plan binds, without the browser asking first (WHATWG Fetch, "CORS-
// safelisted"). Only a body whose media type no form can send rules that out.
func (p *Plan) CrossSite() bool {
	if p.body.optional || len(p.accepts) == 0 {
		return true
	}
	return slices.ContainsFunc([]string{"text/plain", "multipart/form-data", formMedia}, p.takes)
}

// SetDefaults gives a zero request, *Req, what a request without parameters would
// bind: the declared defaults.
func (p *Plan) SetDefaults(dst any) {
	b := binding{plan: p, root: reflect.ValueOf(dst).Elem()}
	b.allocate()
	for _, param := range p.defaults {
		param.setDefault(b.root)
	}
}

// Defaults are the declared defaults as written, by the Go paths of their fields; nil for
// none.
func (p *Plan) Defaults() map[string]string {
	var out map[string]string
	for _, d := range p.defaults {
		if out == nil {
			out = make(map[string]string)
		}
		out[d.Path] = d.Default()
	}
	return out
}

// noText is how a comma list without elements is written: name=.
var noText = []string{""}

// AppendURL appends the path and query of a request whose value is in, a Req or *Req;
// pat must have the names that the plan was compiled with. Binding the result gives
// the path and query parameters of in back, where a URL can express them: see
// [pattern.Pattern.Append]. A query parameter is left out when its absence says the
// same: it has the value of its default or, without one, is zero.
func (p *Plan) AppendURL(dst []byte, pat *pattern.Pattern, in any) []byte {
	root := reflect.ValueOf(in)
	if root.Kind() == reflect.Pointer {
		root = root.Elem()
	}
	values := make([]string, len(p.path))
	for i, param := range p.path {
		if texts := param.texts(root); len(texts) > 0 {
			values[i] = texts[0]
		}
	}
	dst = pat.Append(dst, values)
	separator := byte('?')
	for _, param := range p.query.params {
		texts := param.texts(root)
		if param.impliedBy(root, texts) {
			continue
		}
		if texts != nil && len(texts) == 0 && param.Style == Comma { // an empty list beside a default
			texts = noText
		}
		for i, s := range texts {
			if i > 0 && param.Style == Comma {
				dst = syntax.AppendQuery(append(dst, ','), s)
				continue
			}
			dst = syntax.AppendQuery(append(dst, separator), param.Name)
			dst = syntax.AppendQuery(append(dst, '='), s)
			separator = '&'
		}
	}
	return dst
}
