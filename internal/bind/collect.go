package bind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// collect takes the fields of a struct, those of embedded structs in their place.
func (c *compiler) collect(t reflect.Type, index []int, path string) {
	c.open[t] = true
	defer delete(c.open, t)
	c.plan.fields = slices.Grow(c.plan.fields, t.NumField())
	c.members = slices.Grow(c.members, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		at := join(path, f.Name)
		where := append(slices.Clone(index), i)
		if inner, ok := flattened(f); ok {
			c.embedded(f, inner, where, at)
			continue
		}
		source, ok := c.source(f, at)
		if !ok {
			continue
		}
		field := Field{Source: source, Path: at, Index: where, Type: f.Type, Tag: f.Tag}
		field.Default, field.HasDefault = f.Tag.Lookup("default")
		switch source {
		case Body:
			c.wholeField(field)
		case Member:
			c.member(field, f)
		default:
			c.param(field)
		}
	}
}

func (c *compiler) embedded(f reflect.StructField, inner reflect.Type, index []int, path string) {
	pointed := f.Type.Kind() == reflect.Pointer
	switch {
	case c.open[inner]:
		c.fault(path, "the struct embeds itself", "give the field a name")
		return
	case pointed && !f.IsExported():
		c.fault(path, "an embedded pointer to an unexported struct cannot be set", "embed the struct itself, or export its type")
		return
	case pointed:
		c.plan.pointers = append(c.plan.pointers, pointer{index, inner})
	}
	fields, members := len(c.plan.fields), len(c.members)
	c.collect(inner, index, path)
	if hasOwnForm(inner) && (len(c.plan.fields) == fields || len(c.members) > members) {
		c.fault(path, "the embedded type decodes itself, but its fields would be read one by one", `give the field a tag of its own, like json:"name"`)
	}
}

// source finds the one tag that says where a field is from; false means that the
// field takes no part, or that it has a fault.
func (c *compiler) source(f reflect.StructField, path string) (Source, bool) {
	var few [2]string // more are a fault
	found := few[:0]
	var source Source
	for s, tag := range tags {
		if _, ok := f.Tag.Lookup(tag); ok {
			found = append(found, tag)
			source = Source(s)
		}
	}
	name, inJSON := f.Tag.Lookup("json")
	ignored := name == "-"
	if inJSON && !ignored {
		if len(found) == 0 {
			source = Member
		}
		found = append(found, "json")
	}
	switch {
	case len(found) == 0 && (ignored || !f.IsExported()):
		return 0, false
	case !f.IsExported():
		c.fault(path, fmt.Sprintf("the field has a %s tag but is not exported", found[0]), "export the field, or drop the tag")
	case len(found) == 0:
		c.fault(path, "the field does not say where it comes from, and other fields of the request do", `give it one of the tags path, query, header, cookie, form, body or json; json:"-" leaves it out`)
	case len(found) > 1:
		c.fault(path, fmt.Sprintf("the field has the tags %s", strings.Join(found, " and ")), "keep one of them")
	default:
		return source, true
	}
	return 0, false
}

// wholeField takes a field that is the whole body.
func (c *compiler) wholeField(f Field) {
	if name := f.Tag.Get("body"); name != "" {
		c.fault(f.Path, fmt.Sprintf("the body tag says %q, but a whole body has no name", name), fmt.Sprintf(`write body:"", or json:"%s" for one member`, name))
		return
	}
	if f.HasDefault {
		c.fault(f.Path, "default is for parameters, and this is the body", "drop the default tag, and let a pointer tell absent from zero")
		return
	}
	c.refuseDefaults(f.Type, f.Path)
	c.plan.fields = append(c.plan.fields, f)
	c.bodies = append(c.bodies, f)
}

func (c *compiler) member(f Field, field reflect.StructField) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	f.Name = name
	if name == "" {
		f.Name = field.Name
	}
	switch {
	case slices.Contains(strings.Split(options, ","), "embed"):
		c.fault(f.Path, "the json option embed does not work beside parameters", "embed the struct without a json tag")
	case f.HasDefault:
		c.fault(f.Path, "default is for parameters, and this is a member of the body", "drop the default tag, and let a pointer tell absent from zero")
	case c.hidden(f):
	case c.unique(f, f.Name):
		c.plan.fields = append(c.plan.fields, f)
		c.members = append(c.members, f)
	}
}

// hidden reports whether a member of the same name hides f because it is embedded less
// deeply, as in Go and in JSON without parameters. If f hides the other, that is
// forgotten.
func (c *compiler) hidden(f Field) bool {
	for _, other := range c.members {
		switch {
		case other.Name != f.Name || len(other.Index) == len(f.Index):
		case len(other.Index) < len(f.Index):
			return true
		default:
			gone := func(m Field) bool { return m.Path == other.Path }
			c.members = slices.DeleteFunc(c.members, gone)
			c.plan.fields = slices.DeleteFunc(c.plan.fields, gone)
			delete(c.seen, seenKey(f.Source, f.Name))
			return false
		}
	}
	return false
}

// unique reports whether no other field has the source and name, else it is a fault.
func (c *compiler) unique(f Field, key string) bool {
	key = seenKey(f.Source, key)
	if other, taken := c.seen[key]; taken {
		c.fault(f.Path, fmt.Sprintf("the field %s reads the same %s %q", other, f.Source.noun(), f.Name), "give one of them another name")
		return false
	}
	c.seen[key] = f.Path
	return true
}

func seenKey(s Source, name string) string { return fmt.Sprintf("%d %s", s, name) }

func (s Source) noun() string {
	switch s {
	case Path:
		return "path parameter"
	case Query:
		return "query parameter"
	case Header:
		return "header field"
	case Cookie:
		return "cookie"
	case Form:
		return "form field"
	}
	return "member"
}
