package jsonx

import (
	"bytes"
	"encoding"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/internal/syntax"
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
	c := compiler{a.types, library{options, a.dynamic}}
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
		switch {
		case err == nil:
			return out, nil
		case errors.Is(err, errHandOver):
			return appendLibrary(dst, v, options)
		}
		return dst, err
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

// The compiled encoder writes what json v2 with our options would write, byte for
// byte, for the shapes that it knows: scalars, texts, times, structs, slices, arrays,
// pointers, maps with string or integer keys, any. A subtree of another type is
// written by json v2. Whatever would be an error is left to json v2 as a whole, by
// errHandOver, so that it alone words errors.

// writer appends the JSON of v, which is addressable. depth counts the objects and
// arrays around it.
type writer func(dst []byte, v reflect.Value, depth int) ([]byte, error)

var (
	errHandOver = errors.New("json v2 has to decide")
	errCycle    = errors.New("the value points to itself")
)

// handOverDepth is where json v2 starts to look for cycles.
const handOverDepth = 1000

// compiler makes one writer for each type.
type compiler struct {
	types   types
	library library
}

// scalarWriters are the writers of the predeclared types, by their kinds.
var scalarWriters = [reflect.UnsafePointer + 1]writer{
	reflect.Bool: writeBool, reflect.String: writeString, reflect.Float32: writeFloat, reflect.Float64: writeFloat,
	reflect.Int: writeInt, reflect.Int8: writeInt, reflect.Int16: writeInt, reflect.Int32: writeInt, reflect.Int64: writeInt,
	reflect.Uint: writeUint, reflect.Uint8: writeUint, reflect.Uint16: writeUint, reflect.Uint32: writeUint, reflect.Uint64: writeUint, reflect.Uintptr: writeUint,
}

// writer returns the writer of t. It may be called through the pointer only after
// the compiler is done, because t may be recursive.
func (c *compiler) writer(t reflect.Type) *writer {
	if isPredeclared(t) {
		return &scalarWriters[t.Kind()]
	}
	info := c.types.of(t)
	if info.write == nil {
		info.write = new(writer)
		*info.write = c.compile(t)
	}
	return info.write
}

func (c *compiler) compile(t reflect.Type) writer {
	switch {
	case t == timeType:
		return writeTime
	case t == durationType:
		return writeDurationText
	case t == numberType:
		return writeNumberText
	case implements(t, marshalerTypes[:2]...):
		return c.library.write
	case implements(t, marshalerTypes[2]):
		return appendTextWriter
	case implements(t, marshalerTypes[3]):
		return marshalTextWriter
	case isBytes(t):
		return writeBytes
	}
	switch t.Kind() {
	case reflect.Struct:
		return c.structWriter(t)
	case reflect.Slice, reflect.Array:
		return c.arrayWriter(t)
	case reflect.Map:
		return c.mapWriter(t)
	case reflect.Pointer:
		return c.pointerWriter(t)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return c.anyWriter()
		}
	}
	if w := scalarWriters[t.Kind()]; w != nil {
		return w
	}
	return c.library.write
}

// library is json v2 as the writer of a subtree.
type library struct {
	options []json.Options
	dynamic bool // there may be values of types that nobody knows before
}

func (l library) write(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	if l.dynamic && hasRing(v) {
		return dst, errCycle
	}
	out, err := appendLibrary(dst, v.Addr().Interface(), l.options)
	if err != nil {
		return dst, errHandOver // for the pointer from the root in the error
	}
	return out, nil
}

func writeBool(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	return strconv.AppendBool(dst, v.Bool()), nil
}

func writeString(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	return syntax.AppendString(dst, v.String()), nil
}

func writeInt(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	return appendInt(dst, v.Int()), nil
}

// appendInt writes the numbers of one to three digits in place, and with them those of
// floats: 6 % of W5.
func appendInt(dst []byte, n int64) []byte {
	switch {
	case 0 <= n && n < 10:
		return append(dst, byte('0'+n))
	case 0 <= n && n < 100:
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	case 0 <= n && n < 1000:
		return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	}
	return strconv.AppendInt(dst, n, 10)
}

func writeUint(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	return strconv.AppendUint(dst, v.Uint(), 10), nil
}

func writeFloat(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	f := v.Float()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, errHandOver
	}
	if v.Kind() == reflect.Float32 {
		return appendFloat(dst, f, 32), nil
	}
	return appendFloat(dst, f, 64), nil
}

func writeNumberText(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	text, ok := numberText(stdjson.Number(v.String()))
	if !ok {
		return dst, errHandOver
	}
	return append(dst, text...), nil
}

func writeBytes(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes())
	return append(dst, '"'), nil
}

func writeTime(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	dst, err := v.Addr().Interface().(*time.Time).AppendText(append(dst, '"'))
	if err != nil {
		return dst, errHandOver
	}
	return append(dst, '"'), nil
}

