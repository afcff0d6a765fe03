package schema

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/validate"
)

// Options says what a Builder has to know besides the types. The zero value is fine.
type Options struct {
	// Validator gives the rules of the input forms. nil: there are none.
	Validator *validate.Validator
	// Types gives the schemas of types whose JSON form cannot be seen, in place of a
	// JSONSchema method. They hold for both forms.
	Types map[reflect.Type]*openapi.Schema
}

// Builder makes the schemas of one document. It is for one goroutine, and done with
// after Components.
type Builder struct {
	opts       Options
	components map[key]*component
	order      []*component
	errs       []error
	seenErrs   map[string]bool
	named      map[reflect.Type]*openapi.Schema
	zeros      map[ruledType]bool // what zeroFails found
}

// ruledType is a type under the rules of a field.
type ruledType struct {
	typ reflect.Type
	tag string
}

// form is one of the ways in which a type is described. The zero form is output.
type form struct {
	input bool
	rules bool // the validate tags hold; only for input
	open  bool // unknown members are ignored; only for input
	text  bool // not JSON but the text of a parameter; only for input
}

func (f form) unruled() form { f.rules = false; return f }

type key struct {
	typ  reflect.Type
	form form
}

// component is a named schema and the places that refer to it.
type component struct {
	key
	schema *openapi.Schema
	refs   []*openapi.Schema
	name   string
}

// New starts a document.
func New(opts Options) *Builder {
	return &Builder{opts: opts, components: map[key]*component{}, seenErrs: map[string]bool{}, named: map[reflect.Type]*openapi.Schema{}, zeros: map[ruledType]bool{}}
}

// Name gives a type a schema that becomes a component with the type's name.
func (b *Builder) Name(t reflect.Type, s *openapi.Schema) { b.named[t] = s }

// Input is the schema of a whole request body. With open, unknown members are ignored.
func (b *Builder) Input(t reflect.Type, open bool) *openapi.Schema {
	return b.value(t, form{input: true, rules: b.opts.Validator != nil, open: open})
}

// Output is the schema of a whole response body.
func (b *Builder) Output(t reflect.Type) *openapi.Schema { return b.value(t, form{}) }

// Err tells which types have no schema; nil if all have one.
func (b *Builder) Err() error { return errors.Join(b.errs...) }

// fail notes a type that cannot be described, once, and stands in a schema for it.
func (b *Builder) fail(t reflect.Type, format string, args ...any) *openapi.Schema {
	text := fmt.Sprintf("type %s: ", t) + fmt.Sprintf(format, args...)
	if !b.seenErrs[text] {
		b.seenErrs[text] = true
		b.errs = append(b.errs, errors.New(text))
	}
	return &openapi.Schema{}
}

// refer returns a reference to the component of a type, which is built on first use.
func (b *Builder) refer(t reflect.Type, f form, build func() *openapi.Schema) *openapi.Schema {
	k := key{t, f}
	c, ok := b.components[k]
	if !ok {
		c = &component{key: k}
		b.components[k] = c
		b.order = append(b.order, c)
		c.schema = build()
	}
	ref := &openapi.Schema{Ref: "#"} // filled in by Components
	c.refs = append(c.refs, ref)
	return ref
}

// Components names what the schemas refer to and fills the references in. Nothing can
// be built afterwards.
func (b *Builder) Components() openapi.Map[*openapi.Schema] {
	b.merge()
	b.name()
	var out openapi.Map[*openapi.Schema]
	for _, c := range b.order {
		for _, ref := range c.refs {
			ref.Ref = "#/components/schemas/" + c.name
		}
		if _, there := out.Get(c.name); !there {
			out.Set(c.name, c.schema)
		}
	}
	return sorted(out)
}
