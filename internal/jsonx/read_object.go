package jsonx

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// fieldReader reads one member of an object.
type fieldReader struct {
	name  string
	read  *reader
	index []int // the way to the field, through embedded structs
}

// objectReader reads the members of an object into the fields that take them.
type objectReader struct {
	fields []fieldReader
	byName map[string]int
}

// objectReader compiles the fields that take the members of an object; nil where only
// json v2 knows how.
func (rs *readers) objectReader(members []Member) reader {
	if len(members) > 64 {
		return nil
	}
	for i := range members {
		m := &members[i]
		if m.Rest || m.Format != "" || m.IgnoreCase || m.String && implements(pointed(m.Type), unmarshalerTypes...) || !m.Field.IsExported() || !syntax.IsVerbatim([]byte(m.Name)) {
			return nil // the last, because names are compared without a look at what they hold
		}
	}
	o := &objectReader{make([]fieldReader, len(members)), make(map[string]int, len(members))}
	for i := range members {
		m := &members[i]
		o.fields[i] = fieldReader{m.Name, rs.memberReader(m.Type, m.String), m.Index}
		o.byName[m.Name] = i
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
			// They come in another order than the fields.
			if next, ok = o.byName[string(name)]; !ok {
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
	v = v.Field(f.index[0])
	for _, i := range f.index[1:] {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return (*f.read)(c, v)
}

// firstGuess bounds the capacity that a slice gets after its first element was read: 10 %
// of W4. Later it grows as append does. All guesses for one body together take no more
// memory than the body, or many short lists would cost far more than they are.
const firstGuess = 64

// grow makes a first guess behind an element of the given size, which began at start.
func (c *cursor) grow(v reflect.Value, size, start int) {
	guess := min(firstGuess, 1+(len(c.in)-c.at)/(c.at-start))
	if guess*size > c.spare {
		guess = 1
	} else {
		c.spare -= guess * size
	}
	v.Grow(guess)
}

func (rs *readers) sliceReader(t reflect.Type) reader {
	element, left := rs.reader(t.Elem())
	if left {
		return nil
	}
	size := int(t.Elem().Size())
	return func(c *cursor, v reflect.Value) bool {
		empty, ok := c.open('[', ']')
		if empty {
			v.Set(reflect.MakeSlice(t, 0, 0))
		}
		if empty || !ok {
			return ok
		}
		start := c.at
		for n, more := 0, true; more; n++ {
			switch {
			case n == 1:
				c.grow(v, size, start)
			case n == v.Cap():
				v.Grow(1)
			}
			v.SetLen(n + 1)
			if !(*element)(c, v.Index(n)) {
				return false
			}
			if more, ok = c.next(']'); !ok {
				return false
			}
		}
		return true
	}
}

func (rs *readers) mapReader(t reflect.Type) reader {
	element, left := rs.reader(t.Elem())
	if left {
		return nil
	}
	return func(c *cursor, v reflect.Value) bool {
		empty, ok := c.open('{', '}')
		if !ok {
			return false
		}
		v.Set(reflect.MakeMap(t))
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		for more := !empty; more; {
			name, ok := c.text()
			if !ok {
				return false
			}
			c.space()
			if !c.skip(':') {
				return false
			}
			c.space()
			key.SetString(name)
			if v.MapIndex(key).IsValid() { // a duplicate
				return false
			}
			value.SetZero()
			if !(*element)(c, value) {
				return false
			}
			v.SetMapIndex(key, value)
			if more, ok = c.next('}'); !ok {
				return false
			}
		}
		return true
	}
}

// readStrings reads a slice of strings, which grows outside of reflection: 13 % of W4.
func readStrings(t reflect.Type) reader {
	plain := t == reflect.TypeFor[[]string]()
	return func(c *cursor, v reflect.Value) bool {
		empty, ok := c.open('[', ']')
		if !ok {
			return false
		}
		var few [8]string
		list := few[:0]
		for more := !empty; more; {
			s, ok := c.text()
			if !ok {
				return false
			}
			list = append(list, s)
			if more, ok = c.next(']'); !ok {
				return false
			}
		}
		kept := make([]string, len(list))
		copy(kept, list)
		if plain {
			*v.Addr().Interface().(*[]string) = kept
		} else {
			v.Set(reflect.ValueOf(kept).Convert(t))
		}
		return true
	}
}
