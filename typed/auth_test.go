package typed_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// account is a principal.
type account struct {
	Name   string `json:"name" validate:"required,min=3"` // rules of a payload, which do not judge who is asking
	scopes []string
}

func (a account) HasScope(scope string) bool { return slices.Contains(a.scopes, scope) }

var errDatabase = errors.New("the database at 10.0.0.7 is down")

// verifyToken knows tokens by what they should come to.
func verifyToken(_ context.Context, token string) (account, error) {
	switch token {
	case "ada":
		return account{Name: "ada"}, nil
	case "writer":
		return account{Name: "writer", scopes: []string{"articles:read", "articles:write"}}, nil
	case "down":
		return account{}, errDatabase
	case "slow-down":
		return account{}, respond.TooManyRequests("Too many tries.").Header("Retry-After", "3")
	case "unavailable":
		return account{}, respond.Unavailable("behind the scenes")
	case "panic":
		panic("verify panics")
	default:
		return account{}, respond.Unauthorized("The token is not valid.")
	}
}

func verifyPassword(_ context.Context, user, password string) (account, error) {
	if user == "ada" && password == "pass:word" {
		return account{Name: "ada"}, nil
	}
	return account{}, respond.Unauthorized("The password is wrong.")
}

func schemes() []typed.Scheme {
	return []typed.Scheme{
		typed.Bearer("token", verifyToken),
		typed.Basic("basic", verifyPassword, typed.Realm(`the "inner" circle`)),
		typed.APIKey("header", "header", "x-api-key", typed.Keys(map[string]account{"k1": {Name: "ada"}, "k2": {Name: "bob"}})),
		typed.APIKey("query", "query", "api_key", verifyToken),
		typed.APIKey("session", "cookie", "sid", verifyToken),
		typed.Bearer("legacy", verifyToken, typed.Prefix("Token")),
		typed.SchemeFunc("func", func(_ context.Context, r *http.Request) (account, bool, error) {
			user := r.Header.Get("X-Remote-User")
			if user == "bad" {
				return account{}, true, respond.Unauthorized("Who is that?")
			}
			return account{Name: user}, user != "", nil
		}, typed.Describe(openapi.SecurityScheme{Type: "openIdConnect", OpenIDConnectURL: "https://id.example.com"})),
	}
}

// asks is a request type of its own for each list of schemes.
type (
	asksToken struct {
		Me account `auth:"token"`
		ID int     `path:"id"`
	}
	asksOptional struct {
		Me *account `auth:"token"`
		ID int      `path:"id"`
	}
	asksAny struct {
		Me account `auth:"token,basic,header"`
		ID int     `path:"id"`
	}
	asksQuery struct {
		Me account `auth:"query"`
		ID int     `path:"id"`
	}
	asksBoth struct {
		Me account `auth:"header,query"`
		ID int     `path:"id"`
	}
	asksCookie struct {
		Me account `auth:"session"`
		ID int     `path:"id"`
	}
	asksLegacy struct {
		Me account `auth:"legacy"`
		ID int     `path:"id"`
	}
	asksFunc struct {
		Me *account `auth:"func"`
		ID int      `path:"id"`
	}
	asksScope struct {
		Me account `auth:"token" scopes:"articles:read articles:write"`
		ID int     `path:"id"`
	}
	asksWithBody struct {
		Me    account `auth:"token"`
		Title string  `json:"title" validate:"required"`
	}
)

