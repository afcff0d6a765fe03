package typed

import (
	"fmt"
	"io"
	"iter"
	"reflect"
	"time"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/stream"
)

// Event is one server-sent event (WHATWG HTML, 9.2).
type Event[T any] struct {
	// ID is what a client sends back in Last-Event-ID when it connects again: bind that
	// with header:"Last-Event-ID". It holds no CR, LF or NUL. "": the event has none, and
	// the client keeps the last one.
	ID string

	// Name is the type that a client's listeners have: addEventListener("added", …). It
	// holds no CR, LF or NUL. "": "message", or what the tag of the kind says.
	Name string

	// Retry is how long the client is to wait before it connects again, in whole
	// milliseconds, at least one. 0: nothing is said, and browsers wait some seconds.
	Retry time.Duration

	// Data is sent as JSON; a string, of a type without methods, as it is, line by line:
	// CR LF and CR arrive as LF.
	Data T
}

// Events is a payload of server-sent events, text/event-stream. A function
// func(yield func(Event[T], error) bool) converts to it, and so does an iter.Seq2:
//
//	return res.Send(func(yield func(typed.Event[Price], error) bool) {
//		for price := range prices {
//			if !yield(typed.Event[Price]{Data: price}, nil) {
//				return
//			}
//		}
//	})
//
// It is called once, after the handler has returned. Each event is sent before yield
// returns, so a slow client slows the loop down. yield is false once the client has left,
// or the [Server] drains; the handler's context ends then as well. An error that is
// yielded, an event that cannot be sent, and a panic end the stream. They are reported, and
// cut the connection, unless nothing has been sent: the head goes with the first event or
// after 100 ms, so what fails at once is answered as an error of the handler is. Neither
// [Options.Timeout] nor a server's limit of time ends a stream.
//
// Several kinds of event are a T that is a struct of pointers with tags, of which each
// event has exactly one set. Its data is what the pointer points to:
//
//	type Change struct {
//		Added   *Item `event:"added"`
//		Removed *Gone `event:"removed"`
//	}
//
// While nothing comes, a comment is sent every 15 seconds: see [Heartbeat]. The nil Events are
// none. yield may be called from any goroutine, by one at a time or several; called after the
// end it is false.
type Events[T any] iter.Seq2[Event[T], error]

// Lines is a payload, or the body of a request, of JSON values, each on a line of its own:
// application/x-ndjson, or application/jsonl where [Produces] or [Accepts] say so.
//
// As a payload it is sent as [Events] are, but without heartbeats, and a server that
// drains lets it come to its end.
//
// As a body it is a field with the tag body:"", or the request type itself. Each value is
// decoded, strictly, and validated when the loop asks for it. A bad line ends the loop with
// a [*LineError]; an error of the connection, or a body over [MaxBody], ends it as well. A
// handler that returns the error answers the problem that it stands for. Lines are read
// once: a second loop goes on where the first has stopped. Lines that are empty or blank
// are skipped, CR LF and a byte order mark are accepted, and the last line needs no end.
// The handler reads them, before it returns or, for a payload, afterwards.
type Lines[T any] iter.Seq2[T, error]

// itemized is a pointer to an Events or Lines, whose T is forgotten.
type itemized interface {
	// form is that of the payload, and item the type of its items.
	form() (answer.Form, reflect.Type)
	// pour gives all items to sink.
	pour(sink stream.Sink)
	// fill makes the items those that next reads, into the zero value that item points to,
	// until its error, which is io.EOF at the end.
	fill(next func(h *stream.Head, item any) error)
}

var itemizedType = reflect.TypeFor[itemized]()

// itemsOf is hook.Items.
func itemsOf(t reflect.Type) (answer.Form, reflect.Type) {
	if t.Kind() != reflect.Func || !reflect.PointerTo(t).Implements(itemizedType) {
		return answer.FormJSON, nil
	}
	return reflect.New(t).Interface().(itemized).form()
}

