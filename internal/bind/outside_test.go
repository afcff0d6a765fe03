package bind_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// TestOutside holds what others met elsewhere; the names begin with the ids of the list
// that it was taken from.
func TestOutside(t *testing.T) {
	t.Run("R1 a source tag of a dash", outsideDash)
	t.Run("R4 HTTP-dates", outsideDates)
	t.Run("R6 slow bodies", outsideSlow)
	t.Run("R8 what browsers send of a form", outsideForms)
	t.Run("R8 formats", outsideFormats)
	t.Run("R9 booleans", outsideBooleans)
	t.Run("R10 further media types", outsideAccepts)
	t.Run("R11 Content-Type", outsideContentType)
	t.Run("R15 tags", outsideTags)
	t.Run("R16 comma lists", outsideCommas)
	t.Run("R16 brackets", outsideBrackets)
	t.Run("R16 deep objects", outsideDeepObjects)
	t.Run("R16 strict query", outsideStrict)
	t.Run("R18 sentences", outsideSentences)
	t.Run("R18 eaten bodies", outsideEaten)
	t.Run("R20 lines of a header field", outsideLines)
	t.Run("S5 digits of numbers", outsideDigits)
	t.Run("S8 stalled bodies", outsideStalled)
}

var (
	asGet  = bind.Options{Method: "GET"}
	asPost = bind.Options{Method: "POST"}
)

// faultOf is the one fault of a type, as a sentence.
func faultOf[T any](t *testing.T, o bind.Options) string {
	t.Helper()
	_, faults := bind.Compile(typeOf[T](), o)
	if len(faults) != 1 {
		t.Errorf("%v has the faults %v", typeOf[T](), faults)
		return ""
	}
	if faults[0].Fix == "" {
		t.Errorf("no fix: %v", faults[0])
	}
	return faults[0].String()
}

func outsideDash(t *testing.T) {
	for source, got := range map[string]string{
		"query": faultOf[struct {
			Role string `query:"-"`
		}](t, asGet),
		"form": faultOf[struct {
			Role string `form:"-"`
		}](t, asPost),
		"header": faultOf[struct {
			Role string `header:"-"`
		}](t, asGet),
		"cookie": faultOf[struct {
			Role *string `cookie:"-"`
		}](t, asGet),
		"path": faultOf[struct {
			Role string `path:"-"`
		}](t, asGet),
		"query with an option": faultOf[struct {
			Role []string `query:"-,comma"`
		}](t, asGet),
	} {
		if !strings.Contains(got, `write json:"-" in its place to leave the field out`) {
			t.Errorf("%s: %s", source, got)
		}
	}
	if got := faultOf[struct {
		Role string `body:"-"`
	}](t, asPost); !strings.Contains(got, `write body:""`) {
		t.Error(got)
	}
	type left struct {
		Q    string `query:"q"`
		Role string `json:"-"`
	}
	got, r := bound[left](t, asGet, get("/?-=admin&Role=admin&q=x"))
	accepted(t, r)
	equal(t, left{Q: "x"}, got)
}

func outsideDates(t *testing.T) {
	type in struct {
		Date       time.Time  `header:"Date"`
		Since      *time.Time `header:"if-modified-since"`
		Unmodified time.Time  `header:"If-Unmodified-Since"`
		Expires    time.Time  `header:"Expires"`
		Modified   time.Time  `header:"Last-Modified"`
		Accept     time.Time  `header:"Accept-Datetime"`
		Own        time.Time  `header:"X-At"`
		Formatted  time.Time  `header:"X-Day,format:DateOnly"`
	}
	at := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, text := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		got, r := bound[in](t, asGet, get("/", "Date", text, "If-Modified-Since", text, "If-Unmodified-Since", text, "Expires", text,
			"Last-Modified", text, "Accept-Datetime", text, "X-At", "1994-11-06T08:49:37Z", "X-Day", "1994-11-06"))
		accepted(t, r)
		equal(t, in{at, &at, at, at, at, at, at, at.Truncate(24 * time.Hour)}, got)
	}
	for _, text := range []string{"1994-11-06T08:49:37Z", "Sun,  06 Nov 1994 08:49:37 GMT", "0", "", `"etag"`} {
		_, r := bound[in](t, asGet, get("/", "Date", text))
		if brief(r) != "Unprocessable Content; header Date format" || !strings.Contains(r.Errors[0].Detail, "as HTTP writes them, such as Mon, 02 Jan 2006") {
			t.Errorf("%q: %s %+v", text, brief(r), r)
		}
	}
	_, r := bound[in](t, asGet, get("/", "X-At", "Sun, 06 Nov 1994 08:49:37 GMT"))
	if brief(r) != "Unprocessable Content; header X-At format" {
		t.Error(brief(r))
	}
	if got := faultOf[struct {
		At time.Time `header:"If-Range"`
	}](t, asGet); !strings.Contains(got, "entity tag in place of a date: use a string") {
		t.Error(got)
	}
	if got := faultOf[struct {
		At []time.Time `header:"Date"`
	}](t, asGet); !strings.Contains(got, "Date has one value, not a list") {
		t.Error(got)
	}
	plan := compile[in](t, asGet)
	if f := plan.Fields()[0]; f.Format != bind.HTTPDate {
		t.Errorf("format %q", f.Format)
	}
}

