package bind_test

import (
	"net/http"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
)

func TestPath(t *testing.T) {
	type in struct {
		Post int    `path:"post"`
		ID   string `path:"id"`
		Rest *level `path:"rest"`
	}
	o := bind.Options{Method: "GET", PathNames: []string{"id", "post", "rest"}}
	got, r := bound[in](t, o, get("/"), "a/b", "7", "x/y")
	accepted(t, r)
	rest := level("x/y")
	equal(t, in{7, "a/b", &rest}, got)

	got, r = bound[in](t, o, get("/"), "a")
	accepted(t, r)
	equal(t, in{ID: "a"}, got)
}

// A query that is malformed in a declared parameter is refused; what is not declared is
// skipped.
func TestMalformedQuery(t *testing.T) {
	type in struct {
		Q string `query:"q"`
	}
	for _, tt := range []struct{ query, want string }{
		{"q=%", "Bad Request; query q syntax"},
		{"q=%4", "Bad Request; query q syntax"},
		{"q=%4g", "Bad Request; query q syntax"},
		{"q=%ff", "Bad Request; query q syntax"},
		{"q=\xff", "Bad Request; query q syntax"},
		{"q=%E4%B8", "Bad Request; query q syntax"},
		{"q=a;b=c", "Bad Request; query q syntax"},
		{";", ""},
		{"x;y", ""},
		{"other=%zz", ""},
		{"%zz=1", ""},
		{"%ff", ""},
		{"q=1&q=2&%", "Unprocessable Content; query q repeated"},
		{"q=a%3Bb", ""},
		{"q=%25", ""},
		{"q=%e4%B8%ad", ""},
		{"&=&q", ""},
	} {
		r := get("/")
		r.URL.RawQuery = tt.query
		if _, got := bound[in](t, bind.Options{}, r); brief(got) != tt.want {
			t.Errorf("%q: %s, want %s", tt.query, brief(got), tt.want)
		}
		if _, got := bound[struct{}](t, bind.Options{}, r); got != nil {
			t.Errorf("%q without parameters: %s", tt.query, brief(got))
		}
	}
}

