package bind_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// sender compiles both directions of a request type.
func sender[Req any](t *testing.T, text string, accepts ...string) (*bind.Sender, *bind.Plan, *pattern.Pattern) {
	t.Helper()
	pat, err := pattern.Parse(text)
	require.NoError(t, err)
	plan, faults := bind.Compile(reflect.TypeFor[Req](), bind.Options{Method: pat.Method, PathNames: pat.Names(), Accepts: accepts})
	require.Empty(t, faults)
	s, err := bind.NewSender(plan, pat)
	require.NoError(t, err)
	return s, plan, pat
}

// send makes a request of in.
func send[Req any](t *testing.T, s *bind.Sender, method string, in *Req) (*http.Request, error) {
	t.Helper()
	target, err := s.Target(nil, in)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	if err := s.Header(header, in); err != nil {
		return nil, err
	}
	content, err := s.Content(header, in)
	if err != nil {
		return nil, err
	}
	body := content.Stream
	if body == nil {
		body = strings.NewReader(string(content.Bytes))
	}
	r := httptest.NewRequest(method, string(target), body)
	r.Header = header
	if content.MediaType != "" {
		r.Header.Set("Content-Type", content.MediaType)
	}
	return r, nil
}

// sendBack sends in and binds it again.
func sendBack[Req any](t *testing.T, text string, in Req, accepts ...string) {
	t.Helper()
	s, plan, pat := sender[Req](t, text, accepts...)
	r, err := send(t, s, pat.Method, &in)
	require.NoError(t, err)
	var router pattern.Router
	require.NoError(t, router.Add(pat, 0))
	_, values, found := router.Match(pat.Method, r.URL.EscapedPath(), nil)
	require.Equal(t, pattern.Found, found, r.URL)
	var got Req
	if problem := plan.Bind(&wire.NetHTTP{R: r}, values, &got); problem != nil {
		t.Fatalf("%+v: %v %v", in, problem, problem.Errors)
	}
	if diff := cmp.Diff(in, got, cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty()); diff != "" {
		t.Fatal(diff)
	}
}

type sentItem struct {
	A int     `query:"a"`
	B *string `query:"b"`
}

type sentParams struct {
	ID      string    `path:"id"`
	Rest    string    `path:"rest"`
	Q       string    `query:"q" default:"x"`
	List    []string  `query:"list" default:"a,b"`
	Commas  []string  `query:"commas,comma" default:"a,b"`
	Item    *sentItem `query:"item"`
	Trace   *string   `header:"X-Trace"`
	Tags    []string  `header:"X-Tags" default:"t"`
	Agent   string    `header:"User-Agent"`
	Session string    `cookie:"session" default:"s"`
	Other   *string   `cookie:"other"`
	F       float64   `query:"f"`
	At      time.Time `query:"at"`
	Wide    *wideText `query:"wide"`
	Length  string    `header:"Content-Length"`
	Who     string    `auth:"token"`
}

// wideText has texts that it does not read.
type wideText struct{ n int }

func (w wideText) MarshalText() ([]byte, error) { return []byte(strings.Repeat("x", w.n)), nil }

func (w *wideText) UnmarshalText(b []byte) error {
	if w.n = len(b); w.n > 3 {
		return errors.New("too long")
	}
	return nil
}

func validParams() sentParams {
	return sentParams{ID: "1", Rest: "a/b", List: []string{"x"}, Commas: []string{"y", ",%"}, Tags: []string{"t", `"a,b"`}}
}

// A request that was sent binds to the value that it was made of.
func TestSendBack(t *testing.T) {
	const text = "GET /x/{id}/{rest...}"
	sendBack(t, text, validParams())
	for _, change := range []func(*sentParams){
		func(p *sentParams) { p.Rest = "" },
		func(p *sentParams) { p.Q, p.Session = "x", "s" },
		func(p *sentParams) { p.Commas = nil },
		func(p *sentParams) { p.Tags = nil },
		func(p *sentParams) { p.List = []string{"a", "b"} },
		func(p *sentParams) { p.Item = &sentItem{B: new("")} },
		func(p *sentParams) { p.Item = &sentItem{A: 2} },
		func(p *sentParams) { p.Trace, p.Other = new(""), new("o") },
		func(p *sentParams) { p.F = math.MaxFloat64 },
		func(p *sentParams) { p.Wide = &wideText{3} },
		func(p *sentParams) { p.ID, p.Rest = "a/b c%", "//x/" },
	} {
		in := validParams()
		change(&in)
		sendBack(t, text, in)
	}
	type form struct {
		A string   `form:"a" default:"x"`
		B *bool    `form:"b"`
		C []string `form:"c"`
		D int      `form:"d"`
	}
	sendBack(t, "POST /", form{A: "", B: new(false), C: []string{"", "é &"}})
	sendBack(t, "POST /", form{A: "x"})
	type whole struct {
		Body *sentItem `body:""`
	}
	sendBack(t, "POST /", whole{})
	sendBack(t, "POST /", whole{&sentItem{A: 1}})
	type bytesOnly struct {
		Body []byte `body:""`
	}
	sendBack(t, "POST /", bytesOnly{})
	sendBack(t, "POST /", bytesOnly{[]byte("x")})
	sendBack(t, "POST /", bytesOnly{[]byte("GIF89a")}, "image/*", "text/plain")
	sendBack(t, "POST /", bytesOnly{[]byte("GIF89a")}, "image/*")
	sendBack(t, "POST /", struct{}{})
}

