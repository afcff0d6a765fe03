package schema

import (
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// leaf is all that a field's schema depends on, unless the schema refers to a
// component or the rules look at other fields.
type leaf struct {
	typ   reflect.Type
	rules *rules.Level // nil: none hold
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

// rulesOf is RulesOf of the validator, once for each tag: fields with one tag have the
// same rules by address.
func (b *Builder) rulesOf(f reflect.StructField) (*rules.Level, error) {
	tag := f.Tag.Get(b.opts.Validator.TagName())
	if rules, ok := b.tags[tag]; ok {
		return rules, nil
	}
	rules, err := b.opts.Validator.RulesOf(f)
	if err == nil {
		b.tags[tag] = rules
	}
	return rules, err
}
