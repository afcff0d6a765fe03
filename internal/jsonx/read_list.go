package jsonx

import "reflect"

var stringType = reflect.TypeFor[string]()

// readStrings reads a slice of strings.
func readStrings(t reflect.Type) reader {
	plain := t == stringsType
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

// firstGuess bounds how many elements a slice gets room for after its first one was
// seen; later it grows as append does. All guesses for one body together take no
// more room than the body, or many short lists would cost far more than they are.
const firstGuess = 64

// grow makes room for elements of the given size behind the first one, which began at start.
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
