package bind_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
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
		{`{"name":1}`, "Unprocessable Content; body /name type"},
		{`{"name":null}`, "Unprocessable Content; body /name null"},
		{`{"NAME":"a"}`, "Unprocessable Content; body /NAME unknown"},
		{`[]`, "Unprocessable Content; body  type"},
		{`null`, "Unprocessable Content; body  null"},
	} {
		_, r := bound[user](t, bind.Options{Method: "POST"}, post(tt.body, jsonType))
		if brief(r) != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, brief(r), tt.want)
		}
	}
	for _, tt := range []struct {
		request *http.Request
		want    string
	}{
		{post("", ""), "Bad Request; body  empty"}, // there is no body that could have a media type
		{post("", "text/plain"), "Unsupported Media Type"},
		{unsized(post("", "")), "Unsupported Media Type"},
		{unsized(post("", jsonType)), "Bad Request; body  empty"},
	} {
		if _, r := bound[user](t, bind.Options{Method: "POST"}, tt.request); brief(r) != tt.want {
			t.Errorf("%q: %s, want %s", tt.request.Header, brief(r), tt.want)
		}
	}
	got, r := bound[user](t, bind.Options{Method: "POST", AllowUnknown: true}, post(`{"name":"a","x":1}`, jsonType))
	accepted(t, r)
	equal(t, user{Name: "a"}, got)
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
