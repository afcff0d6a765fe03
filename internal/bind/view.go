package bind

import (
	"fmt"
	"reflect"
	"strconv"
	"sync"
)

// view is a struct that stands for the members of a request type which has other
// sources too: each of its fields points to a member in the request value. The JSON
// codec then knows no other names, and json methods and embedded structs of the
// request type do not get in its way. Views are pooled: making one for each request
// is an allocation, and reflect.Value.Convert would cost ten times as much.
type view struct {
	typ     reflect.Type
	members []Field
	pool    sync.Pool // *openView
}

type openView struct {
	pointer any // *typ
	value   reflect.Value
}

// newView makes a view of one or more members.
func newView(members []Field) *view {
	fields := make([]reflect.StructField, len(members))
	taken := make(map[string]bool)
	for i, m := range members {
		name := m.goName()
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s_%d", m.goName(), n)
		}
		taken[name] = true
		tag := m.Tag.Get("json")
		if name != m.goName() && m.Name == m.goName() {
			tag = m.Name + tag // the name was the field's, which another one has now
		}
		fields[i] = reflect.StructField{
			Name: name,
			Type: reflect.PointerTo(m.Type),
			Tag:  reflect.StructTag("json:" + strconv.Quote(tag)),
		}
	}
	v := &view{typ: reflect.StructOf(fields), members: members}
	v.pool.New = func() any {
		pointer := reflect.New(v.typ)
		return &openView{pointer.Interface(), pointer.Elem()}
	}
	return v
}

// open points a view into a request value.
func (v *view) open(root reflect.Value) *openView {
	o := v.pool.Get().(*openView)
	for i := range v.members {
		o.value.Field(i).Set(v.members[i].in(root).Addr())
	}
	return o
}

// close lets go of the request value.
func (v *view) close(o *openView) {
	o.value.SetZero()
	v.pool.Put(o)
}
