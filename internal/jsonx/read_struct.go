package jsonx

import "reflect"

// fieldReader reads one member of an object.
type fieldReader struct {
	name  string
	index int
	below []int // the rest of the way, through embedded structs
	view  bool  // the field is a pointer to the real one
	read  *reader
}

// structReader compiles a struct; nil for one that only json v2 knows. In a view
// every field is a pointer into the target.
func (rs *readers) structReader(t reflect.Type, view bool) reader {
	members, err := rs.cache.of(t)
	if err != nil || len(members) > 64 {
		return nil
	}
	fields := make([]fieldReader, len(members))
	byName := make(map[string]int, len(members))
	for i, m := range members {
		if m.Rest || m.Format != "" || m.IgnoreCase || m.String && implements(m.Type, unmarshalerTypes...) || !m.Field.IsExported() || !verbatim([]byte(m.Name)) {
			return nil // the last, because names are compared without a look at what they hold
		}
		if view {
			if m.Type.Kind() != reflect.Pointer {
				return nil
			}
			m.Type = m.Type.Elem()
		}
		fields[i] = fieldReader{m.Name, m.Index[0], m.Index[1:], view, rs.memberReader(m.Type, m.String)}
		byName[m.Name] = i
	}
	return func(c *cursor, v reflect.Value) bool {
		empty, ok := c.open('{', '}')
		if empty || !ok {
			return ok
		}
		var seen uint64
		for next, more := 0, true; more; next++ {
			name, ok := c.name()
			if !ok {
				return false
			}
			if next >= len(fields) || string(name) != fields[next].name {
				if next, ok = byName[string(name)]; !ok {
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
}

// memberReader is the reader of a member's value, quoted being its tag's option string.
func (rs *readers) memberReader(t reflect.Type, quoted bool) *reader {
	if !quoted {
		return rs.reader(t)
	}
	var r reader
	if t.Kind() == reflect.Pointer {
		r = readPointer(t, rs.memberReader(t.Elem(), true))
	} else {
		number := rs.reader(t)
		r = func(c *cursor, v reflect.Value) bool {
			return c.skip('"') && (*number)(c, v) && c.skip('"')
		}
	}
	return &r
}

// load reads the member's value into its field of v.
func (f *fieldReader) load(c *cursor, v reflect.Value) bool {
	v = v.Field(f.index)
	for _, i := range f.below {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if f.view {
		if v.IsNil() {
			return false
		}
		v = v.Elem()
	}
	return (*f.read)(c, v)
}
