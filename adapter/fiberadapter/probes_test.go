package fiberadapter_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gofiber/fiber/v3"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// A probe is the bytes of one connection, of which a server may be unsure where a
// request ends. hidden is a second request inside what is the first one's content:
// whoever reads it as a request can be made to answer one client with another's.
type probe struct {
	name string
	text string
}

const hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"

// heard is what a server made of a probe.
type heard struct {
	Statuses string // of its answers, in order
	Posts    int64  // how many requests came to POST /echo
	Hidden   int64  // how many came to GET /hidden
}

// probes are what a server has to be sure of: where a request ends (RFC 9112, 6.3 and
// 7.1, RFC 9110, 5.5), which host it is for, and how its first line reads.
func probes() []probe {
	var all []probe
	add := func(name, format string, args ...any) {
		all = append(all, probe{name, fmt.Sprintf(format, args...)})
	}
	post := func(fields, content string) string {
		return "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\n" + fields + "\r\n" + content
	}
	n := len(hidden)
	for name, field := range map[string]string{
		"plain": "Content-Length: %d", "no blank": "Content-Length:%d", "tab": "Content-Length:\t%d", "blanks behind": "Content-Length: %d \t",
		"blank before colon": "Content-Length : %d", "tab before colon": "Content-Length\t: %d", "blank before name": " Content-Length: %d",
		"plus": "Content-Length: +%d", "minus": "Content-Length: -%d", "hex": "Content-Length: 0x%x", "point": "Content-Length: %d.0", "exponent": "Content-Length: %de0",
		"zeros": "Content-Length: 000%d", "quoted": `Content-Length: "%d"`, "underscore": "Content_Length: %d", "digit separator": "Content-Length: %d_0",
		"list": "Content-Length: %[1]d, %[1]d", "list of different": "Content-Length: %d, 0", "two equal": "Content-Length: %[1]d\r\nContent-Length: %[1]d",
		"two different": "Content-Length: %d\r\nContent-Length: 0", "two different, short first": "Content-Length: 0\r\nContent-Length: %d",
		"nothing": "Content-Length:%.0d", "blank": "Content-Length: %.0d ", "NUL": "Content-Length: %d\x00", "vertical tab": "Content-Length: \x0b%d",
		"too large": "Content-Length: %d99999999999999999999", "other digits": "Content-Length: ４%d", "folded": "Content-Length:\r\n %d", "bare CR": "Content-Length: %d\rX: y", "in the name": "Content-Length\x00: %d",
	} {
		text := field
		if strings.Contains(field, "%") {
			text = fmt.Sprintf(field, n)
		}
		all = append(all, probe{"length/" + name, post(text+"\r\n", hidden)})
	}
	chunks := func(content string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(content), content) }
	for name, field := range map[string]string{
		"plain": "Transfer-Encoding: chunked", "case": "transfer-encoding: CHUNKED", "blanks": "Transfer-Encoding: \t chunked \t", "tab before colon": "Transfer-Encoding\t: chunked",
		"blank before colon": "Transfer-Encoding : chunked", "twice": "Transfer-Encoding: chunked, chunked", "two lines": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
		"identity": "Transfer-Encoding: identity", "identity behind": "Transfer-Encoding: chunked, identity", "identity before": "Transfer-Encoding: identity, chunked", "gzip": "Transfer-Encoding: gzip, chunked",
		"unknown": "Transfer-Encoding: xchunked", "parameter": "Transfer-Encoding: chunked;a=b", "quoted": `Transfer-Encoding: "chunked"`, "vertical tab": "Transfer-Encoding: \x0bchunked",
		"nothing": "Transfer-Encoding:", "folded": "Transfer-Encoding:\r\n chunked", "list with empties": "Transfer-Encoding: ,chunked,", "underscore": "Transfer_Encoding: chunked", "NUL": "Transfer-Encoding: chunked\x00",
		"and length": "Transfer-Encoding: chunked\r\nContent-Length: 4", "after length": "Content-Length: 4\r\nTransfer-Encoding: chunked", "unknown and length": "Transfer-Encoding: x\r\nContent-Length: 4", "second unknown": "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
	} {
		all = append(all, probe{"coding/" + name, post(field+"\r\n", chunks(hidden))})
	}
	all = append(all, probe{"coding/HTTP 1.0", strings.Replace(post("Transfer-Encoding: chunked\r\n", chunks("abc")), "HTTP/1.1", "HTTP/1.0", 1)})
	for name, content := range map[string]string{
		"plain": "3\r\nabc\r\n0\r\n\r\n", "upper case": "A\r\n0123456789\r\n0\r\n\r\n", "zeros": "00003\r\nabc\r\n000\r\n\r\n", "two": "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
		"extension": "3;a\r\nabc\r\n0\r\n\r\n", "extension with value": "3;a=b\r\nabc\r\n0;c=\"d\"\r\n\r\n", "blank before extension": "3 ;a=b\r\nabc\r\n0\r\n\r\n",
		"junk": "3 junk\r\nabc\r\n0\r\n\r\n", "blank behind": "3 \r\nabc\r\n0\r\n\r\n", "blank before": " 3\r\nabc\r\n0\r\n\r\n", "tab": "3\t\r\nabc\r\n0\r\n\r\n",
		"hex sign": "0x3\r\nabc\r\n0\r\n\r\n", "plus": "+3\r\nabc\r\n0\r\n\r\n", "minus": "-3\r\nabc\r\n0\r\n\r\n", "no size": "\r\nabc\r\n0\r\n\r\n", "no hex": "g\r\nabc\r\n0\r\n\r\n",
		"underscore": "0_3\r\nabc\r\n0\r\n\r\n", "too large": "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", "wraps": "100000003\r\nabc\r\n0\r\n\r\n", "negative as 64 bits": "8000000000000003\r\nabc\r\n0\r\n\r\n",
		"no end of line behind data": "3\r\nabc0\r\n\r\n", "more data than said": "2\r\nabc\r\n0\r\n\r\n", "less data than said": "4\r\nabc\r\n0\r\n\r\n",
		"LF in extension": "3;a\nabc\r\n0\r\n\r\n", "CR in extension": "3;a\rb\r\nabc\r\n0\r\n\r\n", "quoted line end": "3;a=\"\r\n\"\r\nabc\r\n0\r\n\r\n",
		"LF alone": "3\nabc\n0\n\n", "CR alone": "3\rabc\r0\r\r", "two CR": "3\r\r\nabc\r\n0\r\n\r\n",
		"trailer": "3\r\nabc\r\n0\r\nX-Trailer: v\r\n\r\n", "trailer of framing": "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n", "trailer of coding": "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
		"trailer of host": "3\r\nabc\r\n0\r\nHost: other\r\n\r\n", "trailer of secret": "3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n", "trailer without name": "3\r\nabc\r\n0\r\n: v\r\n\r\n",
		"trailer without colon": "3\r\nabc\r\n0\r\nnonsense\r\n\r\n", "hidden behind the last chunk": "0\r\n\r\n" + hidden, "hidden in a trailer": "0\r\nX: GET /hidden HTTP/1.1\r\n\r\n",
	} {
		all = append(all, probe{"chunk/" + name, post("Transfer-Encoding: chunked\r\n", content)})
	}
	for name, line := range map[string]string{
		"plain": "GET /x HTTP/1.1", "two blanks": "GET  /x HTTP/1.1", "blank behind": "GET /x HTTP/1.1 ", "tabs": "GET\t/x\tHTTP/1.1", "no version": "GET /x", "no target": "GET HTTP/1.1", "only method": "GET",
		"1.2": "GET /x HTTP/1.2", "2.0": "GET /x HTTP/2.0", "0.9": "GET /x HTTP/0.9", "9.9": "GET /x HTTP/9.9", "1.10": "GET /x HTTP/1.10", "lower case version": "GET /x http/1.1", "no slash": "GET /x HTTP1.1", "words": "GET /x y HTTP/1.1",
		"lower case method": "get /x HTTP/1.1", "method with mark": "G@T /x HTTP/1.1", "no method": " /x HTTP/1.1", "NUL in method": "GE\x00T /x HTTP/1.1", "colon method": "GET: /x HTTP/1.1",
		"absolute": "GET http://h/x HTTP/1.1", "absolute of another": "GET http://other/x HTTP/1.1", "authority": "GET h:80 HTTP/1.1", "star": "GET * HTTP/1.1", "star for OPTIONS": "OPTIONS * HTTP/1.1", "relative": "GET x HTTP/1.1",
		"NUL in path": "GET /x\x00 HTTP/1.1", "control in path": "GET /x\x01 HTTP/1.1", "bytes in path": "GET /\xff HTTP/1.1", "fragment": "GET /x#y HTTP/1.1", "CR in path": "GET /x\ry HTTP/1.1", "DEL in path": "GET /x\x7f HTTP/1.1", "bad escape": "GET /%zz HTTP/1.1", "backslash": "GET \\x HTTP/1.1",
	} {
		all = append(all, probe{"line/" + name, line + "\r\nHost: h\r\n\r\n"})
	}
	for name, head := range map[string]string{
		"no host": "", "two hosts": "Host: h\r\nHost: h\r\n", "two different hosts": "Host: h\r\nHost: other\r\n", "empty host": "Host:\r\n", "blank in host": "Host: a b\r\n", "slash in host": "Host: a/b\r\n", "user in host": "Host: u@h\r\n", "list of hosts": "Host: a, b\r\n", "host with port": "Host: h:80\r\n", "blank before colon": "Host : h\r\n",
		"folded": "Host: h\r\nX: a\r\n b\r\n", "folded first": " X: a\r\nHost: h\r\n", "no colon": "Host: h\r\nnonsense\r\n", "no name": "Host: h\r\n: v\r\n", "blank in name": "Host: h\r\nX Y: v\r\n", "NUL in name": "Host: h\r\nX\x00: v\r\n", "byte in name": "Host: h\r\n\xffX: v\r\n", "mark in name": "Host: h\r\nX(: v\r\n",
		"NUL in value": "Host: h\r\nX: \x00\r\n", "CR in value": "Host: h\r\nX: a\rb\r\n", "control in value": "Host: h\r\nX: a\x01b\r\n", "bytes in value": "Host: h\r\nX: \xff\xfe\r\n", "empty value": "Host: h\r\nX:\r\n", "DEL in value": "Host: h\r\nX: a\x7fb\r\n",
		"lines end with LF": "Host: h\nX: a\n", "two CR": "Host: h\r\r\n", "expectation": "Host: h\r\nExpect: other\r\n", "many": "Host: h\r\n" + strings.Repeat("X: y\r\n", 300), "both connections": "Host: h\r\nConnection: close, keep-alive\r\n", "connection names framing": "Host: h\r\nConnection: Content-Length\r\n",
	} {
		all = append(all, probe{"head/" + name, "GET /x HTTP/1.1\r\n" + head + "\r\n"})
	}
	add("start/empty lines", "\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	add("start/LF", "\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	add("start/blank", " GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	add("start/BOM", "\ufeffGET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	add("start/TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
	add("start/HTTP 2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	add("pipelined/two", "GET /x HTTP/1.1\r\nHost: h\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	add("pipelined/content of GET", "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", n, hidden)
	add("pipelined/content of GET in chunks", "GET /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%s", chunks(hidden))
	add("pipelined/after a refusal", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: a b c\r\nContent-Length: %d\r\n\r\n%s", n, hidden)
	add("pipelined/not found with content", "POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", n, hidden)
	return all
}

// probed is an API that counts who comes to it.
type probed struct {
	api           *typed.API
	posts, hidden atomic.Int64
}

func newProbed() *probed {
	p := &probed{api: typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})}
	typed.Handle(p.api, "POST /echo", typed.Func(func(_ context.Context, in []byte) (int, error) { p.posts.Add(1); return len(in), nil }))
	typed.Handle(p.api, "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "x", nil }))
	typed.Handle(p.api, "GET /hidden", typed.Func(func(context.Context, typed.None) (string, error) { p.hidden.Add(1); return "hidden", nil }))
	return p
}

// hear sends a probe and reads answers until the connection has nothing more to say.
func (p *probed) hear(t *testing.T, server adaptertest.Server, text string) heard {
	t.Helper()
	posts, before := p.posts.Load(), p.hidden.Load()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	_ = conn.(*net.TCPConn).CloseWrite() // a server that waits for more learns that none comes
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var statuses []string
	for in := bufio.NewReader(conn); ; {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			require.False(t, errors.Is(err, context.DeadlineExceeded), "the server neither answers nor closes")
			break
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			statuses = append(statuses, "cut")
			break
		}
		statuses = append(statuses, fmt.Sprint(res.StatusCode))
	}
	return heard{strings.Join(statuses, " "), p.posts.Load() - posts, p.hidden.Load() - before}
}

// TestOutside has what net/http and fasthttp make of the same bytes: the same, or what
// differently lists. Neither may ever read a request out of another one's content.
func TestOutside(t *testing.T) {
	plain, fast := newProbed(), newProbed()
	overHTTP := adaptertest.Serve(plain.api)
	defer overHTTP.Close()
	app := fiber.New()
	fiberadapter.Mount(app, fast.api)
	overFiber := serve(app)
	defer overFiber.Close()
	all, same := probes(), 0
	seen := map[string]bool{}
	for _, p := range all {
		t.Run("S2 "+p.name, func(t *testing.T) {
			want, got := plain.hear(t, overHTTP, p.text), fast.hear(t, overFiber, p.text)
			seen[p.name] = true
			if want == got {
				same++
				require.NotContains(t, differently, p.name, "it is answered alike: strike it off the list")
			} else if diff := gocmp.Diff(differently[p.name], got); diff != "" {
				t.Errorf("%.300q: net/http: %+v, fiber: %+v, listed (-) and heard (+):\n%s", p.text, want, got, diff)
			}
			if p.name != "chunk/hidden behind the last chunk" { // where it is no content
				hiddenBehind := strings.HasPrefix(p.name, "length/") && got.Posts == 1 && strings.HasPrefix(got.Statuses, "200")
				require.False(t, got.Hidden > want.Hidden && !hiddenBehind, "a request was read out of the content of another: %+v", got)
			}
		})
	}
	for name := range differently {
		require.Contains(t, seen, name, "the list names a probe that there is not")
	}
	t.Logf("%d probes, %d answered alike, %d listed", len(all), same, len(differently))
	require.GreaterOrEqual(t, len(all), 113)
}

// Trailer fields are not header fields (RFC 9110, 6.5.1): what is bound, and what
// HTTPRequest shows of the header, does not have them.
func TestTrailers(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /echo", typed.Func(func(ctx context.Context, in struct {
		Trace string   `header:"X-Trace"`
		List  []string `header:"X-List"`
		Body  []byte   `body:""`
	}) (string, error) {
		return fmt.Sprint(in.Trace, in.List, len(in.Body), typed.HTTPRequest(ctx).Header["X-Trace"], typed.HTTPRequest(ctx).Header["X-List"]), nil
	}))
	app := fiber.New()
	fiberadapter.Mount(app, api)
	server := serve(app)
	defer server.Close()
	for fields, want := range map[string]string{
		"":                                 "[] 3 [] []",
		"Trailer: X-Trace\r\n":             "[] 3 [] []",
		"Trailer: X-Trace, X-List\r\n":     "[] 3 [] []",
		"X-Trace: head\r\n":                "head[] 3 [head] []",
		"X-Trace: head\r\nX-List: a\r\n":   "head[a] 3 [head] [a]",
		"X-List: a\r\nTrailer: X-List\r\n": "[a] 3 [] [a]",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"+fields+"\r\n3\r\nabc\r\n0\r\nX-Trace: tail\r\nX-List: tail\r\n\r\n")
		require.NoError(t, err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("%q", want), string(text), fields)
		_ = conn.Close()
	}
}

