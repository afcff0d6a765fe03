package adaptertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// The request types of the suite's API.
type (
	id struct {
		ID string `path:"id"`
	}
	number struct {
		N int8 `path:"n"`
	}
	rest struct {
		Path string `path:"path"`
	}
	twoIDs struct {
		ID    string `path:"id"`
		Other string `path:"other"`
	}
	queries struct {
		Limit int       `query:"limit" default:"20" validate:"min=1,max=100"`
		Tags  []string  `query:"tag"`
		Since time.Time `query:"since"`
		Deep  bool      `query:"deep"`
	}
	headers struct {
		Trace string   `header:"X-Trace"`
		Many  []string `header:"X-Many"`
		Agent string   `header:"User-Agent"`
	}
	cookies struct {
		Session string `cookie:"session"`
		Theme   string `cookie:"theme" default:"light"`
	}
	optionals struct {
		Limit  typed.Optional[int]    `query:"limit" validate:"min=1"`
		Trace  typed.Optional[string] `header:"X-Trace"`
		Theme  typed.Optional[string] `cookie:"theme"`
		Filter struct {
			Old typed.Optional[bool] `json:"old"`
		} `query:"filter"`
	}
	form struct {
		Name string   `form:"name" validate:"required"`
		Tags []string `form:"tag"`
	}
	raw struct {
		Body []byte `body:""`
	}
	stream struct {
		Body io.Reader `body:""`
	}
	mixed struct {
		ID    int    `path:"id"`
		Quiet bool   `query:"quiet"`
		Name  string `json:"name" validate:"required,max=10"`
		Notes []note `json:"notes" validate:"max=3,dive"`
	}
	note struct {
		Text string `json:"text" validate:"required"`
	}
	size struct {
		N int `query:"n"`
	}
)

// The endpoints that the bad inputs are written for.
type (
	newUser struct {
		Name    string   `json:"name" validate:"required,min=2,max=50"`
		Email   string   `json:"email" validate:"required,email"`
		Age     int      `json:"age" validate:"gte=0,lte=150"`
		Tags    []string `json:"tags" validate:"max=10,dive,max=20"`
		Address struct {
			City string `json:"city" validate:"required"`
		} `json:"address"`
	}
	getUser struct {
		ID      int  `path:"id"`
		Limit   int  `query:"limit" validate:"omitempty,min=1,max=100"`
		Verbose bool `query:"verbose"`
	}
)

// seen is what a handler saw.
type seen map[string]string

type lookup struct {
	OK       typed.Reply[seen]    `status:"200"`
	NotFound typed.Reply[problem] `status:"404"`
	Moved    typed.Redirect       `status:"308"`
	Gone     typed.Empty          `status:"204"`
}

type problem struct {
	Why string `json:"why"`
}

// kib is the limit of the endpoints that read raw bytes.
const kib = 1 << 10

var errSecret = errors.New("the secret is 42")

// site is the API of most cases, and what its handlers share with the client.
type site struct {
	api      *typed.API
	next     chan struct{}        // lets /stepwise send its next piece
	closed   chan struct{}        // gets a value when a payload was closed
	step     chan struct{}        // lets /items/stepwise send its next event
	yielded  chan bool            // what a yield after the end gave
	contexts chan context.Context // of /keep
	ended    chan error           // why the context of /wait ended
	release  chan struct{}        // ends /wait where its context does not
}

func newSite(opts *typed.Options) *site {
	if opts == nil {
		opts = &typed.Options{}
	}
	opts.Schemes = visitorSchemes()
	s := &site{
		api:      typed.New("Suite", "1", opts),
		next:     make(chan struct{}),
		closed:   make(chan struct{}, 100),
		step:     make(chan struct{}),
		yielded:  make(chan bool, 100),
		contexts: make(chan context.Context, 100),
		ended:    make(chan error, 100),
		release:  make(chan struct{}, 100),
	}
	handlePaths(s.api)
	handleInput(s.api)
	handleAnswers(s.api)
	handleFaults(s.api)
	handleAuth(s.api)
	s.handleStreams()
	s.handleItems()
	s.handleContent()
	handleMultipart(s.api)
	s.handleContexts()
	return s
}

