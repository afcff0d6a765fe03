package typedtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

type Item struct {
	ID   int      `json:"id"`
	Name string   `json:"name"`
	Tags []string `json:"tags"`
	Next string   `json:"next,omitempty"`
}

type ItemID struct {
	ID int `path:"id"`
}

type NewItem struct {
	Name string   `json:"name" validate:"max=30"`
	Tags []string `json:"tags" validate:"max=5"`
}

type PutItem struct {
	ID   int    `path:"id"`
	Name string `json:"name" validate:"max=30"`
}

type ListItems struct {
	Limit int    `query:"limit" default:"20" validate:"min=1,max=100"`
	After *int   `query:"after"`
	Name  string `query:"name" validate:"max=40"`
}

// wide is a number from 10 on, and says that every number is one; narrow is the reverse.
type wide int

func (w *wide) UnmarshalJSON(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err == nil && (n < 10 || n > 1000) {
		err = errors.New("too small, or too large")
	}
	*w = wide(n)
	return err
}
func (w wide) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(w), 10), nil }
func (wide) JSONSchema() string             { return `{"type":"integer","minimum":0,"maximum":1000}` }

// Wide has another rule, which is broken once there is less of it.
type Wide struct {
	Title string `json:"title" validate:"required"`
	N     wide   `json:"n"`
}

type narrow int

func (n *narrow) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, (*int)(n))
}
func (n narrow) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil }
func (narrow) JSONSchema() string {
	return `{"type":"integer","minimum":10,"maximum":1000}`
}

type key struct{ Name string }

// fault is a tiny API with one fault.
type fault struct {
	endpoint string // that is told of
	text     string // words of what is told
	plant    func(api *typed.API)
	shows    func(w *httptest.ResponseRecorder) bool // what the printed requests come to, sent to another such API
	opts     *typedtest.Options
}

func status(codes ...int) func(*httptest.ResponseRecorder) bool {
	return func(w *httptest.ResponseRecorder) bool {
		for _, code := range codes {
			if w.Code == code {
				return true
			}
		}
		return false
	}
}

func holds(text string) func(*httptest.ResponseRecorder) bool {
	return func(w *httptest.ResponseRecorder) bool {
		return strings.Contains(w.Body.String()+fmt.Sprint(w.Header()), text)
	}
}

// handle handles an endpoint with a function.
func handle[Req, Resp any](pattern string, f func(Req) (Resp, error), opts ...typed.Option) func(*typed.API) {
	return func(api *typed.API) {
		typed.Handle(api, pattern, typed.Func(func(_ context.Context, in Req) (Resp, error) { return f(in) }), opts...)
	}
}

// wrapped handles GET and PUT behind a middleware.
func wrapped(mw func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(*typed.API) {
	return func(api *typed.API) {
		api.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mw(w, r, next) })
		})
		handle("GET /items", func(ListItems) ([]Item, error) { return []Item{}, nil })(api)
	}
}

// cached is wrapped with pages.
func cached(mw func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(*typed.API) {
	return func(api *typed.API) {
		api.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mw(w, r, next) })
		})
		handle("GET /items", func(typed.None) ([]Item, error) { return []Item{}, nil }, typed.Cache(pagecache.Policy{TTL: time.Hour}))(api)
	}
}

