package schema

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// Options says what a Builder has to know besides the types. The zero value is fine.
type Options struct {
	// Validator gives the rules of the input forms. nil: there are none.
	Validator *rules.Validator
	// Types gives the schemas of types whose JSON form cannot be seen, in place of a
	// JSONSchema method. They are for both forms.
	Types map[reflect.Type]*openapi.Schema
}

// Builder makes the schemas of one document. It is for one goroutine, and done with
// after Components.
type Builder struct {
	opts       Options
	components map[reflect.Type][]*component // the forms of each type in use
	order      []*component
	errs       []error
	seenErrs   map[string]bool
	named      map[reflect.Type]*openapi.Schema
	kept       map[reflect.Type]bool // types that keep their plain names
	extra      []reflect.Type        // by Component
	asked      map[string]bool       // components that schemas of the program refer to
	noted      map[source]bool
	checks     []check
	refs       int             // references made so far
	nothing    *openapi.Schema // false, of which one is enough

	// What has been found out already.
	leaves   map[leaf]*openapi.Schema // nil: met once
	zeros    map[ruledType]bool       // by zeroFails
	naturals map[reflect.Type]bool

	nulls bool // see NullAsAbsent
}

// ruledType is a type under the rules of a field.
type ruledType struct {
	typ   reflect.Type
	rules *rules.Level
}

// form is one of the ways in which a type is described. The zero form is output.
type form struct {
	input bool
	rules bool // the validate tags count; only for input
	open  bool // unknown members are ignored; only for input
	nulls bool // a null member counts as absent; only for input
	text  bool // not JSON but the text of a parameter; only for input
}

func (f form) unruled() form { f.rules = false; return f }

// component is a named schema and the places that refer to it.
type component struct {
	typ    reflect.Type
	form   form
	index  int // in Builder.order
	schema *openapi.Schema
	refs   []*openapi.Schema
	name   string
}

// number names a component among all others before it has its name.
func (c *component) number() string { return strconv.Itoa(c.index) }

func (c *component) pointTo(target string) {
	for _, ref := range c.refs {
		ref.Ref = target
	}
}

// New starts a document.
func New(opts Options) *Builder {
	return &Builder{
		opts:       opts,
		components: map[reflect.Type][]*component{},
		seenErrs:   map[string]bool{},
		named:      map[reflect.Type]*openapi.Schema{},
		kept:       map[reflect.Type]bool{},
		asked:      map[string]bool{},
		noted:      map[source]bool{},
		nothing:    openapi.Never(),
		leaves:     map[leaf]*openapi.Schema{},
		zeros:      map[ruledType]bool{},
		naturals:   map[reflect.Type]bool{},
	}
}

// Name gives a type a schema that becomes a component with the type's name, which no
// other type can take.
func (b *Builder) Name(t reflect.Type, s *openapi.Schema) { b.named[t], b.kept[t] = s, true }

// Component makes a component of the output form of a type, whether or not it is used,
// under the type's name, which no other type can take. Schemas of the program may then
// refer to it.
func (b *Builder) Component(t reflect.Type) {
	if t = pointee(t); t.Name() == "" {
		b.fail(t, "it has no name that a component could have: give it one")
		return
	}
	b.kept[t], b.extra = true, append(b.extra, t)
	if s := b.Output(t); s.Ref == "" {
		b.refer(t, form{}, func() *openapi.Schema { return s })
	}
}

// componentPrefix stands before the name of a component in a reference.
const componentPrefix = "#/components/schemas/"

// Input is the schema of a whole request body. With open, unknown members are ignored.
func (b *Builder) Input(t reflect.Type, open bool) *openapi.Schema {
	return b.value(t, form{input: true, rules: b.opts.Validator != nil, open: open, nulls: b.nulls})
}

// InputField is Input of the field that takes a whole body, whose tag may have rules for it.
func (b *Builder) InputField(f reflect.StructField, open bool) *openapi.Schema {
	in := form{input: true, rules: b.opts.Validator != nil, open: open, nulls: b.nulls}
	if !in.rules || f.Tag.Get(b.opts.Validator.TagName()) == "" {
		return b.Input(f.Type, open)
	}
	rules, err := b.opts.Validator.RulesOf(f)
	if err != nil {
		return b.fail(f.Type, "field %s: %v", f.Name, err)
	}
	return b.ruled(f.Type, rules, in, shape{}, &site{})
}

// NullAsAbsent says whether the input forms that follow take null for a member that may
// be absent. It returns b.
func (b *Builder) NullAsAbsent(on bool) *Builder {
	b.nulls = on
	return b
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
	c := b.component(t, f)
	if c == nil {
		c = &component{typ: t, form: f, index: len(b.order)}
		b.components[t] = append(b.components[t], c)
		b.order = append(b.order, c)
		c.schema = build()
	}
	ref := &openapi.Schema{Ref: "#"} // filled in by Components
	c.refs = append(c.refs, ref)
	b.refs++
	return ref
}

// component is that of a type in a form, nil if there is none yet.
func (b *Builder) component(t reflect.Type, f form) *component {
	for _, c := range b.components[t] {
		if c.form == f {
			return c
		}
	}
	return nil
}

// Components names what the schemas refer to and fills the references in. Nothing can
// be built afterwards.
func (b *Builder) Components() openapi.Map[*openapi.Schema] {
	for _, t := range b.extra {
		if b.asked[typeName(t, 0)+"Input"] {
			b.Input(t, false)
		}
	}
	b.merge()
	b.assignNames()
	named := make(map[string]*openapi.Schema, len(b.order))
	for _, c := range slices.Backward(b.order) { // of a group the first counts
		c.pointTo(componentPrefix + c.name)
		named[c.name] = c.schema
	}
	var out openapi.Map[*openapi.Schema]
	for _, name := range slices.Sorted(maps.Keys(named)) {
		out.Set(name, named[name])
	}
	b.runChecks(out)
	return out
}

// leaf is all that a field's schema depends on, unless the schema refers to a
// component or the rules look at other fields.
type leaf struct {
	typ   reflect.Type
	rules *rules.Level // nil: there are none
	form  form
	shape shape
}

// leaf builds the schema of a field. The fields of a document are many and alike: a leaf
// that is met again is kept, and other fields get a copy.
func (b *Builder) leaf(l leaf, build func() *openapi.Schema) *openapi.Schema {
	kept, met := b.leaves[l]
	if kept != nil {
		return kept.Clone()
	}
	refs := b.refs
	s := build()
	if met && b.refs == refs && (l.rules == nil || !slices.ContainsFunc(l.rules.All, crosses)) {
		kept = s.Clone()
	}
	b.leaves[l] = kept // nil: met
	return s
}
