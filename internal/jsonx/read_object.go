package jsonx

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/presence"
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
		if m.Rest || m.Format != "" || m.IgnoreCase || m.String && implements(pointed(presence.Unwrap(m.Type)), unmarshalerTypes...) || !m.Field.IsExported() || !syntax.IsVerbatim([]byte(m.Name)) {
			return nil // the last, because names are compared without a look at what they hold
		}
	}
	o := &objectReader{make([]fieldReader, len(members)), make(map[string]int, len(members))}
	for i := range members {
		m := &members[i]
		o.fields[i] = fieldReader{m.Name, rs.memberReader(m.Type, m.String, limitsOf(rs.limits, &m.Field)), m.Index}
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
func (rs *readers) memberReader(t reflect.Type, quoted bool, limits []int) *reader {
	if value, nullable, ok := presence.Of(t); ok {
		r := readPresence(rs.memberReader(value, quoted, limits), nullable)
		return &r
	}
	if !quoted {
		r, _ := rs.limited(t, limits)
		return r
	}
	var r reader
	if t.Kind() == reflect.Pointer {
		r = readPointer(t, rs.memberReader(t.Elem(), true, nil))
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
				if !c.spend(int(v.Type().Elem().Size())) {
					return false
				}
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

// guess is the capacity for what follows the first element, which began at start and
// takes size bytes.
func (c *cursor) guess(size, start int) int {
	guess := min(firstGuess, 1+(len(c.in)-c.at)/(c.at-start))
	if guess*size > c.spare {
		return 1
	}
	c.spare -= guess * size
	return guess
}

// sliceReader reads a slice; limits are those of its elements, by depth.
func (rs *readers) sliceReader(t reflect.Type, limits []int) reader {
	most, below := cutLimit(limits)
	rs.largest = max(rs.largest, int(pointed(t.Elem()).Size()))
	element, left := rs.limited(t.Elem(), below)
	if left {
		return nil
	}
	if t.Elem() == stringType {
		return readStrings(t, most)
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
		start, capacity := c.at, 0
		for n, more := 0, true; more; n++ {
			if n == most {
				return false
			}
			if n == capacity {
				more := max(n, 1)
				if n == 1 {
					more = c.guess(size, start)
				}
				if capacity = n + more; !c.spend(capacity * size) {
					return false
				}
				v.Grow(more)
				capacity = v.Cap()
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

// cutLimit takes the first of the limits by depth, which is -1 for none.
func cutLimit(limits []int) (most int, below []int) {
	if len(limits) == 0 {
		return -1, nil
	}
	return limits[0], limits[1:]
}

func (rs *readers) mapReader(t reflect.Type, limits []int) reader {
	most, below := cutLimit(limits)
	rs.largest = max(rs.largest, int(pointed(t.Elem()).Size()))
	element, left := rs.limited(t.Elem(), below)
	if left {
		return nil
	}
	first, each := mapCost(t.Key(), t.Elem())
	return func(c *cursor, v reflect.Value) bool {
		empty, ok := c.open('{', '}')
		if !ok || !c.spend(mapHeader) {
			return false
		}
		v.Set(reflect.MakeMap(t))
		if empty {
			return true
		}
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if !c.spend(first + int(t.Elem().Size())) {
			return false
		}
		for n, more := 0, true; more; n++ {
			name, ok := c.key()
			if !ok || n == most || !c.spend(each) {
				return false
			}
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
func readStrings(t reflect.Type, most int) reader {
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
			if len(list) == most || len(list) == cap(list) && !c.spend(2*16*cap(list)) {
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
