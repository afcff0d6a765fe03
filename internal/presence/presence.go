// Package presence lets the packages of this module know typed.Optional and
// typed.Nullable without importing typed: the types are declared there, around a marker
// of this package, and are read and set here by reflection.
//
// A presence type is a struct of three unexported fields: a marker, the value, and its
// [State]. Everything here is safe for concurrent use.
package presence

import (
	"reflect"
	"unsafe"
)

// Optional marks, as its first field, a presence type whose value may be absent.
type Optional struct{}

// Nullable marks, as its first field, a presence type whose value may be absent or null.
type Nullable struct{}

// State says what was sent in the place of a value. The zero State is Absent.
type State uint8

const (
	Absent State = iota
	Null         // of Nullable only
	Present
)

var (
	optionalType = reflect.TypeFor[Optional]()
	nullableType = reflect.TypeFor[Nullable]()
)

const markerField, valueField, stateField, fields = 0, 1, 2, 3

// Of returns the type of the value within presence type t, and whether null may be sent
// in its place. It is not ok for any other type.
func Of(t reflect.Type) (value reflect.Type, nullable, ok bool) {
	if t.Kind() != reflect.Struct || t.NumField() != fields {
		return nil, false, false
	}
	switch t.Field(markerField).Type {
	case optionalType:
	case nullableType:
		nullable = true
	default:
		return nil, false, false
	}
	return t.Field(valueField).Type, nullable, true
}

// Name is how a declaration names presence type t, whatever its value is.
func Name(t reflect.Type) string {
	if _, nullable, _ := Of(t); nullable {
		return "typed.Nullable"
	}
	return "typed.Optional"
}

// Unwrap is the type of the value where t is a presence type, else t.
func Unwrap(t reflect.Type) reflect.Type {
	if value, _, ok := Of(t); ok {
		return value
	}
	return t
}

// StateOf is the state of v, a value of a presence type.
func StateOf(v reflect.Value) State { return State(v.Field(stateField).Uint()) }

// SetState sets the state of v, an addressable value of a presence type.
func SetState(v reflect.Value, s State) {
	*(*State)(unsafe.Pointer(v.Field(stateField).UnsafeAddr())) = s // which reflect does not let be set
}

// Value is the value within v, an addressable value of a presence type. It can be set.
// Addr would look for the pointer's type, which costs as much as decoding a number.
func Value(v reflect.Value) reflect.Value {
	field := v.Field(valueField)
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}
