package jsonx

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
)

// Options say how a Decoder reads. The zero value is strict.
type Options struct {
	// AllowUnknown skips members that the type does not have instead of refusing them.
	AllowUnknown bool

	// View says that the type is a struct made for decoding, whose fields are
	// pointers to the fields of the real target. Whether a member may be null is
	// then said by what its field points to.
	View bool
}

// Decoder reads values of one type. It is immutable and safe for concurrent use.
type Decoder struct {
	options []json.Options
	nulls   *nullPlan
	read    reader // the compiled decoder; nil: json v2 alone
	view    bool
}

// NewDecoder compiles a Decoder for values of t. The error is a sentence that says
// why JSON cannot be decoded into t.
func NewDecoder(t reflect.Type, o Options) (*Decoder, error) {
	if o.View && t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a view is a struct, not %s", t)
	}
	a := audit{decode: true}
	if err := a.check(t); err != nil {
		return nil, err
	}
	d := &Decoder{options: []json.Options{json.JoinOptions(
		json.RejectUnknownMembers(!o.AllowUnknown),
		formatTags(),
		a.decodeHook(),
	)}}
	compiled := readers{cache: a.cache, options: d.options, made: make(map[reflect.Type]*reader), left: make(map[reflect.Type]bool)}
	nulls := nullPlans{cache: a.cache, made: make(map[reflect.Type]*nullPlan)}
	if o.View {
		d.nulls, d.view = new(nullPlan), true
		nulls.object(d.nulls, t, true)
		d.read = compiled.structReader(t, true)
	} else {
		d.nulls = nulls.plan(t)
		if d.read = *compiled.reader(t); compiled.left[t] {
			d.read = nil
		}
	}
	return d, nil
}

// Decode reads body, which must be one JSON value, into dst, a pointer to a value of
// the Decoder's type; nil means that all of it was decoded. *dst, or in a view what
// its fields point to, must be zero before, and may hold parts of the body after an
// error. Nothing of body is kept: the caller may reuse it.
func (d *Decoder) Decode(body []byte, dst any) *Error {
	if d.compiled(body, dst) {
		return nil
	}
	return d.library(body, dst)
}

// compiled reports whether the compiled decoder read the body. If not, dst is zero again.
func (d *Decoder) compiled(body []byte, dst any) bool {
	if d.read == nil {
		return false
	}
	c := cursor{in: body, spare: len(body)}
	v := reflect.ValueOf(dst).Elem()
	c.space()
	ok := d.read(&c, v)
	c.space()
	if ok && c.at == len(body) {
		return true
	}
	if !d.view {
		v.SetZero()
		return false
	}
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsNil() {
			f.Elem().SetZero()
		}
	}
	return false
}

// library has json v2 read the body and explains what it refuses.
func (d *Decoder) library(body []byte, dst any) *Error {
	if err := json.Unmarshal(body, dst, d.options...); err != nil {
		// json v2 stops at the first mistake and may not have seen yet that the
		// body is malformed further on. Syntax wins.
		if syntax := checkSyntax(body); syntax != nil {
			return syntax
		}
		return explain(err)
	}
	if bytes.Contains(body, []byte("null")) {
		if pointer, found := findNull(body, d.nulls); found {
			return &Error{Rule: "null", Pointer: shorten(pointer), Detail: "must not be null"}
		}
	}
	return nil
}
