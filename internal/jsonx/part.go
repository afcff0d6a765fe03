package jsonx

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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

// view is a struct that stands for the parts of a type when json v2 reads a body: each of
// its fields is a pointer to a part in the real value, or a selfPart. The library then
// knows no other names, and json methods and embedded structs of the real type do not get
// in its way. Open views are pooled, because reflect.Value.Convert would cost ten times as
// much.
type view struct {
	typ   reflect.Type
	parts []Member
	pool  sync.Pool // *openView
}

type openView struct {
	pointer any // *typ
	value   reflect.Value
}

// selfPart leads to a part whose type decodes itself. At a null json v2 would set a mere
// pointer to nil, and the type would not hear of what it is to judge.
type selfPart struct {
	pointer any
}

var selfPartType = reflect.TypeFor[selfPart]()

// UnmarshalJSONFrom reads the part where the body has it, so that its errors are those
// of the part.
func (p *selfPart) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return json.UnmarshalDecode(dec, p.pointer)
}

// newView makes a view of one part or more.
func newView(parts []Member) *view {
	fields := make([]reflect.StructField, len(parts))
	taken := make(map[string]bool)
	for i := range parts {
		p := &parts[i]
		name, tag := partName(&p.Field, taken)
		typ := selfPartType
		if !decodesItself(p.Type) {
			typ = reflect.PointerTo(p.Type)
		}
		fields[i] = reflect.StructField{
			Name: name,
			Type: typ,
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
		part, field := root.FieldByIndex(v.parts[i].Index).Addr(), o.value.Field(i)
		if field.Kind() == reflect.Pointer {
			field.Set(part)
		} else {
			field.Addr().Interface().(*selfPart).pointer = part.Interface()
		}
	}
	return o
}

// close lets go of the real value.
func (v *view) close(o *openView) {
	o.value.SetZero()
	v.pool.Put(o)
}
