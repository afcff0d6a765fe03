package typed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// takes serves POST /{...} of one request type and answers with what was bound, as Go
// prints it.
func takes[Req any](opts ...typed.Option) http.Handler {
	return typed.HTTP("POST /", func(_ context.Context, in Req, res *typed.Response[string]) (typed.Answer, error) {
		if raw, ok := any(in).(json.RawMessage); ok { // which has a String method since Go 1.27
			return res.Send(string(raw))
		}
		return res.Send(fmt.Sprintf("%+v", in))
	}, opts...)
}

type audited struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

func (audited) String() string   { return "String must not be called" }
func (*audited) Validate() error { return nil }

type level string

func (l level) MarshalText() ([]byte, error) { return []byte("level " + l), nil }

func (l *level) UnmarshalText(text []byte) error {
	name, ok := strings.CutPrefix(string(text), "level ")
	if !ok {
		return fmt.Errorf("secret of the type")
	}
	*l = level(name)
	return nil
}

// deep has a member of each kind, and itself below them.
type deep struct {
	S    string          `json:"s"`
	N    int8            `json:"n"`
	F    float32         `json:"f"`
	B    bool            `json:"b"`
	P    *string         `json:"p"`
	L    []int           `json:"l"`
	M    map[string]bool `json:"m"`
	T    time.Time       `json:"t"`
	D    time.Duration   `json:"d"`
	A    netip.Addr      `json:"a"`
	X    any             `json:"x"`
	Pair [2]int          `json:"pair"`
	Raw  []byte          `json:"raw"`
	V    level           `json:"v"`
	R    json.RawMessage `json:"r"`
	Next *deep           `json:"next"`
	List []deep          `json:"list"`
	Tree map[string]deep `json:"tree"`
}

