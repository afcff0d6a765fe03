package jsonx

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Encoder appends the JSON of *v to dst, v being a pointer to a value of the type that
// the Encoder was made for. On an error the bytes after len(dst) mean nothing. The
// error names Go types and is not for clients. A panic of a value's own method passes
// through and harms no later call. It is safe for concurrent use.
type Encoder func(dst []byte, v any) ([]byte, error)

// NewEncoder compiles an Encoder for values of t. The error is a sentence that says
// why JSON cannot encode t.
func NewEncoder(t reflect.Type) (Encoder, error) {
	a := newAudit(false)
	if err := a.check(t); err != nil {
		return nil, err
	}
	options := joinEncodeOptions(a.encodeHook())
	c := compiler{a.structs, library{options, a.dynamic}, make(map[reflect.Type]*writer)}
	pointer, write := reflect.PointerTo(t), *c.writer(t)
	return func(dst []byte, v any) ([]byte, error) {
		if reflect.TypeOf(v) != pointer {
			return Append(dst, v)
		}
		value := reflect.ValueOf(v).Elem()
		if !value.IsValid() { // v is a nil pointer
			return Append(dst, v)
		}
		out, err := write(dst, value, 0)
		if errors.Is(err, errHandOver) {
			return appendLibrary(dst, v, options)
		}
		if err != nil {
			return dst, err
		}
		return out, nil
	}, nil
}

// Append appends the JSON of v, of any type, to dst; otherwise it is like an
// [Encoder].
func Append(dst []byte, v any) ([]byte, error) {
	if hasRing(reflect.ValueOf(v)) {
		return dst, errCycle
	}
	return appendLibrary(dst, v, anyOptions())
}

// anyOptions are the options for types that were not audited.
var anyOptions = sync.OnceValue(func() []json.Options {
	a := audit{dynamic: true}
	return joinEncodeOptions(a.encodeHook())
})

// joinEncodeOptions joins what every encoding has with the hook of one type, which may be nil.
func joinEncodeOptions(hook json.Options) []json.Options {
	return []json.Options{json.JoinOptions(
		json.Deterministic(true),
		jsontext.AllowInvalidUTF8(true), // writes U+FFFD for it
		formatTags(),
		hook,
	)}
}

// buffers holds *bytes.Buffer without contents: json v2 writes into those directly.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func appendLibrary(dst []byte, v any, options []json.Options) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	*b = *bytes.NewBuffer(dst)
	err := json.MarshalWrite(b, v, options...)
	out := b.Bytes()
	// Not deferred: after a panic the buffer is left to the garbage collector,
	// because the library may still refer to it.
	*b = bytes.Buffer{}
	buffers.Put(b)
	if err != nil {
		return dst, fmt.Errorf("cannot encode %T as JSON: %w", v, err)
	}
	return out, nil
}

// json v2 finds cycles that go through objects and arrays, by their depth. A ring of
// nothing but pointers and interfaces has none, and would overflow the stack, which
// ends the process. So values that json v2 writes and that can hold one are looked
// through before.

// longestChain is how many pointers and interfaces may follow each other.
const longestChain = 100

// hasRing reports whether v holds pointers and interfaces that lead to each other only.
func hasRing(v reflect.Value) bool {
	var s ringSearch
	return s.find(v, 0, 0)
}

// ringSearch walks through one value.
type ringSearch struct {
	tooDeep bool // json v2 looks for cycles from here on
}

// find looks into v, which is behind chain pointers and interfaces within depth
// objects and arrays.
func (s *ringSearch) find(v reflect.Value, chain, depth int) bool {
	if depth > handOverDepth {
		s.tooDeep = true
	}
	if s.tooDeep || !v.IsValid() || !mayHold(v.Type()) {
		return false
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && (chain == longestChain || s.find(v.Elem(), chain+1, depth))
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); (f.IsExported() || f.Anonymous) && s.find(v.Field(i), 0, depth+1) {
				return true
			}
		}
	case reflect.Map:
		if !mayHold(v.Type().Elem()) {
			return false
		}
		for entries := v.MapRange(); entries.Next(); {
			if s.find(entries.Value(), 0, depth+1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		if !mayHold(v.Type().Elem()) {
			return false
		}
		for i := range v.Len() {
			if s.find(v.Index(i), 0, depth+1) {
				return true
			}
		}
	}
	return false
}

// mayHold reports whether json v2 looks for other values inside those of t.
func mayHold(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return !implements(t, marshalerTypes...)
	}
	return false
}
