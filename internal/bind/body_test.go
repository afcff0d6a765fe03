package bind_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
)

type user struct {
	Name string `json:"name"`
	Age  int    `json:"age"`
}

const jsonType = "application/json"

func TestWholeBodies(t *testing.T) {
	o := bind.Options{Method: "POST"}
	ada := user{"Ada", 36}
	body := `{"name":"Ada","age":36}`

	t.Run("struct", func(t *testing.T) {
		got, r := bound[user](t, o, post(body, jsonType))
		accepted(t, r)
		equal(t, ada, got)
	})
	t.Run("unsized", func(t *testing.T) {
		got, r := bound[user](t, o, unsized(post(body, jsonType)))
		accepted(t, r)
		equal(t, ada, got)
	})
	t.Run("slice", func(t *testing.T) {
		got, r := bound[[]user](t, o, post("["+body+"]", jsonType))
		accepted(t, r)
		equal(t, []user{ada}, got)
	})
	t.Run("map", func(t *testing.T) {
		got, r := bound[map[string]int](t, o, post(`{"a":1}`, jsonType))
		accepted(t, r)
		equal(t, map[string]int{"a": 1}, got)
	})
	t.Run("scalar", func(t *testing.T) {
		got, r := bound[int8](t, o, post(`7`, jsonType))
		accepted(t, r)
		equal(t, 7, got)
	})
	t.Run("text", func(t *testing.T) {
		got, r := bound[color](t, o, post(`"#010203"`, jsonType))
		accepted(t, r)
		equal(t, color{1, 2, 3}, got)
	})
	t.Run("bytes", func(t *testing.T) {
		got, r := bound[[]byte](t, o, post("\xff\x00", "image/png"))
		accepted(t, r)
		equal(t, []byte("\xff\x00"), got)
	})
	t.Run("stream", func(t *testing.T) {
		got, r := bound[io.Reader](t, o, post("abc", ""))
		accepted(t, r)
		all, err := io.ReadAll(got)
		if string(all) != "abc" || err != nil {
			t.Errorf("%q, %v", all, err)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		_, r := bound[struct{}](t, o, post("not looked at", "", "Content-Encoding", "gzip"))
		accepted(t, r)
	})
	t.Run("field", func(t *testing.T) {
		type in struct {
			ID   int    `path:"id"`
			Body []user `body:""`
		}
		got, r := bound[in](t, bind.Options{Method: "DELETE", PathNames: []string{"id"}}, post("["+body+"]", jsonType), "7")
		accepted(t, r)
		equal(t, in{7, []user{ada}}, got)
	})
	t.Run("embedded field", func(t *testing.T) {
		type in struct {
			ID   int `query:"id"`
			user `json:"-"`
			User user `body:""`
		}
		got, r := bound[in](t, o, post(body, jsonType))
		accepted(t, r)
		equal(t, in{User: ada}, got)
	})
}

func TestOptionalBody(t *testing.T) {
	type in struct {
		Body *user `body:""`
	}
	o := bind.Options{Method: "POST"}
	if compile[in](t, o).BodyRequired() || !compile[user](t, o).BodyRequired() {
		t.Error("BodyRequired")
	}
	for _, tt := range []struct {
		name    string
		request *http.Request
		want    in
		reject  string
	}{
		{"absent", post("", ""), in{}, ""},
		{"absent, unsized", unsized(post("", "")), in{}, ""},
		{"absent, with media type", unsized(post("", jsonType)), in{}, ""},
		{"null", post("null", jsonType), in{}, ""},
		{"present", post(`{"name":"Ada","age":1}`, jsonType), in{&user{"Ada", 1}}, ""},
		{"present, unsized", unsized(post(`{"name":"Ada","age":1}`, jsonType)), in{&user{"Ada", 1}}, ""},
		{"no media type", post(`{}`, ""), in{}, "Unsupported Media Type"},
		{"no media type, unsized", unsized(post(`{}`, "")), in{}, "Unsupported Media Type"},
		{"white space", post(` `, jsonType), in{}, "Bad Request; body  empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, r := bound[in](t, o, tt.request)
			if brief(r) != tt.reject {
				t.Fatalf("got %s, want %s", brief(r), tt.reject)
			}
			if r == nil {
				equal(t, tt.want, got)
			}
		})
	}
}

