package answer

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/stream"
)

// items is how the items of a payload are written.
type items struct {
	form     Form
	data     data
	variants []kind // of an event; empty: data
}

// kind is one kind of event.
type kind struct {
	name  string
	field int
	data  data
}

// data is how values of one type are written.
type data struct {
	text   bool
	encode Encode
}

// isItems reports whether a payload is sent item by item.
func (f Form) isItems() bool { return f == FormEvents || f == FormLines }

// items compiles how the items of a payload of type t are written.
func (d *Declaration) items(t reflect.Type) (*items, []fault.Fault) {
	form, item := d.Items(t)
	plan := &items{form: form}
	var faults []fault.Fault
	if form == FormEvents {
		var variants []stream.Variant
		variants, faults = stream.Variants(item)
		for _, v := range variants {
			k := kind{name: v.Name, field: v.Field}
			if err := d.data(&k.data, v.Type, form); err != nil {
				faults = unwritable(faults, err, item.Field(v.Field).Name, "use a type that JSON can hold")
			}
			plan.variants = append(plan.variants, k)
		}
		if len(variants) > 0 || len(faults) > 0 {
			return plan, faults
		}
	}
	if err := d.data(&plan.data, item, form); err != nil {
		faults = unwritable(faults, err, "", "send items of a type that JSON can hold")
	}
	return plan, faults
}

func (d *Declaration) data(into *data, t reflect.Type, form Form) (err error) {
	if form == FormEvents && stream.IsText(t) {
		into.text = true
		return nil
	}
	into.encode, err = d.Encoder(t)
	return err
}

var (
	errNoKind  = errors.New("an event has none of its kinds: set exactly one field of its data")
	errTwoKind = errors.New("an event has two of its kinds: set exactly one field of its data")
)

// append appends one item. spare is used for the data of an event, and may be replaced
// by a larger one.
func (p *items) append(dst []byte, spare *[]byte, h *stream.Head, v any) ([]byte, error) {
	d := &p.data
	if len(p.variants) > 0 {
		k, value, err := p.kindOf(reflect.ValueOf(v).Elem())
		if err != nil {
			return dst, err
		}
		if h.Name != "" && h.Name != k.name {
			return dst, fmt.Errorf("an event of the kind %q has the Name %q: leave Name empty", k.name, h.Name)
		}
		h.Name = k.name
		d, v = &k.data, value
	}
	if p.form == FormLines {
		start := len(dst)
		dst, err := d.encode(dst, v)
		if err != nil {
			return dst, fmt.Errorf("an item cannot be encoded: %w", err)
		}
		return stream.EndLine(dst, start), nil
	}
	if d.text {
		*spare = append((*spare)[:0], reflect.ValueOf(v).Elem().String()...)
	} else {
		text, err := d.encode((*spare)[:0], v)
		if err != nil {
			return dst, fmt.Errorf("an event cannot be encoded: %w", err)
		}
		*spare = text
	}
	return stream.AppendEvent(dst, h, *spare)
}

// kindOf finds the one field that is set.
func (p *items) kindOf(v reflect.Value) (found *kind, value any, err error) {
	for i := range p.variants {
		k := &p.variants[i]
		f := v.Field(k.field)
		if f.IsNil() {
			continue
		}
		if found != nil {
			return nil, nil, errTwoKind
		}
		found, value = k, f.Interface()
	}
	if found == nil {
		return nil, nil, errNoKind
	}
	return found, value, nil
}

// checkItems refuses a media type, in lower case, that says something else of the items.
func (p *payload) checkItems(declared string) (problem, fix string) {
	switch {
	case p.form == FormEvents && declared != stream.MediaType:
		return declared + " is declared of events, which are " + stream.MediaType, "drop the media type"
	case p.form == FormLines && !strings.Contains(declared, "jsonl") && !strings.Contains(declared, "ndjson"):
		return declared + " is declared of lines of JSON", "declare application/jsonl or another name of them, or drop the media type for " + stream.LinesType
	}
	return "", ""
}
