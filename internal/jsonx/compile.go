package jsonx

import (
	"encoding"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

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
	structs *structs
	library library
	writers map[reflect.Type]*writer // of types that are neither structs nor plain
}

// writer returns the writer of t. It may be called through the pointer only after
// the compiler is done, because t may be recursive.
func (c *compiler) writer(t reflect.Type) *writer {
	if t.PkgPath() == "" {
		if w := &plainWriters[t.Kind()]; *w != nil {
			return w
		}
	}
	if t == stringsType {
		return &stringsWriter
	}
	w := new(writer)
	if t.Kind() == reflect.Struct {
		d := c.structs.of(t)
		if d.writer != nil {
			return d.writer
		}
		d.writer = w
	} else {
		if made, ok := c.writers[t]; ok {
			return made
		}
		if c.writers == nil {
			c.writers = make(map[reflect.Type]*writer)
		}
		c.writers[t] = w
	}
	*w = c.compile(t)
	return w
}

// plainWriters are the writers of the types that Go itself declares, by kind. They and
// stringsWriter are never written to: every codec shares them.
var (
	plainWriters = [...]writer{
		reflect.Bool: writeBool, reflect.String: writeString,
		reflect.Int: writeInt, reflect.Int8: writeInt, reflect.Int16: writeInt, reflect.Int32: writeInt, reflect.Int64: writeInt,
		reflect.Uint: writeUint, reflect.Uint8: writeUint, reflect.Uint16: writeUint, reflect.Uint32: writeUint, reflect.Uint64: writeUint, reflect.Uintptr: writeUint,
		reflect.Float32: writeFloat, reflect.Float64: writeFloat,
		reflect.UnsafePointer: nil, // the last kind
	}
	stringsType   = reflect.TypeFor[[]string]()
	stringsWriter = writer(writeStrings)
)

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
	if w := plainWriters[t.Kind()]; w != nil {
		return w
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
	return appendString(dst, v.String()), nil
}

func writeInt(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	return appendInt(dst, v.Int()), nil
}

// appendInt writes the numbers of one to three digits, as most are, in place.
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
	start := len(dst) + 1
	dst, err := v.Addr().Interface().(encoding.TextAppender).AppendText(append(dst, '"'))
	if err != nil {
		return dst, errHandOver
	}
	if !verbatim(dst[start:]) {
		dst = appendEscaped(dst[:start], string(dst[start:]))
	}
	return append(dst, '"'), nil
}

func marshalTextWriter(dst []byte, v reflect.Value, _ int) ([]byte, error) {
	text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return dst, errHandOver
	}
	if !verbatim(text) {
		return appendString(dst, string(text)), nil
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

// writeStrings writes the most common slice without a call through a pointer for each element.
func writeStrings(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth >= handOverDepth {
		return dst, errHandOver
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, v.Index(i).String())
	}
	return append(dst, ']'), nil
}