func TestJSONRefused(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{``, "Bad Request; body  empty"},
		{`{`, "Bad Request; body  syntax"},
		{`{"name":1,`, "Bad Request; body  syntax"}, // syntax wins
		{`{} {}`, "Bad Request; body  trailing"},
		{`{"name":"a","name":"b"}`, "Bad Request; body /name duplicate"},
		{"{\"name\":\"\xff\"}", "Bad Request; body /name utf8"},
		{`{"name":1}`, "Unprocessable Entity; body /name type"},
		{`{"name":null}`, "Unprocessable Entity; body /name null"},
		{`{"NAME":"a"}`, "Unprocessable Entity; body /NAME unknown"},
		{`[]`, "Unprocessable Entity; body  type"},
		{`null`, "Unprocessable Entity; body  null"},
	} {
		_, r := bound[user](t, bind.Options{Method: "POST"}, post(tt.body, jsonType))
		if brief(r) != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, brief(r), tt.want)
		}
	}
	got, r := bound[user](t, bind.Options{Method: "POST", AllowUnknown: true}, post(`{"name":"a","x":1}`, jsonType))
	accepted(t, r)
	equal(t, user{Name: "a"}, got)
}

func TestMediaTypes(t *testing.T) {
	for _, tt := range []struct {
		media string
		ok    bool
	}{
		{"application/json", true},
		{"application/json; charset=utf-8", true},
		{"application/json;charset=UTF-8", true},
		{"Application/JSON; Charset=\"Utf-8\"", true},
		{"application/json; profile=x", true},
		{"application/vnd.api+json", true},
		{"application/problem+json; charset=utf-8", true},
		{"", false},
		{";", false},
		{"application/jsonx", false},
		{"application/+json", false},
		{"text/json", false},
		{"image/svg+json", false},
		{"application/xml", false},
		{"application/json, text/plain", false},
		{"application/json; charset=utf-16", false},
		{"application/json; charset=latin1", false},
		{"application/json; charset", false},
		{"application/json; charset=", false},
		{"application/json; a=1; a=2", false},
		{"multipart/form-data; boundary=" + strings.Repeat("b", 1000), false},
	} {
		r := post(`{}`, "")
		r.Header["Content-Type"] = []string{tt.media}
		_, got := bound[user](t, bind.Options{Method: "POST"}, r)
		if (got == nil) != tt.ok {
			t.Errorf("%q: %s", tt.media, brief(got))
		}
		if got != nil && (got.Status != 415 || len(got.Header) != 1 || got.Header[0] != [2]string{"Accept", jsonType}) {
			t.Errorf("%q: %+v", tt.media, got)
		}
	}
	_, got := bound[user](t, bind.Options{Method: "PATCH"}, post(`{}`, ""))
	if got.Status != 415 || len(got.Header) != 2 || got.Header[1] != [2]string{"Accept-Patch", jsonType} {
		t.Errorf("PATCH: %+v", got)
	}
	_, got = bound[user](t, bind.Options{Method: "POST"}, post(`{}`, jsonType, "Content-Type", jsonType))
	if got == nil || got.Status != 415 {
		t.Errorf("two media types: %s", brief(got))
	}
}