func authAPI(t *testing.T, opts *typed.Options) (*typed.API, *[]error) {
	t.Helper()
	var reported []error
	if opts == nil {
		opts = &typed.Options{}
	}
	opts.Schemes = schemes()
	opts.OnError = func(_ context.Context, err error) { reported = append(reported, err) }
	api := typed.New("Test", "1", opts)
	say := func(a account) (string, error) { return a.Name, nil }
	typed.Handle(api, "GET /token/{id}", typed.Func(func(_ context.Context, in asksToken) (string, error) { return say(in.Me) }))
	typed.Handle(api, "GET /optional/{id}", typed.Func(func(_ context.Context, in asksOptional) (string, error) {
		if in.Me == nil {
			return "nobody", nil
		}
		return say(*in.Me)
	}))
	typed.Handle(api, "GET /any/{id}", typed.Func(func(_ context.Context, in asksAny) (string, error) { return say(in.Me) }))
	typed.Handle(api, "GET /query/{id}", typed.Func(func(_ context.Context, in asksQuery) (string, error) { return say(in.Me) }))
	typed.Handle(api, "GET /both/{id}", typed.Func(func(_ context.Context, in asksBoth) (string, error) { return say(in.Me) }))
	typed.Handle(api, "POST /cookie/{id}", typed.Func(func(_ context.Context, in asksCookie) (string, error) { return say(in.Me) }))
	typed.Handle(api, "GET /legacy/{id}", typed.Func(func(_ context.Context, in asksLegacy) (string, error) { return say(in.Me) }))
	typed.Handle(api, "GET /func/{id}", typed.Func(func(_ context.Context, in asksFunc) (string, error) {
		if in.Me == nil {
			return "nobody", nil
		}
		return say(*in.Me)
	}))
	typed.Handle(api, "GET /scope/{id}", typed.Func(func(_ context.Context, in asksScope) (string, error) { return say(in.Me) }))
	typed.Handle(api, "POST /body", typed.Func(func(_ context.Context, in asksWithBody) (string, error) { return say(in.Me) }))
	return api, &reported
}

func basicOf(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }

const (
	askBearer = `Bearer realm="Test"`
	invalid   = `Bearer realm="Test", error="invalid_token"`
	askBasic  = `Basic realm="the \"inner\" circle", charset="UTF-8"`
	askKey    = `ApiKey realm="Test"`
)