func handlePaths(api *typed.API) {
	pathIs := func(name string) typed.Handler[typed.None, seen] {
		return typed.Func(func(context.Context, typed.None) (seen, error) { return seen{"route": name}, nil })
	}
	typed.Handle(api, "GET /", pathIs("root"), typed.OperationID("root"))
	typed.Handle(api, "GET /u/me", pathIs("me"))
	typed.Handle(api, "GET /u/{id}", typed.Func(func(_ context.Context, in id) (seen, error) { return seen{"id": in.ID}, nil }))
	typed.Handle(api, "GET /u/{id}/posts/{other}", typed.Func(func(_ context.Context, in twoIDs) (seen, error) {
		return seen{"id": in.ID, "other": in.Other}, nil
	}))
	typed.Handle(api, "GET /u/me/posts", pathIs("my posts"))
	typed.Handle(api, "GET /f/{path...}", typed.Func(func(_ context.Context, in rest) (seen, error) { return seen{"path": in.Path}, nil }))
	typed.Handle(api, "GET /f/special", pathIs("special"))
	typed.Handle(api, "GET /n/{n}", typed.Func(func(_ context.Context, in number) (int8, error) { return in.N, nil }))
	typed.Handle(api, "GET /caf%C3%A9", pathIs("café"), typed.OperationID("cafe"))
	typed.Handle(api, "GET /a:b", pathIs("a:b"))
	typed.Handle(api, "PURGE /u/{id}", typed.Func(func(_ context.Context, in id) (seen, error) { return seen{"purged": in.ID}, nil }))
	typed.Handle(api, "PUT /u/{id}", typed.Func(func(_ context.Context, in id) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "DELETE /u/{id}", typed.Func(func(_ context.Context, in id) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "POST /users", typed.Func(func(_ context.Context, in newUser) (newUser, error) { return in, nil }), typed.Status(201))
	typed.Handle(api, "GET /users/{id}", typed.Func(func(_ context.Context, in getUser) (seen, error) { return seen{"id": fmt.Sprint(in.ID)}, nil }))
}

func handleInput(api *typed.API) {
	typed.Handle(api, "GET /queries", typed.Func(func(_ context.Context, in queries) (string, error) { return fmt.Sprintf("%+v", in), nil }))
	typed.Handle(api, "GET /headers", typed.Func(func(_ context.Context, in headers) (string, error) { return fmt.Sprintf("%+v", in), nil }))
	typed.Handle(api, "GET /cookies", typed.Func(func(_ context.Context, in cookies) (string, error) { return fmt.Sprintf("%+v", in), nil }))
	typed.Handle(api, "GET /optionals", typed.Func(func(_ context.Context, in optionals) (string, error) {
		return fmt.Sprintf("limit %d, trace %q, theme %s, old %t", in.Limit.Or(-1), in.Trace.Or("none"), in.Theme.Or("none"), in.Filter.Old.Or(true)), nil
	}))
	typed.Handle(api, "POST /form", typed.Func(func(_ context.Context, in form) (string, error) { return fmt.Sprintf("%+v", in), nil }))
	typed.Handle(api, "POST /raw", typed.Func(func(_ context.Context, in raw) (seen, error) { return seen{"bytes": digest(in.Body)}, nil }), typed.MaxBody(kib))
	typed.Handle(api, "POST /stream", typed.Func(func(_ context.Context, in stream) (seen, error) {
		content, err := io.ReadAll(in.Body)
		return seen{"bytes": digest(content)}, err
	}), typed.MaxBody(kib))
	typed.Handle(api, "PUT /mixed/{id}", typed.Func(func(_ context.Context, in mixed) (string, error) { return fmt.Sprintf("%+v", in), nil }))
	typed.Handle(api, "PATCH /mixed/{id}", typed.Func(func(_ context.Context, in mixed) (string, error) { return fmt.Sprintf("%+v", in), nil }))
	typed.Handle(api, "POST /nothing", typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil }))
}

// digest is short, and tells which bytes came.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf("%d %s", len(content), hex.EncodeToString(sum[:8]))
}