// What fiber refuses itself is a problem as well, and repeats nothing of the request.
func TestErrorHandler(t *testing.T) {
	app := fiber.New(fiber.Config{ErrorHandler: fiberadapter.ErrorHandler})
	app.Get("/own", func(fiber.Ctx) error { return errors.New("secret") })
	fiberadapter.Mount(app, newProbed().api)
	server := serve(app)
	defer server.Close()
	for _, tt := range []struct {
		text   string
		status int
		media  string // "": a problem
	}{
		{"GET /x HTTP/1.1\r\nHost: h\r\nsecret: a\x00\r\n\r\n", 400, ""},
		{"GET /x HTTP/1.1\r\nHost: h\r\nsecret\r\n\r\n", 400, ""},
		{"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: secret\r\n\r\n", 400, ""},
		{"SECRET /x HTTP/1.1\r\nHost: h\r\n\r\n", 501, "text/plain; charset=utf-8"},
		{"GET /secret HTTP/1.1\r\nHost: h\r\n\r\n", 404, ""},
		{"GET /own HTTP/1.1\r\nHost: h\r\n\r\n", 500, ""},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, tt.text)
		require.NoError(t, err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err, tt.text)
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, tt.status, res.StatusCode, "%q: %s", tt.text, text)
		require.Equal(t, cmp.Or(tt.media, "application/problem+json"), res.Header.Get("Content-Type"), "%q", tt.text)
		require.NotContains(t, strings.ToLower(string(text)), "secret", "%q", tt.text)
		_ = conn.Close()
	}
}

