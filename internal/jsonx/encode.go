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
	var a audit
	defer a.structs.release()
	if err := a.check(t); err != nil {
		return nil, err
	}
	options := a.encodeOptions()
	c := compiler{structs: &a.structs, library: library{options, a.dynamic}}
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
		if err != nil {
			return appendRefused(dst, v, err, options)
		}
		return out, nil
	}, nil
}

// appendRefused decides what becomes of a value that the compiled encoder refused with err.
func appendRefused(dst []byte, v any, err error, options []json.Options) ([]byte, error) {
	if !errors.Is(err, errHandOver) {
		return dst, err
	}
	return appendLibrary(dst, v, options)
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

// plainOptions are the options for the types that need no hook, which most are.
var plainOptions = sync.OnceValue(func() []json.Options { return joinEncodeOptions(nil) })

// encodeOptions are the options for the type that a saw.
func (a *audit) encodeOptions() []json.Options {
	if hook := a.encodeHook(); hook != nil {
		return joinEncodeOptions(hook)
	}
	return plainOptions()
}

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