func TestContentEncoding(t *testing.T) {
	for _, tt := range []struct {
		encoding []string
		ok       bool
	}{
		{[]string{"identity"}, true},
		{[]string{""}, true},
		{[]string{"Identity, identity"}, true},
		{[]string{"gzip"}, false},
		{[]string{"identity", "gzip, gzip"}, false},
	} {
		for name, bindOne := range map[string]func(*http.Request) *bind.Rejection{
			"json":   func(r *http.Request) *bind.Rejection { _, got := bound[user](t, bind.Options{}, r); return got },
			"bytes":  func(r *http.Request) *bind.Rejection { _, got := bound[[]byte](t, bind.Options{}, r); return got },
			"stream": func(r *http.Request) *bind.Rejection { _, got := bound[io.Reader](t, bind.Options{}, r); return got },
		} {
			r := post(`{}`, jsonType)
			r.Header["Content-Encoding"] = tt.encoding
			got := bindOne(r)
			if (got == nil) != tt.ok {
				t.Errorf("%s, %q: %s", name, tt.encoding, brief(got))
			}
			if got != nil && (got.Status != 415 || got.Header[0] != [2]string{"Accept-Encoding", "identity"}) {
				t.Errorf("%s, %q: %+v", name, tt.encoding, got)
			}
		}
	}
}

// unread fails the test when the body is touched.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }

func TestLimit(t *testing.T) {
	const limit = 20
	o := bind.Options{Method: "POST", MaxBody: limit}
	fits := `{"name":"0123456789` // padded below
	body := func(n int) string { return fits[:n-2] + `"}` }
	if len(body(limit)) != limit {
		t.Fatal(len(body(limit)))
	}
	for _, sized := range []bool{true, false} {
		for _, tt := range []struct {
			n    int
			want string
		}{{limit - 1, ""}, {limit, ""}, {limit + 1, "Request Entity Too Large"}} {
			r := post(body(min(tt.n, limit+1)), jsonType)
			if !sized {
				r = unsized(r)
			}
			_, got := bound[user](t, o, r)
			if brief(got) != tt.want {
				t.Errorf("%d bytes, sized %v: %s", tt.n, sized, brief(got))
			}
			if got != nil && got.Header[0] != [2]string{"Connection", "close"} {
				t.Errorf("header %v", got.Header)
			}
		}
	}

	for name, bindOne := range map[string]func(*http.Request) *bind.Rejection{
		"json":   func(r *http.Request) *bind.Rejection { _, got := bound[user](t, o, r); return got },
		"stream": func(r *http.Request) *bind.Rejection { _, got := bound[io.Reader](t, o, r); return got },
	} {
		r := post("", jsonType)
		r.Body, r.ContentLength = io.NopCloser(unread{t}), limit+1
		if got := bindOne(r); got == nil || got.Status != 413 {
			t.Errorf("%s by its declared length: %s", name, brief(got))
		}
	}

	big := bytes.Repeat([]byte(" "), bind.DefaultMaxBody-2)
	_, got := bound[user](t, bind.Options{}, unsized(post(string(big)+"{}", jsonType)))
	accepted(t, got)
	_, got = bound[user](t, bind.Options{}, unsized(post(string(big)+" {}", jsonType)))
	if got == nil || got.Status != 413 {
		t.Errorf("over the default limit: %s", brief(got))
	}
}

