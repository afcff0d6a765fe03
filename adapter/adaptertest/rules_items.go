package adaptertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type (
	itemRow struct {
		Name string `json:"name" validate:"required,max=10"`
	}
	itemRows struct {
		Rows typed.Lines[itemRow] `body:""`
	}
	itemKind struct {
		Added   *itemRow `event:"added"`
		Removed *string  `event:"removed"`
	}
	resumed struct {
		After string `header:"Last-Event-ID"`
	}
)

// handleItems are the endpoints that answer item by item.
func (s *site) handleItems() {
	watch := func(path string, items func(ctx context.Context, yield func(typed.Event[any], error) bool), opts ...typed.Option) {
		typed.Handle(s.api, "GET /items/"+path, func(ctx context.Context, _ typed.None, res *typed.Response[typed.Events[any]]) (typed.Answer, error) {
			return res.Send(func(yield func(typed.Event[any], error) bool) { items(ctx, yield) })
		}, opts...)
	}
	typed.Handle(s.api, "GET /items/kinds", typed.Func(func(_ context.Context, in resumed) (typed.Events[itemKind], error) {
		return func(yield func(typed.Event[itemKind], error) bool) {
			name := "after " + in.After
			_ = yield(typed.Event[itemKind]{ID: "2", Retry: time.Second, Data: itemKind{Added: &itemRow{"a"}}}, nil) &&
				yield(typed.Event[itemKind]{Data: itemKind{Removed: &name}}, nil)
		}, nil
	}))
	watch("none", func(context.Context, func(typed.Event[any], error) bool) {})
	watch("refused", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{}, respond.Gone("The list is gone."))
	})
	watch("fails", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{}, errSecret)
	})
	watch("panics", func(context.Context, func(typed.Event[any], error) bool) { panic(errSecret) })
	watch("breaks", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{Data: 1}, nil)
		yield(typed.Event[any]{}, errSecret)
	})
	watch("panics-later", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{Data: 1}, nil)
		panic(errSecret)
	})
	watch("unencodable", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{Data: 1}, nil)
		yield(typed.Event[any]{Data: func() {}}, nil)
	})
	watch("late", func(ctx context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{Data: 1}, nil)
		go func() {
			<-ctx.Done() // the stream is over
			s.yielded <- yield(typed.Event[any]{Data: 2}, errSecret)
		}()
	})
	watch("quiet", func(ctx context.Context, _ func(typed.Event[any], error) bool) {
		<-ctx.Done()
		s.closed <- struct{}{}
	}, typed.Heartbeat(10*time.Millisecond))
	watch("stepwise", func(ctx context.Context, yield func(typed.Event[any], error) bool) {
		for {
			select {
			case _, more := <-s.step:
				if !more || !yield(typed.Event[any]{Data: "step"}, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	watch("endless", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		for yield(typed.Event[any]{Data: strings.Repeat("x", 1000)}, nil) {
		}
		s.closed <- struct{}{}
	})
	watch("wrapped", func(_ context.Context, yield func(typed.Event[any], error) bool) {
		yield(typed.Event[any]{Data: 1}, nil)
	}, typed.Use(wrap))
	typed.Handle(s.api, "GET /items/lines", typed.Func(func(context.Context, typed.None) (typed.Lines[itemRow], error) {
		return func(yield func(itemRow, error) bool) { _ = yield(itemRow{"a"}, nil) && yield(itemRow{"<b>"}, nil) }, nil
	}))
	typed.Handle(s.api, "POST /items/import", typed.Func(func(_ context.Context, in itemRows) (string, error) {
		var names []string
		for row, err := range in.Rows {
			if err != nil {
				return "", fmt.Errorf("import: %w", err)
			}
			names = append(names, row.Name)
		}
		return strings.Join(names, ","), nil
	}), typed.MaxBody(1<<18), typed.MaxLine(kib))
	typed.Handle(s.api, "POST /items/through", typed.Func(func(_ context.Context, in itemRows) (typed.Lines[itemRow], error) {
		return func(yield func(itemRow, error) bool) {
			for row, err := range in.Rows {
				if !yield(row, err) {
					return
				}
			}
		}, nil
	}))
}

// items is answers and requests that go item by item.
func items() []rule {
	const lines = "Content-Type: application/x-ndjson"
	load := func(path, body string) query {
		return query{target: "/items/" + path, body: body, header: []string{lines}}
	}
	good := strings.Repeat(`{"name":"a"}`+"\n", 17)
	cut := func(path string) func(*bench) error {
		return func(b *bench) error {
			before := b.reports.Load()
			got, err := b.compare(get("/items/" + path))
			if err != nil {
				return err
			}
			for deadline := time.Now().Add(patience); b.reports.Load() == before && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond) // the report follows the cut, which is all that a client sees
			}
			return errors.Join(same("truncated", got.truncated, true), same("body", got.body, "data: 1\n\n"), same("reports", b.reports.Load()-before, 1))
		}
	}
	return []rule{
		ask("items/events", "Events are sent with their kinds, and Last-Event-ID is read.",
			query{target: "/items/kinds", header: []string{"Last-Event-ID: 1"}},
			wish{200, []string{"Content-Type: text/event-stream", "Cache-Control: no-store", "X-Accel-Buffering: no"}, "id: 2\nevent: added\nretry: 1000\ndata: {\"name\":\"a\"}\n\nevent: removed\ndata: after 1\n\n"}),
		ask("items/HEAD", "HEAD of events has no body, and asks for none.", send("HEAD", "/items/panics", ""), wish{200, []string{"Content-Type: text/event-stream"}, ""}),
		ask("items/none", "A stream may be empty.", get("/items/none"), wish{200, []string{"Content-Type: text/event-stream"}, ""}),
		ask("items/refused", "What fails before the first item is answered as an error of the handler is.", get("/items/refused"), wish{410, []string{"Content-Type: application/problem+json"}, "~The list is gone."}),
		ask("items/fails", "An error before the first item is a clean 500.", get("/items/fails"), wish{500, []string{"Content-Type: application/problem+json"}, ""}),
		ask("items/panics", "A panic before the first item is a clean 500.", get("/items/panics"), wish{500, []string{"Content-Type: application/problem+json"}, ""}),
		{"items/breaks", "An error after the first item cuts the connection, and is reported.", cut("breaks")},
		{"items/panics later", "A panic after the first item cuts the connection, and is reported.", cut("panics-later")},
		{"items/unencodable", "An item that cannot be encoded cuts the connection, and is reported.", cut("unencodable")},
		{"items/yield after the end", "A yield after the end is refused, on any goroutine.", func(b *bench) error {
			if _, err := b.compare(get("/items/late")); err != nil {
				return err
			}
			more, err := await("the late yield", b.site.yielded)
			return errors.Join(err, same("a late yield wants more", more, false))
		}},
		{"items/flushed", "Each event is sent before the next is asked for; the head does not wait for the first.", steps},
		{"items/client leaves", "When the client leaves, a heartbeat that cannot be sent ends the context.", func(b *bench) error {
			conn, err := b.router.dial()
			if err != nil {
				return err
			}
			if _, err := conn.Write(get("/items/quiet").bytes()); err != nil {
				return err
			}
			if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
				return err
			}
			_ = conn.Close() // the point of the case
			_, err = await("the end of the context", b.site.closed)
			return err
		}},
		{"items/client leaves an endless stream", "When the client leaves, yield is false.", func(b *bench) error {
			conn, err := b.router.dial()
			if err != nil {
				return err
			}
			if _, err := conn.Write(get("/items/endless").bytes()); err != nil {
				return err
			}
			if _, err := io.ReadFull(conn, make([]byte, 64<<10)); err != nil {
				return fmt.Errorf("the stream did not begin: %w", err)
			}
			_ = conn.Close() // the point of the case
			_, err = await("the end of the loop", b.site.closed)
			return err
		}},
		ask("items/middleware", "Events pass net/http middleware.", get("/items/wrapped"), wish{200, []string{"X-Wrapped: GET /items/wrapped"}, "data: 1\n\n"}),
		ask("items/lines", "Lines are JSON, each with its end.", get("/items/lines"), wish{200, []string{"Content-Type: application/x-ndjson"}, "{\"name\":\"a\"}\n{\"name\":\"<b>\"}\n"}),
		ask("items/import", "Lines are read: CR LF, a byte order mark, blank lines and no end at the end.", load("import", "\uFEFF{\"name\":\"a\"}\r\n\n{\"name\":\"b\"}"), wish{200, nil, `"a,b"`}),
		ask("items/import of nothing", "A body without lines has none.", send("POST", "/items/import", ""), wish{200, nil, `""`}),
		ask("items/import of another type", "Another media type is refused.", query{target: "/items/import", body: "{}", header: []string{"Content-Type: application/json"}}, wish{415, nil, ""}),
		ask("items/bad line", "A line that breaks a rule is a 422 that says which.", load("import", good+`{"name":""}`+"\n"), wish{422, nil, `~"pointer":"/17/name"`}),
		ask("items/malformed line", "A line that is no JSON is a 400 that says which.", load("import", good+"{\n"), wish{400, nil, `~"pointer":"/17"`}),
		ask("items/long line", "A line over its limit is a 413.", load("import", good+`{"name":"`+strings.Repeat("a", 2*kib)+`"}`+"\n"), wish{413, nil, `~"pointer":"/17"`}),
		ask("items/long body", "Lines over the limit of the body are a 413.", load("import", strings.Repeat(good, 2000)), wish{413, nil, ""}),
		ask("items/through", "Lines may be answered while they are read.", load("through", good), wish{200, nil, good}),
		{"items/cut import", "A body that is cut gives no half row.", func(b *bench) error {
			request := "POST /items/import HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n" + lines + "\r\nContent-Length: 1000\r\n\r\n{\"name\":\"a\"}\n{\"name\":\"b\"}"
			got, err := b.router.sendRaw([]byte(request), false, true)
			if err != nil {
				return err
			}
			if got.status == http.StatusOK {
				return fmt.Errorf("half a body was taken for a whole one: %q", got.body)
			}
			return nil
		}},
	}
}

// steps waits for the head before there is an event, and for each event.
func steps(b *bench) error {
	conn, err := b.router.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(get("/items/stepwise").bytes()); err != nil {
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	r := bufio.NewReader(res.Body)
	for i := range 3 {
		b.site.step <- struct{}{}
		for _, want := range []string{"data: \"step\"\n", "\n"} {
			if line, err := r.ReadString('\n'); err != nil || line != want {
				return fmt.Errorf("event %d: %q, %w", i, line, err)
			}
		}
	}
	close(b.site.step)
	left, err := io.ReadAll(r)
	return errors.Join(err, same("after the last event", string(left), ""))
}