func handleAnswers(api *typed.API) {
	typed.Handle(api, "GET /outcome/{id}", func(_ context.Context, in id, out *lookup) (typed.Answer, error) {
		switch in.ID {
		case "ok":
			return out.OK.JSON(seen{"id": in.ID}, respond.SetHeader("X-Kind", "ok"))
		case "moved":
			return out.Moved.To("/outcome/ok?a=1&b=2")
		case "gone":
			return out.Gone.End()
		}
		return out.NotFound.JSON(problem{"none of that name"})
	})
	typed.Handle(api, "GET /html", typed.Func(func(context.Context, typed.None) (respond.HTML, error) { return "<p>é</p>", nil }))
	typed.Handle(api, "GET /text", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("plain text")
	})
	typed.Handle(api, "GET /bytes", func(_ context.Context, _ typed.None, res *typed.Response[[]byte]) (typed.Answer, error) {
		return res.Header("Content-Type", "image/png").Send([]byte{0, 1, 2, 255})
	})
	typed.Handle(api, "GET /empty", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("")
	})
	typed.Handle(api, "GET /many", func(_ context.Context, _ typed.None, res *typed.Response[seen]) (typed.Answer, error) {
		return res.Cookie(&http.Cookie{Name: "a", Value: "1", Path: "/x"}).
			Cookie(&http.Cookie{Name: "a", Value: "2", Path: "/y", HttpOnly: true}).
			Header("Link", "</1>; rel=next").Header("Link", "</2>; rel=prev").
			Header("Vary", "Accept").Header("Vary", "Origin").
			Header("Cache-Control", "max-age=60").Header("Server", "suite").
			JSON(seen{"many": "yes"})
	})
	typed.Handle(api, "GET /tagged", func(_ context.Context, _ typed.None, res *typed.Response[seen]) (typed.Answer, error) {
		return res.Header("ETag", `"v1"`).Header("Content-Location", "/tagged/1").JSON(seen{"tagged": "yes"})
	})
	typed.Handle(api, "GET /dated", func(_ context.Context, _ typed.None, res *typed.Response[seen]) (typed.Answer, error) {
		return res.Header("Last-Modified", "Sat, 01 Nov 2025 12:00:00 GMT").JSON(seen{"dated": "yes"})
	}, typed.NoETag())
	typed.Handle(api, "GET /redirect", func(_ context.Context, _ typed.None, res *typed.Response[seen]) (typed.Answer, error) {
		return res.Redirect("/html?x=é")
	}, typed.Status(200, 307))
	typed.Handle(api, "GET /large", typed.Func(func(_ context.Context, in size) (string, error) { return strings.Repeat("é", in.N/2), nil }))
	typed.Handle(api, "GET /close", func(_ context.Context, _ typed.None, res *typed.Response[seen]) (typed.Answer, error) {
		return res.Header("Connection", "close").JSON(seen{})
	})
	typed.Handle(api, "GET /created", typed.Func(func(context.Context, typed.None) (seen, error) { return seen{"status": "201"}, nil }), typed.Status(201))
}

func handleFaults(api *typed.API) {
	typed.Handle(api, "GET /problem", typed.Func(func(context.Context, typed.None) (seen, error) {
		p := respond.Conflict("It is taken.")
		p.Extensions = map[string]any{"by": "somebody"}
		return nil, fmt.Errorf("wrapped: %w", p)
	}))
	typed.Handle(api, "GET /unauthorized", typed.Func(func(context.Context, typed.None) (seen, error) {
		return nil, respond.Unauthorized("Say who you are.").Header("WWW-Authenticate", `Bearer realm="suite"`)
	}))
	typed.Handle(api, "GET /error", typed.Func(func(context.Context, typed.None) (seen, error) { return nil, errSecret }))
	typed.Handle(api, "GET /unavailable", typed.Func(func(context.Context, typed.None) (seen, error) {
		return nil, respond.Unavailable("The store is down.").Header("Retry-After", "7")
	}))
	typed.Handle(api, "GET /panic", typed.Func(func(context.Context, typed.None) (seen, error) { panic(errSecret) }))
	typed.Handle(api, "GET /bug", typed.Func(func(context.Context, typed.None) (seen, error) {
		var p *respond.Problem
		return seen{"status": fmt.Sprint(p.Status)}, nil // a nil dereference
	}))
	typed.Handle(api, "GET /abort", typed.Func(func(context.Context, typed.None) (seen, error) { panic(http.ErrAbortHandler) }))
	typed.Handle(api, "GET /forgot", func(context.Context, typed.None, *typed.Response[seen]) (typed.Answer, error) {
		return typed.Answer{}, nil
	})
}

