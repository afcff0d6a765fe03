package typed_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// helperCase is one row of testdata/response_helpers.json: what Next.js' API routes answer.
type helperCase struct {
	ID, Area, Given string
	Quirk           bool
	Request         struct {
		Method  string
		Headers map[string]string
		Body    any
	}
	Expect struct {
		Status  int
		Headers map[string]any
		Body    any
	}
}

// areas that have no counterpart here, or have their tests elsewhere.
var helperAreas = map[string]string{
	"isr":       "package respond/pagecache",
	"preview":   "draft and preview mode are not in this step",
	"routing":   "file routing is Next.js' own; TestRouting has ours",
	"lifecycle": "a handler cannot write by itself",
}

// cases that do not apply for a reason of their own.
var helperSkips = map[string]string{
	"obs-send-none": "does not compile", "obs-redir-none": "does not compile", "obs-redir-null": "does not compile",
	"obs-redir-numonly": "does not compile", "obs-redir-num-num": "does not compile", "obs-redir-urlobj": "does not compile",
	"suite-redirect-error": "does not compile", "suite-redirect-null": "does not compile",
	"obs-s-str": "does not compile", "obs-s-float": "does not compile", "obs-throw-undef": "there is no error without a value",
	"obs-s999":  "a status outside 200..599 is a 500: TestProgrammingErrorsAreReported",
	"obs-s-msg": "HTTP/2 has no reason phrase; there is no way to set one", "obs-json-return": "a terminal method returns the Answer",
	"suite-json-undefined": "there is no undefined", "obs-body-post-multipart": "multipart/form-data is 415",
	"obs-body-post-form-badpct": "a bad escape is 400", "obs-body-post-charset-latin1": "a charset other than UTF-8 is 415",
	"suite-parse-json-empty": "an empty body is 400 where one is required",
	"obs-redir-proto":        "a protocol-relative target is refused: TestSameOrigin in package respond",
	"suite-cors":             "middleware of net/http: TestMiddleware", "obs-body-post-chunked": "TestBodyLimit",
	"suite-large-chunked": "an io.Reader payload: TestPayloads in package respond",
}

type helperTest struct {
	handle  func(*typed.API)
	target  string            // default /api
	content string            // of the request
	header  map[string]string // of the request
	status  int               // 0: as the row says
	body    string            // "": as the row says; "-": not compared
	etag    bool              // send the entity tag of a first answer back
}