// Each value, wrong where it stands and wherever it stands, is refused with its place.
func TestWrongMembersAtEveryDepth(t *testing.T) {
	flat, mixed := takes[deep](), takes[struct {
		Q int `query:"q"`
		deep
	}]()
	wrong := []struct{ member, value, rule, below string }{
		{"s", "1", "type", ""}, {"s", "null", "null", ""}, {"s", "[]", "type", ""},
		{"n", "128", "range", ""}, {"n", "-129", "range", ""}, {"n", "1.5", "type", ""}, {"n", `"1"`, "type", ""}, {"n", "null", "null", ""},
		{"f", "1e39", "range", ""}, {"f", `"NaN"`, "type", ""}, {"f", "null", "null", ""},
		{"b", "0", "type", ""}, {"b", "null", "null", ""},
		{"p", "1", "type", ""},
		{"l", "null", "null", ""}, {"l", "{}", "type", ""}, {"l", "[1,null]", "null", "/1"}, {"l", `["1"]`, "type", "/0"},
		{"m", "null", "null", ""}, {"m", "[]", "type", ""}, {"m", `{"a/b~":null}`, "null", "/a~1b~0"}, {"m", `{"a":1}`, "type", "/a"},
		{"t", `"2020-01-01"`, "format", ""}, {"t", "0", "type", ""}, {"t", "null", "null", ""},
		{"d", `"1x"`, "format", ""}, {"d", "60", "type", ""}, {"d", "null", "null", ""},
		{"a", `"300.0.0.1"`, "format", ""}, {"a", "null", "null", ""},
		{"pair", "[1]", "length", ""}, {"pair", "[1,2,3]", "length", ""}, {"pair", "null", "null", ""},
		{"raw", `"!"`, "format", ""}, {"raw", "null", "null", ""},
		{"v", `"secret"`, "format", ""}, {"v", "null", "null", ""},
		{"next", "1", "type", ""}, {"list", "null", "null", ""}, {"list", "[null]", "null", "/0"}, {"tree", `{"k":null}`, "null", "/k"},
		{"nope", "1", "unknown", ""}, {"S", `"x"`, "unknown", ""},
	}
	places := []struct{ before, after, pointer string }{
		{"", "", ""},
		{`{"next":`, `}`, "/next"},
		{`{"list":[{},`, `]}`, "/list/1"},
		{`{"tree":{"a b":`, `}}`, "/tree/a b"},
		{`{"next":{"list":[{"tree":{"":`, `}}]}}`, "/next/list/0/tree/"},
	}
	for _, h := range []http.Handler{flat, mixed} {
		for _, p := range places {
			for _, tt := range wrong {
				body := p.before + `{"` + tt.member + `":` + tt.value + `}` + p.after
				w := do(h, "POST", "/", body, "Content-Type", "application/json")
				var problem struct {
					Errors []struct{ In, Pointer, Rule string }
				}
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
				require.Equal(t, 422, w.Code, "%s: %s", body, w.Body)
				require.Len(t, problem.Errors, 1)
				e := problem.Errors[0]
				require.Equal(t, []string{"body", p.pointer + "/" + tt.member + tt.below, tt.rule}, []string{e.In, e.Pointer, e.Rule}, body)
				require.NotContains(t, w.Body.String(), "secret")
				checkNothingLeaks(t, w.Body.Bytes())

				// Syntax wins over whatever was wrong before it.
				w = do(h, "POST", "/", body+"]", "Content-Type", "application/json")
				require.Equal(t, 400, w.Code, body)
			}
		}
		for _, ok := range []string{
			`{}`, `{"p":null}`, `{"x":null}`, `{"next":null}`, `{"r":null}`, `{"x":{"a":[null]}}`, `{"n":-128}`, `{"d":"1h30m"}`, `{"v":"level 1"}`,
			`{"s":""}`, ` {"next":{"list":[{"next":null}]}} `, `{"s":"\ud83d\ude00"}`, `{"\u0073":"x"}`,
		} {
			require.Equal(t, 200, do(h, "POST", "/", ok, "Content-Type", "application/json").Code, ok)
		}
		for _, malformed := range []string{
			``, ` `, `{`, `{"s":"a","s":"b"}`, "{\"s\":\"\xff\"}", `{"s":"\ud800"}`, `{"s":"\udc00\ud800"}`, "\xef\xbb\xbf{}", `{} {}`, `{"s":"a",}`, `{'s':1}`,
			`{"next":{"s":"a","\u0073":"b"}}`, `{"x":{"a":1,"a":2}}`, `NaN`, "{\"s\":\"\x00\"}", `{"n":01}`, `{"n":+1}`,
		} {
			w := do(h, "POST", "/", malformed, "Content-Type", "application/json")
			require.Equal(t, 400, w.Code, "%q: %s", malformed, w.Body)
			checkProblem(t, 400, w.Body.Bytes())
		}
	}
}

