package jsonx

import (
	"fmt"
	"iter"
	"reflect"
)

// Part is a field that takes one member of a body, of a struct that has other fields too.
type Part struct {
	Name  string            // of the field in Go
	Index []int             // the way to it; embedded pointers on the way must be set before a body is decoded
	Type  reflect.Type      // of the field
	Tag   reflect.StructTag // its json tag counts
}

// in returns the field of a struct.
func (p *Part) in(v reflect.Value) reflect.Value {
	if len(p.Index) == 1 {
		return v.Field(p.Index[0])
	}
	return v.FieldByIndex(p.Index)
}

// NewPartsDecoder compiles a Decoder for bodies whose members go into some fields of
// struct type t; all other names are unknown. What t's methods or its other fields say
// of JSON does not count. Names of members must differ. The Decoder asks for the parts
// again when it needs them, instead of keeping them. The errors are sentences, each in
// the place of the part that it is about, up to the last one; nil if there is none.
func NewPartsDecoder(t reflect.Type, parts iter.Seq[Part], o Options) (*Decoder, []error) {
	a := audit{decode: true}
	defer a.structs.release()
	members, errs := a.structs.membersOf(t, parts)
	for i := range members {
		if i >= len(errs) || errs[i] == nil {
			if err := a.part(&members[i]); err != nil {
				errs = setError(errs, i, err)
			}
		}
	}
	if errs != nil {
		return nil, errs
	}
	d := &Decoder{typ: t, parts: parts, options: a.decodeOptions(o), base32: a.base32}
	rs := readers{structs: &a.structs, options: d.options}
	d.read = rs.objectReader(members)
	return d, nil
}

// membersOf reads the tags of parts of t.
func (s *structs) membersOf(t reflect.Type, parts iter.Seq[Part]) ([]Member, []error) {
	room := s.take(t.NumField())
	c := &s.parts // the parts are told to it by a call that the compiler cannot see through
	*c = partCollector{members: room[:0]}
	parts(c.add)
	members, errs := c.members, c.errs
	*c = partCollector{}
	return members, errs
}

// partCollector makes members of parts.
type partCollector struct {
	members []Member
	errs    []error
}

func (c *partCollector) add(p Part) bool {
	f := reflect.StructField{Name: p.Name, Type: p.Type, Tag: p.Tag}
	o, skip, err := parseTag(&f)
	if err == nil && (skip || o.embed) {
		err = fmt.Errorf("the field %s is no member", p.Name)
	}
	if err != nil {
		c.errs = setError(c.errs, len(c.members), err)
	}
	c.members = append(c.members, memberOf(&f, p.Index, o))
	return true
}

// setError sets the error of part i.
func setError(errs []error, i int, err error) []error {
	for len(errs) <= i {
		errs = append(errs, nil)
	}
	errs[i] = err
	return errs
}

// part judges a member as [audit.members] does.
func (a *audit) part(m *Member) error {
	if formatTags() == nil {
		return errToolchain
	}
	if err := a.visit(m.Type, m.String, m.Format); err != nil {
		return fmt.Errorf("field %s: %w", m.Field.Name, err)
	}
	return nil
}