// differently is where fasthttp does not answer as net/http does, and what it does
// instead. Most of it is stricter, or refuses with another status.
var differently = map[string]heard{
	// Two equal lines, and lists of codings with the same end, are refused.
	"length/two equal": {"400", 0, 0},
	// What net/http calls a coding that it does not implement is a bad request.
	"coding/two lines": {"400", 0, 0}, "coding/gzip": {"400", 0, 0}, "coding/parameter": {"400", 0, 0}, "coding/quoted": {"400", 0, 0}, "coding/nothing": {"400", 0, 0},
	"coding/identity before": {"400", 0, 0}, "coding/unknown": {"400", 0, 0}, "coding/unknown and length": {"400", 0, 0}, "coding/second unknown": {"400", 0, 0},
	"coding/twice": {"400", 0, 0}, "coding/identity behind": {"400", 0, 0}, "coding/list with empties": {"400", 0, 0}, "coding/HTTP 1.0": {"400", 0, 0},
	// The coding of RFC 2616 that says nothing is still read as that: a request without a length has no content.
	"coding/identity": {"200 400", 1, 0},
	"chunk/wraps":     {"413", 0, 0}, // larger than fiber's BodyLimit
	// Trailers that would change the framing, the host or who is asking are refused; net/http drops them.
	"chunk/trailer of secret": {"400", 0, 0}, "chunk/trailer of host": {"400", 0, 0}, "chunk/trailer of coding": {"400", 0, 0}, "chunk/trailer of framing": {"400", 0, 0},
	// Any version is taken for 1.1.
	"line/2.0": {"200", 0, 0}, "line/0.9": {"200", 0, 0}, "line/9.9": {"200", 0, 0},
	// fiber knows the methods of its RequestMethods.
	"line/colon method": {"501", 0, 0}, "line/lower case method": {"501", 0, 0}, "line/NUL in method": {"501", 0, 0}, "line/method with mark": {"501", 0, 0}, "start/BOM": {"501", 0, 0},
	"line/fragment":   {"200", 0, 0}, // which no client sends
	"line/bad escape": {"404", 0, 0}, // fiber finds no path
	"line/authority":  {"400", 0, 0}, "line/star": {"400", 0, 0}, "line/star for OPTIONS": {"404", 0, 0}, "start/HTTP 2 preface": {"400", 0, 0},
	"head/expectation": {"200", 0, 0}, "head/empty host": {"400", 0, 0}, "head/lines end with LF": {"400", 0, 0},
	"head/user in host": {"200", 0, 0}, "head/blank in name": {"200", 0, 0},
	"start/empty lines": {"200", 0, 0}, "start/LF": {"200", 0, 0}, // RFC 9112, 2.2, allows it
}
