package typed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

type envelope struct {
	Code   int                  `json:"code"`
	Text   string               `json:"text"`
	Detail string               `json:"detail"`
	Errors []respond.FieldError `json:"errors"`
}

func newEnvelope(_ context.Context, p *respond.Problem) envelope {
	return envelope{p.Status, p.Title, p.Detail, p.Errors}
}

type formUser struct {
	Name string `json:"name" validate:"required"`
}

var errInside = errors.New("secret: what is inside")

// formed has an endpoint for each way to a problem.
func formed(t *testing.T, o typed.Options) *typed.API {
	t.Helper()
	if o.OnError == nil {
		o.OnError = func(context.Context, error) {}
	}
	o.Pages, o.MaxBody, o.Timeout = pagecache.New(pagecache.Memory(1<<20), nil), 100, 50*time.Millisecond
	t.Cleanup(func() {
		if err := o.Pages.Close(); err != nil {
			t.Error(err)
		}
	})
	o.Schemes = []typed.Scheme{typed.Bearer("token", func(context.Context, string) (string, error) { return "", respond.Unauthorized("No.") })}
	api := typed.New("Forms", "1", &o)
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.Header.Get("X-Stop") {
			case "problem":
				respond.TooManyRequests("Later.").Header("Retry-After", "7").ServeHTTP(w, r)
			case "panic":
				panic("middleware")
			default:
				next.ServeHTTP(w, r)
			}
		})
	})
	within := typed.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { respond.Gone("It left.").ServeHTTP(w, r) })
	})
	type who struct {
		Me string `auth:"token"`
	}
	typed.Handle(api, "POST /users", typed.Func(func(context.Context, formUser) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "GET /fail/{status}", typed.Func(func(_ context.Context, in struct {
		Status int `path:"status"`
	}) (typed.None, error) {
		return typed.None{}, fmt.Errorf("wrapped: %w", &respond.Problem{Status: in.Status, Detail: "Shown?"})
	}), typed.Fails(404, 409, 503))
	typed.Handle(api, "GET /exposed", typed.Func(func(context.Context, typed.None) (typed.None, error) {
		return typed.None{}, respond.Unavailable("Until noon.").Expose().Header("Retry-After", "60")
	}))
	typed.Handle(api, "GET /error", typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, errInside }))
	typed.Handle(api, "GET /panic", typed.Func(func(context.Context, typed.None) (typed.None, error) { panic(errInside) }))
	typed.Handle(api, "GET /slow", typed.Func(func(ctx context.Context, _ typed.None) (typed.None, error) {
		<-ctx.Done()
		return typed.None{}, ctx.Err()
	}))
	typed.Handle(api, "GET /me", typed.Func(func(context.Context, who) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "POST /form", typed.Func(func(context.Context, struct {
		Name string `form:"name"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "GET /within", typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil }), within, typed.Fails(410))
	typed.Handle(api, "GET /page", typed.Func(func(context.Context, typed.None) (string, error) {
		return "", respond.NotFound("No page.")
	}), typed.Cache(pagecache.Policy{TTL: time.Hour}), typed.Fails(404))
	return api
}

type formRequest struct {
	name, method, target, body string
	header                     []string
	status                     int
	want                       string // a part of the form
	field                      string // a header field that stays
}

var formRequests = []formRequest{
	{"syntax", "POST", "/users", `{"name":`, nil, 400, `"pointer":""`, ""},
	{"401", "GET", "/me", "", nil, 401, `"text":"Unauthorized"`, "Www-Authenticate"},
	{"401 of verify", "GET", "/me", "", []string{"Authorization", "Bearer x"}, 401, `"detail":"No."`, "Www-Authenticate"},
	{"403", "POST", "/form", "", []string{"Sec-Fetch-Site", "cross-site"}, 403, `"code":403`, ""},
	{"404", "GET", "/nothing", "", nil, 404, `"code":404`, ""},
	{"404 of a handler", "GET", "/fail/404", "", nil, 404, `"detail":"Shown?"`, ""},
	{"404 to HEAD", "HEAD", "/fail/404", "", nil, 404, "", ""},
	{"404 of a page", "GET", "/page", "", nil, 404, `"detail":"No page."`, ""},
	{"405", "DELETE", "/users", "", nil, 405, `"code":405`, "Allow"},
	{"409", "GET", "/fail/409", "", nil, 409, `"code":409`, ""},
	{"410 of an endpoint's middleware", "GET", "/within", "", nil, 410, `"detail":"It left."`, ""},
	{"413", "POST", "/users", `{"name":"` + strings.Repeat("x", 200) + `"}`, nil, 413, `"code":413`, ""},
	{"415", "POST", "/users", "x", []string{"Content-Type", "text/plain"}, 415, `"code":415`, "Accept"},
	{"422", "POST", "/users", `{"name":""}`, nil, 422, `"pointer":"/name"`, ""},
	{"429 of the API's middleware", "GET", "/error", "", []string{"X-Stop", "problem"}, 429, `"detail":"Later."`, "Retry-After"},
	{"429 on a dead end", "GET", "/nothing", "", []string{"X-Stop", "problem"}, 429, `"detail":"Later."`, "Retry-After"},
	{"500", "GET", "/error", "", nil, 500, `"detail":""`, ""},
	{"500 of a problem", "GET", "/fail/500", "", nil, 500, `"detail":""`, ""},
	{"500 of a panic", "GET", "/panic", "", nil, 500, `"detail":""`, ""},
	{"500 of middleware", "GET", "/error", "", []string{"X-Stop", "panic"}, 500, `"detail":""`, ""},
	{"500 for no status", "GET", "/fail/0", "", nil, 500, `"code":500,"text":"Internal Server Error"`, ""},
	{"503", "GET", "/slow", "", nil, 503, `"detail":""`, ""},
	{"503 exposed", "GET", "/exposed", "", nil, 503, `"detail":"Until noon."`, "Retry-After"},
	{"400 of the path", "GET", "/fail/%ff", "", nil, 400, `"code":400`, ""},
}

func (q formRequest) send(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(q.method, q.target, strings.NewReader(q.body))
	if q.method == "POST" && q.target == "/users" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(q.header); i += 2 {
		r.Header.Set(q.header[i], q.header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestErrors(t *testing.T) {
	plain := formed(t, typed.Options{})
	own := formed(t, typed.Options{Errors: typed.Errors("application/vnd.own+json", newEnvelope)})
	for _, q := range formRequests {
		t.Run(q.name, func(t *testing.T) {
			w, p := q.send(own), q.send(plain)
			if w.Code != q.status || p.Code != q.status {
				t.Errorf("status %d, and %d without Errors, want %d: %s", w.Code, p.Code, q.status, p.Body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/vnd.own+json" {
				t.Errorf("Content-Type %q", got)
			}
			if got := p.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("without Errors the Content-Type is %q", got)
			}
			if q.method == "HEAD" {
				if w.Body.Len() > 0 || w.Header().Get("Content-Length") != strconv.Itoa(len(`{"code":404,"text":"Not Found","detail":"Shown?","errors":[]}`)) {
					t.Errorf("%q %v", w.Body, w.Header())
				}
				return
			}
			if !strings.Contains(w.Body.String(), q.want) || !strings.HasPrefix(w.Body.String(), `{"code":`+strconv.Itoa(q.status)) {
				t.Errorf("%s, want %s", w.Body, q.want)
			}
			if strings.Contains(w.Body.String(), "secret") || q.status >= 500 && strings.Contains(w.Body.String(), "Shown") {
				t.Errorf("the form shows what is inside: %s", w.Body)
			}
			if q.field != "" && (w.Header().Get(q.field) == "" || w.Header().Get(q.field) != p.Header().Get(q.field)) {
				t.Errorf("%s is %q, want %q", q.field, w.Header().Get(q.field), p.Header().Get(q.field))
			}
		})
	}
}

// Every status that an endpoint sends is in its document with the media type that is sent.
func TestErrorsAreDocumented(t *testing.T) {
	for name, o := range map[string]typed.Options{
		"problems": {},
		"form":     {Errors: typed.Errors("application/vnd.own+json", newEnvelope)},
		"OnInvalid": {OnInvalidType: "text/html", OnInvalid: func(_ context.Context, p *respond.Problem) (typed.Answer, error) {
			var page respond.Response[respond.HTML]
			return page.Status(p.Status).Send("<p>")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			api := formed(t, o)
			doc, err := docs.OpenAPI(api, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			var d struct {
				Paths map[string]map[string]struct {
					Responses map[string]struct {
						Ref     string `json:"$ref"`
						Content map[string]any
					}
				}
				Components struct {
					Responses map[string]struct{ Content map[string]any }
					Schemas   map[string]any
				}
			}
			if err := json.Unmarshal(b, &d); err != nil {
				t.Fatal(err)
			}
			if _, has := d.Components.Schemas["Problem"]; has == (o.Errors != typed.ErrorForm{}) {
				t.Errorf("the schema Problem is there: %t", has)
			}
			for _, q := range formRequests {
				path := q.target
				if strings.HasPrefix(path, "/fail/") {
					path = "/fail/{status}"
				}
				op, ok := d.Paths[path][strings.ToLower(strings.Replace(q.method, "HEAD", "GET", 1))]
				if !ok {
					continue // no endpoint answers
				}
				w := q.send(api)
				r, ok := op.Responses[strconv.Itoa(w.Code)]
				if !ok {
					r = op.Responses["default"]
				}
				content := r.Content
				if ref, is := strings.CutPrefix(r.Ref, "#/components/responses/"); is {
					content = d.Components.Responses[ref].Content
				}
				sent, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
				if content[sent] == nil {
					t.Errorf("%s: %d is sent as %s, and documented as %v", q.name, w.Code, sent, content)
				}
			}
		})
	}
}

type unencodable struct{ N float64 }

// panicking fails only when it is encoded.
type panicking struct{ N int }

func (panicking) MarshalJSON() ([]byte, error) { panic("encoding") }

func TestErrorsThatFail(t *testing.T) {
	const plain = `{"title":"Not Found","status":404,"detail":"Shown?"}`
	for name, tt := range map[string]struct {
		form typed.ErrorForm
		body string
		bad  bool
	}{
		"panics":         {typed.Errors("application/json", func(context.Context, *respond.Problem) envelope { panic("form") }), plain, true},
		"aborts":         {typed.Errors("application/json", func(context.Context, *respond.Problem) envelope { panic(http.ErrAbortHandler) }), plain, true},
		"not encodable":  {typed.Errors("application/json", func(context.Context, *respond.Problem) unencodable { return unencodable{math.NaN()} }), plain, true},
		"any, a channel": {typed.Errors("application/json", func(context.Context, *respond.Problem) any { return make(chan int) }), plain, true},
		"a method":       {typed.Errors("application/json", func(context.Context, *respond.Problem) panicking { return panicking{} }), plain, true},
		"nil map":        {typed.Errors("application/json", func(context.Context, *respond.Problem) map[string]string { return nil }), "{}", false},
		"nil pointer":    {typed.Errors("application/json", func(context.Context, *respond.Problem) *envelope { return nil }), "null", false},
		"the problem":    {typed.Errors("application/json", func(_ context.Context, p *respond.Problem) *respond.Problem { return p }), plain, false},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var reports []error
			api := formed(t, typed.Options{Errors: tt.form, OnError: func(_ context.Context, err error) {
				mu.Lock()
				defer mu.Unlock()
				reports = append(reports, err)
			}})
			w := formRequest{method: "GET", target: "/fail/404"}.send(api)
			media := "application/json"
			if tt.bad {
				media = "application/problem+json"
			}
			if w.Code != 404 || w.Body.String() != tt.body || w.Header().Get("Content-Type") != media {
				t.Errorf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if (len(reports) == 1) != tt.bad || len(reports) > 1 {
				t.Errorf("reports: %v", reports)
			}
			for _, q := range formRequests { // wherever the problem comes from
				if w := q.send(api); w.Code != q.status {
					t.Errorf("%s: %d, want %d", q.name, w.Code, q.status)
				}
			}
		})
	}
}

func TestErrorsKnowTheCause(t *testing.T) {
	var cause error
	api := formed(t, typed.Options{Errors: typed.Errors("application/json", func(_ context.Context, p *respond.Problem) int {
		cause = p.Unwrap()
		return p.Status
	})})
	for _, target := range []string{"/error", "/panic"} {
		cause = nil
		if w := (formRequest{method: "GET", target: target}).send(api); w.Body.String() != "500" || !errors.Is(cause, errInside) {
			t.Errorf("%s: %s, and the cause is %v", target, w.Body, cause)
		}
	}
}

func TestErrorsRefused(t *testing.T) {
	none := func(context.Context, *respond.Problem) (typed.Answer, error) { return typed.Answer{}, nil }
	for want, o := range map[string]typed.Options{
		"typed: Options.Errors has a nil function":                             {Errors: typed.Errors[int]("application/json", nil)},
		`typed: Options.Errors has the media type "json", which is not JSON`:   {Errors: typed.Errors("json", newEnvelope)},
		`typed: Options.Errors has the media type "text/x", which is not JSON`: {Errors: typed.Errors("text/x", newEnvelope)},
		`typed: Options.Errors has the media type "", which is not JSON`:       {Errors: typed.Errors("", newEnvelope)},
		"typed: Options.Errors: JSON cannot encode a chan int":                 {Errors: typed.Errors("application/json", func(context.Context, *respond.Problem) chan int { return nil })},
		`typed: Options.OnInvalidType is "html", which is no media type`:       {OnInvalidType: "html", OnInvalid: none},
		"typed: Options.OnInvalidType says what OnInvalid answers":             {OnInvalidType: "text/html"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("New panics with %q, want %q", got, want)
				}
			}()
			typed.New("x", "1", &o)
		}()
	}
}

// language is the first of two that Accept-Language asks for.
func language(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(part, ";")
		switch primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-"); primary {
		case "en", "de":
			return primary
		}
	}
	return "en"
}

func TestMessage(t *testing.T) {
	german := map[string]string{"required": "wird gebraucht", "unknown": "ist unbekannt", "type": "hat den falschen Typ", "syntax": "ist kein JSON"}
	api := typed.New("Words", "1", &typed.Options{
		Errors: typed.Errors("application/json", newEnvelope),
		Message: func(ctx context.Context, e respond.FieldError) string {
			if e.Rule == "min" {
				panic("no words")
			}
			if language(typed.HTTPRequest(ctx).Header.Get("Accept-Language")) != "de" {
				return ""
			}
			return german[e.Rule]
		},
		OnError: func(context.Context, error) {},
	})
	typed.Handle(api, "POST /users", typed.Func(func(context.Context, struct {
		Page int    `query:"page" default:"1" validate:"min=1"`
		Name string `json:"name" validate:"required"`
	}) (typed.None, error) {
		return typed.None{}, respond.ErrNotCached
	}))
	typed.Handle(api, "GET /own", typed.Func(func(context.Context, typed.None) (typed.None, error) {
		return typed.None{}, &respond.Problem{Status: 422, Errors: []respond.FieldError{{In: "body", Rule: "required", Detail: "is mine"}}}
	}))
	for _, tt := range []struct{ target, body, language, want string }{
		{"/users", `{"name":""}`, "de-CH, en;q=0.5", "wird gebraucht"},
		{"/users", `{"name":""}`, "fr, en", "is required and must not be empty"},
		{"/users", `{"nam":"x"}`, "de", "ist unbekannt"},
		{"/users", `{"name":1}`, "de", "hat den falschen Typ"},
		{"/users", `{"name":1}`, "en", "must be a string"},
		{"/users", `{"name":`, "de", "ist kein JSON"},
		{"/users?page=x", `{"name":"x"}`, "de", "hat den falschen Typ"},
		{"/users?page=0", `{"name":"x"}`, "de", `"code":500`},
		{"/own", "", "de", "is mine"},
	} {
		method := "POST"
		if tt.body == "" {
			method = "GET"
		}
		r := httptest.NewRequest(method, tt.target, strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", tt.language)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s %s in %s: %s, want %s", tt.target, tt.body, tt.language, w.Body, tt.want)
		}
	}
}
