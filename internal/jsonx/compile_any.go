package jsonx

import (
	"math"
	"reflect"
	"strconv"
)

var (
	objectType = reflect.TypeFor[map[string]any]()
	anyType    = reflect.TypeFor[any]()
)

// anyWriter writes what an any holds: the types that JSON itself decodes to, and the
// plain ones, here, all others by json v2.
func (c *compiler) anyWriter() writer {
	object, self, options := c.writer(objectType), c.writer(anyType), c.library.options
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		switch x := v.Interface().(type) {
		case nil:
			return append(dst, "null"...), nil
		case string:
			return appendString(dst, x), nil
		case bool:
			return strconv.AppendBool(dst, x), nil
		case int:
			return strconv.AppendInt(dst, int64(x), 10), nil
		case int64:
			return strconv.AppendInt(dst, x, 10), nil
		case float64:
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return dst, errHandOver
			}
			return appendFloat(dst, x, 64), nil
		case map[string]any:
			return (*object)(dst, v.Elem(), depth)
		case []any:
			if depth++; depth > handOverDepth {
				return dst, errHandOver
			}
			dst = append(dst, '[')
			var err error
			for i := range x {
				if i > 0 {
					dst = append(dst, ',')
				}
				if dst, err = (*self)(dst, reflect.ValueOf(&x[i]).Elem(), depth); err != nil {
					return dst, err
				}
			}
			return append(dst, ']'), nil
		default:
			if hasRing(v) {
				return dst, errCycle
			}
			out, err := appendLibrary(dst, x, options)
			if err != nil {
				return dst, errHandOver
			}
			return out, nil
		}
	}
}