func (s *site) handleStreams() {
	type payload = typed.Response[io.Reader]
	answer := func(name string, open func(ctx context.Context) io.Reader) {
		typed.Handle(s.api, "GET /"+name, func(ctx context.Context, _ typed.None, res *payload) (typed.Answer, error) {
			return res.Header("Content-Type", "text/plain").Send(open(ctx))
		})
	}
	answer("chunks", func(context.Context) io.Reader {
		return io.MultiReader(strings.NewReader("one "), strings.NewReader("two "), strings.NewReader("three"))
	})
	answer("sized", func(context.Context) io.Reader { return strings.NewReader("of a known size") })
	answer("nothing-to-read", func(context.Context) io.Reader { return io.MultiReader() })
	answer("stepwise", func(ctx context.Context) io.Reader {
		return &source{read: func(p []byte) (int, error) {
			select {
			case _, more := <-s.next:
				if !more {
					return 0, io.EOF
				}
				return copy(p, "piece\n"), nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}}
	})
	typed.Handle(s.api, "GET /events", func(ctx context.Context, _ typed.None, res *payload) (typed.Answer, error) {
		return res.Header("Content-Type", "text/event-stream; charset=utf-8").Send(&source{read: func(p []byte) (int, error) {
			select {
			case <-s.next:
				return copy(p, "data: 1\n\n"), io.EOF
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}})
	})
	answer("breaks", func(context.Context) io.Reader {
		return io.MultiReader(strings.NewReader(strings.Repeat("half", 4096)), &source{read: func([]byte) (int, error) { return 0, errSecret }})
	})
	answer("closes", func(context.Context) io.Reader {
		return &source{read: strings.NewReader("to be closed").Read, closed: s.closed}
	})
	answer("endless", func(context.Context) io.Reader {
		return &source{read: func(p []byte) (int, error) { return len(p), nil }, closed: s.closed}
	})
}

// source is a payload made for a case.
type source struct {
	read   func([]byte) (int, error)
	closed chan<- struct{}
}

func (s *source) Read(p []byte) (int, error) { return s.read(p) }

func (s *source) Close() error {
	if s.closed != nil {
		s.closed <- struct{}{}
	}
	return nil
}

func (s *site) handleContexts() {
	typed.Handle(s.api, "GET /value", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return valueOf(ctx), nil }))
	typed.Handle(s.api, "GET /keep", typed.Func(func(ctx context.Context, _ typed.None) (typed.None, error) {
		s.contexts <- ctx
		return typed.None{}, nil
	}))
	typed.Handle(s.api, "GET /wait", typed.Func(func(ctx context.Context, _ typed.None) (typed.None, error) {
		s.contexts <- ctx
		select {
		case <-ctx.Done():
		case <-s.release:
		}
		s.ended <- ctx.Err()
		return typed.None{}, ctx.Err()
	}))
	getURL := typed.Get[id, string]("/url/{id}")
	getURL.Handle(s.api, typed.Func(func(ctx context.Context, in id) (string, error) { return typed.URL(ctx, getURL, in), nil }))
	typed.Handle(s.api, "GET /request/{id}", typed.Func(func(ctx context.Context, _ id) (seen, error) { return request(ctx), nil }))
	typed.Handle(s.api, "POST /request/{id}", typed.Func(func(ctx context.Context, _ mixed) (seen, error) { return request(ctx), nil }))
	typed.Handle(s.api, "GET /wrapped/{id}", typed.Func(func(ctx context.Context, in id) (seen, error) {
		value, _ := ctx.Value(wrapKey{}).(string)
		return seen{"id": in.ID, "wrapped": value, "router": valueOf(ctx)}, nil
	}), typed.Use(wrap))
	typed.Handle(s.api, "POST /wrapped/{id}", typed.Func(func(ctx context.Context, in mixed) (string, error) {
		return fmt.Sprintf("%+v %v", in, ctx.Value(wrapKey{})), nil
	}), typed.Use(wrap))
	typed.Handle(s.api.Group("/matched", typed.Use(matched("X-Group"))), "GET /{id}", typed.Func(func(ctx context.Context, _ id) (seen, error) {
		return seen{"matched": typed.Matched(ctx).ID}, nil
	}), typed.Use(matched("X-Endpoint")))
	typed.Handle(s.api, "GET /stopped", typed.Func(func(context.Context, typed.None) (seen, error) { return nil, errSecret }), typed.Use(stop))
	typed.Handle(s.api, "GET /wrapped-stream", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("one "), strings.NewReader("two")))
	}, typed.Use(wrap))
}

// request says what HTTPRequest gives.
func request(ctx context.Context) seen {
	r := typed.HTTPRequest(ctx)
	body, err := io.ReadAll(r.Body)
	return seen{
		"method": r.Method, "path": r.URL.Path, "query": r.URL.RawQuery, "uri": r.RequestURI, "host": r.Host,
		"proto": r.Proto, "id": r.PathValue("id"), "pattern": r.Pattern, "trace": strings.Join(r.Header["X-Trace"], "|"),
		"headers": fmt.Sprint(len(r.Header)), "remote": fmt.Sprint(r.RemoteAddr != ""),
		"left": fmt.Sprint(len(body), err), "same": fmt.Sprint(typed.HTTPRequest(ctx) == r), "value": valueOf(r.Context()),
	}
}

type wrapKey struct{}

// wrap is net/http middleware as users write it.
func wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Wrapped", strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.PathValue("id")))
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), wrapKey{}, "by middleware")))
	})
}

// matched is middleware that says by a header field which operation answers.
func matched(field string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(field, "none")
			if op := typed.Matched(r.Context()); op != nil {
				w.Header().Set(field, op.ID)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// stop is middleware that answers by itself.
func stop(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "stopped")
	})
}