func TestAuth(t *testing.T) {
	type header = [][2]string
	auth := func(lines ...string) (h header) {
		for _, l := range lines {
			h = append(h, [2]string{"Authorization", l})
		}
		return h
	}
	for _, tt := range []struct {
		name      string
		target    string
		header    header
		status    int
		body      string   // of a 200
		challenge []string // WWW-Authenticate
		reports   int
	}{
		{"right", "GET /token/7", auth("Bearer ada"), 200, "ada", nil, 0},
		{"scheme in another case", "GET /token/7", auth("bEARER ada"), 200, "ada", nil, 0},
		{"more blanks", "GET /token/7", auth("Bearer   ada"), 200, "ada", nil, 0},
		{"none", "GET /token/7", nil, 401, "", []string{askBearer}, 0},
		{"empty", "GET /token/7", auth(""), 401, "", []string{askBearer}, 0},
		{"prefix alone", "GET /token/7", auth("Bearer"), 401, "", []string{askBearer}, 0},
		{"prefix and blanks", "GET /token/7", auth("Bearer  "), 401, "", []string{askBearer}, 0},
		{"foreign scheme", "GET /token/7", auth("Digest x"), 401, "", []string{askBearer}, 0},
		{"unknown token", "GET /token/7", auth("Bearer eve"), 401, "", []string{invalid}, 0},
		{"two tokens", "GET /token/7", auth("Bearer ada, Bearer ada"), 401, "", []string{invalid}, 0},
		{"two lines", "GET /token/7", auth("Bearer ada", "Bearer ada"), 401, "", []string{invalid}, 0},
		{"control character", "GET /token/7", auth("Bearer a\tb"), 401, "", []string{invalid}, 0},
		{"not ASCII", "GET /token/7", auth("Bearer ä"), 401, "", []string{invalid}, 0},
		{"padding alone", "GET /token/7", auth("Bearer =="), 401, "", []string{invalid}, 0},
		{"before parameters", "GET /token/x", nil, 401, "", []string{askBearer}, 0},
		{"parameters after it", "GET /token/x", auth("Bearer ada"), 422, "", nil, 0},
		{"another error", "GET /token/7", auth("Bearer down"), 500, "", nil, 1},
		{"a 429", "GET /token/7", auth("Bearer slow-down"), 429, "", nil, 0},
		{"a 503", "GET /token/7", auth("Bearer unavailable"), 503, "", nil, 1},
		{"a panic", "GET /token/7", auth("Bearer panic"), 500, "", nil, 1},

		{"optional, nobody", "GET /optional/7", nil, 200, "nobody", nil, 0},
		{"optional, foreign scheme", "GET /optional/7", auth("Basic eDp5"), 200, "nobody", nil, 0},
		{"optional, somebody", "GET /optional/7", auth("Bearer ada"), 200, "ada", nil, 0},
		{"optional, wrong", "GET /optional/7", auth("Bearer eve"), 401, "", []string{invalid}, 0},
		{"optional, two lines", "GET /optional/7", auth("Bearer ada", "Bearer ada"), 401, "", []string{invalid}, 0},

		{"any: none", "GET /any/7", nil, 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"any: the second", "GET /any/7", auth(basicOf("ada:pass:word")), 200, "ada", nil, 0},
		{"any: the third", "GET /any/7", header{{"X-API-Key", "k2"}}, 200, "bob", nil, 0},
		{"any: the first decides", "GET /any/7", header{{"Authorization", "Bearer ada"}, {"X-API-Key", "k2"}}, 200, "ada", nil, 0},
		{"any: the first decides, wrong", "GET /any/7", header{{"Authorization", "Bearer eve"}, {"X-API-Key", "k2"}}, 401, "", []string{invalid, askBasic, askKey}, 0},
		{"any: foreign scheme and a key", "GET /any/7", header{{"Authorization", "Digest x"}, {"X-API-Key", "k1"}}, 200, "ada", nil, 0},
		{"basic: wrong password", "GET /any/7", auth(basicOf("ada:x")), 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"basic: no colon", "GET /any/7", auth(basicOf("ada")), 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"basic: not base64", "GET /any/7", auth("Basic %%%"), 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"basic: control character", "GET /any/7", auth(basicOf("ada\x00:pass:word")), 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"basic: not UTF-8", "GET /any/7", auth(basicOf("ada\xff:pass:word")), 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"key: unknown", "GET /any/7", header{{"X-API-Key", "k3"}}, 401, "", []string{askBearer, askBasic, askKey}, 0},
		{"key: twice", "GET /any/7", header{{"X-API-Key", "k1"}, {"X-API-Key", "k1"}}, 401, "", []string{askBearer, askBasic, askKey}, 0},

		{"query", "GET /query/7?api_key=ada", nil, 200, "ada", nil, 0},
		{"query, escaped", "GET /query/7?x=1&api%5Fkey=%61da", nil, 200, "ada", nil, 0},
		{"query, empty", "GET /query/7?api_key=", nil, 401, "", []string{askKey}, 0},
		{"query, twice", "GET /query/7?api_key=ada&api_key=ada", nil, 401, "", []string{askKey}, 0},
		{"query, bad escape", "GET /query/7?api_key=%zz", nil, 401, "", []string{askKey}, 0},
		{"query, key in a header", "GET /query/7", header{{"Api_key", "ada"}}, 401, "", []string{askKey}, 0},
		{"header and query: the first decides", "GET /both/7?api_key=ada", header{{"X-API-Key", "k2"}}, 200, "bob", nil, 0},
		{"header and query: the first decides, wrong", "GET /both/7?api_key=ada", header{{"X-API-Key", "k3"}}, 401, "", []string{askKey, askKey}, 0},
		{"header and query: the second, wrong", "GET /both/7?api_key=eve", nil, 401, "", []string{askKey, askKey}, 0},
		{"header and query: the second", "GET /both/7?api_key=ada", nil, 200, "ada", nil, 0},
		{"cookie", "POST /cookie/7", header{{"Cookie", "a=b; sid=ada"}}, 200, "ada", nil, 0},
		{"cookie, the first counts", "POST /cookie/7", header{{"Cookie", "sid=ada; sid=eve"}}, 200, "ada", nil, 0},
		{"cookie, none", "POST /cookie/7", header{{"Cookie", "SID=ada"}}, 401, "", []string{askKey}, 0},
		{"cookie from another origin", "POST /cookie/7", header{{"Cookie", "sid=ada"}, {"Sec-Fetch-Site", "cross-site"}}, 403, "", nil, 0},
		{"prefix", "GET /legacy/7", auth("Token ada"), 200, "ada", nil, 0},
		{"prefix, Bearer", "GET /legacy/7", auth("Bearer ada"), 401, "", []string{`Token realm="Test"`}, 0},
		{"func", "GET /func/7", header{{"X-Remote-User", "ada"}}, 200, "ada", nil, 0},
		{"func, nobody", "GET /func/7", nil, 200, "nobody", nil, 0},
		{"func, wrong", "GET /func/7", header{{"X-Remote-User", "bad"}}, 401, "", []string{askKey}, 0},
		{"scopes", "GET /scope/7", auth("Bearer writer"), 200, "writer", nil, 0},
		{"scopes missing", "GET /scope/7", auth("Bearer ada"), 403, "", []string{`Bearer realm="Test", error="insufficient_scope", scope="articles:read articles:write"`}, 0},
		{"before the body", "POST /body", nil, 401, "", []string{askBearer}, 0},
		{"body after it", "POST /body", auth("Bearer ada"), 415, "", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api, reported := authAPI(t, nil)
			method, target, _ := strings.Cut(tt.target, " ")
			r := httptest.NewRequest(method, target, nil)
			for _, h := range tt.header {
				r.Header[http.CanonicalHeaderKey(h[0])] = append(r.Header[http.CanonicalHeaderKey(h[0])], h[1])
			}
			if method == http.MethodPost {
				r = httptest.NewRequest(method, target, strings.NewReader("x"))
				for _, h := range tt.header {
					r.Header.Add(h[0], h[1])
				}
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			require.Equal(t, tt.status, w.Code, w.Body.String())
			if diff := cmp.Diff(tt.challenge, w.Header()["Www-Authenticate"]); diff != "" {
				t.Error(diff)
			}
			if tt.status == 200 {
				require.Equal(t, `"`+tt.body+`"`, w.Body.String())
			} else {
				require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			}
			for _, secret := range []string{"eve", "10.0.0.7", "behind", "pass:word"} {
				require.NotContains(t, w.Body.String(), secret)
			}
			require.Len(t, *reported, tt.reports)
		})
	}
}