func outsideForms(t *testing.T) {
	type in struct {
		Agree bool       `form:"agree"`
		Maybe *bool      `form:"maybe"`
		Age   *int       `form:"age"`
		Count int        `form:"count" default:"5"`
		Ratio float64    `form:"ratio"`
		Day   time.Time  `form:"day,format:DateOnly"`
		At    *time.Time `form:"at,format:'2006-01-02T15:04'"`
		IP    netip.Addr `form:"ip"`
		Nums  []int      `form:"nums"`
		Text  string     `form:"text"`
		Note  *string    `form:"note"`
		Tags  []string   `form:"tags"`
		Level level      `form:"level"`
	}
	const empty = "maybe=&age=&count=&ratio=&day=&at=&ip=&nums=&nums=&text=&note=&tags=&level="
	got, r := bound[in](t, asPost, post(empty, formType))
	accepted(t, r)
	equal(t, in{Count: 5, Tags: []string{""}}, got)

	yes, seven, note := true, 7, "n"
	at := time.Date(2024, 2, 29, 13, 30, 0, 0, time.UTC)
	got, r = bound[in](t, asPost, post("agree=on&maybe=on&age=7&count=0&day=2024-02-29&at=2024-02-29T13:30&nums=1&nums=&nums=2&note=n", formType))
	accepted(t, r)
	equal(t, in{Agree: true, Maybe: &yes, Age: &seven, Day: at.Truncate(24 * time.Hour), At: &at, Nums: []int{1, 2}, Note: &note}, got)

	for body, want := range map[string]string{
		"agree=yes":        "Unprocessable Content; form agree type",
		"agree=ON":         "Unprocessable Content; form agree type",
		"age=+":            "Unprocessable Content; form age type",
		"day=2024-02-30":   "Unprocessable Content; form day format",
		"at=2024-02-29":    "Unprocessable Content; form at format",
		"age=&age=7&age=8": "Unprocessable Content; form age repeated",
	} {
		if _, r := bound[in](t, asPost, post(body, formType)); brief(r) != want {
			t.Errorf("%s: %s, want %s", body, brief(r), want)
		}
	}

	// A query is written by programs: what is empty there is not absent.
	type query struct {
		Agree bool `query:"agree"`
		Age   *int `query:"age"`
	}
	for text, want := range map[string]string{
		"agree=on": "Unprocessable Content; query agree type",
		"age=":     "Unprocessable Content; query age type",
	} {
		if _, r := bound[query](t, asGet, get("/?"+text)); brief(r) != want {
			t.Errorf("%s: %s, want %s", text, brief(r), want)
		}
	}
}