func TestResponseHelpers(t *testing.T) {
	problem500 := `{"title":"Internal Server Error","status":500}`
	text := map[string]string{"Content-Type": "text/plain"}
	asJSON := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	large := strings.Repeat("a", 5<<20)
	tests := map[string]helperTest{
		"obs-json-obj":         {handle: sendJSON(message{"Hello from Next.js!"})},
		"obs-json-str":         {handle: sendJSON("Hello world!")},
		"obs-json-arr":         {handle: sendJSON([]int{1, 2})},
		"obs-json-html":        {handle: sendJSON(map[string]string{"h": "<script>&\u2028"})},
		"suite-bool":           {handle: sendJSON(true), body: "true"},
		"suite-json-string":    {handle: sendJSON("Hello world!")},
		"suite-json-null":      {handle: sendJSON((*message)(nil)), body: "null"},
		"obs-send-str":         {handle: send("hello")},
		"obs-send-empty":       {handle: send("")},
		"suite-nullable":       {handle: send("")},
		"obs-send-bool":        {handle: send(true)},
		"obs-send-false":       {handle: send(false)},
		"obs-send-null":        {handle: send((io.Reader)(nil))},
		"obs-send-buf":         {handle: send([]byte("hello"))},
		"obs-send-buf-ct":      {handle: send([]byte{1, 2, 3}, header[[]byte]("Content-Type", "image/png"))},
		"obs-send-stream":      {handle: send(io.MultiReader(strings.NewReader("abc")))},
		"obs-send-stream-ct":   {handle: send(io.MultiReader(strings.NewReader("a,b")), header[io.Reader]("Content-Type", "text/csv"))},
		"obs-send-date":        {handle: send(time.Unix(0, 0).UTC()), body: `"1970-01-01T00:00:00Z"`},
		"obs-send-obj-ct":      {handle: send(map[string]int{"a": 1}, header[map[string]int]("Content-Type", "text/plain"))},
		"obs-send-str-ct":      {handle: send("<p>é</p>", header[string]("Content-Type", "text/html; charset=utf-8"))},
		"obs-send-uni":         {handle: send("é日本😀")},
		"obs-s204":             {handle: answer(func(res *typed.Response[string]) (typed.Answer, error) { return res.Status(204).End() })},
		"obs-s204-json":        {handle: status(204)},
		"obs-s204-send":        {handle: status(204)},
		"suite-204":            {handle: status(204)},
		"suite-204-body":       {handle: status(204)},
		"obs-s304-json":        {handle: status(304)},
		"obs-s418":             {handle: status(418)},
		"obs-s599":             {handle: status(599)},
		"obs-s-override":       {handle: answer(func(res *typed.Response[string]) (typed.Answer, error) { return res.Status(404).Status(201).Send("x") })},
		"obs-redir-301":        {handle: redirect(301, "/login"), body: "-"},
		"obs-redir-308":        {handle: redirect(308, "/login"), body: "-"},
		"obs-redir-abs":        {handle: redirect(0, "https://example.com/a?b=c#d"), body: "-"},
		"obs-redir-rel":        {handle: redirect(0, "other"), body: "-"},
		"suite-redirect-307":   {handle: redirect(0, "/login"), body: "-"},
		"suite-redirect-301":   {handle: redirect(301, "/login"), body: "-"},
		"obs-redir-status-set": {handle: redirect(301, "/login"), status: 301, body: "-"}, // Status(301).Redirect says what it means here
		"obs-head-redir-req":   {handle: redirect(0, "/login"), body: "-"},
		"obs-throw-str":        {handle: fails, body: problem500},
		"suite-throw":          {handle: fails, body: problem500},
		"suite-throw-async":    {handle: fails, body: problem500},
		"obs-error-head":       {handle: fails, body: "-"},
		"suite-custom-error": {handle: answer(func(res *typed.Response[map[string]string]) (typed.Answer, error) {
			return res.Status(500).JSON(map[string]string{"error": "Server error!"})
		}), body: `{"error":"Server error!"}`},
		"obs-body-post-text":            {handle: echo[string]("POST /api"), content: `"hello"`, header: asJSON, body: `"hello"`}, // a text body is []byte here: TestBodyLimit
		"obs-body-put-json":             {handle: echo[map[string]int]("PUT /api"), content: `{"a":1}`, header: asJSON, body: `{"a":1}`},
		"obs-body-post-json-charset":    {handle: echo[[]map[string]int]("POST /api"), content: `[{"t":1}]`, header: asJSON, body: `[{"t":1}]`},
		"suite-parse-json":              {handle: echo[[]map[string]string]("POST /api"), content: `[{"title":"Nextjs"}]`, header: asJSON, body: `[{"title":"Nextjs"}]`},
		"obs-body-post-json-num":        {handle: echo[int]("POST /api"), content: "12", header: asJSON, body: "12"},
		"obs-body-post-json-trailcomma": {handle: echo[map[string]int]("POST /api"), content: `{"a":1,}`, header: asJSON, body: "-"},
		"suite-bad-json":                {handle: echo[message]("POST /api"), content: `{"message":Invalid"}`, header: asJSON, body: "-"},
		"obs-body-post-ldjson":          {handle: echo[map[string]int]("POST /api"), content: `{"a":1}`, header: map[string]string{"Content-Type": "application/ld+json"}, body: `{"a":1}`},
		"obs-body-post-form":            {handle: formEcho, content: "title=Nextjs&d=The+React%20F&t=1&t=2&e=&", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: "Nextjs|The React F|1,2||true"},
		"suite-urlencoded":              {handle: formEcho, content: "title=Nextjs&d=The%20React%20F&t=1&t=2&e=", header: map[string]string{"Content-Type": "application/x-www-Form-urlencoded"}, body: "Nextjs|The React F|1,2||true"},
		"obs-limit-post-500b-ok":        {handle: count(500), content: large[:500], header: text, body: "500"},
		"obs-limit-post-501b":           {handle: count(500), content: large[:501], header: text, body: "-"},
		"obs-limit-post-501b-chunked":   {handle: count(500), content: large[:513], header: text, body: "-"},
		"obs-limit-post-5mb-ok":         {handle: count(5 << 20), content: large[:3<<20], header: text, body: "3145728"},
		"obs-limit-nobody-badjson":      {handle: count(5 << 20), content: "{", header: asJSON, body: "1"},
		"suite-no-parsing":              {handle: count(5 << 20), content: `[{"title":"Nextjs"}]`, header: asJSON, body: "20"},
		"suite-parsing-config":          {handle: count(5 << 20), content: `[{"title":"Nextjs"}]`, header: asJSON, body: "20"},
		"suite-413":                     {handle: echo[string]("POST /api"), content: `"` + large[:1<<20] + `"`, header: asJSON, body: "-"},
		"suite-big-parse":               {handle: count(5 << 20), content: `"` + large[:1<<20] + `"`, header: asJSON, body: "1048578"},
		"obs-query-q-utf8":              {handle: queryEcho, target: "/api?a=%E6%97%A5", body: `{"a":["日"],"b":""}`},
		"suite-query":                   {handle: queryEcho, target: "/api?a=1&b=2&a=3", body: `{"a":["1","3"],"b":"2"}`},
		"suite-query-empty":             {handle: queryEcho, body: `{"a":[],"b":""}`},
		"suite-post-api": {handle: func(api *typed.API) {
			typed.Handle(api, "POST /api", func(_ context.Context, in struct {
				Title string `query:"title"`
			}, res *typed.Response[[]map[string]string]) (typed.Answer, error) {
				return res.JSON([]map[string]string{{"title": in.Title}})
			})
		}, target: "/api?title=Nextjs", body: `[{"title":"Nextjs"}]`},
		"obs-cookie-one":       cookie("nextjs=cool;", "cool"),
		"obs-cookie-two":       cookie("a=1; b=2", "1"),
		"obs-cookie-dup":       cookie("a=1; a=2", "1"),
		"obs-cookie-quoted":    cookie(`a="x y"; b=z`, "x y"),
		"obs-cookie-pct":       cookie(`a=%7B%22x%22%3A1%7D`, `%7B%22x%22%3A1%7D`), // as net/http has it: not decoded
		"obs-cookie-eq":        cookie("a=b=c", "b=c"),
		"suite-cookies":        cookie("nextjs=cool", "cool"),
		"suite-cookies-empty":  cookie("", "none"),
		"obs-etag-inm-match":   {handle: send("hello"), etag: true},
		"obs-etag-inm-weak":    {handle: send("hello"), etag: true},
		"obs-etag-inm-miss":    {handle: send("hello"), header: map[string]string{"If-None-Match": `"nope"`}},
		"obs-etag-inm-nostore": {handle: send("hello"), etag: true, header: map[string]string{"Cache-Control": "no-store"}},
		"obs-etag-inm-maxage0": {handle: send("hello"), etag: true, header: map[string]string{"Cache-Control": "max-age=0"}},
		"obs-etag-inm-buf":     {handle: send([]byte("hello")), etag: true},
		"obs-etag-inm-head":    {handle: send("hello"), etag: true},
		"suite-etag":           {handle: sendJSON("x"), etag: true},
		"obs-gzip-small":       {handle: sendJSON(message{"Hello from Next.js!"}), header: map[string]string{"Accept-Encoding": "gzip, br"}},
		"obs-limit-4mb-1":      {handle: send(large[:4194303]), body: "-"},
		"obs-respl-8mb":        {handle: send(large), body: "-"},
		"suite-large":          {handle: send(large), body: "-"},
		"suite-large-off":      {handle: send(large), body: "-"},
		"suite-large-size":     {handle: send(large), body: "-"},
	}
	file, err := os.ReadFile("testdata/response_helpers.json")
	require.NoError(t, err)
	var cases []helperCase
	require.NoError(t, json.Unmarshal(file, &cases))
	ran, skipped, quirks := 0, 0, 0
	for _, c := range cases {
		switch {
		case c.Quirk:
			quirks++
			continue
		case helperAreas[c.Area] != "" || helperSkips[c.ID] != "":
			skipped++
			continue
		}
		test, ok := tests[c.ID]
		if !ok {
			t.Errorf("%s (%s) is neither tested nor left out for a reason: %s", c.ID, c.Area, c.Given)
			continue
		}
		ran++
		t.Run(c.ID, func(t *testing.T) { test.run(t, c) })
	}
	t.Logf("response helpers: %d cases run, %d do not apply, %d are quirks", ran, skipped, quirks)
}

