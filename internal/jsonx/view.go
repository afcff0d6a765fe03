package jsonx

import (
	"fmt"
	"reflect"
	"strconv"
	"sync"
)

// view is a struct that stands for the parts of a type when json v2 reads a body: each of
// its fields points to a part in the real value. The library then knows no other names,
// and json methods and embedded structs of the real type do not get in its way. Open
// views are pooled, because reflect.Value.Convert would cost ten times as much.
type view struct {
	typ   reflect.Type
	parts []Part
	pool  sync.Pool // *openView
}

type openView struct {
	pointer any // *typ
	value   reflect.Value
}

// newView makes a view of one part or more.
func newView(parts []Part) *view {
	fields := make([]reflect.StructField, len(parts))
	taken := make(map[string]bool)
	for i := range parts {
		p := &parts[i]
		name := p.Name
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s_%d", p.Name, n)
		}
		taken[name] = true
		tag := p.Tag.Get("json")
		if name != p.Name && (tag == "" || tag[0] == ',') {
			tag = p.Name + tag // the name was the field's, which another one has now
		}
		fields[i] = reflect.StructField{
			Name: name,
			Type: reflect.PointerTo(p.Type),
			Tag:  reflect.StructTag("json:" + strconv.Quote(tag)),
		}
	}
	v := &view{typ: reflect.StructOf(fields), parts: parts}
	v.pool.New = func() any {
		pointer := reflect.New(v.typ)
		return &openView{pointer.Interface(), pointer.Elem()}
	}
	return v
}

// open points a view into a real value.
func (v *view) open(root reflect.Value) *openView {
	o := v.pool.Get().(*openView)
	for i := range v.parts {
		o.value.Field(i).Set(v.parts[i].in(root).Addr())
	}
	return o
}

// close lets go of the real value.
func (v *view) close(o *openView) {
	o.value.SetZero()
	v.pool.Put(o)
}
