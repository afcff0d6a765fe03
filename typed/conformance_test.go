package typed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// badCase is one row of testdata/bad_inputs.json.
type badCase struct {
	ID      string
	Name    string
	Kind    string
	Request struct {
		Method   string
		Path     string
		Headers  [][2]string
		Body     string
		BodyB64  string `json:"body_b64"`
		RawB64   string `json:"raw_b64"`
		Register string
		Gen      *generator
	}
	Expect struct {
		Status []int
		Best   int
	}
}

// generator makes bodies that are too large to stand in a file.
type generator struct {
	Op         string
	Prefix     string
	Unit       string
	Count      int
	Suffix     string
	Open       string
	Close      string
	Total      string
	Value      string
	Body       string
	Field      string
	Base       map[string]any
	ItemRepeat []any `json:"item_repeat"`
}

// notHere are the cases of things that are not in this project, or are tested where they are.
var notHere = map[string]string{
	"multipart-005": "multipart/form-data is 415",
	"multipart-007": "multipart/form-data is 415",
	"multipart-009": "multipart/form-data is 415",
	"process-004":   "TestServeDrains",
	"process-012":   "package docs",
	"docs-001":      "package docs/ui",
	"docs-004":      "package docs/ui",
	"docs-005":      "package docs/ui",
	"docs-007":      "package docs",
	"app-047":       "TestClientGone",
	"csrf-cors-001": "TestCrossOrigin: JSON needs no guard, form and cookie endpoints have one",
}

func TestBadInputs(t *testing.T) {
	text, err := os.ReadFile("testdata/bad_inputs.json")
	require.NoError(t, err)
	var file struct{ Cases []badCase }
	require.NoError(t, json.Unmarshal(text, &file))

	var mu sync.Mutex
	reports := 0
	api, done := fixtures(&typed.Options{Timeout: 300 * time.Millisecond, OnError: func(context.Context, error) {
		mu.Lock()
		reports++
		mu.Unlock()
	}})
	srv := httptest.NewServer(api)
	defer srv.Close()
	defer done()
	ran := map[string]int{}
	for _, c := range file.Cases {
		if why := notHere[c.ID]; why != "" {
			ran["elsewhere"]++
			continue
		}
		ran[c.Kind]++
		t.Run(c.ID, func(t *testing.T) {
			switch {
			case c.ID == "app-051": // no client gets that far
				refused(t, registrations["tag-any"])
			case c.Kind == "registration":
				register := registrations[c.Request.Register]
				require.NotNil(t, register, "no declaration is called %q", c.Request.Register)
				refused(t, register)
			case c.Kind == "raw":
				c.raw(t, srv.Listener.Addr().String())
			default:
				c.http(t, srv.URL)
			}
		})
	}
	t.Logf("bad inputs: %d cases: %v", len(file.Cases), ran)
	mu.Lock()
	defer mu.Unlock()
	if reports == 0 {
		t.Error("OnError was never called")
	}
}

// refused expects a panic that names the endpoint and says what to write instead.
func refused(t *testing.T, register func(*typed.API)) (message string) {
	t.Helper()
	defer func() {
		t.Helper()
		v := recover()
		message, _ = v.(string)
		if v == nil {
			t.Error("the declaration was accepted")
		} else if !strings.HasPrefix(message, "typed: ") || strings.Count(message, ": ") < 2 {
			t.Errorf("panic %v: want typed: METHOD /path: what is wrong: what to write instead", v)
		}
	}()
	register(typed.New("Test", "1", nil))
	return ""
}

func (c *badCase) raw(t *testing.T, addr string) {
	raw, err := base64.StdEncoding.DecodeString(c.Request.RawB64)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write(raw)
	require.NoError(t, err)
	if tcp, ok := conn.(*net.TCPConn); ok {
		require.NoError(t, tcp.CloseWrite())
	}
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	answer, _ := io.ReadAll(conn) // closed without an answer is one of the answers
	status := 0
	if len(answer) > 0 {
		_, err = fmt.Sscanf(string(answer), "HTTP/1.1 %d", &status)
		require.NoError(t, err, "%q", answer)
	}
	c.check(t, status, nil, answer)
}

