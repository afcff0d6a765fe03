package typed_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"

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

func Example_events() {
	events := make(chan string, 2)
	events <- "one"
	events <- "two"
	close(events)
	api := typed.New("News", "1.0.0", nil)
	typed.Handle(api, "GET /events",
		func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
			news := piped(func(w io.Writer) error {
				for {
					select {
					case event, more := <-events:
						if !more {
							return nil
						}
						if _, err := fmt.Fprintf(w, "data: %s\n\n", event); err != nil {
							return err
						}
					case <-ctx.Done(): // the client has left
						return nil
					}
				}
			})
			return res.Header("Content-Type", "text/event-stream").Header("Cache-Control", "no-store").Send(news)
		})

	show(api, "GET", "/events", "")
	// Output:
	// 200 text/event-stream
	// data: one
	//
	// data: two
}