func outsideFormats(t *testing.T) {
	type in struct {
		Path    time.Time     `path:"day,format:DateOnly"`
		Unix    time.Time     `query:"unix,format:unix"`
		Milli   *time.Time    `query:"milli,format:unixmilli"`
		Layout  time.Time     `query:"layout,format:'02.01.2006, 15 Uhr'"`
		Named   time.Time     `query:"named,format:RFC1123"`
		Days    []time.Time   `query:"days,format:DateOnly"`
		Commas  []time.Time   `query:"commas,format:DateOnly,comma"`
		Wait    time.Duration `query:"wait,format:sec"`
		ISO     time.Duration `query:"iso,format:iso8601"`
		Default time.Time     `query:"default,format:DateOnly" default:"2024-01-02"`
		Header  time.Time     `header:"X-At,format:unix"`
		Cookie  time.Time     `cookie:"at,format:DateOnly"`
	}
	p, o := pathOf(t, "GET /d/{day}")
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	second, milli := time.Unix(1709164800, 0).UTC(), time.UnixMilli(1709164800123).UTC()
	want := in{
		day, second, &milli, day.Add(9 * time.Hour), day, []time.Time{day, day}, []time.Time{day, day.AddDate(0, 0, 1)},
		90 * time.Second, 90 * time.Second, day, second, day,
	}
	request := get("/", "X-At", "1709164800", "Cookie", "at=2024-02-29")
	query := "unix=1709164800&milli=1709164800123&layout=29.02.2024%2C+09+Uhr&named=Thu%2C+29+Feb+2024+00%3A00%3A00+UTC" +
		"&days=2024-02-29&days=2024-02-29&commas=2024-02-29,2024-03-01&wait=90&iso=PT1M30S&default=2024-02-29"
	request.URL.RawQuery = query
	got, r := bound[in](t, o, request, "2024-02-29")
	accepted(t, r)
	equal(t, want, got)
	plan := compile[in](t, o)
	if got := string(plan.AppendURL(nil, p, want)); got != "/d/2024-02-29?"+query {
		t.Errorf("URL %s", got)
	}
	var absent in
	plan.SetDefaults(&absent)
	if absent.Default.Format(time.DateOnly) != "2024-01-02" {
		t.Error(absent.Default)
	}
	for query, want := range map[string]string{
		"unix=x": "format", "unix=": "format", "unix=1e999": "format", "named=2024": "format", "wait=1m": "format",
		"days=2024-02-30": "format", "iso=90": "format", "milli=%ff": "syntax",
	} {
		if _, r := bound[in](t, o, get("/?"+query), "2024-02-29"); r == nil || len(r.Errors) != 1 || r.Errors[0].Rule != want || r.Errors[0].Detail == "" {
			t.Errorf("%s: %s", query, brief(r))
		}
	}
	if f := plan.Fields()[3]; f.Format != "02.01.2006, 15 Uhr" {
		t.Errorf("format %q", f.Format)
	}
	for _, got := range []string{
		faultOf[struct {
			A string `query:"a,format:DateOnly"`
		}](t, asGet),
		faultOf[struct {
			A time.Time `query:"a,format:Dateonly"`
		}](t, asGet),
		faultOf[struct {
			A time.Duration `query:"a,format:DateOnly"`
		}](t, asGet),
		faultOf[struct {
			A float64 `query:"a,format:nonfinite"`
		}](t, asGet),
	} {
		if !strings.Contains(got, "does not fit the type") || !strings.Contains(got, "such as format:DateOnly") {
			t.Error(got)
		}
	}
}

func outsideBooleans(t *testing.T) {
	type in struct {
		C bool `query:"c"`
	}
	for _, text := range []string{"c", "c=", "c=1", "c=True", "c=TRUE", "c=yes", "c=on"} {
		_, r := bound[in](t, asGet, get("/?"+text))
		if brief(r) != "Unprocessable Content; query c type" || r.Errors[0].Detail != "must be true or false" {
			t.Errorf("%s: %s", text, brief(r))
		}
	}
}