func (c *badCase) http(t *testing.T, base string) {
	r := c.Request
	body := []byte(r.Body)
	if r.BodyB64 != "" {
		var err error
		body, err = base64.StdEncoding.DecodeString(r.BodyB64)
		require.NoError(t, err)
	}
	if r.Gen != nil {
		body, r.Path = r.Gen.make(body, r.Path)
		if r.Gen.Op == "ct" {
			r.Headers = [][2]string{{"Content-Type", r.Gen.Value}}
		}
	}
	req, err := http.NewRequest(r.Method, base, bytes.NewReader(body))
	require.NoError(t, err)
	path, query, _ := strings.Cut(r.Path, "?")
	req.URL.Opaque, req.URL.RawQuery = path, query
	req.URL.ForceQuery = strings.HasSuffix(r.Path, "?")
	for _, h := range r.Headers {
		req.Header.Add(h[0], h[1])
	}
	switch c.ID {
	case "revalidate-003":
		req.Header.Set("If-None-Match", "*")
	case "revalidate-006":
		req.Header.Set("If-Modified-Since", "the day before yesterday")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		// The server may close before it has read a body that is too large.
		if slices.Contains(c.Expect.Status, 0) || slices.Contains(c.Expect.Status, 413) {
			return
		}
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	c.check(t, res.StatusCode, res.Header, answer)
}

func (c *badCase) check(t *testing.T, status int, header http.Header, body []byte) {
	t.Helper()
	want := c.Expect.Status
	if c.Expect.Best != 0 {
		want = []int{c.Expect.Best}
	}
	if !slices.Contains(want, status) {
		t.Fatalf("%s: status %d, want %v\n%.300s", c.Name, status, want, body)
	}
	checkNothingLeaks(t, body)
	if header == nil {
		return
	}
	if status >= 400 && c.Request.Method != http.MethodHead {
		mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
		// net/http answers by itself what it cannot read as a request.
		if status != 400 && status != 431 && status != 414 && status != 501 && status != 505 || err == nil && mediaType != "text/plain" {
			require.Equal(t, "application/problem+json", mediaType)
			checkProblem(t, status, body)
		}
	}
	if location := header.Get("Location"); location != "" {
		base, _ := url.Parse("http://site.example/redir")
		to, err := base.Parse(location)
		require.NoError(t, err)
		require.Equal(t, "site.example", to.Host, "Location %q", location)
	}
}

// checkProblem validates a body against RFC 9457 and the members that the project documents.
func checkProblem(t *testing.T, status int, body []byte) {
	t.Helper()
	var p struct {
		Title  string
		Status int
		Errors []struct{ In, Pointer, Name, Rule, Param, Detail string }
	}
	require.NoError(t, json.Unmarshal(body, &p), "%s", body)
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Title)
	require.LessOrEqual(t, len(p.Errors), 100)
	for _, e := range p.Errors {
		require.Contains(t, []string{"body", "path", "query", "header", "cookie", "form"}, e.In)
		require.NotEmpty(t, e.Rule, "%s", body)
		require.NotEmpty(t, e.Detail, "%s", body)
		if e.In != "body" && e.Rule != "syntax" { // a malformed query may have no names
			require.NotEmpty(t, e.Name, "%s", body)
		}
	}
}

// checkNothingLeaks looks for what is ours alone.
func checkNothingLeaks(t *testing.T, body []byte) {
	t.Helper()
	for _, leak := range []string{"goroutine ", ".go:", "main.", "struct {", "Go struct field", "cannot unmarshal", "*json.", "reflect.", "typed_test", "newUser", "/home", "/usr", "secret", "postgres", "Mallory", "level=error"} {
		if bytes.Contains(body, []byte(leak)) {
			t.Errorf("the answer holds %q:\n%.300s", leak, body)
		}
	}
}

func (g *generator) make(body []byte, path string) ([]byte, string) {
	switch g.Op {
	case "repeat":
		return []byte(g.Prefix + strings.Repeat(g.Unit, g.Count) + g.Suffix), path
	case "nest":
		return []byte(g.Prefix + strings.Repeat(g.Open, g.Count) + strings.Repeat(g.Close, g.Count) + g.Suffix), path
	case "repeat_path":
		return nil, g.Prefix + strings.Repeat(g.Unit, g.Count)
	case "pad_name_to": // LIMIT+1
		head, tail := `{"name":"`, `","email":"ada@example.com","address":{"city":"Paris"}}`
		return []byte(head + strings.Repeat("a", typed.DefaultMaxBody+1-len(head)-len(tail)) + tail), path
	case "json_array":
		item := strings.Repeat(g.ItemRepeat[0].(string), int(g.ItemRepeat[1].(float64)))
		g.Base[g.Field] = slices.Repeat([]string{item}, g.Count)
		b, _ := json.Marshal(g.Base)
		return b, path
	case "gzip_zeros":
		return zipped(bytes.Repeat([]byte{0}, 1<<20)), path // the size does not matter: it is never expanded
	case "gzip_twice":
		return zipped(zipped([]byte(g.Body))), path
	default: // multipart: what the parts hold does not matter
		return body, path
	}
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func decodeJSON(t *testing.T, b []byte, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(b, v), "%s", b)
}
