package bind

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// DefaultMaxBody is the limit of a body where Options name none: 1 MiB.
const DefaultMaxBody = 1 << 20

// Options are what a plan must know of its endpoint.
type Options struct {
	Method       string   // empty: any, for a plan without an endpoint
	PathNames    []string // the pattern's wildcards in order
	MaxBody      int64    // bytes, inclusive; 0: DefaultMaxBody
	AllowUnknown bool     // skip members that the type does not have
	NullAsAbsent bool     // a member whose type has no null counts as absent if it is null

	// MaxElements says how many elements the rules of a field allow its list or map, and
	// those within, by depth; nil: any number. See jsonx.Options.
	MaxElements func(reflect.StructField) []int
}

// Plan reads requests into one request type. It is immutable and safe for concurrent
// use; make one with [Compile].
type Plan struct {
	method  string
	maxBody int64
	fields  []Field
	params  int // how many parameters there are, for the sets of those seen

	path     []*param // in the order of Options.PathNames
	query    table
	headers  []*param
	cookies  []*param
	form     table
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
	decoder  *jsonx.Decoder // JSON
	optional bool           // absence is not an error
}

// Fields are the parameters, the whole-body fields and the members beside them, in
// the order of declaration. A request type that is itself the body has none: see
// [Plan.BodyType]. Callers must not change them.
func (p *Plan) Fields() []Field { return p.fields }

// parts are the members as the decoder sees them.
func (p *Plan) parts() []reflect.StructField {
	var parts []reflect.StructField
	for i := range p.fields {
		if f := &p.fields[i]; f.Source == Member {
			parts = append(parts, reflect.StructField{Name: f.goName(), Index: f.Index, Type: f.Type, Tag: f.Tag})
		}
	}
	return parts
}

// Nothing reports whether there is nothing to bind, not even a default. Of a request
// without a query such a plan refuses none.
func (p *Plan) Nothing() bool { return p.nothing }

// BodyKind says how the body is read.
func (p *Plan) BodyKind() BodyKind { return p.body.kind }

// BodyType is what the body decodes to: the request type itself or the type of its
// whole-body field. It is nil without a body, and where the body is made of fields.
func (p *Plan) BodyType() reflect.Type { return p.body.typ }

// BodyRequired reports whether a request without a body is refused.
func (p *Plan) BodyRequired() bool { return p.body.kind == JSONBody && !p.body.optional }

// SetDefaults gives a zero request, *Req, what a request without parameters would
// bind: the declared defaults.
func (p *Plan) SetDefaults(dst any) {
	b := binding{plan: p, root: reflect.ValueOf(dst).Elem()}
	b.allocate()
	b.setDefaults()
}

// allocate sets the embedded pointers.
func (b *binding) allocate() {
	for _, ptr := range b.plan.pointers {
		b.root.FieldByIndex(ptr.index).Set(reflect.New(ptr.elem))
	}
}

func (b *binding) setDefaults() {
	for _, param := range b.plan.defaults {
		if !b.seen.has(param.bit) {
			param.setDefault(b.root)
		}
	}
}