var faults = map[string]fault{
	"a panic on an empty list": {
		"POST /items", "answers 500",
		handle("POST /items", func(in NewItem) (Item, error) { return Item{Name: in.Tags[0], Tags: in.Tags}, nil }),
		status(500), nil,
	},
	"a panic before the first item": {
		"GET /items", "answers 500", func(api *typed.API) {
			var all []Item
			handle("GET /items", func(typed.None) ([]Item, error) { return all[:max(1, len(all))], nil })(api)
			handle("POST /items", func(in NewItem) (Item, error) { all = append(all, Item{}); return Item{Tags: []string{}}, nil })(api)
		}, status(500), nil,
	},
	"a panic on what is absent": {
		"GET /items", "answers 500",
		handle("GET /items", func(in ListItems) (int, error) { return *in.After, nil }), status(500), nil,
	},
	"a division by zero": {
		"GET /items/{id}", "answers 500",
		handle("GET /items/{id}", func(in ItemID) (int, error) { return 100 / in.ID, nil }), status(500), nil,
	},
	"an error at a boundary": {
		"GET /items", "answers 500", handle("GET /items", func(in ListItems) (int, error) {
			if in.Limit == 100 {
				return 0, errors.New("off by one")
			}
			return in.Limit, nil
		}), status(500), nil,
	},
	"an error on a quote": {
		"POST /items", "answers 500", handle("POST /items", func(in NewItem) (Item, error) {
			if strings.Contains(in.Name, "'") {
				return Item{}, errors.New("SQL: unterminated string")
			}
			return Item{Tags: []string{}}, nil
		}), status(500), nil,
	},
	"an undeclared status": {
		"POST /items", "answers 409, which it does not declare", handle("POST /items", func(in NewItem) (Item, error) {
			if len(in.Tags) > 3 {
				return Item{}, respond.Conflict("There are too many.")
			}
			return Item{Tags: []string{}}, nil
		}), status(409), nil,
	},
	"an undeclared 404": {
		"GET /items/{id}", "answers 404, which it does not declare",
		handle("GET /items/{id}", func(ItemID) (Item, error) { return Item{}, respond.NotFound("There is none.") }), status(404), nil,
	},
	"a schema that an answer does not fit": {
		"GET /items/{id}", "a payload that its schema refuses",
		handle("GET /items/{id}", func(in ItemID) (narrow, error) { return narrow(in.ID), nil }), status(200), nil,
	},
	"a schema that is too wide": {
		"POST /items", "refuses a valid request, with 422",
		handle("POST /items", func(in struct {
			N wide `json:"n"`
		}) (int, error) {
			return int(in.N), nil
		}), status(422), nil,
	},
	"a schema that is too narrow": {
		"POST /items", "accepts an invalid request, with 200",
		handle("POST /items", func(in struct {
			N narrow `json:"n"`
		}) (int, error) {
			return int(in.N), nil
		}), status(200), nil,
	},
	"a valid request that the handler refuses": {
		"POST /items", "refuses a valid request, with 422", handle("POST /items", func(in NewItem) (Item, error) {
			if len(in.Name) < 3 {
				return Item{}, &respond.Problem{Status: 422, Detail: "The name is too short."}
			}
			return Item{Tags: []string{}}, nil
		}), status(422), nil,
	},
	"a valid line that is refused": {
		"POST /lines", "refuses a valid request, with 422: body /0/n has the wrong format", handle("POST /lines", func(in struct {
			Lines typed.Lines[Wide] `body:""`
		}) (int, error) {
			for _, err := range in.Lines {
				if err != nil {
					return 0, err
				}
			}
			return 0, nil
		}), holds("/0/n"), nil,
	},
	"an invalid request that is accepted": {
		"GET /items", "accepts an invalid request, with 200", wrapped(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			query := r.URL.Query()
			query.Del("limit") // a proxy that "repairs" requests
			r.URL.RawQuery = query.Encode()
			next.ServeHTTP(w, r)
		}), status(200), nil,
	},
	"a Location that leads nowhere": {
		"POST /items", "its Location, /item/1, leads to a 404", func(api *typed.API) {
			typed.Handle(api, "POST /items", func(_ context.Context, in NewItem, res *typed.Response[typed.None]) (typed.Answer, error) {
				return res.Header("Location", "/item/1").End()
			}, typed.Status(201))
			handle("GET /items/{id}", func(ItemID) (Item, error) { return Item{Tags: []string{}}, nil })(api)
		}, status(404), nil,
	},
	"a Location of another": {
		"POST /items", "its Location, /items/2, leads to a 404", func(api *typed.API) {
			typed.Handle(api, "POST /items", func(_ context.Context, in NewItem, res *typed.Response[typed.None]) (typed.Answer, error) {
				return res.Header("Location", "/items/2").End()
			}, typed.Status(201))
			handle("GET /items/{id}", func(in ItemID) (Item, error) {
				if in.ID != 1 {
					return Item{}, respond.NotFound("There is none.")
				}
				return Item{Tags: []string{}}, nil
			}, typed.Fails(404))(api)
		}, status(404), nil,
	},
	"a Link that leads nowhere": {
		"GET /items", "its Link, /pages/2, leads to a 404", func(api *typed.API) {
			typed.Handle(api, "GET /items", func(_ context.Context, in ListItems, res *typed.Response[[]Item]) (typed.Answer, error) {
				return res.Header("Link", `</pages/2>; rel="next"`).JSON([]Item{})
			})
		}, status(404), nil,
	},
	"a path in the payload that leads nowhere": {
		"GET /items", "the path at /0/next, /items/9, leads to a 404", func(api *typed.API) {
			handle("GET /items", func(ListItems) ([]Item, error) { return []Item{{Tags: []string{}, Next: "/items/9"}}, nil })(api)
			handle("GET /items/{id}", func(in ItemID) (Item, error) {
				if in.ID == 9 {
					return Item{}, respond.NotFound("There is none.")
				}
				return Item{Tags: []string{}}, nil
			}, typed.Fails(404))(api)
		}, status(404), nil,
	},
	"a HEAD that is not the GET's": {
		"GET /items", "answers HEAD with another header than GET: X-Total", wrapped(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == "GET" {
				w.Header().Set("X-Total", "7")
			}
			next.ServeHTTP(w, r)
		}), func(w *httptest.ResponseRecorder) bool { return w.Header().Get("X-Total") == "" }, nil,
	},
	"a HEAD that is refused": {
		"GET /items", "answers HEAD with 405, and GET with 200", wrapped(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == "HEAD" {
				w.WriteHeader(405)
				return
			}
			next.ServeHTTP(w, r)
		}), status(405), nil,
	},
	"a method that nothing has": {
		"GET /items", "answers 200 to DELETE", wrapped(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == "DELETE" {
				r.Method = "GET"
			}
			next.ServeHTTP(w, r)
		}), status(200), nil,
	},
	"a 405 without Allow": {
		"GET /items", "answers 405 to DELETE without GET in Allow", wrapped(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == "DELETE" {
				w.WriteHeader(405)
				return
			}
			next.ServeHTTP(w, r)
		}), status(405), nil,
	},
	"a scheme that nothing asks for": {
		"GET /items", "answers 200 without a credential", func(api *typed.API) {
			handle("GET /items", func(ListItems) ([]Item, error) { return []Item{}, nil }, typed.Security("door"))(api)
			docs.Mount(api, &docs.Options{SecuritySchemes: map[string]*openapi.SecurityScheme{"door": {Type: "apiKey", In: "header", Name: "X-Key"}}})
		}, status(200), nil,
	},
	"a deleted item that is there": {
		"DELETE /items/{id}", "answers 204, and GET answers 200 then", func(api *typed.API) {
			handle("GET /items/{id}", func(in ItemID) (Item, error) { return Item{ID: in.ID, Tags: []string{}}, nil })(api)
			handle("DELETE /items/{id}", func(ItemID) (typed.None, error) { return typed.None{}, nil })(api)
		}, status(200), nil,
	},
	"a PUT that adds": {
		"PUT /items/{id}", "another number or kind of members when the same is put again", func(api *typed.API) {
			var tags []string
			handle("PUT /items/{id}", func(in PutItem) (Item, error) {
				tags = append(tags, "new")
				return Item{Tags: append([]string{}, tags...)}, nil
			})(api)
		}, holds(`"new","new"`), nil,
	},
	"a PUT that works once": {
		"PUT /items/{id}", "answers 200, and 409 when the same is put again", func(api *typed.API) {
			there := map[string]bool{}
			handle("PUT /items/{id}", func(in PutItem) (Item, error) {
				if name := fmt.Sprint(in); there[name] {
					return Item{}, respond.Conflict("It is there.")
				}
				there[fmt.Sprint(in)] = true
				return Item{Tags: []string{}}, nil
			}, typed.Fails(409))(api)
		}, status(409), nil,
	},
	"a problem that repeats what was sent": {
		"POST /items", "answers 409 with a problem that holds", handle("POST /items", func(in NewItem) (Item, error) {
			if len(in.Tags) > 1 {
				return Item{}, respond.Conflict("The name %q is taken.", in.Name)
			}
			return Item{Tags: []string{}}, nil
		}, typed.Fails(409)), holds("zq"), nil,
	},
	"a problem that shows the inside": {
		"GET /items/{id}", `answers 404 with a problem that holds "strconv.`, handle("GET /items/{id}", func(in ItemID) (Item, error) {
			_, err := strconv.Atoi("x")
			return Item{}, respond.NotFound("%v", err)
		}, typed.Fails(404)), holds("strconv."), nil,
	},
	"a cache that answers otherwise": {
		"GET /items", "another header from its cache: Content-Language", cached(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.Header().Set("Content-Language", rec.Header().Get("X-Cache"))
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		}), func(w *httptest.ResponseRecorder) bool { return w.Header().Get("Content-Language") == "HIT" }, nil,
	},
	"a cache with other content": {
		"GET /items", "other content from its cache", cached(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			if w.Header().Get("X-Cache") == "HIT" {
				_, _ = w.Write([]byte("[ ]"))
				return
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		}), holds("HIT"), nil,
	},
	"malformed JSON that is repaired": {
		"POST /items", "the content is malformed JSON: it is not UTF-8", func(api *typed.API) {
			api.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if body, _ := io.ReadAll(r.Body); utf8.Valid(body) {
						r.Body = io.NopCloser(bytes.NewReader(body))
					} else {
						r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
					}
					next.ServeHTTP(w, r)
				})
			})
			handle("POST /items", func(NewItem) (Item, error) { return Item{Tags: []string{}}, nil })(api)
		}, status(200), nil,
	},
	"a line that breaks the answer off": {
		"GET /lines", "breaks the connection off", func(api *typed.API) {
			typed.Handle(api, "GET /lines", func(_ context.Context, _ typed.None, res *typed.Response[typed.Lines[int]]) (typed.Answer, error) {
				return res.Send(func(yield func(int, error) bool) { _ = yield(1, nil) && yield(2, errors.New("the disk is full")) })
			})
		}, func(w *httptest.ResponseRecorder) bool { return w.Body.String() == "1\n" }, nil,
	},
	"a credential that is refused": {
		"GET /me", "answers 500", func(api *typed.API) {
			handle("GET /me", func(in struct {
				Me key `auth:"key"`
			}) (string, error) {
				if in.Me.Name == "guest" {
					return "", errors.New("guests are nobody")
				}
				return in.Me.Name, nil
			})(api)
		}, status(500), new(typedtest.Options).As("key", "g").As("key", "a"),
	},
}

