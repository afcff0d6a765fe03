package typed_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// LogRequests writes a line for each request.
func LogRequests(log *slog.Logger) func(context.Context, *typed.Observation) (context.Context, func()) {
	return func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		return ctx, func() {
			attrs := []slog.Attr{
				slog.String("method", o.Method), slog.String("route", o.Route()), slog.Int("status", o.Status),
				slog.Int64("in", o.Received), slog.Int64("out", o.Sent), slog.Duration("took", o.Duration),
			}
			if o.Problem != nil {
				for _, e := range o.Problem.Errors {
					attrs = append(attrs, slog.String("broke", strings.Join([]string{e.Rule, e.In, e.Name + e.Pointer}, " ")))
				}
			}
			log.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
		}
	}
}

// ServerTiming tells browsers how long the answer took to make (W3C Server Timing).
func ServerTiming(ctx context.Context, o *typed.Observation) (context.Context, func()) {
	o.OnHead(func() {
		o.AddHeader("Server-Timing", fmt.Sprintf("app;dur=%.1f", float64(time.Since(o.Start))/float64(time.Millisecond)))
	})
	return ctx, nil
}

// plainLog prints without what differs from run to run.
func plainLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}}))
}

// A log of requests and Server-Timing, for any router.
func ExampleAPI_Observe() {
	api := typed.New("Books", "1.0.0", &typed.Options{BasePath: "/v1"})
	api.Observe(LogRequests(plainLog()))
	api.Observe(ServerTiming)
	typed.Handle(api, "POST /books", typed.Func(func(_ context.Context, in struct {
		Title string `json:"title" validate:"max=5"`
	}) (string, error) {
		return in.Title, nil
	}))

	for _, body := range []string{`{"title":"Emma"}`, `{"title":"Middlemarch"}`} {
		r := httptest.NewRequest("POST", "/v1/books", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		timing, _, _ := strings.Cut(w.Header().Get("Server-Timing"), "=")
		fmt.Println(timing)
	}
	// Output:
	// level=INFO msg=request method=POST route=/v1/books status=200 in=16 out=6
	// app;dur
	// level=INFO msg=request method=POST route=/v1/books status=422 in=23 out=219 broke="max body /title"
	// app;dur
}

// A log that is read when something has gone wrong: which endpoint it was, whether the
// answer was whole, and what the page cache had to do with it.
func ExampleObservation() {
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	defer pages.Close()
	api := typed.New("Books", "1.0.0", &typed.Options{Pages: pages, OnError: func(context.Context, error) {}})
	typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]Book, error) {
		return []Book{{1, "Emma"}}, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Minute}))
	typed.Handle(api, "GET /books/{id}", typed.Func(func(context.Context, GetBook) (Book, error) {
		panic("the shelf fell over")
	}))
	log := plainLog()
	api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		return ctx, func() {
			attrs := []slog.Attr{slog.String("host", o.Host), slog.Bool("tls", o.Secure), slog.String("page", o.Page)}
			if o.Operation != nil {
				attrs = append(attrs, slog.String("operation", o.Operation.ID))
			}
			switch {
			case o.Panic != nil: // OnError has its value, which may hold what the client sent
				log.LogAttrs(ctx, slog.LevelError, "panic", attrs...)
			case o.Aborted:
				log.LogAttrs(ctx, slog.LevelWarn, "cut off", attrs...)
			default:
				log.LogAttrs(ctx, slog.LevelInfo, "answered", attrs...)
			}
		}
	})

	for _, path := range []string{"/books", "/books", "/books/1", "/nowhere"} {
		api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	// Output:
	// level=INFO msg=answered host=example.com tls=false page=MISS operation=getBooks
	// level=INFO msg=answered host=example.com tls=false page=HIT operation=getBooks
	// level=ERROR msg=panic host=example.com tls=false page="" operation=getBooksById
	// level=INFO msg=answered host=example.com tls=false page=""
}
