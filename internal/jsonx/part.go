package jsonx

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// NewPartsDecoder compiles a Decoder for bodies whose members go into some fields of
// a struct; all other names are unknown. What the methods or the other fields of the
// struct say of JSON does not count. The Index of a field is the way to it from the
// struct; embedded pointers on the way must be set before a body is decoded. Names of
// members must differ. The errors are sentences, each in the place of the field that it
// is about; nil if there is none.
func NewPartsDecoder(parts []reflect.StructField, o Options) (*Decoder, []error) {
	a := newAudit(true)
	a.hidden = o.Hidden
	members, errs := a.parts(parts)
	if errs != nil {
		return nil, errs
	}
	o.limit()
	d := &Decoder{parts: members, o: o, options: a.decodeOptions(o)}
	rs := newReaders(a, d)
	d.read = rs.objectReader(members)
	d.largest = rs.largest
	return d, nil
}

// parts are the members that parts take. The errors are nil if there is none.
func (a *audit) parts(parts []reflect.StructField) (members []Member, errs []error) {
	members = make([]Member, len(parts))
	for i := range parts {
		m, err := partMember(parts[i])
		if err == nil {
			err = a.part(&m)
		}
		if members[i] = m; err != nil {
			if errs == nil {
				errs = make([]error, len(parts))
			}
			errs[i] = err
		}
	}
	return members, errs
}

// partMember reads the json tag of a part, whose struct tag is in order.
func partMember(f reflect.StructField) (Member, error) {
	f.PkgPath, f.Anonymous = "", false // the tag counts, however the field is reached
	tag, _ := syntax.LookupTag(f.Tag, "json")
	o, err := parseValue(f.Name, tag)
	if wrong, ok := errors.AsType[fault.Fault](err); ok {
		wrong.Field = "" // whoever compiles the part knows its path
		err = wrong
	}
	if tag == "-" || err == nil && o.embed {
		err = fmt.Errorf("the field %s is no member", f.Name)
	}
	return memberOf(&f, f.Index, o), err
}

// part judges a member as [audit.members] does.
func (a *audit) part(m *Member) error {
	if formatTags() == nil {
		return errToolchain
	}
	var wrong []error
	if err := a.member(m); err != nil {
		for _, err := range fault.Each(err) {
			wrong = append(wrong, fmt.Errorf("field %s: %w", m.Field.Name, err))
		}
	}
	return fault.Join(wrong)
}

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

// copies is a struct that json v2 reads and writes in the place of the parts of another: it
// then knows no other names, and json methods and embedded structs of the real type do not
// get in its way.
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

// read has json v2 read body into the parts of the struct that v points to.
func (c *copies) read(body []byte, v any, options []json.Options) error {
	from, to := reflect.New(c.typ), reflect.ValueOf(v).Elem()
	err := json.Unmarshal(body, from.Interface(), options...)
	for i := range c.parts {
		to.FieldByIndex(c.parts[i].Index).Set(from.Elem().Field(i))
	}
	return err
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
