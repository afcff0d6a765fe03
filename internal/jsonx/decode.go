package jsonx

import (
	"bytes"
	"iter"
	"reflect"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
)

// Options say how a Decoder reads. The zero value is strict.
type Options struct {
	// AllowUnknown skips members that the type does not have instead of refusing them.
	AllowUnknown bool
}

// Decoder reads values of one type. It is immutable and safe for concurrent use.
type Decoder struct {
	typ     reflect.Type
	parts   iter.Seq[Part] // the fields that take members; nil: typ as a whole
	options []json.Options
	read    reader // the compiled decoder; nil: json v2 alone
	base32  bool   // there are bytes in base32
	rare    rare
}

// decodeOptions are the options for the type that a saw. Types that need no hook, which
// most do not, share them.
func (a *audit) decodeOptions(o Options) []json.Options {
	switch hook := a.decodeHook(); {
	case hook != nil:
		return joinDecodeOptions(o, hook)
	case o.AllowUnknown:
		return laxOptions()
	}
	return strictOptions()
}

var (
	laxOptions    = sync.OnceValue(func() []json.Options { return joinDecodeOptions(Options{AllowUnknown: true}, nil) })
	strictOptions = sync.OnceValue(func() []json.Options { return joinDecodeOptions(Options{}, nil) })
)

func joinDecodeOptions(o Options, hook json.Options) []json.Options {
	return []json.Options{json.JoinOptions(
		json.RejectUnknownMembers(!o.AllowUnknown),
		formatTags(),
		hook,
	)}
}

// NewDecoder compiles a Decoder for values of t. The error is a sentence that says
// why JSON cannot be decoded into t.
func NewDecoder(t reflect.Type, o Options) (*Decoder, error) {
	a := audit{decode: true}
	defer a.structs.release()
	if err := a.check(t); err != nil {
		return nil, err
	}
	d := &Decoder{typ: t, options: a.decodeOptions(o), base32: a.base32}
	rs := readers{structs: &a.structs, options: d.options}
	if r, left := rs.reader(t); !left {
		d.read = *r
	}
	return d, nil
}

// Decode reads body, which must be one JSON value, into dst, a pointer to a value of
// the Decoder's type; nil means that all of it was decoded. *dst, or those of its fields
// that take members, must be zero before, and may hold parts of the body after an
// error. Nothing of body is kept: the caller may reuse it.
func (d *Decoder) Decode(body []byte, dst any) *Error {
	if d.base32 {
		if err := d.checkBase32(body); err != nil {
			return err
		}
	}
	if d.compiled(body, dst) {
		return nil
	}
	return d.library(body, dst)
}

// compiled reports whether the compiled decoder read the body. If not, dst is as it was.
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
	if d.parts == nil {
		v.SetZero()
		return false
	}
	for p := range d.parts {
		p.in(v).SetZero()
	}
	return false
}

// rare is what few bodies need: those that the compiled decoder does not take, which
// are wrong mostly. It is made when the first one comes, because most endpoints never
// see one. Making it cannot fail: the audit has let the type through.
type rare struct {
	once  sync.Once
	nulls *nullPlan
	view  *view // of parts
}

func (d *Decoder) rarely() *rare {
	d.rare.once.Do(func() {
		plans := nullPlans{made: make(map[reflect.Type]*nullPlan)}
		defer plans.structs.release()
		if d.parts == nil {
			d.rare.nulls = plans.plan(d.typ)
			return
		}
		d.rare.nulls, d.rare.view = new(nullPlan), newView(slices.Collect(d.parts))
		members, _ := plans.structs.membersOf(d.typ, d.parts)
		plans.object(d.rare.nulls, members)
	})
	return &d.rare
}

// library has json v2 read the body and explains what it refuses.
func (d *Decoder) library(body []byte, dst any) *Error {
	if d.parts != nil {
		view := d.rarely().view
		open := view.open(reflect.ValueOf(dst).Elem())
		defer view.close(open)
		dst = open.pointer
	}
	if err := json.Unmarshal(body, dst, d.options...); err != nil {
		// json v2 stops at the first mistake and may not have seen yet that the
		// body is malformed further on. Syntax wins.
		if syntax := checkSyntax(body); syntax != nil {
			return syntax
		}
		return explain(err)
	}
	if bytes.Contains(body, []byte("null")) {
		if pointer, found := findNull(body, d.rarely().nulls); found {
			return &Error{Rule: "null", Pointer: shorten(pointer), Detail: "must not be null"}
		}
	}
	return nil
}