func TestHeaders(t *testing.T) {
	type in struct {
		Trace string   `header:"x-trace"`
		Count *int     `header:"X-Count"`
		Tags  []string `header:"X-Tags"`
		Nums  []int8   `header:"X-Nums"`
	}
	zero := 0
	for _, tt := range []struct {
		name   string
		header []string
		want   in
		reject string
	}{
		{name: "absent"},
		{name: "one", header: []string{"X-Trace", " a, b\t"}, want: in{Trace: "a, b"}},
		{name: "only blanks and tabs are around it", header: []string{"X-Trace", " \na\r\t"}, want: in{Trace: "\na\r"}},
		{name: "empty", header: []string{"X-Trace", ""}},
		{name: "number", header: []string{"X-Count", "0"}, want: in{Count: &zero}},
		{name: "twice", header: []string{"X-Trace", "a", "x-trace", "b"}, want: in{Trace: "a, b"}},
		{name: "list", header: []string{"X-Tags", "a, b ,\tc"}, want: in{Tags: []string{"a", "b", "c"}}},
		{name: "list over lines", header: []string{"X-Tags", "a", "X-Tags", "b,c"}, want: in{Tags: []string{"a", "b", "c"}}},
		{name: "empty elements", header: []string{"X-Tags", ", ,a,,"}, want: in{Tags: []string{"a"}}},
		{name: "no elements", header: []string{"X-Tags", " , "}},
		{name: "quoted", header: []string{"X-Tags", `W/"a,b", "c\",d", e`}, want: in{Tags: []string{`W/"a,b"`, `"c\",d"`, "e"}}},
		{name: "unbalanced quote", header: []string{"X-Tags", `a, 5" b, c`}, want: in{Tags: []string{"a", `5" b, c`}}},
		{name: "backslash at the end", header: []string{"X-Tags", `"a\`}, want: in{Tags: []string{`"a\`}}},
		{name: "numbers", header: []string{"X-Nums", "1, -2"}, want: in{Nums: []int8{1, -2}}},
		{name: "wrong numbers", header: []string{"X-Nums", "1, x, 300"}, reject: "Unprocessable Content; header X-Nums type; header X-Nums range"},
		{name: "not UTF-8", header: []string{"X-Trace", "caf\xe9", "X-Count", "x"}, reject: "Bad Request; header x-trace utf8"},
		{name: "not UTF-8, not bound", header: []string{"X-Other", "caf\xe9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, r := bound[in](t, bind.Options{}, get("/", tt.header...))
			if brief(r) != tt.reject {
				t.Fatalf("got %s, want %s", brief(r), tt.reject)
			}
			if r == nil {
				equal(t, tt.want, got)
			}
		})
	}
}

func TestCookies(t *testing.T) {
	type in struct {
		Session string `cookie:"sid"`
		Page    *int   `cookie:"page"`
	}
	seven := 7
	for _, tt := range []struct {
		name, cookie string
		want         in
		reject       string
	}{
		{name: "none"},
		{name: "both", cookie: "a=b; sid=x; page=7", want: in{"x", &seven}},
		{name: "first wins", cookie: "sid=1; sid=2", want: in{Session: "1"}},
		{name: "quoted", cookie: `sid="a b"; page="7"`, want: in{"a b", &seven}},
		{name: "garbage", cookie: `;;;=;a;b=;"`},
		{name: "garbage around", cookie: `=;"; sid = x ;b`, want: in{Session: " x"}},
		{name: "invalid value is skipped", cookie: "sid=a\x80; sid=b", want: in{Session: "b"}},
		{name: "half quoted is skipped", cookie: `sid="a`, want: in{}},
		{name: "empty", cookie: "sid=", want: in{}},
		{name: "not decoded", cookie: "sid=%41+", want: in{Session: "%41+"}},
		{name: "wrong type", cookie: "page=x", reject: "Unprocessable Content; cookie page type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request := get("/")
			if tt.cookie != "" {
				request.Header.Set("Cookie", tt.cookie)
			}
			got, r := bound[in](t, bind.Options{}, request)
			if brief(r) != tt.reject {
				t.Fatalf("got %s, want %s", brief(r), tt.reject)
			}
			if r != nil {
				return
			}
			if c, err := request.Cookie("sid"); err == nil && c.Value != got.Session {
				t.Errorf("net/http reads %q, here %q", c.Value, got.Session)
			}
			equal(t, tt.want, got)
		})
	}
	request := get("/", "Cookie", "page=7", "Cookie", "sid=x")
	got, r := bound[in](t, bind.Options{}, request)
	accepted(t, r)
	equal(t, in{"x", &seven}, got)
}

func TestForms(t *testing.T) {
	type in struct {
		Name string   `form:"name"`
		Age  int      `form:"age" default:"18"`
		Tags []string `form:"tag"`
		Q    string   `query:"q"`
	}
	const urlencoded = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		name, body, media string
		want              in
		reject            string
	}{
		{name: "fields", body: "name=Ada+L%C3%A9&age=36&tag=a&tag=b&q=no&other=1", media: urlencoded, want: in{"Ada Lé", 36, []string{"a", "b"}, "yes"}},
		{name: "charset", body: "name=x", media: "Application/X-WWW-Form-Urlencoded; charset=UTF-8", want: in{Name: "x", Age: 18, Q: "yes"}},
		{name: "empty", media: urlencoded, want: in{Age: 18, Q: "yes"}},
		{name: "no media type", body: "name=x", reject: "Unsupported Media Type"},
		{name: "json", body: "{}", media: "application/json", reject: "Unsupported Media Type"},
		{name: "multipart", body: "x", media: "multipart/form-data; boundary=B", reject: "Unsupported Media Type"},
		{name: "latin1", body: "name=x", media: urlencoded + "; charset=iso-8859-1", reject: "Unsupported Media Type"},
		{name: "semicolon", body: "name=Ada;email=x", media: urlencoded, reject: "Bad Request; form name syntax"},
		{name: "bad escape", body: "name=%zz", media: urlencoded, reject: "Bad Request; form name syntax"},
		{name: "not UTF-8", body: "name=%ff", media: urlencoded, reject: "Bad Request; form name syntax"},
		{name: "wrong", body: "age=x&age=y&name=1&name=2", media: urlencoded, reject: "Unprocessable Content; form age type; form age repeated; form name repeated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request := post(tt.body, tt.media)
			request.URL.RawQuery = "name=FromQuery&q=yes" // fills no form field
			got, r := bound[in](t, bind.Options{Method: "POST"}, request)
			if brief(r) != tt.reject {
				t.Fatalf("got %s, want %s", brief(r), tt.reject)
			}
			if r == nil {
				equal(t, tt.want, got)
			} else if r.Status == http.StatusUnsupportedMediaType && header(r).Get("Accept") != urlencoded {
				t.Errorf("header %v", header(r))
			}
		})
	}
}

// A webhook's signature may be over a form.
func TestFormWithItsBytes(t *testing.T) {
	type in struct {
		Text string `form:"text"`
		Raw  []byte `body:""`
	}
	got, r := bound[in](t, bind.Options{Method: "POST"}, post("text=a%20b", "application/x-www-form-urlencoded"))
	accepted(t, r)
	equal(t, in{"a b", []byte("text=a%20b")}, got)
}