// newAPI is a new API with a fault.
func (f fault) newAPI() *typed.API {
	opts := &typed.Options{OnError: func(context.Context, error) {}}
	if f.opts != nil {
		opts.Schemes = []typed.Scheme{typed.Bearer("key", typed.Keys(map[string]key{"g": {"guest"}, "a": {"admin"}}))}
	}
	if strings.Contains(f.text, "cache") {
		opts.Pages = pagecache.New(pagecache.Memory(1<<20), nil)
	}
	api := typed.New("Items", "1", opts)
	f.plant(api)
	return api
}

// TestFaultsAreFound has Explore find each planted fault, and repeats what it printed.
func TestFaultsAreFound(t *testing.T) {
	var mu sync.Mutex
	slowest, requests := time.Duration(0), 0
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			opts := typedtest.Options{}
			if f.opts != nil {
				opts = *f.opts
			}
			opts.Count, opts.Seed = cases(), seed()
			var r recording
			start := time.Now()
			typedtest.Explore(&r, f.newAPI(), &opts)
			require.Len(t, r.errors, 1, "%s\n%s", strings.Join(r.errors, "\n"), r.logs)
			took := r.first.Sub(start)
			require.Less(t, took, 5*time.Second)
			require.True(t, strings.HasPrefix(r.errors[0], "typedtest: "+f.endpoint+" "), r.errors[0])
			require.Contains(t, r.errors[0], f.text)

			_, run, ok := strings.Cut(r.errors[0], "the run: &typedtest.Options{")
			require.True(t, ok)
			_, err := fmt.Sscanf(run, "Seed: %d, Case: %d}", &opts.Seed, &opts.Case)
			require.NoError(t, err, run)
			var second recording
			typedtest.Explore(&second, f.newAPI(), &opts)
			require.Equal(t, r.errors, second.errors, "Seed and Case repeat the run")

			var last *httptest.ResponseRecorder
			again := f.newAPI()
			commands, programs := curls(t, r.errors[0]), programs(t, r.errors[0])
			require.Len(t, programs, len(commands))
			for i, command := range commands {
				body, err := io.ReadAll(command.Body)
				require.NoError(t, err)
				command.Body = io.NopCloser(bytes.NewReader(body))
				header, _ := json.Marshal(command.Header)
				require.Equal(t, programs[i], []string{command.Method, command.RequestURI, string(body), string(header)}, "the Go code sends the same")
				last = httptest.NewRecorder()
				func() {
					defer func() { _ = recover() }() // a connection that is cut
					again.ServeHTTP(last, command)
				}()
				requests++
			}
			require.NotNil(t, last, r.errors[0])
			require.True(t, f.shows(last), "%s\n%d %s", r.errors[0], last.Code, last.Body)
			mu.Lock()
			defer mu.Unlock()
			slowest = max(slowest, took)
		})
	}
	t.Logf("%d faults, %d printed requests, each found within %s", len(faults), requests, slowest)
}

// seed is that of the explorations: another one each time, if there is time for more cases.
func seed() uint64 {
	if os.Getenv("APIROUTES_PROOF") == "1" {
		return 0
	}
	return 1
}

// cases is how many each exploration has.
func cases() int {
	if os.Getenv("APIROUTES_PROOF") == "1" {
		return 4000
	}
	return 400
}
