package jsonx

import "reflect"

// fieldReader reads one member of an object.
type fieldReader struct {
	name  string
	read  *reader
	below *[]int // the rest of the way, through embedded structs; nil: there is none
	index int32
}

// objectReader reads the members of an object into the fields that take them.
type objectReader struct {
	fields []fieldReader
	byName map[string]int // of fields that are not few
}

// fewFields is up to how many fields are found by looking at each: a map of so few
// takes as long to search, and much longer to make.
const fewFields = 8

// objectReader compiles the fields that take the members of an object; nil where only
// json v2 knows how.
func (rs *readers) objectReader(members []Member) reader {
	if len(members) > 64 {
		return nil
	}
	for i := range members {
		m := &members[i]
		if m.Rest || m.Format != "" || m.IgnoreCase || m.String && implements(pointed(m.Type), unmarshalerTypes...) || !m.Field.IsExported() || !verbatim([]byte(m.Name)) {
			return nil // the last, because names are compared without a look at what they hold
		}
	}
	o := &objectReader{fields: make([]fieldReader, len(members))}
	if len(members) > fewFields {
		o.byName = make(map[string]int, len(members))
	}
	for i := range members {
		m := &members[i]
		o.fields[i] = fieldReader{m.Name, rs.memberReader(m.Type, m.String), m.below(), int32(m.Index[0])}
		if o.byName != nil {
			o.byName[m.Name] = i
		}
	}
	return o.read
}

func (o *objectReader) read(c *cursor, v reflect.Value) bool {
	empty, ok := c.open('{', '}')
	if empty || !ok {
		return ok
	}
	fields := o.fields
	var seen uint64
	for next, more := 0, true; more; next++ {
		name, ok := c.name()
		if !ok {
			return false
		}
		if next >= len(fields) || string(name) != fields[next].name {
			if next, ok = o.find(name); !ok {
				return false
			}
		}
		bit := uint64(1) << next
		if seen&bit != 0 || !fields[next].load(c, v) {
			return false
		}
		seen |= bit
		if more, ok = c.next('}'); !ok {
			return false
		}
	}
	return true
}

// find is for members that come in another order than the fields.
func (o *objectReader) find(name []byte) (int, bool) {
	if o.byName != nil {
		i, ok := o.byName[string(name)]
		return i, ok
	}
	for i := range o.fields {
		if o.fields[i].name == string(name) {
			return i, true
		}
	}
	return 0, false
}

// memberReader is the reader of a member's value, quoted being its tag's option string.
func (rs *readers) memberReader(t reflect.Type, quoted bool) *reader {
	if !quoted {
		r, _ := rs.reader(t)
		return r
	}
	var r reader
	if t.Kind() == reflect.Pointer {
		r = readPointer(t, rs.memberReader(t.Elem(), true))
	} else {
		number, _ := rs.reader(t)
		r = func(c *cursor, v reflect.Value) bool {
			return c.skip('"') && (*number)(c, v) && c.skip('"')
		}
	}
	return &r
}

// load reads the member's value into its field of v.
func (f *fieldReader) load(c *cursor, v reflect.Value) bool {
	v = v.Field(int(f.index))
	if f.below != nil {
		v = reach(v, *f.below)
	}
	return (*f.read)(c, v)
}

// reach goes on through embedded structs, and makes those that a pointer leads to.
func reach(v reflect.Value, below []int) reflect.Value {
	for _, i := range below {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}
