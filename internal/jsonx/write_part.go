package jsonx

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// NewPartsEncoder compiles an Encoder for bodies whose members are some fields of a
// struct: the inverse of [NewPartsDecoder], which says what parts are. v is a pointer to
// the struct. A part below an embedded pointer that is nil is left out. The errors are
// sentences, each in the place of the field that it is about; nil if there is none.
func NewPartsEncoder(parts []reflect.StructField) (Encoder, []error) {
	a := newAudit(false)
	members, errs := a.parts(parts)
	if errs != nil {
		return nil, errs
	}
	options := joinEncodeOptions(a.encodeHook())
	whole := newCopies(members)
	if byLibrary(members) {
		return func(dst []byte, v any) ([]byte, error) { return appendLibrary(dst, whole.of(v), options) }, nil
	}
	c := compiler{a.types, library{options, a.dynamic}}
	write := c.objectWriter(members)
	return func(dst []byte, v any) ([]byte, error) {
		out, err := write(dst, reflect.ValueOf(v).Elem(), 0)
		if errors.Is(err, errHandOver) {
			return appendLibrary(dst, whole.of(v), options)
		}
		if err != nil {
			return dst, err
		}
		return out, nil
	}, nil
}

// copies is a struct that json v2 writes in the place of the parts of another.
type copies struct {
	typ   reflect.Type
	parts []Member
}

func newCopies(parts []Member) copies {
	fields, taken := make([]reflect.StructField, len(parts)), map[string]bool{}
	for i := range parts {
		p := &parts[i]
		name, tag := partName(&p.Field, taken)
		fields[i] = reflect.StructField{Name: name, Type: p.Type, Tag: reflect.StructTag("json:" + strconv.Quote(tag))}
	}
	return copies{reflect.StructOf(fields), parts}
}

// of is a pointer to the copies of the parts of the struct that v points to.
func (c *copies) of(v any) any {
	from, to := reflect.ValueOf(v).Elem(), reflect.New(c.typ)
	for i := range c.parts {
		if part, err := from.FieldByIndexErr(c.parts[i].Index); err == nil {
			to.Elem().Field(i).Set(part)
		}
	}
	return to.Interface()
}

// partName is a name that a part can have beside those that are taken, and the json tag
// that gives it the name that it has without them.
func partName(p *reflect.StructField, taken map[string]bool) (name, tag string) {
	name = p.Name
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s_%d", p.Name, n)
	}
	taken[name] = true
	tag = p.Tag.Get("json")
	if name != p.Name && (tag == "" || tag[0] == ',') {
		tag = p.Name + tag // the name was the field's, which another one has now
	}
	return name, tag
}