// The bytes of a body beside what they decode to are those that the fields make, or none.
func TestSendRaw(t *testing.T) {
	type raw struct {
		Bytes []byte `body:""`
		V     string `json:"v"`
	}
	s, _, _ := sender[raw](t, "POST /")
	r, err := send(t, s, "POST", &raw{V: "a"})
	require.NoError(t, err)
	content, _ := io.ReadAll(r.Body)
	require.Equal(t, `{"v":"a"}`, string(content))
	_, err = send(t, s, "POST", &raw{V: "a", Bytes: []byte(`{"v":"a"}`)})
	require.NoError(t, err)
	_, err = send(t, s, "POST", &raw{V: "a", Bytes: []byte(`{"v":"b"}`)})
	require.EqualError(t, err, "field Bytes: the body has other bytes than the fields beside it make: leave it empty")
}

// What no request can say is refused, with the field.
func TestUnsaid(t *testing.T) {
	s, _, _ := sender[sentParams](t, "GET /x/{id}/{rest...}")
	for want, change := range map[string]func(*sentParams){
		"field ID: the path parameter id is empty, and a path has no empty segment":                                    func(p *sentParams) { p.ID = "" },
		"field ID: the path parameter id is a dot segment, which is resolved before it is sent":                        func(p *sentParams) { p.ID = ".." },
		"field Rest: the path parameter rest has a dot segment":                                                        func(p *sentParams) { p.Rest = "a/./b" },
		"field ID: the path parameter id is not valid UTF-8":                                                           func(p *sentParams) { p.ID = "\xff" },
		"field Q: the query parameter q is not valid UTF-8":                                                            func(p *sentParams) { p.Q = "\xff" },
		"field List: the query parameter list is an empty list, and what is absent reads as its default: give a value": func(p *sentParams) { p.List = nil },
		"field Commas: the query parameter commas is a list of one empty text, which reads as an empty list":           func(p *sentParams) { p.Commas = []string{""} },
		"field Item: the query parameter item is not nil and has only zero values, which are left out: give nil":       func(p *sentParams) { p.Item = &sentItem{} },
		"field F: the query parameter f is not a finite number":                                                        func(p *sentParams) { p.F = math.NaN() },
		"field At: the query parameter at is a date that its format cannot write":                                      func(p *sentParams) { p.At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"field Wide: the query parameter wide has a text that its own UnmarshalText does not read":                     func(p *sentParams) { p.Wide = &wideText{4} },
		"field Trace: the header field X-Trace has a control character, which no header field can hold":                func(p *sentParams) { p.Trace = new("a\nb") },
		"field Trace: the header field X-Trace begins or ends in white space":                                          func(p *sentParams) { p.Trace = new("a ") },
		"field Trace: the header field X-Trace is not valid UTF-8":                                                     func(p *sentParams) { p.Trace = new("\xff") },
		"field Tags: the header field X-Tags has an element with a comma":                                              func(p *sentParams) { p.Tags = []string{"a,b"} },
		"field Tags: the header field X-Tags has an element with a comma or a quote that is not closed":                func(p *sentParams) { p.Tags = []string{`a"`, "b"} },
		"field Tags: the header field X-Tags has an empty element":                                                     func(p *sentParams) { p.Tags = []string{"a", ""} },
		"field Session: the cookie session has a byte that a cookie cannot hold (RFC 6265, 4.1.1)":                     func(p *sentParams) { p.Session = "a b" },
		"field Other: the cookie other is not valid UTF-8":                                                             func(p *sentParams) { p.Other = new("\xff") },
		"field Length: the header field Content-Length is made of the content: leave the field empty":                  func(p *sentParams) { p.Length = "1" },
	} {
		in := validParams()
		change(&in)
		_, err := send(t, s, "GET", &in)
		require.ErrorContains(t, err, want)
		_, is := errors.AsType[fault.Fault](err)
		require.True(t, is)
	}

	type pointers struct {
		ID *string `path:"id"`
		N  *int    `query:"n" default:"1"`
	}
	p, _, _ := sender[pointers](t, "GET /{id}")
	_, err := send(t, p, "GET", &pointers{N: new(2)})
	require.EqualError(t, err, "field ID: the path parameter id is nil")
	_, err = send(t, p, "GET", &pointers{ID: new("a")})
	require.EqualError(t, err, "field N: the query parameter n is nil, and what is absent reads as its default: give a value")

	type form struct {
		P *string `form:"p"`
		T shaded  `form:"t" default:"0102"`
	}
	f, _, _ := sender[form](t, "POST /")
	_, err = send(t, f, "POST", &form{P: new("")})
	require.EqualError(t, err, "field P: the form field p is an empty text, which a form reads as absent")
	_, err = send(t, f, "POST", &form{T: shaded{}})
	require.EqualError(t, err, "field T: the form field t is an empty text, which a form reads as absent")

	type body struct {
		ID int `path:"id"`
		V  any `json:"v"`
	}
	b, _, _ := sender[body](t, "PUT /{id}")
	for want, v := range map[string]any{
		"JSON cannot hold it":         math.Inf(1),
		"a text that is not valid":    map[string]any{"a": []any{"\xff"}},
		"the body has a text that is": struct{ A *string }{new("\xff")},
	} {
		_, err = send(t, b, "PUT", &body{1, v})
		require.ErrorContains(t, err, want)
	}
	_, err = send(t, b, "PUT", &body{1, "\uFFFD"})
	require.NoError(t, err)

	type image struct {
		Body io.Reader `body:""`
		Type string    `header:"Content-Type"`
	}
	i, _, _ := sender[image](t, "PUT /", "image/*")
	_, err = send(t, i, "PUT", &image{Body: strings.NewReader("GIF89a")})
	require.EqualError(t, err, "field Body: the endpoint takes image/*, and the content does not say which it is: set the header field Content-Type")
	r, err := send(t, i, "PUT", &image{strings.NewReader("GIF89a"), "image/gif"})
	require.NoError(t, err)
	require.Equal(t, "image/gif", r.Header.Get("Content-Type"))
	_, err = send(t, i, "PUT", &image{})
	require.NoError(t, err)
}

// shaded has an empty text where it is zero.
type shaded struct{ b []byte }

func (s shaded) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s.b)), nil }

