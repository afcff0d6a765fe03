package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync/atomic"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/stream"
)

// items is how the items of a payload are read: a typed.Events or a typed.Lines.
type items struct {
	events bool
	data   decoders // of each item, unless there are kinds
	text   bool     // the data is the text itself
	kinds  []kind   // of event
	beat   string   // the name of the events that are heartbeats; "": those are comments
}

// kind is one kind of event: a field of the data, a struct of pointers.
type kind struct {
	name  string
	field int
	data  decoders
	text  bool
}

// compileItems compiles how a payload of events or lines is read.
func compileItems(payload reflect.Type, beat string) (*items, error) {
	form, item := hook.Items(payload)
	its := &items{events: form == answer.FormEvents, beat: beat}
	if its.events {
		variants, faults := stream.Variants(item)
		if len(faults) > 0 {
			return nil, faults[0]
		}
		its.kinds = make([]kind, len(variants))
		for i, v := range variants {
			k := &its.kinds[i]
			k.name, k.field, k.text = v.Name, v.Field, stream.IsText(v.Type)
			if err := k.data.compile(v.Type, k.text); err != nil {
				return nil, err
			}
		}
		if len(variants) > 0 {
			return its, nil
		}
		its.text = stream.IsText(item)
	}
	return its, its.data.compile(item, its.text)
}

// compile prepares to decode values of t, unless they are texts.
func (d *decoders) compile(t reflect.Type, text bool) error {
	d.typ = t
	if text {
		return nil
	}
	if _, err := d.of(false, DefaultMaxAnswer); err != nil {
		return fault.Fault{Problem: "JSON cannot be decoded into the items: " + err.Error(), Fix: "send items of a type that JSON can be decoded into"}
	}
	return nil
}

// errLoopedTwice is what a second loop over a stream gives.
var errLoopedTwice = errors.New("client: the stream was read already: loop over it once")

// fillItems makes payload, a pointer to a typed.Events or typed.Lines, those that come.
// Leaving the loop closes the content.
func (in *reading) fillItems(o *outcome, payload reflect.Value) {
	r := in.newItemReader(o)
	hook.Fill(payload.Interface(), r.next)
	loop := reflect.ValueOf(payload.Elem().Interface()) // a copy
	var looped atomic.Bool
	payload.Elem().Set(reflect.MakeFunc(loop.Type(), func(yield []reflect.Value) []reflect.Value {
		if looped.Swap(true) {
			r.failed = errLoopedTwice
		} else {
			defer func() { _ = r.body.Close() }() // what was read was read
		}
		return loop.Call(yield)
	}))
}

// newItemReader reads the items of an outcome.
func (in *reading) newItemReader(o *outcome) *itemReader {
	r := &itemReader{reading: *in, items: o.items, body: in.got.body}
	size := int(min(in.client.maxAnswer, 1<<40))
	if r.items.events {
		r.reader = stream.NewEventReader(r.body, size)
	} else {
		r.lines = stream.NewLineReader(r.body, size)
	}
	return r
}

// itemReader reads the items of one answer.
type itemReader struct {
	reading
	items  *items
	body   io.ReadCloser
	reader *stream.EventReader
	lines  *stream.LineReader
	index  int // of the item that is read
	failed error
}

// next is for hook.Fill.
func (r *itemReader) next(h *stream.Head, item any) error {
	if r.failed != nil {
		return r.failed
	}
	for {
		var data []byte
		var err error
		if r.items.events {
			data, err = r.reader.Next(h)
		} else {
			data, err = r.lines.Next()
		}
		switch {
		case err == io.EOF:
			return err
		case errors.Is(err, stream.ErrTooLong):
			r.failed = r.wrong(nil, fmt.Sprintf("is larger than %d bytes: see Options.MaxAnswer", r.client.maxAnswer))
			return r.failed
		case err != nil:
			r.failed = r.plan.wrap(fmt.Errorf("the stream broke off: %w", err))
			return r.failed
		}
		known, err := r.decodeItem(h, data, item)
		if err != nil {
			r.failed = err
			return err
		}
		if known {
			r.index++
			return nil
		}
	}
}

// decodeItem decodes one item. It is not known if it is a heartbeat, or an event of a kind
// that the client does not have: servers grow.
func (r *itemReader) decodeItem(h *stream.Head, data []byte, item any) (known bool, err error) {
	d, text, dst := &r.items.data, r.items.text, reflect.ValueOf(item)
	switch {
	case h != nil && r.items.beat != "" && h.Name == r.items.beat && len(data) == 0:
		return false, nil
	case len(r.items.kinds) > 0:
		k := r.items.kind(h.Name)
		if k == nil {
			if r.client.strict {
				return false, r.wrong(data, "is of a kind that is not declared")
			}
			return false, nil
		}
		made := reflect.New(k.data.typ)
		dst.Elem().Field(k.field).Set(made)
		d, text, dst = &k.data, k.text, made
	}
	if text {
		dst.Elem().SetString(string(bytes.ToValidUTF8(data, []byte("\uFFFD")))) // as WHATWG HTML, 9.2.6, decodes it
		return true, nil
	}
	decoder, err := d.of(r.client.strict, r.client.maxAnswer)
	if err != nil {
		return false, r.plan.wrap(err) // compile has tried
	}
	if wrong := decoder.Decode(data, dst.Interface()); wrong != nil {
		return false, r.wrong(data, "does not fit: "+sentence(wrong))
	}
	return true, nil
}

func (its *items) kind(name string) *kind {
	for i := range its.kinds {
		if its.kinds[i].name == name {
			return &its.kinds[i]
		}
	}
	return nil
}

// wrong is the error of an item.
func (r *itemReader) wrong(data []byte, fault string) error {
	what := "line"
	if r.items.events {
		what = "event"
	}
	r.content = append([]byte{}, data...)
	return r.unexpected(nil, fmt.Sprintf("and its %s %d %s", what, r.index, fault))
}