func outsideAccepts(t *testing.T) {
	o := bind.Options{Method: "POST", Accepts: []string{"Text/Plain", "application/csp-report"}}
	for media, ok := range map[string]bool{
		"text/plain": true, "text/plain; charset=UTF-8": true, "application/csp-report": true, jsonType: true, "application/a+json": true,
		"text/html": false, "text/plain; charset=latin1": false, "application/x-amz-json-1.1": false,
	} {
		_, r := bound[user](t, o, post(`{"name":"x"}`, media))
		if (r == nil) != ok {
			t.Errorf("%s: %s", media, brief(r))
		}
		if r != nil && header(r).Get("Accept") != "application/json, text/plain, application/csp-report" {
			t.Errorf("%s: Accept %q", media, header(r).Get("Accept"))
		}
	}
	raw := bind.Options{Method: "PATCH", Accepts: []string{"image/*", "text/csv"}}
	for name, bindOne := range map[string]func(*http.Request) *respond.Problem{
		"bytes":  func(r *http.Request) *respond.Problem { _, p := bound[[]byte](t, raw, r); return p },
		"stream": func(r *http.Request) *respond.Problem { _, p := bound[io.Reader](t, raw, r); return p },
	} {
		for media, ok := range map[string]bool{"image/png": true, "IMAGE/PNG": true, "text/csv; header=present": true, "text/csv; charset=latin1": true, "text/html": false, "imagex/png": false, "": false} {
			p := bindOne(post("x", media))
			if (p == nil) != ok {
				t.Errorf("%s %s: %s", name, media, brief(p))
			}
			if p != nil && (p.Status != 415 || header(p).Get("Accept") != "image/*, text/csv" || header(p).Get("Accept-Patch") != "image/*, text/csv") {
				t.Errorf("%s %s: %v", name, media, header(p))
			}
		}
	}
	plans := map[*bind.Plan][]string{
		compile[user](t, o):        {jsonType, "text/plain", "application/csp-report"},
		compile[user](t, asPost):   {jsonType},
		compile[[]byte](t, raw):    {"image/*", "text/csv"},
		compile[[]byte](t, asPost): nil,
		compile[struct {
			A string `form:"a"`
		}](t, asPost): {formType},
	}
	for plan, want := range plans {
		if diff := cmp.Diff(want, plan.MediaTypes()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for plan, want := range map[*bind.Plan]bool{
		compile[user](t, asPost): false, compile[user](t, o): true, compile[io.Reader](t, raw): false, compile[io.Reader](t, asPost): true,
		compile[struct{}](t, asPost): true, compile[struct {
			A string `form:"a"`
		}](t, asPost): true, compile[struct {
			A *user `body:""`
		}](t, asPost): true, compile[struct {
			A user `body:""`
		}](t, asPost): false, compile[io.Reader](t, bind.Options{Accepts: []string{"multipart/*"}}): true,
	} {
		if plan.CrossSite() != want {
			t.Errorf("CrossSite of %v is %v", plan.BodyType(), !want)
		}
	}
	for _, media := range []string{"", "text", "text/plain; charset=utf-8", "a b/c", "text/*"} {
		_, faults := bind.Compile(typeOf[user](), bind.Options{Method: "POST", Accepts: []string{media}})
		if len(faults) != 1 || !strings.Contains(faults[0].String(), "the option Accepts was given") {
			t.Errorf("%q: %v", media, faults)
		}
	}
	if got := faultOf[struct{}](t, bind.Options{Accepts: []string{"text/plain"}}); !strings.Contains(got, "the option Accepts is for bodies of JSON, lines or bytes") {
		t.Error(got)
	}
}

func outsideContentType(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string // "": taken
	}{
		{[]string{"application/json; charset=utf8"}, ""},
		{[]string{"application/json; charset=US-ASCII"}, ""},
		{[]string{`application/json; charset="utf-8"`}, ""},
		{[]string{jsonType, jsonType}, ""},
		{[]string{jsonType, "Application/JSON"}, ""},
		{[]string{jsonType + ", " + jsonType}, ""},
		{[]string{jsonType, ""}, ""},
		{[]string{jsonType, "text/plain"}, "The Content-Type is given twice; it must be application/json."},
		{[]string{"text/plain, " + jsonType}, "The Content-Type is given twice; it must be application/json."},
		{nil, "The Content-Type is missing; it must be application/json."},
		{[]string{""}, "The Content-Type is missing; it must be application/json."},
		{[]string{" , "}, "The Content-Type is missing; it must be application/json."},
		{[]string{"json"}, "The Content-Type is malformed; it must be application/json."},
		{[]string{"application/json; charset"}, "The Content-Type is malformed; it must be application/json."},
		{[]string{"text/plain"}, "The Content-Type is another media type; it must be application/json."},
		{[]string{"application/json; charset=utf-16"}, "The Content-Type names a charset other than UTF-8; the body must be in UTF-8."},
	} {
		r := post(`{"name":"x"}`, "")
		if tt.lines != nil {
			r.Header["Content-Type"] = tt.lines
		}
		_, p := bound[user](t, asPost, r)
		if (p == nil) != (tt.want == "") || p != nil && (p.Status != 415 || p.Detail != tt.want) {
			t.Errorf("%q: %v, want %q", tt.lines, p, tt.want)
		}
	}
	type form struct {
		A string `form:"a"`
	}
	for media, ok := range map[string]bool{formType + "; charset=utf8": true, formType + "; charset=latin1": false, jsonType: false} {
		if _, p := bound[form](t, asPost, post("a=1", media)); (p == nil) != ok {
			t.Errorf("%s: %v", media, p)
		}
	}
}

func outsideTags(t *testing.T) {
	for _, tt := range []struct {
		tag  reflect.StructTag
		want string
	}{
		{`query:"x",validate:"min=1"`, "so that validate is ignored: separate the pairs by a space alone"},
		{`query:"x" vaildate:"min=1"`, "the tag vaildate is not known: write validate"},
		{`query:"x" defualt:"1"`, "the tag defualt is not known: write default"},
		{`header:"X-A" exmaple:"1"`, "write example"},
		{`query: "x"`, "the struct tag is malformed from"},
		{`query:"x" json: "s"`, "the struct tag is malformed from"},
		{`query:"x,omitempty"`, `has the option "omitempty"`},
		{`query:"x,comma"`, "the option comma is for lists in the query"},
		{`query:"x,format"`, `has the option "format"`},
		{`query:"x,deepObject"`, `has the option "deepObject"`},
		{`header:"Transfer-Encoding"`, "the server takes Transfer-Encoding out"},
		{`header:"transfer-encoding"`, "the server takes Transfer-Encoding out"},
		{`header:"Trailer"`, "the server takes Trailer out of the header"},
		{`header:"Host"`, "read typed.HTTPRequest(ctx).Host"},
	} {
		typ := reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: typeOf[int](), Tag: tt.tag},
			{Name: "B", Type: typeOf[int](), Tag: `query:"b"`},
		})
		_, faults := bind.Compile(typ, asPost)
		if len(faults) != 1 || faults[0].Field != "A" || !strings.Contains(faults[0].String(), tt.want) {
			t.Errorf("%s: %v", tt.tag, faults)
		}
	}
	type deep struct {
		F struct {
			A int `query:"a" vaildate:"min=1"` //nolint:govet // the mistake is the test
		} `query:"f"`
	}
	if got := faultOf[deep](t, asGet); !strings.Contains(got, "field F.A: the tag vaildate") {
		t.Error(got)
	}
}

