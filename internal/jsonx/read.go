package jsonx

import (
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
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
	options []json.Options
	made    map[reflect.Type]*reader
}

// reader returns the reader of t. It may be called through the pointer only after
// all are made, because t may be recursive.
func (rs *readers) reader(t reflect.Type) *reader {
	if r, ok := rs.made[t]; ok {
		return r
	}
	r := new(reader)
	rs.made[t] = r
	*r = rs.compile(t)
	return r
}

func (rs *readers) compile(t reflect.Type) reader {
	switch {
	case t == durationType:
		return readDurationText
	case t == timeType, isBytes(t), implements(t, unmarshalerTypes...):
		return rs.library
	}
	switch t.Kind() {
	case reflect.Bool:
		return readBool
	case reflect.String:
		return readString
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return readUint
	case reflect.Float32, reflect.Float64:
		return readFloat
	case reflect.Struct:
		if r := rs.structReader(t, false); r != nil {
			return r
		}
	case reflect.Slice:
		if t.Elem() == stringType {
			return stringsReader(t)
		}
		return rs.sliceReader(t)
	case reflect.Map:
		if k := t.Key(); k.Kind() == reflect.String && !implements(k, unmarshalerTypes...) {
			return rs.mapReader(t)
		}
	case reflect.Pointer:
		return rs.pointerReader(t)
	}
	return rs.library
}

// library has json v2 read a subtree. One that holds a null is left to it as a whole,
// for the walk that judges nulls.
func (rs *readers) library(c *cursor, v reflect.Value) bool {
	text, ok := c.value()
	return ok && json.Unmarshal(text, v.Addr().Interface(), rs.options...) == nil
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
	u, ok := c.digits()
	if !ok || v.OverflowUint(u) {
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

func (rs *readers) pointerReader(t reflect.Type) reader {
	element := rs.reader(t.Elem())
	return func(c *cursor, v reflect.Value) bool {
		if c.literal("null") {
			return true
		}
		p := reflect.New(t.Elem())
		v.Set(p)
		return (*element)(c, p.Elem())
	}
}
