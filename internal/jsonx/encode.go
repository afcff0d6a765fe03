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

// Encoder writes values of one type. It is immutable and safe for concurrent use.
type Encoder struct {
	pointer reflect.Type // to a value of the type
	write   *writer
	options []json.Options
}

// NewEncoder compiles an Encoder for values of t. The error is a sentence that says
// why JSON cannot encode t.
func NewEncoder(t reflect.Type) (*Encoder, error) {
	var a audit
	defer a.structs.release()
	if err := a.check(t); err != nil {
		return nil, err
	}
	options := a.encodeOptions()
	c := compiler{structs: &a.structs, library: library{options, a.dynamic}}
	return &Encoder{pointer: reflect.PointerTo(t), write: c.writer(t), options: options}, nil
}

// Append appends the JSON of *v to dst, v being a pointer to a value of the
// Encoder's type. On an error the bytes after len(dst) mean nothing. The error
// names Go types and is not for clients. A panic of a value's own method passes
// through and harms no later call.
func (e *Encoder) Append(dst []byte, v any) ([]byte, error) {
	p := reflect.ValueOf(v)
	if reflect.TypeOf(v) != e.pointer || p.IsNil() {
		return Append(dst, v)
	}
	out, err := (*e.write)(dst, p.Elem(), 0)
	if err == nil {
		return out, nil
	}
	if !errors.Is(err, errHandOver) {
		return dst, err
	}
	return appendLibrary(dst, v, e.options)
}

// Append appends the JSON of v, of any type, to dst; otherwise it is like
// [Encoder.Append].
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