// A verify function that does not heed its context is left behind when the time is over,
// and sees nothing of the requests that follow.
func TestAuthTimeout(t *testing.T) {
	slow := func(ctx context.Context, release chan struct{}) (account, error) {
		_, limited := ctx.Deadline()
		require.True(t, limited)
		<-release
		return account{Name: "late"}, nil
	}
	for name, scheme := range map[string]func(release chan struct{}) typed.Scheme{
		"Bearer": func(release chan struct{}) typed.Scheme {
			return typed.Bearer("token", func(ctx context.Context, _ string) (account, error) { return slow(ctx, release) })
		},
		"SchemeFunc": func(release chan struct{}) typed.Scheme {
			return typed.SchemeFunc("token", func(ctx context.Context, r *http.Request) (account, bool, error) {
				who, err := slow(ctx, release)
				require.Equal(t, "Bearer x", r.Header.Get("Authorization"))
				return who, true, err
			}, typed.Describe(openapi.SecurityScheme{Type: "http", Scheme: "bearer"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				api := typed.New("Test", "1", &typed.Options{Timeout: time.Second, Schemes: []typed.Scheme{scheme(release)}})
				called := false
				typed.Handle(api, "GET /{id}", typed.Func(func(context.Context, asksToken) (string, error) { called = true; return "", nil }))
				typed.Handle(api, "GET /open/{id}", typed.Func(func(context.Context, getByID) (string, error) { return "", nil }))
				r := httptest.NewRequest("GET", "/7", nil)
				r.Header.Set("Authorization", "Bearer x")
				w := httptest.NewRecorder()
				api.ServeHTTP(w, r)
				require.Equal(t, 503, w.Code)
				api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/open/7", nil))
				close(release)
				synctest.Wait()
				require.False(t, called)
			})
		})
	}
}

