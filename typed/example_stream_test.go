package typed_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// piped is what write writes, while it writes it. Once the client has left, writing fails.
func piped(write func(w io.Writer) error) io.Reader {
	r, w := io.Pipe()
	go func() { w.CloseWithError(write(w)) }()
	return r
}

func Example_download() {
	books := []Book{{1, "Emma"}, {2, "Middlemarch"}}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books.csv",
		func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
			table := piped(func(w io.Writer) error {
				c := csv.NewWriter(w)
				for _, b := range books {
					if err := c.Write([]string{fmt.Sprint(b.ID), b.Title}); err != nil {
						return err
					}
				}
				c.Flush()
				return c.Error()
			})
			return res.Header("Content-Type", "text/csv; charset=utf-8").
				Header("Content-Disposition", `attachment; filename="books.csv"`).Send(table)
		})

	show(api, "GET", "/books.csv", "")
	// Output:
	// 200 text/csv; charset=utf-8
	// 1,Emma
	// 2,Middlemarch
}

func ExampleEvents() {
	api := typed.New("News", "1.0.0", nil)
	typed.Handle(api, "GET /news",
		func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[Book]]) (typed.Answer, error) {
			return res.Send(func(yield func(typed.Event[Book], error) bool) {
				for i, title := range []string{"Emma", "Middlemarch"} {
					event := typed.Event[Book]{ID: fmt.Sprint(i + 1), Name: "added", Data: Book{i + 1, title}}
					if !yield(event, nil) { // the client has disconnected
						return
					}
				}
			})
		}, typed.Heartbeat(15*time.Second)) // or HeartbeatEvent, which a script in a browser sees

	show(api, "GET", "/news", "")
	// Output:
	// 200 text/event-stream
	// id: 1
	// event: added
	// data: {"id":1,"title":"Emma"}
	//
	// id: 2
	// event: added
	// data: {"id":2,"title":"Middlemarch"}
}

type ImportBooks struct {
	Rows typed.Lines[Book] `body:""`
}

func ExampleLines() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books/import", typed.Func(func(_ context.Context, in ImportBooks) (string, error) {
		n := 0
		for _, err := range in.Rows { // decoded and validated one by one
			if line, ok := errors.AsType[*typed.LineError](err); ok {
				fmt.Println("from 0, this is line", line.Index)
			}
			if err != nil {
				return "", err // a problem that says which line, and why
			}
			n++
		}
		return fmt.Sprintf("%d books", n), nil
	}), typed.MaxLine(4<<10))

	show(api, "POST", "/books/import", `{"id":1,"title":"Emma"}`+"\n"+`{"id":2,"title":"Middlemarch"}`, "Content-Type", "application/x-ndjson")
	// Output:
	// 200 application/json; charset=utf-8
	// "2 books"
}

// A handler that keeps the lines before the one that is wrong.
func ExampleLineError() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books/import", typed.Func(func(_ context.Context, in ImportBooks) (string, error) {
		for _, err := range in.Rows {
			if line, ok := errors.AsType[*typed.LineError](err); ok {
				if problem, ok := line.Err.(*respond.Problem); ok { // and not the connection
					return fmt.Sprintf("kept %d: %s %s", line.Index, problem.Errors[0].Pointer, problem.Errors[0].Detail), nil
				}
				return "", err
			}
		}
		return "kept all", nil
	}))

	show(api, "POST", "/books/import", `{"id":1,"title":"Emma"}`+"\n"+`{"id":"2"}`, "Content-Type", "application/x-ndjson")
	// Output:
	// 200 application/json; charset=utf-8
	// "kept 1: /1/id must be a whole number"
}

func ExampleHeartbeatEvent() {
	api := typed.New("News", "1.0.0", nil)
	typed.Handle(api, "GET /news", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[string]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[string], error) bool) {
			yield(typed.Event[string]{Data: "the first line\nthe second"}, nil)
		})
	}, typed.HeartbeatEvent("alive", 15*time.Second)) // a script that has heard nothing for 45 s connects again

	show(api, "GET", "/news", "")
	// Output:
	// 200 text/event-stream
	// data: the first line
	// data: the second
}
