package jsonx

import (
	"encoding"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// The compiled decoder reads what json v2 with our options would read, for the
// shapes that it knows: scalars, texts, durations, structs, slices, pointers, maps
// with string keys. A subtree of another type is read by json v2. It can only say
// "read, and nothing was wrong": whatever else it meets (a mistake of any kind, a null
// that has no business there, an unknown member) is left to json v2 as a whole, which
// alone judges and words errors.

// reader reads the value that begins at the cursor into v, which is settable and
// zero. It reports false where json v2 has to decide.
type reader func(c *cursor, v reflect.Value) bool

// readers makes one reader for each type.
type readers struct {
	types   types
	options []json.Options
	limits  func(reflect.StructField) []int
	largest int // size of the largest element
}

func newReaders(a *audit, d *Decoder) *readers {
	return &readers{types: a.types, options: d.options, limits: d.o.MaxElements}
}

// scalarReaders are the readers of the predeclared types, by their kinds.
var scalarReaders = [reflect.UnsafePointer + 1]reader{
	reflect.Bool: readBool, reflect.String: readString, reflect.Float32: readFloat, reflect.Float64: readFloat,
	reflect.Int: readInt, reflect.Int8: readInt, reflect.Int16: readInt, reflect.Int32: readInt, reflect.Int64: readInt,
	reflect.Uint: readUint, reflect.Uint8: readUint, reflect.Uint16: readUint, reflect.Uint32: readUint, reflect.Uint64: readUint, reflect.Uintptr: readUint,
}

// reader returns the reader of t, and whether it leaves t to json v2. It may be called
// through the pointer only after all are made, because t may be recursive.
func (rs *readers) reader(t reflect.Type) (r *reader, left bool) {
	if isPredeclared(t) {
		return &scalarReaders[t.Kind()], false
	}
	info := rs.types.of(t)
	if info.read == nil {
		info.read = new(reader)
		*info.read, info.left = rs.compile(t)
	}
	return info.read, info.left
}

// limited is [readers.reader] for a place with limits of its elements, by depth.
func (rs *readers) limited(t reflect.Type, limits []int) (*reader, bool) {
	if len(limits) == 0 || isBytes(t) || implements(t, unmarshalerTypes...) {
		return rs.reader(t)
	}
	var r reader
	switch k := t.Key; t.Kind() {
	case reflect.Pointer:
		element, _ := rs.limited(t.Elem(), limits)
		r = readPointer(t, element)
	case reflect.Slice:
		r = rs.sliceReader(t, limits)
	case reflect.Map:
		if k().Kind() == reflect.String && !implements(k(), unmarshalerTypes...) {
			r = rs.mapReader(t, limits)
		}
	default:
		return rs.reader(t)
	}
	if r == nil {
		r = rs.libraryReader(t, limits)
		return &r, true
	}
	return &r, false
}

func (rs *readers) compile(t reflect.Type) (_ reader, left bool) {
	if r := rs.known(t); r != nil {
		return r, false
	}
	return rs.libraryReader(t, nil), true
}

// known returns nil for a type that only json v2 knows. Lists and maps of such a type
// are left to it as well: it reads many at once faster than one by one.
func (rs *readers) known(t reflect.Type) reader {
	switch {
	case t == durationType:
		return readDurationText
	case t == numberType:
		return readNumberText
	case t == timeType:
		return readTime
	case isBytes(t), decodesItself(t):
		return nil
	case implements(t, textUnmarshalerType):
		return readText
	}
	switch t.Kind() {
	case reflect.Struct:
		if members, err := rs.types.members(t); err == nil {
			return rs.objectReader(members)
		}
	case reflect.Slice:
		return rs.sliceReader(t, nil)
	case reflect.Map:
		if k := t.Key(); k.Kind() == reflect.String && !implements(k, unmarshalerTypes...) {
			return rs.mapReader(t, nil)
		}
	case reflect.Pointer:
		element, _ := rs.reader(t.Elem())
		return readPointer(t, element)
	}
	return scalarReaders[t.Kind()]
}

// libraryReader has json v2 read a subtree, which is looked through first as a whole body
// is where it may hold others.
func (rs *readers) libraryReader(t reflect.Type, limits []int) reader {
	options := rs.options
	read := func(text []byte, v reflect.Value) bool {
		return json.Unmarshal(text, v.Addr().Interface(), options...) == nil
	}
	if decodesItself(t) {
		return func(c *cursor, v reflect.Value) bool {
			text, ok := c.value()
			return ok && !isLongNumber(text, t) && read(text, v)
		}
	}
	if isBytes(t) {
		return func(c *cursor, v reflect.Value) bool {
			text, ok := c.value()
			return ok && text[0] == '"' && read(text, v)
		}
	}
	whole := sync.OnceValue(func() *shape { return newShapes(rs.limits).of(t) })
	return func(c *cursor, v reflect.Value) bool {
		text, ok := c.value()
		if !ok {
			return false
		}
		w := newWalk(text, c.budget)
		w.value(whole(), limits, false)
		c.budget = w.budget
		return w.refuse == nil && w.null == nil && !w.broken && read(w.text(), v)
	}
}

func readBool(c *cursor, v reflect.Value) bool {
	switch {
	case c.literal("true"):
		v.SetBool(true)
	case c.literal("false"):
		v.SetBool(false)
	default:
		return false
	}
	return true
}

func readString(c *cursor, v reflect.Value) bool {
	s, ok := c.text()
	v.SetString(s)
	return ok
}

func readDurationText(c *cursor, v reflect.Value) bool {
	s, ok := c.text()
	if !ok {
		return false
	}
	d, err := time.ParseDuration(s)
	v.SetInt(int64(d))
	return err == nil
}

func readNumberText(c *cursor, v reflect.Value) bool {
	text, ok := c.number()
	if !ok || isLongNumber(text, numberType) {
		return false
	}
	v.SetString(string(text))
	return true
}

func readTime(c *cursor, v reflect.Value) bool {
	b, ok := c.raw()
	return ok && v.Addr().Interface().(*time.Time).UnmarshalText(b) == nil && syntax.IsStrictTime(string(b))
}

// readText reads a type that knows its text.
func readText(c *cursor, v reflect.Value) bool {
	b, ok := c.raw()
	return ok && !IsLongNumber(b, v.Type()) && v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(b) == nil
}

func readInt(c *cursor, v reflect.Value) bool {
	negative := c.skip('-')
	u, ok := c.digits()
	n := int64(u) // there are at most 18 digits
	if negative {
		n = -n
	}
	if !ok || v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

func readUint(c *cursor, v reflect.Value) bool {
	negative := c.skip('-')
	u, ok := c.digits()
	if !ok || negative && u != 0 || v.OverflowUint(u) {
		return false
	}
	v.SetUint(u)
	return true
}

func readFloat(c *cursor, v reflect.Value) bool {
	text, ok := c.number()
	if !ok {
		return false
	}
	f, err := strconv.ParseFloat(string(text), v.Type().Bits())
	v.SetFloat(f)
	return err == nil
}

// readPointer reads null or what a pointer of type t points to.
func readPointer(t reflect.Type, element *reader) reader {
	size := int(t.Elem().Size())
	return func(c *cursor, v reflect.Value) bool {
		if c.literal("null") {
			return true
		}
		if !c.spend(size) {
			return false
		}
		p := reflect.New(t.Elem())
		v.Set(p)
		return (*element)(c, p.Elem())
	}
}

// readPresence reads a presence type.
func readPresence(element *reader, nullable bool) reader {
	return func(c *cursor, v reflect.Value) bool {
		if c.literal("null") {
			if nullable {
				presence.SetState(v, presence.Null)
			}
			return nullable
		}
		if !(*element)(c, presence.Value(v)) {
			return false
		}
		presence.SetState(v, presence.Present)
		return true
	}
}