// Middleware may ask before the endpoint does: the verify function runs once, and what
// it says is answered at the endpoint's turn.
func TestPrincipal(t *testing.T) {
	for _, where := range []string{"API", "endpoint"} {
		for token, want := range map[string]string{"ada": "200 ada true", "eve": "401  false", "": "401  false", "panic": "500  false"} {
			t.Run(where+" "+token, func(t *testing.T) {
				var calls atomic.Int32
				seen, early := "", false
				mw := func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						func() {
							defer func() { _ = recover() }() // a careless middleware
							who, ok := typed.Principal[account](r.Context())
							seen, early = who.Name, ok
							_, other := typed.Principal[string](r.Context())
							require.False(t, other)
						}()
						next.ServeHTTP(w, r)
					})
				}
				api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}, Schemes: []typed.Scheme{
					typed.Bearer("token", func(ctx context.Context, token string) (account, error) {
						calls.Add(1)
						return verifyToken(ctx, token)
					}),
				}})
				var opts []typed.Option
				if where == "API" {
					api.Use(mw)
				} else {
					opts = append(opts, typed.Use(mw))
				}
				typed.Handle(api, "GET /{id}", typed.Func(func(ctx context.Context, in asksToken) (string, error) {
					who, ok := typed.Principal[account](ctx)
					require.True(t, ok)
					require.Equal(t, in.Me, who)
					return in.Me.Name, nil
				}), opts...)
				r := httptest.NewRequest("GET", "/7", nil)
				if token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				}
				w := httptest.NewRecorder()
				api.ServeHTTP(w, r)
				status, rest, _ := strings.Cut(want, " ")
				require.Equal(t, status, strconv.Itoa(w.Code))
				name, ok, _ := strings.Cut(rest, " ")
				require.Equal(t, name, seen)
				require.Equal(t, ok == "true", early)
				if token != "" {
					require.EqualValues(t, 1, calls.Load(), "verify runs once")
				}
			})
		}
	}
}

func TestPrincipalElsewhere(t *testing.T) {
	_, ok := typed.Principal[account](t.Context())
	require.False(t, ok)
	api, _ := authAPI(t, nil)
	typed.Handle(api, "GET /open", typed.Func(func(ctx context.Context, _ typed.None) (bool, error) {
		_, ok := typed.Principal[account](ctx)
		return ok, nil
	}))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/open", nil)
	r.Header.Set("Authorization", "Bearer ada")
	api.ServeHTTP(w, r)
	require.Equal(t, "false", w.Body.String())
}

// An endpoint with Bearer allocates nothing for it.
func TestAuthAllocations(t *testing.T) {
	api, _ := authAPI(t, nil)
	typed.Handle(api, "GET /plain/{id}", typed.Func(func(_ context.Context, in struct {
		Me string `header:"Authorization"`
		ID int    `path:"id"`
	}) (string, error) {
		return "ada", nil
	}))
	cost := func(target string) float64 {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Authorization", "Bearer ada")
		w := &nullWriter{header: http.Header{}}
		return testing.AllocsPerRun(200, func() { api.ServeHTTP(w, r) })
	}
	require.LessOrEqual(t, cost("/token/7"), cost("/plain/7"))
}

type nullWriter struct{ header http.Header }

func (w *nullWriter) Header() http.Header         { return w.header }
func (w *nullWriter) WriteHeader(int)             {}
func (w *nullWriter) Write(p []byte) (int, error) { return len(p), nil }