func outsideCommas(t *testing.T) {
	type in struct {
		IDs   []int    `query:"ids,comma"`
		Tags  []string `query:"tags,comma"`
		Kinds []string `query:"kinds,comma" default:"a,b"`
		Plain []int    `query:"plain"`
	}
	p, o := pathOf(t, "GET /x")
	plan := compile[in](t, o)
	ab := []string{"a", "b"}
	for _, tt := range []struct {
		query string
		want  in
		url   string // "": the query
	}{
		{"ids=1,2", in{IDs: []int{1, 2}, Kinds: ab}, ""},
		{"ids=1%2C2", in{IDs: []int{1, 2}, Kinds: ab}, "ids=1,2"},
		{"ids=1%2c-2,3", in{IDs: []int{1, -2, 3}, Kinds: ab}, "ids=1,-2,3"},
		{"ids=7", in{IDs: []int{7}, Kinds: ab}, ""},
		{"ids=", in{Kinds: ab}, "/"},
		{"tags=a%2Cb,c+d,%26", in{Tags: []string{"a,b", "c d", "&"}, Kinds: ab}, ""},
		{"tags=a,,b,", in{Tags: []string{"a", "", "b", ""}, Kinds: ab}, ""},
		{"kinds=x", in{Kinds: []string{"x"}}, ""},
		{"kinds=a,b", in{Kinds: ab}, "/"},
		{"plain=1&plain=2&tags=x", in{Tags: []string{"x"}, Kinds: ab, Plain: []int{1, 2}}, "tags=x&plain=1&plain=2"},
	} {
		got, r := bound[in](t, o, get("/?"+tt.query))
		accepted(t, r)
		equal(t, tt.want, got)
		want := "/x?" + tt.query
		if tt.url == "/" {
			want = "/x"
		} else if tt.url != "" {
			want = "/x?" + tt.url
		}
		if link := string(plan.AppendURL(nil, p, got)); link != want {
			t.Errorf("%s: URL %s", tt.query, link)
		}
	}
	for query, want := range map[string]string{
		"ids=1,x":       "Unprocessable Content; query ids type",
		"ids=1,":        "Unprocessable Content; query ids type",
		"ids=1&ids=2":   "Unprocessable Content; query ids repeated",
		"ids=1,%":       "Bad Request; query ids syntax",
		"tags=a,%ff":    "Bad Request; query tags syntax",
		"plain=1,2":     "Unprocessable Content; query plain type",
		"plain=1%2C2&x": "Unprocessable Content; query plain type",
	} {
		_, r := bound[in](t, o, get("/?"+query))
		if brief(r) != want {
			t.Errorf("%s: %s, want %s", query, brief(r), want)
		}
		if strings.HasPrefix(query, "plain") && !strings.Contains(r.Errors[0].Detail, "as a parameter of its own") {
			t.Error(r.Errors[0].Detail)
		}
	}
	for _, f := range plan.Fields() {
		if want := f.Name != "plain"; (f.Style == bind.Comma) != want {
			t.Errorf("style of %s is %d", f.Name, f.Style)
		}
	}
	if got := faultOf[struct {
		A []int `form:"a,comma"`
	}](t, asPost); !strings.Contains(got, "the option comma is for lists in the query") {
		t.Error(got)
	}
}

func outsideBrackets(t *testing.T) {
	type in struct {
		IDs []int `query:"ids[]"`
	}
	p, o := pathOf(t, "GET /x")
	for _, query := range []string{"ids[]=1&ids[]=2", "ids%5B%5D=1&ids%5b%5d=2"} {
		got, r := bound[in](t, o, get("/?"+query))
		accepted(t, r)
		equal(t, in{[]int{1, 2}}, got)
		if link := string(compile[in](t, o).AppendURL(nil, p, got)); link != "/x?ids%5B%5D=1&ids%5B%5D=2" {
			t.Error(link)
		}
	}
}