func writeDurationText(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	return append(appendDuration(append(dst, '"'), time.Duration(v.Int())), '"'), nil
}

func appendTextWriter(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	start := len(dst)
	dst, err := v.Addr().Interface().(encoding.TextAppender).AppendText(append(dst, '"'))
	if err != nil {
		return dst, errHandOver
	}
	if text := dst[start+1:]; !syntax.IsVerbatim(text) {
		return syntax.AppendString(dst[:start], string(text)), nil
	}
	return append(dst, '"'), nil
}

func marshalTextWriter(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return dst, errHandOver
	}
	if !syntax.IsVerbatim(text) {
		return syntax.AppendString(dst, string(text)), nil
	}
	return append(append(append(dst, '"'), text...), '"'), nil
}

// quote wraps the writer of a number for the tag's option string.
func quote(w *writer) writer {
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		dst, err := (*w)(append(dst, '"'), v, depth)
		return append(dst, '"'), err
	}
}

func (c *compiler) pointerWriter(t reflect.Type) writer {
	return pointerTo(c.writer(t.Elem()))
}

// pointerTo writes null or what a pointer points to.
func pointerTo(element *writer) writer {
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		return (*element)(dst, v.Elem(), depth)
	}
}

func (c *compiler) arrayWriter(t reflect.Type) writer {
	if e := t.Elem(); e.Kind() == reflect.String && e != numberType && !implements(e, marshalerTypes...) {
		return writeStrings
	}
	element := c.writer(t.Elem())
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if depth++; depth > handOverDepth {
			return dst, errHandOver
		}
		dst = append(dst, '[')
		var err error
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = (*element)(dst, v.Index(i), depth); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	}
}

// writeStrings writes strings without a call through a pointer for each: W5.
func writeStrings(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth >= handOverDepth {
		return dst, errHandOver
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = syntax.AppendString(dst, v.Index(i).String())
	}
	return append(dst, ']'), nil
}

// appendFloat appends f, which is finite, as ECMAScript writes numbers, except that
// -0 stays -0.
func appendFloat(dst []byte, f float64, bits int) []byte {
	// Integers below this bound have neighbours at most one apart, so that their
	// shortest form is the integer itself.
	bound := float64(1 << 53)
	if bits == 32 {
		bound = 1 << 24
	}
	abs := math.Abs(f)
	if abs < bound {
		if n := int64(f); float64(n) == f && (n != 0 || !math.Signbit(f)) {
			return appendInt(dst, n)
		}
	}
	// A decimal of at most 15 digits that rounds to f is the only one of that length,
	// and so the shortest.
	const millions = 1_000_000
	if n := int64(abs*millions + 0.5); bits == 64 && abs < 1e9 && n > 0 && float64(n)/millions == abs {
		if f < 0 {
			dst = append(dst, '-')
		}
		return appendMillionths(appendInt(dst, n/millions), uint32(n%millions))
	}
	format := byte('f')
	if abs != 0 && (bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, bits)
	if n := len(dst); format == 'e' && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-07 is e-7
		dst = dst[:n-1]
	}
	return dst
}

// appendMillionths appends a point and n millionths, which are not 0, without
// trailing zeros.
func appendMillionths(dst []byte, n uint32) []byte {
	digit := func(of uint32) byte { return byte('0' + n/of%10) }
	dst = append(dst, '.', digit(100_000), digit(10_000), digit(1000), digit(100), digit(10), digit(1))
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendDuration appends d as time.Duration.String writes it, without its allocation.
func appendDuration(dst []byte, d time.Duration) []byte {
	n := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		n = -n
	}
	const second = uint64(time.Second)
	switch {
	case n == 0:
		return append(dst, "0s"...)
	case n < uint64(time.Microsecond):
		return append(strconv.AppendUint(dst, n, 10), "ns"...)
	case n < uint64(time.Millisecond):
		return append(appendFraction(dst, n, uint64(time.Microsecond)), "µs"...)
	case n < second:
		return append(appendFraction(dst, n, uint64(time.Millisecond)), "ms"...)
	}
	if h := n / (3600 * second); h > 0 {
		dst = append(strconv.AppendUint(dst, h, 10), 'h')
	}
	if m := n / (60 * second); m > 0 {
		dst = append(strconv.AppendUint(dst, m%60, 10), 'm')
	}
	return append(appendFraction(dst, n%(60*second), second), 's')
}

// appendFraction appends n/unit in decimals, unit being a power of ten, without
// trailing zeros.
func appendFraction(dst []byte, n, unit uint64) []byte {
	dst = strconv.AppendUint(dst, n/unit, 10)
	if n %= unit; n == 0 {
		return dst
	}
	dst = append(dst, '.')
	for ; n > 0; n %= unit {
		unit /= 10
		dst = append(dst, '0'+byte(n/unit))
	}
	return dst
}