func TestAuthRefused(t *testing.T) {
	pages := func() *typed.Options {
		return &typed.Options{Pages: pagecache.New(pagecache.Memory(1<<20), nil)}
	}
	for _, tt := range []struct {
		name    string
		declare func(*typed.API)
		opts    *typed.Options
		want    string
	}{
		{"unknown scheme", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me account `auth:"tokne"`
			}) (string, error) {
				return "", nil
			}))
		}, nil, `typed: GET /: field Me: the scheme "tokne" is not known: list it in Options.Schemes, or write one of token, basic, header, query, session, legacy, func`},
		{"another principal", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me string `auth:"token"`
			}) (string, error) {
				return "", nil
			}))
		}, nil, `field Me: the scheme "token" gives a typed_test.account: make the field a typed_test.account, or a *typed_test.account where signing in is optional`},
		{"twice", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me account `auth:"token,token"`
			}) (string, error) {
				return "", nil
			}))
		}, nil, `field Me: the scheme "token" is named twice: name it once`},
		{"scopes of nobody", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Who string `header:"X-Who" scopes:"admin"`
			}) (string, error) {
				return "", nil
			}))
		}, nil, `field Who: the tag scopes says what the one who is asking may do, and this is a header field: write it beside auth:"scheme", or drop it`},
		{"two fields", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me  account  `auth:"token"`
				App *account `auth:"header"`
			}) (string, error) {
				return "", nil
			}))
		}, nil, `field App: a second field asks who the client is, beside Me: name all schemes that will do in one tag, auth:"a,b"`},
		{"rules", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me account `auth:"token" validate:"required"`
			}) (string, error) {
				return "", nil
			}))
		}, nil, `field Me: the tag validate does nothing on a field that asks who the client is: drop it`},
		{"cached", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me account `auth:"token"`
			}) (string, error) {
				return "", nil
			}), typed.Cache(pagecache.Policy{TTL: time.Minute}))
		}, pages(), `field Me: a cached page is everybody's, and cannot depend on who is asking: drop the field or the option Cache, or set Policy.BypassAuthorization`},
		{"cached by a key", func(a *typed.API) {
			typed.Handle(a, "GET /", typed.Func(func(context.Context, struct {
				Me *account `auth:"token,session,header"`
			}) (string, error) {
				return "", nil
			}), typed.Cache(pagecache.Policy{TTL: time.Minute, BypassAuthorization: true}))
		}, pages(), `field Me: Policy.BypassAuthorization looks at Authorization, and the scheme "session" reads the cookie sid: name only schemes that read Authorization, or drop the option Cache
typed: GET /: field Me: Policy.BypassAuthorization looks at Authorization, and the scheme "header" reads the header X-Api-Key: name only`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api, _ := authAPI(t, tt.opts)
			require.Contains(t, panicOf(func() { tt.declare(api) }), tt.want)
		})
	}
	t.Run("no schemes", func(t *testing.T) {
		require.Contains(t, panicOf(func() {
			typed.HTTP("GET /{id}", typed.Func(func(context.Context, asksToken) (string, error) { return "", nil }))
		}), `the scheme "token" is not known: the API has none: list it in Options.Schemes`)
		require.Contains(t, panicOf(func() { _, _ = typed.Decode[asksToken](httptest.NewRequest("GET", "/", nil)) }), `the API has none`)
	})
	t.Run("scopes without HasScope", func(t *testing.T) {
		api := typed.New("Test", "1", &typed.Options{Schemes: []typed.Scheme{typed.Bearer("token", func(context.Context, string) (string, error) { return "", nil })}})
		require.Contains(t, panicOf(func() {
			typed.Handle(api, "GET /", typed.Func(func(context.Context, struct {
				Me string `auth:"token" scopes:"a"`
			}) (string, error) {
				return "", nil
			}))
		}), "field Me: scopes are asked of a string, which cannot tell whether it has them: give it a method HasScope(string) bool")
	})
}

func TestSchemesRefused(t *testing.T) {
	verify := func(context.Context, string) (account, error) { return account{}, nil }
	for want, list := range map[string][]typed.Scheme{
		`typed: Options.Schemes has a zero Scheme: make one with Bearer, Basic, APIKey or SchemeFunc`: {{}},
		`typed: Options.Schemes has "a" twice: give one of them another name`:                         {typed.Bearer("a", verify), typed.Bearer("a", verify)},
		`typed: the scheme "": it has no name: give the one that auth tags and the document use`:      {typed.Bearer("", verify)},
		`its verify function gives a pointer, *typed_test.account: give typed_test.account itself`:    {typed.Bearer("a", func(context.Context, string) (*account, error) { return nil, nil })},
		`its verify function is nil: pass one`:                                                        {typed.Bearer[account]("a", nil)},
		`its realm "é" has a character that not every client reads: write it in ASCII`:                {typed.Bearer("a", verify, typed.Realm("é"))},
		`it looks for its key in "form": say "header", "query" or "cookie"`:                           {typed.APIKey("a", "form", "k", verify)},
		`"a b" cannot be the name of a header: use letters, digits and hyphens`:                       {typed.APIKey("a", "header", "a b", verify)},
		`the document cannot tell what a SchemeFunc looks for: add typed.Describe`:                    {typed.SchemeFunc("a", func(context.Context, *http.Request) (account, bool, error) { return account{}, false, nil })},
		`Prefix("To ken") is for Bearer and names one word: write typed.Prefix("Token")`:              {typed.Bearer("a", verify, typed.Prefix("To ken"))},
	} {
		got := panicOf(func() { typed.New("Test", "1", &typed.Options{Schemes: list}) })
		require.Contains(t, got, want)
	}
}

func panicOf(f func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text, _ = v.(string)
		}
	}()
	f()
	return ""
}
