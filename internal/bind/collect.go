package bind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// fields collects the fields of the request type.
func (c *compiler) fields(t reflect.Type) {
	room := paramRooms.Get().(*[]param)
	c.params = *room
	c.collect(t, nil, "")
	c.settle()
	clear(c.params)
	*room, c.params = c.params[:0], nil
	paramRooms.Put(room)
}

// collect takes the fields of a struct, those of embedded structs in their place.
func (c *compiler) collect(t reflect.Type, index []int, path string) {
	c.plan.fields = slices.Grow(c.plan.fields, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		tags := readTags(f.Tag)
		at, where := f.Name, f.Index
		if path != "" {
			at, where = path+"."+f.Name, append(slices.Clone(index), i)
		}
		if inner, ok := flattened(&f, &tags); ok {
			c.open = append(c.open, t)
			c.embedded(&f, inner, where, at)
			c.open = c.open[:len(c.open)-1]
			continue
		}
		source, ok := c.source(&f, &tags, at)
		if !ok {
			continue
		}
		field := Field{Source: source, HasDefault: tags.has(tagDefault), Path: at, Index: where, Type: f.Type, Tag: f.Tag}
		switch source {
		case Body:
			c.wholeField(&field, tags.values[Body])
		case Member:
			c.member(&field, tags.values[tagJSON])
		default:
			field.Name = tags.values[source]
			c.param(&field)
		}
	}
}

func (c *compiler) embedded(f *reflect.StructField, inner reflect.Type, index []int, path string) {
	pointed := f.Type.Kind() == reflect.Pointer
	switch {
	case slices.Contains(c.open, inner):
		c.fault(path, "the struct embeds itself", "give the field a name")
		return
	case pointed && !f.IsExported():
		c.fault(path, "an embedded pointer to an unexported struct cannot be set", "embed the struct itself, or export its type")
		return
	case pointed:
		c.plan.pointers = append(c.plan.pointers, pointer{index, inner})
	}
	fields, members := len(c.plan.fields), c.members
	c.collect(inner, index, path)
	if hasOwnForm(inner) && (len(c.plan.fields) == fields || c.members > members) {
		c.fault(path, "the embedded type decodes itself, but its fields would be read one by one", `give the field a tag of its own, like json:"name"`)
	}
}

// source finds the one tag that says where a field is from; false means that the
// field takes no part, or that it has a fault.
func (c *compiler) source(f *reflect.StructField, given *fieldTags, path string) (Source, bool) {
	var few [2]string // more are a fault
	found := few[:0]
	var source Source
	for s, tag := range tags {
		if given.has(s) {
			found = append(found, tag)
			source = Source(s)
		}
	}
	ignored := given.values[tagJSON] == "-"
	if given.has(tagJSON) && !ignored {
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

// wholeField takes a field that is the whole body, name being what its tag says.
func (c *compiler) wholeField(f *Field, name string) {
	if name != "" {
		c.fault(f.Path, fmt.Sprintf("the body tag says %q, but a whole body has no name", name), fmt.Sprintf(`write body:"", or json:"%s" for one member`, name))
		return
	}
	if f.HasDefault {
		c.fault(f.Path, "default is for parameters, and this is the body", "drop the default tag, and let a pointer tell absent from zero")
		return
	}
	c.refuseDefaults(f.Type, f.Path)
	c.plan.fields = append(c.plan.fields, *f)
	c.bodies = append(c.bodies, *f)
}

// member takes a member of the body, tag being its json tag.
func (c *compiler) member(f *Field, tag string) {
	name, options, _ := strings.Cut(tag, ",")
	f.Name = name
	if name == "" {
		f.Name = f.goName()
	}
	switch {
	case hasOption(options, "embed"):
		c.fault(f.Path, "the json option embed does not work beside parameters", "embed the struct without a json tag")
	case f.HasDefault:
		c.fault(f.Path, "default is for parameters, and this is a member of the body", "drop the default tag, and let a pointer tell absent from zero")
	case c.hidden(f):
	case c.unique(f, f.Name):
		c.plan.fields = append(c.plan.fields, *f)
		c.members++
	}
}

func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}

// hidden reports whether a member of the same name hides f because it is embedded less
// deeply, as in Go and in JSON without parameters. If f hides the other, that is
// forgotten.
func (c *compiler) hidden(f *Field) bool {
	for i := range c.plan.fields {
		other := &c.plan.fields[i]
		switch {
		case other.Source != Member || other.Name != f.Name || len(other.Index) == len(f.Index):
		case len(other.Index) < len(f.Index):
			return true
		default:
			c.plan.fields = slices.Delete(c.plan.fields, i, i+1)
			c.members--
			return false
		}
	}
	return false
}

// unique reports whether no other field has the source and name, else it is a fault.
func (c *compiler) unique(f *Field, key string) bool {
	params := c.params
	for i := range c.plan.fields {
		other := &c.plan.fields[i]
		name := other.Name
		if other.Source < Body {
			name, params = params[0].key, params[1:]
		}
		if other.Source == f.Source && name == key {
			c.fault(f.Path, fmt.Sprintf("the field %s reads the same %s %q", other.Path, f.Source.noun(), f.Name), "give one of them another name")
			return false
		}
	}
	return true
}

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