// A body is whatever Req is.
func TestBodiesOfEachKind(t *testing.T) {
	type whole[T any] struct {
		Q    string `query:"q"`
		Body T      `body:""`
	}
	for _, tt := range []struct {
		h      http.Handler
		body   string
		status int
		want   string
	}{
		{takes[[]int](), `[1,2]`, 200, "[1 2]"},
		{takes[[]int](), `[]`, 200, "[]"},
		{takes[[]int](), `{}`, 422, ""},
		{takes[[]int](), `null`, 422, ""},
		{takes[[2]bool](), `[true,false]`, 200, "[true false]"},
		{takes[map[string]int](), `{"a":1}`, 200, "map[a:1]"},
		{takes[map[int8]string](), `{"-1":"a"}`, 200, "map[-1:a]"},
		{takes[map[int8]string](), `{"300":"a"}`, 422, ""},
		{takes[int8](), `127`, 200, "127"},
		{takes[int8](), `128`, 422, ""},
		{takes[string](), `"x"`, 200, "x"},
		{takes[string](), `null`, 422, ""},
		{takes[bool](), `true`, 200, "true"},
		{takes[time.Duration](), `"1m"`, 200, "1m0s"},
		{takes[level](), `"level 3"`, 200, "3"},
		{takes[any](), `{"a":[1,null]}`, 200, "map[a:[1 <nil>]]"},
		{takes[any](), `null`, 200, "<nil>"},
		{takes[json.RawMessage](), ` {"a": 1} `, 200, `{"a": 1}`},
		{takes[[]byte](), `not JSON`, 200, "[110 111 116 32 74 83 79 78]"},
		{takes[[]byte](), ``, 200, "[]"},
		{takes[whole[[]string]](), `["a"]`, 200, "{Q:q Body:[a]}"},
		{takes[whole[map[string]int]](), `{"a":null}`, 422, ""},
		{takes[whole[uint8]](), `-1`, 422, ""},
		{takes[whole[*int]](), `7`, 200, "{Q:q Body:0x"},
		{takes[whole[*int]](), ``, 200, "{Q:q Body:<nil>}"},
		{takes[whole[*int]](), `null`, 200, "{Q:q Body:<nil>}"},
		{takes[whole[*int]](), `"7"`, 422, ""},
		{takes[whole[audited]](), `{"by":"a"}`, 200, "{Q:q Body:String must not"}, // by fmt, not by us
		{takes[whole[int]](), ``, 400, ""},
		{takes[struct{}](), `{"read": "neither read nor judged`, 200, "{}"},
		{takes[typed.None](), `]`, 200, "{}"},
		{takes[struct {
			Hidden string `json:"-"`
		}](), `]`, 200, "{Hidden:}"},
	} {
		w := do(tt.h, "POST", "/?q=q", tt.body, "Content-Type", "application/json")
		require.Equal(t, tt.status, w.Code, "%s: %s", tt.body, w.Body)
		if !strings.HasPrefix(w.Body.String(), tt.want) {
			t.Errorf("%s: %s, want %s", tt.body, w.Body, tt.want)
		}
	}
}

// Embedded structs, with methods and in any place, work for members and parameters.
func TestEmbeddedStructs(t *testing.T) {
	type page struct {
		Limit int8 `query:"limit" default:"20"`
	}
	type request struct {
		ID string `path:"id"`
		audited
		page
		Name string `json:"name"`
		*Named
	}
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /{id}", func(_ context.Context, in request, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send(fmt.Sprint(in.ID, in.By, in.At.Year(), in.Limit, in.Name, in.Nick))
	})
	post := func(target, body string) *httptest.ResponseRecorder {
		return do(api, "POST", target, body, "Content-Type", "application/json")
	}
	require.Equal(t, "a b 2020 20 c d", strings.Join(strings.Fields(post("/a", `{"by":" b ","at":"2020-01-01T00:00:00Z","name":" c ","nick":" d"}`).Body.String()), " "))
	require.Contains(t, post("/a?limit=0", `{}`).Body.String(), "1 0", "an explicit zero is no absence")
	for body, pointer := range map[string]string{`{"id":"x"}`: "/id", `{"limit":1}`: "/limit", `{"ID":"x"}`: "/ID", `{"audited":{}}`: "/audited", `{"Named":{}}`: "/Named"} {
		w := post("/a", body)
		require.Equal(t, 422, w.Code, body)
		require.Contains(t, w.Body.String(), `"pointer":"`+pointer+`","rule":"unknown"`)
	}
}

type Named struct {
	Nick string `json:"nick"`
}

