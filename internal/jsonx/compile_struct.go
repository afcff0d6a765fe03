package jsonx

import (
	"reflect"
	"strconv"
)

// fieldWriter writes one member of an object.
type fieldWriter struct {
	prefix string // `,"name":`, of which the comma is cut where there is none before
	below  []int  // the rest of the way, through embedded structs
	write  *writer
	isZero func(reflect.Value) bool // omitzero; nil: always written
	index  int32
	kind   uint8 // a reflect.Kind; the fields are small because a program has many of these
	sure   bool  // a member before it is always written
	plain  bool  // always written, and a field of the struct itself
	empty  emptiness
}

// emptiness says what omitempty asks of a type.
type emptiness uint8

const (
	neverEmpty emptiness = iota
	emptyLen             // its length tells
	emptyNil             // a nil pointer or interface is written as null; others may be written as "", [] or {} too
	emptyText            // only its JSON tells
)

// structWriter compiles a struct. One with a member that needs more of json v2 than
// its plain form is left to json v2.
func (c *compiler) structWriter(t reflect.Type) writer {
	members, err := c.structs.members(t)
	if err != nil {
		return c.library.write // nil pointers to such structs are fine, and json v2 words the rest
	}
	for i := range members {
		m := &members[i]
		if m.Rest || m.Format != "" || !m.Field.IsExported() || m.String && implements(pointed(m.Type), marshalerTypes...) {
			return c.library.write // reflect does not hand over what is not exported
		}
	}
	fields := make([]fieldWriter, len(members))
	setPrefixes(fields, members)
	sure := false
	for i := range members {
		m, f := &members[i], &fields[i]
		f.sure, f.index, f.below, f.write = sure, int32(m.Index[0]), m.Index[1:], c.memberWriter(m.Type, m.String)
		if m.OmitZero {
			f.isZero = zeroTest(m.Type)
		}
		if m.OmitEmpty {
			f.empty = emptinessOf(m.Type)
		}
		if !implements(m.Type, marshalerTypes...) && m.Type != durationType && m.Type != numberType && !m.String {
			f.kind = uint8(m.Type.Kind())
		}
		f.plain = len(f.below) == 0 && !m.OmitZero && !m.OmitEmpty
		sure = sure || f.plain
	}
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if depth++; depth > handOverDepth {
			return dst, errHandOver
		}
		dst = append(dst, '{')
		start := len(dst)
		var err error
		for i := range fields {
			f := &fields[i]
			if !f.plain {
				dst, err = f.appendMaybe(dst, start, v, depth)
			} else {
				dst, err = f.appendValue(f.appendName(dst, start), v.Field(int(f.index)), depth)
			}
			if err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	}
}

// setPrefixes makes what is written before the values of the members, all in one text.
func setPrefixes(fields []fieldWriter, members []Member) {
	var (
		room [512]byte
		few  [32]int
		text = room[:0]
		ends = few[:0]
	)
	for i := range members {
		text = append(appendString(append(text, ','), members[i].Name), ':')
		ends = append(ends, len(text))
	}
	all, start := string(text), 0
	for i, end := range ends {
		fields[i].prefix, start = all[start:end], end
	}
}

// memberWriter is the writer of a member's value, quoted being its tag's option string.
func (c *compiler) memberWriter(t reflect.Type, quoted bool) *writer {
	if !quoted {
		return c.writer(t)
	}
	var w writer
	if t.Kind() == reflect.Pointer {
		w = pointerTo(c.memberWriter(t.Elem(), true))
	} else {
		w = quote(c.writer(t))
	}
	return &w
}

// appendMaybe appends the member, if it is to be written, to an object whose members
// begin at start.
func (f *fieldWriter) appendMaybe(dst []byte, start int, v reflect.Value, depth int) ([]byte, error) {
	v = v.Field(int(f.index))
	for _, i := range f.below {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return dst, nil
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if f.isZero != nil && f.isZero(v) ||
		f.empty == emptyLen && v.Len() == 0 || f.empty == emptyNil && v.IsNil() {
		return dst, nil
	}
	before := len(dst)
	dst = f.appendName(dst, start)
	value := len(dst)
	dst, err := f.appendValue(dst, v, depth)
	if err == nil && f.empty >= emptyNil {
		switch string(dst[value:]) {
		case `null`, `""`, `[]`, `{}`:
			return dst[:before], nil
		}
	}
	return dst, err
}

// appendName appends the member's name.
func (f *fieldWriter) appendName(dst []byte, start int) []byte {
	if f.sure || len(dst) > start {
		return append(dst, f.prefix...)
	}
	return append(dst, f.prefix[1:]...)
}

// appendValue appends the member's value, the common ones without a call through a pointer.
func (f *fieldWriter) appendValue(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	switch reflect.Kind(f.kind) {
	case reflect.String:
		return appendString(dst, v.String()), nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		return appendInt(dst, v.Int()), nil
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	}
	return (*f.write)(dst, v, depth)
}

// emptinessOf says how to find out that a value of t is written as null, "", [] or {}.
func emptinessOf(t reflect.Type) emptiness {
	if t == timeType || t == durationType || t == numberType {
		return neverEmpty
	}
	if implements(t, marshalerTypes...) {
		return emptyText
	}
	switch t.Kind() {
	case reflect.String, reflect.Map, reflect.Slice, reflect.Array:
		return emptyLen
	case reflect.Pointer, reflect.Interface:
		return emptyNil
	case reflect.Struct:
		return emptyText
	}
	return neverEmpty
}

// zeroTest returns what omitzero asks: the type's own IsZero, else whether all is zero.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	type zeroer = interface{ IsZero() bool }
	switch own := t.Implements(isZeroerType); {
	case own && t.Kind() == reflect.Interface:
		return func(v reflect.Value) bool {
			return v.IsNil() || (v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil()) || v.Interface().(zeroer).IsZero()
		}
	case own && t.Kind() == reflect.Pointer:
		return func(v reflect.Value) bool { return v.IsNil() || v.Interface().(zeroer).IsZero() }
	case own || reflect.PointerTo(t).Implements(isZeroerType):
		// Through the address, which does not copy the value to the heap.
		return func(v reflect.Value) bool { return v.Addr().Interface().(zeroer).IsZero() }
	}
	return reflect.Value.IsZero
}
