package jsonx

import (
	"reflect"
	"strconv"
)

// fieldWriter writes one member of an object.
type fieldWriter struct {
	prefix   string // what is written before the value
	write    *writer
	optional *optionalField // nil for the other forms
	index    int32
	form     form
}

// optionalField is what only fields that may be left out have: a program has many fields.
type optionalField struct {
	below  []int                    // the rest of the way, through embedded structs
	isZero func(reflect.Value) bool // omitzero; nil: always written
	empty  emptiness
}

// form says how a member is written.
type form uint8

const (
	// These are fields of the struct itself that are always written, as is a member
	// before them or they are the first: their prefix never changes.
	fixedValue  form = iota // prefix: `,"name":` or `{"name":`
	fixedString             // prefix: `,"name":"` or `{"name":"`
	fixedInt
	fixedBool

	// These may be left out. Their prefix is `,"name":`, of which the comma is cut
	// where there is none before.
	optional
)

// emptiness says what omitempty asks of a type.
type emptiness uint8

const (
	neverEmpty emptiness = iota
	emptyLen             // its length tells
	emptyNil             // a nil pointer or interface is written as null; others may be written as "", [] or {} too
	emptyText            // only its JSON tells
)

// structWriter compiles a struct. One with a member that needs more of json v2 than
// its plain form is left to json v2. The most common members are written without a
// call through a pointer.
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
	fields := c.fieldWriters(members)
	open := len(fields) == 0 || fields[0].form == optional // no prefix opens the object
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if depth++; depth > handOverDepth {
			return dst, errHandOver
		}
		if open {
			dst = append(dst, '{')
		}
		var err error
		for i := range fields {
			f := &fields[i]
			switch f.form {
			case fixedString:
				dst = appendQuoted(f.appendPrefix(dst), f.of(v).String())
			case fixedInt:
				dst = appendInt(f.appendPrefix(dst), f.of(v).Int())
			case fixedBool:
				dst = strconv.AppendBool(f.appendPrefix(dst), f.of(v).Bool())
			case fixedValue:
				if dst, err = (*f.write)(f.appendPrefix(dst), f.of(v), depth); err != nil {
					return dst, err
				}
			case optional:
				if dst, err = f.appendOptional(dst, v, depth); err != nil {
					return dst, err
				}
			}
		}
		return append(dst, '}'), nil
	}
}

func (c *compiler) fieldWriters(members []Member) []fieldWriter {
	fields := make([]fieldWriter, len(members))
	sure := false
	for i := range members {
		m, f := &members[i], &fields[i]
		f.index, f.write = int32(m.Index[0]), c.memberWriter(m.Type, m.String)
		always := len(m.Index) == 1 && !m.OmitZero && !m.OmitEmpty
		if always && (sure || i == 0) {
			f.form = fixedForm(m)
		} else {
			f.form, f.optional = optional, optionalFieldOf(m)
		}
		sure = sure || always
	}
	setPrefixes(fields, members)
	return fields
}

func optionalFieldOf(m *Member) *optionalField {
	o := &optionalField{below: m.Index[1:]}
	if m.OmitZero {
		o.isZero = zeroTest(m.Type)
	}
	if m.OmitEmpty {
		o.empty = emptinessOf(m.Type)
	}
	return o
}

// fixedForm is the form of a member that is always written.
func fixedForm(m *Member) form {
	if implements(m.Type, marshalerTypes...) || m.Type == durationType || m.Type == numberType || m.String {
		return fixedValue
	}
	switch m.Type.Kind() {
	case reflect.String:
		return fixedString
	case reflect.Int, reflect.Int64, reflect.Int32:
		return fixedInt
	case reflect.Bool:
		return fixedBool
	}
	return fixedValue
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
		before := byte(',')
		if i == 0 && fields[i].form != optional {
			before = '{'
		}
		text = append(appendString(append(text, before), members[i].Name), ':')
		if fields[i].form == fixedString {
			text = append(text, '"')
		}
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

// of is the field of struct v.
func (f *fieldWriter) of(v reflect.Value) reflect.Value { return v.Field(int(f.index)) }

func (f *fieldWriter) appendPrefix(dst []byte) []byte { return append(dst, f.prefix...) }

// appendOptional appends the member of v, if it is to be written.
func (f *fieldWriter) appendOptional(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	v = f.of(v)
	o := f.optional
	for _, i := range o.below {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return dst, nil
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if o.isZero != nil && o.isZero(v) ||
		o.empty == emptyLen && v.Len() == 0 || o.empty == emptyNil && v.IsNil() {
		return dst, nil
	}
	before := len(dst)
	prefix := f.prefix
	if dst[before-1] == '{' { // no value ends with it
		prefix = prefix[1:]
	}
	dst = append(dst, prefix...)
	value := len(dst)
	dst, err := (*f.write)(dst, v, depth)
	if err == nil && o.empty >= emptyNil {
		switch string(dst[value:]) {
		case `null`, `""`, `[]`, `{}`:
			return dst[:before], nil
		}
	}
	return dst, err
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