func (tt helperTest) run(t *testing.T, c helperCase) {
	api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
	tt.handle(api)
	srv := httptest.NewServer(api)
	defer srv.Close()
	if tt.target == "" {
		tt.target = "/api"
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	do := func(etag string) (*http.Response, string) {
		req, err := http.NewRequest(c.Request.Method, srv.URL+tt.target, strings.NewReader(tt.content))
		require.NoError(t, err)
		if strings.Contains(c.ID, "chunked") {
			req.ContentLength = -1
		}
		for name, value := range tt.header {
			req.Header.Set(name, value)
		}
		if etag != "" {
			req.Header.Set("If-None-Match", etag)
		}
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res, string(body)
	}
	res, body := do("")
	if tt.etag {
		require.Equal(t, 200, res.StatusCode)
		res, body = do(res.Header.Get("ETag"))
	}
	want := c.Expect.Status
	if tt.status != 0 {
		want = tt.status
	}
	require.Equal(t, want, res.StatusCode, "%s", body)
	if text, ok := c.Expect.Body.(string); ok && tt.body == "" {
		tt.body = text
		if tt.body == "" {
			require.Empty(t, body)
		}
	}
	if tt.body != "-" && tt.body != "" {
		require.Equal(t, tt.body, body)
	}
	for name, value := range c.Expect.Headers {
		got := res.Header.Get(name)
		switch name {
		case "Location", "location":
			if value == nil {
				require.Empty(t, got)
			} else {
				require.Equal(t, value, got)
			}
		case "ETag":
			if value != nil && c.Area != "redirect" && (res.StatusCode == 200 || res.StatusCode == 304) && c.Request.Method != http.MethodPost && c.Request.Method != http.MethodPut && !strings.HasPrefix(c.ID, "obs-s304") {
				require.True(t, strings.HasPrefix(got, `W/"`), "ETag %q", got)
			}
		case "Content-Type", "content-type":
			switch {
			case value != nil && (strings.HasPrefix(c.Area, "body") || c.Area == "cookies"): // what the fixture sends, not what is tested
			case value != nil:
				require.Equal(t, value, got)
			case res.StatusCode == 204 || res.StatusCode == 304 || c.Area == "redirect":
				require.Empty(t, got)
			case c.Area == "send" && strings.HasPrefix(c.ID, "obs-send-str"):
				require.Equal(t, "text/plain; charset=utf-8", got)
			}
		case "Content-Length", "content-length":
			if text, ok := value.(string); ok && tt.body != "-" && c.Expect.Body == tt.body {
				require.Equal(t, text, got)
			}
		}
	}
}

func fails(api *typed.API) {
	typed.Handle(api, "GET /api", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		return typed.Fail(errors.New("User error"))
	})
}

func formEcho(api *typed.API) {
	typed.Handle(api, "POST /api", func(_ context.Context, in struct {
		Title string   `form:"title"`
		D     string   `form:"d"`
		T     []string `form:"t"`
		E     []string `form:"e"` // a list keeps an empty text
	}, res *typed.Response[string]) (typed.Answer, error) {
		set := "false"
		if len(in.E) > 0 {
			set = "true"
		}
		return res.Send(in.Title + "|" + in.D + "|" + strings.Join(in.T, ",") + "|" + strings.Join(in.E, ",") + "|" + set)
	})
}

func queryEcho(api *typed.API) {
	type out struct {
		A []string `json:"a"`
		B string   `json:"b"`
	}
	typed.Handle(api, "GET /api", func(_ context.Context, in struct {
		A []string `query:"a"`
		B string   `query:"b"`
	}, res *typed.Response[out]) (typed.Answer, error) {
		return res.JSON(out(in))
	})
}
