package bind

import (
	"io"
	"reflect"
	"slices"
	"strings"
)

// hasSources reports whether any field has one of the source tags.
func hasSources(t reflect.Type, within []reflect.Type) bool {
	if slices.Contains(within, t) {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tags := readTags(f.Tag)
		if tags.anySource() {
			return true
		}
		if s, ok := flattened(&f, &tags); ok && hasSources(s, append(within, t)) {
			return true
		}
	}
	return false
}

// hasMembers reports whether JSON sees any field of t.
func hasMembers(t reflect.Type, within []reflect.Type) bool {
	if slices.Contains(within, t) {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tags := readTags(f.Tag)
		inner, embedded := flattened(&f, &tags)
		switch {
		case tags.values[tagJSON] == "-":
		case embedded && !hasOwnForm(inner):
			if hasMembers(inner, append(within, t)) {
				return true
			}
		case f.IsExported():
			return true
		}
	}
	return false
}

// flattened is the struct whose fields stand in for an embedded field: one that has
// no tag that makes it a field of its own.
func flattened(f *reflect.StructField, tags *fieldTags) (reflect.Type, bool) {
	if !f.Anonymous || tags.anySource() {
		return nil, false
	}
	if name, _, _ := strings.Cut(tags.values[tagJSON], ","); name != "" {
		return nil, false
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct
}

// hasOwnForm reports whether the JSON of a type is what its methods say.
func hasOwnForm(t reflect.Type) bool {
	if t.Kind() != reflect.Pointer {
		t = reflect.PointerTo(t)
	}
	if t.NumMethod() == 0 {
		return false
	}
	for _, name := range []string{"UnmarshalJSON", "UnmarshalJSONFrom", "UnmarshalText"} {
		if _, ok := t.MethodByName(name); ok {
			return true
		}
	}
	return false
}

var (
	readerType     = reflect.TypeFor[io.Reader]()
	readCloserType = reflect.TypeFor[io.ReadCloser]()
)

func isStream(t reflect.Type) bool { return t == readerType || t == readCloserType }

// isRaw reports whether t is bytes that JSON has no say in.
func isRaw(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !hasOwnForm(t)
}