func init() {
	hook.Items = itemsOf
	hook.Pour = func(payload any, sink stream.Sink) { payload.(itemized).pour(sink) }
	hook.Fill = func(items any, next func(*stream.Head, any) error) { items.(itemized).fill(next) }
	hook.HeartbeatEvent = func(op any) string {
		if h := op.(*Operation).heartbeat; h != nil {
			return h.Name
		}
		return ""
	}
}

func (e *Events[T]) form() (answer.Form, reflect.Type) {
	return answer.FormEvents, reflect.TypeFor[T]()
}

func (l *Lines[T]) form() (answer.Form, reflect.Type) {
	return answer.FormLines, reflect.TypeFor[T]()
}

// pour does not range over the function: a yield after the end would panic.
func (e *Events[T]) pour(sink stream.Sink) {
	if *e == nil {
		return
	}
	var item struct {
		head stream.Head
		data T
	}
	(*e)(func(event Event[T], err error) bool {
		sink.Lock()
		defer sink.Unlock()
		item.head = stream.Head{ID: event.ID, Name: event.Name, Retry: event.Retry}
		item.data = event.Data
		return sink.Take(&item.head, &item.data, err)
	})
}

func (l *Lines[T]) pour(sink stream.Sink) {
	if *l == nil {
		return
	}
	var item T
	(*l)(func(value T, err error) bool {
		sink.Lock()
		defer sink.Unlock()
		item = value
		return sink.Take(nil, &item, err)
	})
}

func (e *Events[T]) fill(next func(*stream.Head, any) error) {
	*e = func(yield func(Event[T], error) bool) {
		fill(next, func(h *stream.Head, data *T, err error) bool {
			if err != nil {
				return yield(Event[T]{}, err)
			}
			return yield(Event[T]{ID: h.ID, Name: h.Name, Retry: h.Retry, Data: *data}, nil)
		})
	}
}

func (l *Lines[T]) fill(next func(*stream.Head, any) error) {
	*l = func(yield func(T, error) bool) {
		fill(next, func(_ *stream.Head, item *T, err error) bool {
			return yield(*item, err)
		})
	}
}

// fill yields what next reads. With an error the item is zero.
func fill[T any](next func(*stream.Head, any) error, yield func(*stream.Head, *T, error) bool) {
	var h stream.Head
	var item, zero T
	for {
		h, item = stream.Head{}, zero
		err := next(&h, &item)
		if err == io.EOF {
			return
		}
		if err != nil {
			item = zero
		}
		if !yield(&h, &item, err) || err != nil {
			return
		}
	}
}

// defaultHeartbeat is what the specification recommends (WHATWG HTML, 9.2.7).
var defaultHeartbeat = answer.Heartbeat{Every: 15 * time.Second}

// Heartbeat sends a comment while no event has come for that time: proxies keep the stream,
// and a client that has left is noticed. A comment reaches no listener in a browser; see
// [HeartbeatEvent]. Without the option it is 15 seconds. 0: none is sent, and under fiber a
// client that leaves is noticed with the next event only.
func Heartbeat(every time.Duration) Option {
	return option(func(s *settings) { s.beat("Heartbeat", answer.Heartbeat{Every: every}, every < 0) })
}

// HeartbeatEvent is a [Heartbeat] that listeners in a browser see, so that a page can tell
// a quiet stream from a broken connection: an event of that name, with empty data.
// The document lists it.
func HeartbeatEvent(name string, every time.Duration) Option {
	return option(func(s *settings) {
		if err := stream.CheckName(name); err != nil || name == "" {
			s.faults = append(s.faults, fault.Fault{Problem: fmt.Sprintf("the option HeartbeatEvent has the name %q", name), Fix: "give it a name without line breaks, such as heartbeat"})
			return
		}
		event, _ := stream.AppendEvent(nil, &stream.Head{Name: name}, nil) // the name was checked
		s.beat("HeartbeatEvent", answer.Heartbeat{Every: every, Name: name, Event: event}, every <= 0)
	})
}

func (s *settings) beat(option string, h answer.Heartbeat, wrong bool) {
	if wrong {
		s.faults = append(s.faults, fault.Fault{Problem: fmt.Sprintf("the option %s was given %v", option, h.Every), Fix: "give the time after which it is sent, such as 15*time.Second"})
	}
	s.heartbeat = &h
}