// A webhook has the bytes that were signed beside what they say.
func TestBytesBesideTheirValue(t *testing.T) {
	type event struct {
		Kind string `json:"kind"`
	}
	for name, h := range map[string]http.Handler{
		"beside a value": typed.HTTP("POST /", func(_ context.Context, in struct {
			Raw   []byte `body:""`
			Event event  `body:""`
			Sum   string `header:"X-Sum"`
		}, res *typed.Response[string]) (typed.Answer, error) {
			return res.Send(string(in.Raw) + "|" + in.Event.Kind + "|" + in.Sum)
		}),
		"beside members": typed.HTTP("POST /", func(_ context.Context, in struct {
			Raw  []byte `body:""`
			Kind string `json:"kind"`
			Sum  string `header:"X-Sum"`
		}, res *typed.Response[string]) (typed.Answer, error) {
			return res.Send(string(in.Raw) + "|" + in.Kind + "|" + in.Sum)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			w := do(h, "POST", "/", ` {"kind" : "paid"}`+"\n", "Content-Type", "application/json", "X-Sum", "s")
			require.Equal(t, ` {"kind" : "paid"}`+"\n|paid|s", w.Body.String())
			require.Equal(t, 415, do(h, "POST", "/", `{}`, "Content-Type", "text/plain").Code)
			require.Equal(t, 422, do(h, "POST", "/", `{"kind":1}`, "Content-Type", "application/json").Code)
			require.Equal(t, 400, do(h, "POST", "/", `{"kind"`, "Content-Type", "application/json").Code)
		})
	}
}

// Whoever has the context may ask for the request, also at once.
func TestHTTPRequestAtOnce(t *testing.T) {
	h := typed.HTTP("GET /{id}", func(ctx context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if got := typed.HTTPRequest(ctx).PathValue("id"); got != "7" {
					t.Error(got)
				}
			})
		}
		wg.Wait()
		return res.JSON(in.ID)
	})
	require.Equal(t, 200, do(h, "GET", "/7", "").Code)
}

// A method is looked up among all the patterns that match a path, and Allow is what
// all of them allow.
func TestAllowOfOverlappingPatterns(t *testing.T) {
	api := typed.New("Test", "1", nil)
	on[struct {
		ID string `path:"id"`
	}]("GET /users/{id}")(api)
	on[typed.None]("POST /users/me")(api)
	on[struct {
		Rest string `path:"rest"`
	}]("DELETE /{rest...}")(api)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/users/me", 204, ""}, {"HEAD", "/users/me", 204, ""}, {"POST", "/users/me", 204, ""}, {"DELETE", "/users/me", 204, ""},
		{"PUT", "/users/me", 405, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"OPTIONS", "/users/me", 204, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"POST", "/users/7", 405, "DELETE, GET, HEAD, OPTIONS"},
		{"POST", "/users/m%65", 204, ""},
		{"GET", "/a/b/c", 405, "DELETE, OPTIONS"},
		{"HEAD", "/a", 405, "DELETE, OPTIONS"},
		{"OPTIONS", "/a", 204, "DELETE, OPTIONS"},
	} {
		w := do(api, tt.method, tt.path, "")
		require.Equal(t, tt.status, w.Code, "%s %s", tt.method, tt.path)
		require.Equal(t, tt.allow, w.Header().Get("Allow"), "%s %s", tt.method, tt.path)
	}
}

// The payload any is warned about once for an endpoint.
func TestAnyIsWarnedAbout(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /any", func(_ context.Context, _ typed.None, res *typed.Response[any]) (typed.Answer, error) {
		return res.JSON(map[string]any{"a": nil, "b": []int(nil)})
	}, typed.Status(200, 201))
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	require.Contains(t, log.String(), "GET /any")
	require.Equal(t, `{"a":null,"b":[]}`, do(api, "GET", "/any", "").Body.String())
	require.Equal(t, 1, strings.Count(log.String(), "\n"), "not for each request")

	// Without OnError, what is not told a client goes to slog.
	api = typed.New("Test", "1", nil)
	typed.Handle(api, "GET /", unlucky)
	require.Equal(t, 500, do(api, "GET", "/", "").Code)
	require.Contains(t, log.String(), "the reason")
	require.Contains(t, log.String(), `endpoint="GET /"`)
}

func unlucky(context.Context, typed.None, *typed.Response[io.Reader]) (typed.Answer, error) {
	return typed.Fail(fmt.Errorf("the reason"))
}