func outsideDeepObjects(t *testing.T) {
	type filter struct {
		Name  string     `json:"name" validate:"max=10"`
		Age   *int       `query:"age"`
		Day   *time.Time `json:"day,omitzero,format:DateOnly"`
		Sort  string     `query:"sort" default:"asc"`
		Exact bool
		Not   chan int `json:"-"`
		inner int
	}
	type pointed struct {
		City string `json:"city"`
	}
	type in struct {
		Filter filter   `query:"filter"`
		Place  *pointed `query:"place,deepObject"`
		Q      string   `query:"q"`
	}
	p, o := pathOf(t, "GET /x")
	plan := compile[in](t, o)
	seven, day := 7, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	for query, want := range map[string]in{
		"": {Filter: filter{Sort: "asc"}},
		"filter%5Bname%5D=x+y&filter%5Bage%5D=7&filter%5Bday%5D=2024-02-29&filter%5Bsort%5D=desc&filter%5BExact%5D=true&place%5Bcity%5D=Rome&q=z": {filter{"x y", &seven, &day, "desc", true, nil, 0}, &pointed{"Rome"}, "z"},
	} {
		for _, text := range []string{query, strings.NewReplacer("%5B", "[", "%5D", "]").Replace(query)} {
			got, r := bound[in](t, o, get("/?"+text))
			accepted(t, r)
			equal(t, want, got)
			if link := strings.TrimPrefix(strings.TrimPrefix(string(plan.AppendURL(nil, p, got)), "/x"), "?"); link != query {
				t.Errorf("%s: URL %s", query, link)
			}
		}
	}
	for query, want := range map[string]string{
		"filter[age]=x":                  "Unprocessable Content; query filter[age] type",
		"filter[name]=a&filter[name]=b":  "Unprocessable Content; query filter[name] repeated",
		"filter[name]=%":                 "Bad Request; query filter[name] syntax",
		"filter[other]=1&filter=2&age=x": "",
	} {
		if _, r := bound[in](t, o, get("/?"+query)); brief(r) != want {
			t.Errorf("%s: %s, want %s", query, brief(r), want)
		}
	}
	for path, want := range map[string]string{"Filter.Name": "filter[name]", "Filter.Age": "filter[age]", "Filter": "filter", "Place.City": "place[city]", "Q": "q"} {
		if source, name, _ := plan.Locate(path, ""); source != "query" || name != want {
			t.Errorf("%s is at %s %s", path, source, name)
		}
	}
	f := plan.Fields()[0]
	var names []string
	for _, m := range f.Members {
		names = append(names, m.MemberName())
	}
	if f.Style != bind.DeepObject || strings.Join(names, " ") != "name age day sort Exact" {
		t.Errorf("%v %v", f.Style, names)
	}
	for want, got := range map[string]string{
		"one value": faultOf[struct {
			F struct{ A []int } `query:"f"`
		}](t, asGet),
		"is one value: OpenAPI": faultOf[struct {
			F struct{ A pointed } `query:"f"`
		}](t, asGet),
		"the struct is absent as a whole": faultOf[struct {
			F *filter `query:"f"`
		}](t, asGet),
		"a struct has no default": faultOf[struct {
			F filter `query:"f" default:"x"`
		}](t, asGet),
		"has a bracket": faultOf[struct {
			F struct {
				A int `json:"a[b]"`
			} `query:"f"`
		}](t, asGet),
		`reads the same query parameter "f[A]"`: faultOf[struct {
			G int             `query:"f[A]"`
			F struct{ A int } `query:"f"`
		}](t, asGet),
		"cannot be read into": faultOf[struct {
			F filter `header:"f"`
		}](t, asGet),
		"has no field that a query parameter could fill": faultOf[struct {
			F struct{ a int } `query:"f"`
		}](t, asGet),
		"a query parameter cannot be read into a url.URL": faultOf[struct {
			F url.URL `query:"f"`
		}](t, asGet),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func outsideStrict(t *testing.T) {
	type in struct {
		Limit  int              `query:"limit"`
		Filter struct{ A *int } `query:"filter"`
		IDs    []int            `query:"ids,comma"`
	}
	o := bind.Options{Method: "GET", StrictQuery: true}
	for query, want := range map[string]string{
		"limit=1&filter[A]=2&ids=1,2&&": "",
		"":                              "",
		"limt=5":                        "Unprocessable Content; query limt unknown",
		"limt=5&limit=x&ids[]=1":        "Unprocessable Content; query limt unknown; query limit type; query ids[] unknown",
		"filter[B]=1&filter=2":          "Unprocessable Content; query filter[B] unknown; query filter unknown",
		"a%20b=%zz":                     "Unprocessable Content; query a b unknown",
		"%zz=1":                         "Bad Request; query  syntax",
		"=1":                            "Unprocessable Content; query  unknown",
	} {
		if _, r := bound[in](t, o, get("/?"+query)); brief(r) != want {
			t.Errorf("%s: %s, want %s", query, brief(r), want)
		}
	}
	if _, r := bound[struct{}](t, o, get("/?x=1")); brief(r) != "Unprocessable Content; query x unknown" {
		t.Error(brief(r))
	}
	if compile[struct{}](t, o).Nothing() || !compile[in](t, o).StrictQuery() || compile[in](t, asGet).StrictQuery() {
		t.Error("StrictQuery")
	}
	type form struct {
		A int `form:"a"`
	}
	request := post("a=1&b=2", formType)
	if _, r := bound[form](t, bind.Options{Method: "POST", StrictQuery: true}, request); r != nil {
		t.Errorf("a form: %s", brief(r))
	}
}

// uuid and decimal are called as in the modules that people use.
type (
	UUID    [16]byte
	Decimal struct{ Digits string }
)

func (*UUID) UnmarshalText([]byte) error    { return errors.New("secret") }
func (*Decimal) UnmarshalText([]byte) error { return errors.New("secret") }

func outsideSentences(t *testing.T) {
	type in struct {
		Limit int            `query:"limit"`
		Small int8           `query:"small"`
		Size  uint           `query:"size"`
		Ratio float32        `query:"ratio"`
		ID    UUID           `query:"id"`
		Price *Decimal       `query:"price"`
		IPs   []netip.Prefix `query:"ips"`
	}
	for query, want := range map[string]string{
		"limit=abc":                 "must be a whole number",
		"limit=":                    "must be a whole number",
		"limit=1.0":                 "must be a whole number",
		"limit=9223372036854775808": "must be a whole number from -9223372036854775808 to 9223372036854775807",
		"small=128":                 "must be a whole number from -128 to 127",
		"size=-1":                   "must be a whole number from 0 to 18446744073709551615",
		"size=x":                    "must be a whole number",
		"ratio=x":                   "must be a number",
		"ratio=1e39":                "must be a number that fits 32 bits",
		"id=1":                      "has the wrong format: a UUID is expected",
		"price=x":                   "has the wrong format: a decimal number is expected",
		"ips=x":                     "has the wrong format: an IP network such as 192.0.2.0/24 is expected",
	} {
		_, r := bound[in](t, asGet, get("/?"+query))
		if r == nil || len(r.Errors) != 1 || r.Errors[0].Detail != want || r.Detail != "The request is invalid; see errors for details." {
			t.Errorf("%s: %+v", query, r)
		}
	}
	for _, query := range []string{"utm=100%", "%=1", "a;b", "utm=%ff", "x=%zz&limit=1"} {
		r := get("/")
		r.URL.RawQuery = query
		if _, p := bound[in](t, asGet, r); p != nil {
			t.Errorf("%s: %+v", query, p)
		}
		if _, p := bound[struct{}](t, asGet, r); p != nil {
			t.Errorf("%s, with nothing to bind: %+v", query, p)
		}
	}
	r := get("/")
	r.URL.RawQuery = "utm=100%&limit=100%"
	if _, p := bound[in](t, asGet, r); brief(p) != "Bad Request; query limit syntax" || p.Detail != "The query is malformed." {
		t.Errorf("%+v", p)
	}
	for _, got := range []string{
		faultOf[struct {
			Q int `query:"q"`
			A int `json:"a"`
		}](t, bind.Options{Method: "DELETE"}),
		faultOf[user](t, bind.Options{Method: "DELETE"}),
	} {
		if !strings.Contains(got, `body:""`) {
			t.Error(got)
		}
	}
}

func outsideEaten(t *testing.T) {
	eaten := func(body, media string) *http.Request {
		r := post(body, media)
		_, _ = io.ReadAll(r.Body)
		return r
	}
	type form struct {
		A string `form:"a"`
	}
	type optional struct {
		A *user `body:""`
	}
	_, json := bound[user](t, asPost, eaten(`{"a":1}`, jsonType))
	_, maybe := bound[optional](t, asPost, eaten(`{"a":1}`, jsonType))
	_, urlencoded := bound[form](t, asPost, eaten("a=1", formType))
	_, raw := bound[[]byte](t, asPost, eaten("abc", ""))
	for i, p := range []*respond.Problem{json, maybe, urlencoded, raw} {
		if p == nil || p.Status != 500 || !strings.Contains(p.Error(), "middleware has read it") {
			t.Errorf("%d: %v", i, p)
		}
	}
	stream, p := bound[io.Reader](t, asPost, eaten("abc", ""))
	accepted(t, p)
	if _, err := io.ReadAll(stream); err == nil || !strings.Contains(err.Error(), "middleware has read it") {
		t.Errorf("stream: %v", err)
	}
	if _, p := bound[user](t, asPost, post("", jsonType)); brief(p) != "Bad Request; body  empty" {
		t.Error(brief(p))
	}
	if _, p := bound[user](t, asPost, unsized(eaten(`{"a":1}`, jsonType))); brief(p) != "Bad Request; body  empty" {
		t.Error(brief(p))
	}
}

func outsideLines(t *testing.T) {
	type in struct {
		For    string   `header:"X-Forwarded-For"`
		Accept *string  `header:"Accept"`
		Named  level    `header:"X-Level"`
		Cookie string   `header:"Cookie"`
		List   []string `header:"X-List"`
	}
	got, r := bound[in](t, asGet, get("/", "X-Forwarded-For", "1.1.1.1", "X-Forwarded-For", " 2.2.2.2 , 3.3.3.3", "Accept", "a/b", "Accept", "c/d",
		"X-Level", "a", "X-Level", "b", "Cookie", "a=1", "Cookie", "b=2", "X-List", "a", "X-List", "b,c"))
	accepted(t, r)
	accept := "a/b, c/d"
	equal(t, in{"1.1.1.1, 2.2.2.2 , 3.3.3.3", &accept, "a, b", "a=1; b=2", []string{"a", "b", "c"}}, got)

	for _, name := range []string{"Authorization", "Content-Type", "User-Agent", "Referer", "Origin", "From", "If-Range", "Range", "Date", "If-Modified-Since", "Idempotency-Key"} {
		typ := reflect.StructOf([]reflect.StructField{{Name: "A", Type: typeOf[string](), Tag: reflect.StructTag(`header:"` + name + `"`)}})
		plan, faults := bind.Compile(typ, asGet)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		r := plan.Bind(&wire.NetHTTP{R: get("/", name, "a", name, "b")}, nil, reflect.New(typ).Interface())
		if brief(r) != "Unprocessable Content; header "+name+" repeated" {
			t.Errorf("%s: %s", name, brief(r))
		}
	}
	type number struct {
		A int `header:"X-A"`
	}
	if _, r := bound[number](t, asGet, get("/", "X-A", "1", "X-A", "2")); brief(r) != "Unprocessable Content; header X-A repeated" {
		t.Error(brief(r))
	}
}

const formType = "application/x-www-form-urlencoded"

// slow sends a part of its body and then runs into the server's read deadline.
func slow(part string) *http.Request {
	r := post("", jsonType)
	r.ContentLength = 100
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(part), iotest.ErrReader(os.ErrDeadlineExceeded)))
	return r
}

