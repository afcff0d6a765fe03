package typed_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// A redirect has no content, whatever the client accepts: the guide says so.
func outsideRedirects(t *testing.T) {
	api := typed.New("Test", "1", nil)
	codes, methods := []int{301, 302, 303, 307, 308}, []string{"GET", "POST", "PUT", "DELETE"}
	for _, code := range codes {
		for _, method := range methods {
			typed.Handle(api, method+" /"+strconv.Itoa(code), func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
				return res.Redirect("/to?a=<b>")
			}, typed.Status(code))
		}
	}
	for _, code := range codes {
		for _, method := range methods {
			for _, accept := range []string{"", "*/*", "text/html,application/xhtml+xml;q=0.9"} {
				w := do(api, method, "/"+strconv.Itoa(code), "", "Accept", accept)
				require.Equal(t, code, w.Code)
				require.Equal(t, "/to?a=%3Cb%3E", w.Header().Get("Location"))
				require.Empty(t, w.Body.String())
				require.Empty(t, w.Header().Values("Content-Type"))
				require.Equal(t, "0", w.Header().Get("Content-Length"))
			}
		}
	}
}

// Of a 5xx that is not exposed the client gets the type, the title and the instance, which
// a program writes for clients, and nothing else.
func outsideHidden(t *testing.T) {
	for _, status := range []int{500, 501, 503, 599} {
		p := &respond.Problem{
			Type: "https://example.com/problems/down", Title: "The store is down", Status: status, Detail: "db7.internal refused", Instance: "/incidents/7",
			Errors: []respond.FieldError{{In: "query", Name: "secret", Detail: "secret"}}, Extensions: map[string]any{"host": "db7.internal"},
		}
		api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
		typed.Handle(api, "GET /returned", typed.Func(func(context.Context, typed.None) (string, error) { return "", p }))
		typed.Handle(api, "GET /wrapped", typed.Func(func(context.Context, typed.None) (string, error) {
			return "", errors.Join(errors.New("secret"), p.Because(errors.New("secret cause")))
		}))
		api.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Down") != "" {
					p.ServeHTTP(w, r)
					return
				}
				next.ServeHTTP(w, r)
			})
		})
		for _, w := range []*httptest.ResponseRecorder{do(api, "GET", "/returned", ""), do(api, "GET", "/wrapped", ""), do(api, "GET", "/wrapped", "", "X-Down", "1")} {
			require.Equal(t, status, w.Code)
			require.JSONEq(t, `{"type":"https://example.com/problems/down","title":"The store is down","status":`+strconv.Itoa(status)+`,"instance":"/incidents/7"}`, w.Body.String())
		}
	}
}

// Tags that do nothing are refused by Handle, wherever in a request or an answer they are.
func outsideHandledTags(t *testing.T) {
	for says, handle := range map[string]func(*typed.API){
		"write validate": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(take[struct {
				X int `json:"x" vaildate:"min=1"`
			}]))
		},
		"write default": func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(take[struct {
				X int `header:"X-N" defualt:"1"`
			}]))
		},
		"the struct tag has query twice": func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(take[struct {
				//lint:ignore SA5008 it is what is refused
				X int `query:"x" validate:"min=1" query:"y"`
			}]))
		},
		"the struct tag has json twice": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(take[struct {
				X []struct {
					//lint:ignore SA5008 it is what is refused
					Y int `json:"y" json:"z"`
				} `json:"x"`
			}]))
		},
		`the query tag says "-"`: func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(take[struct {
				X struct {
					Y string `query:"-"`
					Z string
				} `query:"x"`
			}]))
		},
		`options beside "-"`: func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(take[struct {
				//lint:ignore SA5008 it is what is refused
				X string `json:"-,omitempty"`
			}]))
		},
		"omitempyt": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(func(context.Context, typed.None) (struct {
				//lint:ignore SA5008 it is what is refused
				X string `json:"x,omitempyt"`
			}, error) {
				panic("not called")
			}))
		},
		"inline": func(a *typed.API) {
			typed.Handle(a, "POST /a/{id}", typed.Func(take[struct {
				ID int `path:"id"`
				X  struct {
					Y int
				} `json:",inline"`
			}]))
		},
		"time.Time": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(take[struct {
				time.Time
				X int `json:"x"`
			}]))
		},
		"required can never fail after omitnil": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(take[struct {
				X *int `json:"x" validate:"omitnil,required"`
			}]))
		},
		"Transfer-Encoding": func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(take[struct {
				X string `header:"transfer-encoding"`
			}]))
		},
		"Trailer": func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(take[struct {
				X []string `header:"Trailer"`
			}]))
		},
	} {
		func() {
			defer func() {
				got, _ := recover().(string)
				require.Contains(t, got, says)
				require.True(t, strings.HasPrefix(got, "typed: "), got)
			}()
			handle(typed.New("Test", "1", nil))
		}()
	}
}

// The first and the last status of Fails are those of errors.
func outsideFails(t *testing.T) {
	for code, fine := range map[int]bool{400: true, 599: true, 399: false, 600: false, 0: false, 200: false} {
		handle := func() {
			typed.Handle(typed.New("Test", "1", nil), "GET /a", typed.Func(take[typed.None]), typed.Fails(code))
		}
		if fine {
			require.NotPanics(t, handle)
		} else {
			require.Panics(t, handle, code)
		}
	}
}

// What the page cache answers itself has the form of the API's errors, too.
func outsideBusyForm(t *testing.T) {
	pages := pagecache.New(pagecache.Memory(1<<20), &pagecache.Options{MaxRenders: 1, RenderTimeout: 20 * time.Millisecond})
	t.Cleanup(func() { require.NoError(t, pages.Close()) })
	api := typed.New("Test", "1", &typed.Options{Pages: pages, Errors: typed.Errors("application/json", newEnvelope), OnError: func(context.Context, error) {}})
	began, release := make(chan struct{}), make(chan struct{})
	typed.Handle(api, "GET /p/{id}", typed.Func(func(_ context.Context, in struct {
		ID string `path:"id"`
	}) (string, error) {
		if in.ID == "slow" {
			close(began)
			<-release // does not heed its context, and so keeps the only place
		}
		return in.ID, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour}))
	slow := make(chan *httptest.ResponseRecorder)
	go func() { slow <- do(api, "GET", "/p/slow", "") }()
	<-began
	for name, w := range map[string]*httptest.ResponseRecorder{"no place": do(api, "GET", "/p/other", ""), "too slow": <-slow} {
		require.Equal(t, http.StatusServiceUnavailable, w.Code, name)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"), name)
		require.Contains(t, w.Body.String(), `{"code":503,"text":"Service Unavailable"`, name)
	}
	close(release)
}
