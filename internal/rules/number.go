package rules

import (
	"reflect"
	"strconv"
	"time"
)

// parseInt reads a parameter as validator does for a signed field of type t, and for
// lengths: with base 0 (010 is 8, 0x10 is 16), and a duration as 1h30m or in nanoseconds.
func parseInt(param string, t reflect.Type) (int64, error) {
	if t == reflect.TypeFor[time.Duration]() {
		if d, err := time.ParseDuration(param); err == nil {
			return int64(d), nil
		}
	}
	return strconv.ParseInt(param, 0, 64)
}

// parseFloat reads a parameter for a field of type t: a float32 is compared with a
// parameter of its own width.
func parseFloat(param string, t reflect.Type) (float64, error) {
	bits := 64
	if t.Kind() == reflect.Float32 {
		bits = 32
	}
	return strconv.ParseFloat(param, bits)
}
