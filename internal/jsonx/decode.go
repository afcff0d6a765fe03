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

import (
	"bytes"
	"math"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
)

// Options say how a Decoder reads. The zero value is strict.
type Options struct {
	// AllowUnknown skips members that the type does not have instead of refusing them.
	AllowUnknown bool

	// NullAsAbsent reads a body as if members whose type has no null, and whose value is
	// null, were not in it: those of structs and the entries of maps. An element of a list
	// cannot be absent.
	NullAsAbsent bool

	// MaxDecoded is about how many bytes decoding one body may allocate. 0: as many as
	// it takes.
	MaxDecoded int

	// MaxElements says how many elements or entries the field of a list or map may have,
	// those within its elements next, and so on. The decoder stops at the one after. nil:
	// any number. It must be no less than what a rule lets pass.
	MaxElements func(reflect.StructField) []int

	// Hidden says what is wrong with a field of struct t that another one has taken the
	// name of, so that it is never decoded; nil if nothing is. A nil Hidden finds nothing.
	Hidden func(t reflect.Type, index []int, name string) error

	// Limits are the same for a type that is the whole body.
	Limits []int
}

// Decoder reads values of one type. It is immutable and safe for concurrent use.
type Decoder struct {
	typ     reflect.Type // decoded as a whole; nil with parts
	parts   []Member     // the fields that take members
	o       Options
	options []json.Options
	read    reader // the compiled decoder; nil: json v2 alone
	largest int    // see LargestElement
	refused refused
}

// LargestElement is the size of the largest element of a list or map that the compiled
// decoder reads, in bytes: what a client gets for two bytes, "{}".
func (d *Decoder) LargestElement() int { return d.largest }

// limit makes a number of what is no limit.
func (o *Options) limit() {
	if o.MaxDecoded == 0 {
		o.MaxDecoded = math.MaxInt
	}
}

// decodeOptions are the options for the type that a saw.
func (a *audit) decodeOptions(o Options) []json.Options {
	return []json.Options{json.JoinOptions(
		json.RejectUnknownMembers(!o.AllowUnknown),
		formatTags(),
		a.decodeHook(),
	)}
}

// NewDecoder compiles a Decoder for values of t. The error is a sentence that says
// why JSON cannot be decoded into t.
func NewDecoder(t reflect.Type, o Options) (*Decoder, error) {
	a := newAudit(true)
	a.hidden = o.Hidden
	if err := a.check(t); err != nil {
		return nil, err
	}
	o.limit()
	d := &Decoder{typ: t, o: o, options: a.decodeOptions(o)}
	rs := newReaders(a, d)
	if r, left := rs.limited(t, o.Limits); !left {
		d.read = *r
	}
	d.largest = rs.largest
	return d, nil
}

// Decode reads body, which must be one JSON value, into dst, a pointer to a value of
// the Decoder's type; nil means that all of it was decoded. *dst, or those of its fields
// that take members, must be zero before, and may hold parts of the body after an
// error. Nothing of body is kept: the caller may reuse it.
func (d *Decoder) Decode(body []byte, dst any) *Error {
	c := cursors.Get().(*cursor)
	read := d.compiled(c, body, dst)
	*c = cursor{}
	cursors.Put(c)
	if read {
		return nil
	}
	return d.library(body, dst)
}

// cursors are empty between two bodies.
var cursors = sync.Pool{New: func() any { return new(cursor) }}

// Sequence decodes one value after another, as lines are, in the way of one Decoder. Short
// texts of several values share an allocation. It is for one goroutine.
type Sequence struct {
	decoder *Decoder
	cursor  cursor
}

// Sequence returns one that has not decoded anything yet.
func (d *Decoder) Sequence() *Sequence {
	return &Sequence{d, cursor{more: true}}
}

// Decode is [Decoder.Decode] for the next value.
func (s *Sequence) Decode(body []byte, dst any) *Error {
	if s.decoder.compiled(&s.cursor, body, dst) {
		return nil
	}
	return s.decoder.library(body, dst)
}

// compiled reports whether the compiled decoder read the body. If not, dst is as it was.
func (d *Decoder) compiled(c *cursor, body []byte, dst any) bool {
	if d.read == nil {
		return false
	}
	c.in, c.at, c.depth, c.spare, c.budget = body, 0, 0, len(body), d.o.MaxDecoded // the room for texts stays
	v := reflect.ValueOf(dst).Elem()
	c.space()
	ok := d.read(c, v)
	c.space()
	if ok && c.at == len(body) {
		return true
	}
	if d.parts == nil {
		v.SetZero()
		return false
	}
	for i := range d.parts {
		v.FieldByIndex(d.parts[i].Index).SetZero()
	}
	return false
}

// refused is what bodies need that the compiled decoder does not take. It is made when
// the first one comes, because most endpoints never see one, and registering them would
// cost several times as much. Making it cannot fail: the audit has let the type through.
type refused struct {
	once   sync.Once
	shape  *shape
	copies copies // of parts
}

func (d *Decoder) ifRefused() *refused {
	d.refused.once.Do(func() {
		s := newShapes(d.o.MaxElements)
		if d.parts == nil {
			d.refused.shape = s.of(d.typ)
			return
		}
		d.refused.shape, d.refused.copies = new(shape), newCopies(d.parts)
		s.object(d.refused.shape, d.parts)
	})
	return &d.refused
}

// library has json v2 read the body and explains what is refused. json v2 stops at the
// first mistake and may not have seen yet that the body is malformed further on. Syntax
// wins, so it is checked first.
func (d *Decoder) library(body []byte, dst any) *Error {
	if err := checkSyntax(body); err != nil {
		return err
	}
	r := d.ifRefused()
	w := newWalk(body, d.o.MaxDecoded)
	w.nulls = d.o.NullAsAbsent && bytes.Contains(body, []byte("null"))
	w.value(r.shape, d.o.Limits, false)
	if w.refuse != nil {
		return w.refuse
	}
	body = w.text()
	if w.nulls && w.null == nil && d.compiled(new(cursor), body, dst) {
		return nil
	}
	var err error
	if d.parts != nil {
		err = r.copies.read(body, dst, d.options)
	} else {
		err = json.Unmarshal(body, dst, d.options...)
	}
	if err != nil {
		return explain(err, r.shape)
	}
	return w.null
}