func TestStream(t *testing.T) {
	type in struct {
		Name string        `query:"name"`
		Body io.ReadCloser `body:""`
	}
	for _, tt := range []struct {
		size  int
		large bool
	}{{0, false}, {9, false}, {10, false}, {11, true}, {40, true}} {
		for _, piece := range []int{1, 3, 10, 11, 64} {
			request := unsized(post(strings.Repeat("x", tt.size), "video/mp4"))
			got, r := bound[in](t, bind.Options{Method: "POST", MaxBody: 10}, request)
			accepted(t, r)
			all, err := readBy(got.Body, piece)
			if len(all) != min(tt.size, 10) || bind.IsTooLarge(err) != tt.large || (err == nil) == tt.large {
				t.Errorf("%d bytes by %d: got %d, %v", tt.size, piece, len(all), err)
			}
			if tt.large {
				if n, again := got.Body.Read(make([]byte, 1)); n != 0 || !bind.IsTooLarge(again) {
					t.Errorf("then %d, %v", n, again)
				}
				if err.Error() != "the request body is larger than 10 bytes" {
					t.Error(err)
				}
			}
			if err := got.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if bind.IsTooLarge(io.EOF) || bind.IsTooLarge(nil) || !bind.IsTooLarge(&http.MaxBytesError{}) {
		t.Error("IsTooLarge")
	}
}

func readBy(r io.Reader, piece int) (all []byte, err error) {
	p := make([]byte, piece)
	for {
		n, err := r.Read(p)
		all = append(all, p[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func TestRawBody(t *testing.T) {
	type in struct {
		Body []byte `body:""`
	}
	o := bind.Options{Method: "POST", MaxBody: 10}
	got, r := bound[in](t, o, post("{\xff", ""))
	accepted(t, r)
	equal(t, in{[]byte("{\xff")}, got)
	for _, request := range []*http.Request{post("", ""), unsized(post("", ""))} {
		got, r = bound[in](t, o, request)
		accepted(t, r)
		equal(t, in{}, got)
	}
	if _, r = bound[in](t, o, unsized(post("12345678901", ""))); r == nil || r.Status != 413 {
		t.Errorf("over the limit: %s", brief(r))
	}
}

// A webhook needs the bytes that were signed beside what they say.
func TestJSONWithItsBytes(t *testing.T) {
	type event struct {
		Signature string `header:"X-Signature"`
		Raw       []byte `body:""`
		Event     user   `body:""`
	}
	body := ` {"name": "Ada"}`
	got, r := bound[event](t, bind.Options{Method: "POST"}, post(body, jsonType, "X-Signature", "s"))
	accepted(t, r)
	equal(t, event{"s", []byte(body), user{Name: "Ada"}}, got)
	if _, r := bound[event](t, bind.Options{Method: "POST"}, post(body, "text/plain")); r == nil || r.Status != 415 {
		t.Errorf("another media type: %s", brief(r))
	}

	type members struct {
		Raw  []byte `body:""`
		Name string `json:"name"`
	}
	for range 3 { // each has bytes of its own
		got, r := bound[members](t, bind.Options{Method: "POST"}, post(body, jsonType))
		accepted(t, r)
		equal(t, members{[]byte(body), "Ada"}, got)
	}
}

func TestUnreadableBodies(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name   string
		err    error
		ctx    context.Context
		status int
		gone   bool
	}{
		{"cut", io.ErrUnexpectedEOF, context.Background(), 400, true},
		{"reset", &net.OpError{Op: "read", Err: errors.New("reset")}, context.Background(), 400, true},
		{"cancelled", errors.New("x"), cancelled, 400, true},
		{"nonsense", errors.New("invalid byte in chunk length"), context.Background(), 400, false},
		{"slow", os.ErrDeadlineExceeded, context.Background(), 408, false},
		{"middleware", &http.MaxBytesError{Limit: 1}, context.Background(), 413, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := post("", jsonType).WithContext(tt.ctx)
			r.ContentLength = -1
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"name":`), iotest.ErrReader(tt.err)))
			_, got := bound[user](t, bind.Options{}, r)
			if got == nil || got.Status != tt.status || got.Gone != tt.gone || !errors.Is(got, tt.err) {
				t.Errorf("got %+v", got)
			}
			if strings.Contains(got.Detail, tt.err.Error()) || !strings.Contains(got.Error(), tt.err.Error()) {
				t.Errorf("detail %q, error %q", got.Detail, got)
			}
		})
	}
}

// Pooled buffers never show one request's body to another.
func TestBuffersAreNotShared(t *testing.T) {
	plan := compile[user](t, bind.Options{})
	for _, size := range []int{10, 5000, 70 << 10, 3, 200 << 10, 100} {
		name := strings.Repeat("n", size)
		var first, second user
		for _, dst := range []*user{&first, &second} {
			r := httptest.NewRequest("POST", "/", strings.NewReader(`{"name":"`+name+`"}`))
			r.Header.Set("Content-Type", jsonType)
			accepted(t, plan.Bind(&wire.NetHTTP{R: r}, nil, dst))
			name = strings.Repeat("m", size)
		}
		if first.Name != strings.Repeat("n", size) || second.Name != name {
			t.Errorf("%d bytes: mixed up", size)
		}
	}
}
