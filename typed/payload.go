package typed

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
)

var (
	urlType = reflect.TypeFor[url.URL]()
	coders  = []reflect.Type{
		reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}
)

// refuseURLs refuses types that hold a url.URL: JSON would show its fields, and fails on a
// URL with a user name.
func (c *compilation) refuseURLs() {
	refuse := func(what string, t reflect.Type) {
		var seen [16]reflect.Type
		if field, found := urlIn(t, seen[:0]); found {
			c.refuse(fmt.Sprintf("%s %s holds a url.URL%s, which has no form in JSON, and none at all with a user name", what, t, field),
				`use a string with validate:"url", or a type of your own with MarshalText and UnmarshalText`)
		}
	}
	refuse("the request", c.request)
	if b := c.endpoint.binding; b != nil && b.LineType() != nil {
		refuse("the request", b.LineType())
	}
	if c.endpoint.plan == nil {
		return
	}
	for _, o := range c.endpoint.plan.Outcomes() {
		if o.Payload != nil {
			payload := o.Payload
			if _, item := itemsOf(payload); item != nil {
				payload = item
			}
			refuse("the payload", payload)
		}
	}
}

// urlIn finds a url.URL in a type, and says in which field. Types with code of their own
// hide what they hold.
func urlIn(t reflect.Type, seen []reflect.Type) (path string, found bool) {
	switch {
	case t == urlType:
		return "", true
	case slices.Contains(seen, t):
		return "", false
	}
	seen = append(seen, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return urlIn(t.Elem(), seen)
	case reflect.Struct:
		if p := reflect.PointerTo(t); p.NumMethod() > 0 && slices.ContainsFunc(coders, p.Implements) { // *T has the methods of T
			return "", false
		}
		for i := range t.NumField() { // t.Fields allocates
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" {
				if _, found := urlIn(f.Type, seen); found {
					return " in field " + f.Name, true
				}
			}
		}
	}
	return "", false
}