func outsideSlow(t *testing.T) {
	_, r := bound[user](t, asPost, slow(`{"na`))
	if r == nil || r.Status != http.StatusRequestTimeout || header(r).Get("Connection") != "close" || bind.IsDisconnected(r) {
		t.Errorf("%+v", r)
	}
	stream, r := bound[io.Reader](t, asPost, slow("abc"))
	accepted(t, r)
	_, err := io.ReadAll(stream)
	if p, ok := errors.AsType[*respond.Problem](err); !ok || p.Status != http.StatusRequestTimeout || bind.IsDisconnected(err) {
		t.Errorf("stream: %v", err)
	}
}

// outsideStalled has many clients that declare a large body, send a part and stall.
func outsideStalled(t *testing.T) {
	const clients = 100
	for _, sent := range []int{0, 1, 5 << 10, 40 << 10, 300 << 10, 600 << 10} {
		plan := compile[user](t, asPost)
		plan.ReadBody(newBody(strings.Repeat(" ", 250<<10))) // a large buffer may be free
		runtime.GC()
		var before, during runtime.MemStats
		runtime.ReadMemStats(&before)
		release, stalled := make(chan struct{}), make(chan struct{})
		done := make(chan *respond.Problem)
		text := strings.Repeat(" ", sent)
		for range clients {
			r := httptest.NewRequest("POST", "/", nil)
			r.Header.Set("Content-Type", jsonType)
			r.ContentLength = 1 << 20
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(text), &stall{stalled, release}))
			go func() { done <- plan.Bind(&wire.NetHTTP{R: r}, nil, new(user)) }()
		}
		for range clients {
			<-stalled
		}
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&during)
		close(release)
		for range clients {
			<-done
		}
		held := int64(during.HeapAlloc) - int64(before.HeapAlloc)
		most := int64(clients * (2*max(sent, 4<<10) + 4<<10)) // the requests of this test among it
		t.Logf("%d bytes each: %d held, at most %d", sent, held/clients, most/clients)
		if held > most {
			t.Errorf("%d bytes each: %d held, at most %d", sent, held/clients, most/clients)
		}
	}
}

type stall struct{ stalled, release chan struct{} }

func (s *stall) Read([]byte) (int, error) {
	s.stalled <- struct{}{}
	<-s.release
	return 0, io.ErrUnexpectedEOF
}