func (s *shaded) UnmarshalText(text []byte) (err error) {
	s.b, err = hex.DecodeString(string(text))
	return err
}

// What JSON cannot encode is the fault of the declaration.
func TestNewSender(t *testing.T) {
	pat, err := pattern.Parse("POST /")
	require.NoError(t, err)
	for _, typ := range []reflect.Type{reflect.TypeFor[struct {
		V decodesOnly `body:""`
	}](), reflect.TypeFor[struct {
		Q string      `query:"q"`
		V decodesOnly `json:"v"`
	}]()} {
		plan, faults := bind.Compile(typ, bind.Options{Method: "POST"})
		require.Empty(t, faults)
		_, err = bind.NewSender(plan, pat)
		require.ErrorContains(t, err, "field V: ")
		require.ErrorContains(t, err, ": use a type that JSON can hold")
	}
}

// decodesOnly can be read and not written.
type decodesOnly struct{ C chan int }

func (*decodesOnly) UnmarshalJSON([]byte) error { return nil }

// A json.Number is sent as it is, if it is one that the server reads as the same; the zero
// value is left out.
func TestSendNumber(t *testing.T) {
	type in struct {
		N       json.Number   `query:"n"`
		Pointer *json.Number  `query:"p"`
		List    []json.Number `query:"list"`
		Header  json.Number   `header:"X-N"`
	}
	for _, sent := range []in{{}, {N: "-1.50e3"}, {Pointer: new(json.Number("0"))}, {List: []json.Number{"1", "2.0"}}, {Header: "7"}} {
		sendBack(t, "GET /", sent)
	}
	s, _, _ := sender[in](t, "GET /")
	for _, wrong := range []json.Number{"x", "007", "1.", "NaN", "1e4301", json.Number(strings.Repeat("1", 4301))} {
		_, err := send(t, s, "GET", &in{N: wrong})
		require.EqualError(t, err, "field N: the query parameter n is not a number as JSON writes it, or has too many digits")
	}
	for _, sent := range []in{{Pointer: new(json.Number(""))}, {List: []json.Number{""}}} {
		_, err := send(t, s, "GET", &sent)
		require.ErrorContains(t, err, "is not a number as JSON writes it")
	}
}
