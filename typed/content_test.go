package typed_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// body is a Content's Body that counts how often it was closed.
type body struct {
	io.ReadSeeker
	closed atomic.Int32
}

func (b *body) Close() error { b.closed.Add(1); return nil }

// download is an API that answers GET /file with c, its body being b.
func download(t *testing.T, c typed.Content, b *body, opts ...typed.Option) (api *typed.API, reports *[]error) {
	t.Helper()
	reports = new([]error)
	api = typed.New("Files", "1", &typed.Options{OnError: func(_ context.Context, err error) { *reports = append(*reports, err) }})
	c.Body = b
	typed.Handle(api, "GET /file", typed.Func(func(context.Context, typed.None) (typed.Content, error) { return c, nil }), opts...)
	return api, reports
}

func askFile(api http.Handler, method string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/file", nil)
	r.Header = header
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

// Each request is answered as http.ServeContent answers it, but for the problem documents.
func TestContentLikeServeContent(t *testing.T) {
	const text = "0123456789abcdefghijklmnopqrstuvwxyz"
	modified := time.Date(2026, 11, 29, 10, 0, 0, 5e8, time.UTC)
	const date, earlier, later = "Sun, 29 Nov 2026 10:00:00 GMT", "Sun, 29 Nov 2026 09:59:59 GMT", "Sun, 29 Nov 2026 10:00:01 GMT"
	headers := []http.Header{
		{},
		{"Range": {"bytes=0-4"}}, {"Range": {"bytes=10-"}}, {"Range": {"bytes=-5"}}, {"Range": {"bytes=0-999"}},
		{"Range": {"bytes=0-4,10-14"}}, {"Range": {"bytes=4-8,2-6"}}, {"Range": {"bytes=9-5"}}, {"Range": {"bytes=36-"}}, {"Range": {"bytes=x"}},
		{"Range": {"bytes=0-35,0-35"}},
		{"If-None-Match": {`"v1"`}}, {"If-None-Match": {`W/"v1"`}}, {"If-None-Match": {`"v2"`}},
		{"If-Modified-Since": {date}}, {"If-Modified-Since": {earlier}}, {"If-Modified-Since": {later}},
		{"If-None-Match": {`"v1"`}, "Range": {"bytes=0-4"}},
		{"If-Range": {`"v1"`}, "Range": {"bytes=0-4"}}, {"If-Range": {`"v2"`}, "Range": {"bytes=0-4"}}, {"If-Range": {`W/"v1"`}, "Range": {"bytes=0-4"}},
		{"If-Range": {date}, "Range": {"bytes=0-4"}}, {"If-Range": {earlier}, "Range": {"bytes=0-4"}},
		{"If-Range": {`"v2"`}, "Range": {"bytes=99-"}},
		{"If-Match": {`"v1"`}}, {"If-Match": {`"v2"`}}, {"If-Match": {"*"}}, {"If-Match": {`W/"v1"`}},
		{"If-Unmodified-Since": {date}}, {"If-Unmodified-Since": {earlier}},
		{"If-Match": {`"v2"`}, "If-None-Match": {`"v1"`}},
	}
	compared := 0
	for _, c := range []typed.Content{
		{Type: "text/plain; charset=utf-8", ETag: `"v1"`, Modified: modified},
		{Type: "text/plain; charset=utf-8", Modified: modified},
		{Type: "text/plain; charset=utf-8", ETag: `"v1"`},
		{Type: "text/plain; charset=utf-8", ETag: `W/"v1"`},
		{},
	} {
		headers := headers
		if c.ETag != "" { // an answer without one has nothing to compare with the star
			headers = append(headers, http.Header{"If-None-Match": {"*"}})
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, h := range headers {
				b := &body{ReadSeeker: strings.NewReader(text)}
				api, reports := download(t, c, b)
				got := askFile(api, method, h)
				want := httptest.NewRecorder()
				if c.ETag != "" {
					want.Header().Set("ETag", c.ETag)
				}
				if c.Type != "" {
					want.Header().Set("Content-Type", c.Type)
				}
				r := httptest.NewRequest(method, "/file", nil)
				r.Header = h
				http.ServeContent(want, r, "", c.Modified, strings.NewReader(text))
				say := func() string { return method + " " + c.ETag + c.Modified.String() + " " + cmp.Diff(nil, h) }
				require.Equal(t, want.Code, got.Code, say())
				require.Equal(t, int32(1), b.closed.Load(), say())
				require.Empty(t, *reports)
				compared++
				if want.Code >= 400 {
					require.Equal(t, "application/problem+json", got.Header().Get("Content-Type"))
					continue
				}
				wantBody, gotBody := want.Body.String(), got.Body.String()
				for _, w := range []*httptest.ResponseRecorder{got, want} { // the boundaries are random
					if _, params, _ := mime.ParseMediaType(w.Header().Get("Content-Type")); params["boundary"] != "" {
						w.Header().Set("Content-Type", "multipart/byteranges")
						w.Header().Del("Content-Length")
					}
				}
				if got.Header().Get("Content-Type") == "multipart/byteranges" {
					wantBody, gotBody = "", ""
				}
				require.Equal(t, wantBody, gotBody, say())
				got.Header().Del("X-Content-Type-Options")
				if want.Code == http.StatusNotModified {
					got.Header().Del("Accept-Ranges")
				}
				if diff := cmp.Diff(want.Header(), got.Header()); diff != "" {
					t.Errorf("%s\n%s", say(), diff)
				}
			}
		}
	}
	t.Logf("%d answers compared", compared)
}

func TestContentRanges(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	many := "bytes=0-0" + strings.Repeat(",1-1", 999)
	for _, tt := range []struct {
		rangeField   string
		status       int
		contentRange string
		content      string
	}{
		{"bytes=-0", 416, "bytes */10000", ""},
		{"bytes=10000-", 416, "bytes */10000", ""},
		{"bytes=5-2", 416, "bytes */10000", ""},
		{"pages=1-2", 200, "", text},
		{many, 200, "", text},
		{"bytes=9990-", 206, "bytes 9990-9999/10000", "0123456789"},
	} {
		b := &body{ReadSeeker: strings.NewReader(text)}
		api, reports := download(t, typed.Content{}, b)
		w := askFile(api, http.MethodGet, http.Header{"Range": {tt.rangeField}})
		require.Equal(t, tt.status, w.Code, tt.rangeField)
		require.Equal(t, tt.contentRange, w.Header().Get("Content-Range"), tt.rangeField)
		require.Equal(t, "bytes", w.Header().Get("Accept-Ranges"))
		if tt.status < 400 {
			require.Equal(t, tt.content, w.Body.String())
		}
		require.Equal(t, int32(1), b.closed.Load())
		require.Empty(t, *reports)
	}
}

// Several ranges are a multipart/byteranges whose length was said before.
func TestContentSeveralRanges(t *testing.T) {
	b := &body{ReadSeeker: strings.NewReader("0123456789")}
	api, _ := download(t, typed.Content{Type: "text/csv"}, b)
	w := askFile(api, http.MethodGet, http.Header{"Range": {"bytes=5-6,0-1,-1"}})
	require.Equal(t, 206, w.Code)
	require.Empty(t, w.Header().Get("Content-Range"))
	require.Equal(t, w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()))
	mediaType, params, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/byteranges", mediaType)
	r := multipart.NewReader(w.Body, params["boundary"])
	var got []string
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		got = append(got, part.Header.Get("Content-Type")+" "+part.Header.Get("Content-Range")+" "+string(content))
	}
	require.Equal(t, []string{"text/csv bytes 5-6/10 56", "text/csv bytes 0-1/10 01", "text/csv bytes 9-9/10 9"}, got)
}

func TestContentHead(t *testing.T) {
	for name, tt := range map[string]struct {
		content typed.Content
		text    string
		opts    []typed.Option
		want    map[string]string
	}{
		"an inline page is kept from the origin": {typed.Content{Type: "text/html"}, "<p>", nil,
			map[string]string{"Content-Security-Policy": "sandbox", "Content-Disposition": "", "X-Content-Type-Options": "nosniff"}},
		"so is one that only looks like it": {typed.Content{}, "<html>", nil,
			map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "sandbox"}},
		"SVG":               {typed.Content{Type: "image/svg+xml"}, "<svg/>", nil, map[string]string{"Content-Security-Policy": "sandbox"}},
		"XHTML":             {typed.Content{Type: "application/xhtml+xml"}, "<html/>", nil, map[string]string{"Content-Security-Policy": "sandbox"}},
		"XML":               {typed.Content{Type: "Text/XML; charset=utf-8"}, "<a/>", nil, map[string]string{"Content-Security-Policy": "sandbox"}},
		"an image is shown": {typed.Content{Type: "image/png", Name: "a.png"}, "", nil, map[string]string{"Content-Security-Policy": "", "Content-Disposition": `inline; filename="a.png"`}},
		"a page that is saved runs nowhere": {typed.Content{Type: "text/html", Name: "é.html", Attachment: true}, "", nil,
			map[string]string{"Content-Security-Policy": "", "Content-Disposition": `attachment; filename="_.html"; filename*=UTF-8''%C3%A9.html`}},
		"declared":                  {typed.Content{}, "a,b", []typed.Option{typed.Produces("text/csv; charset=utf-8")}, map[string]string{"Content-Type": "text/csv; charset=utf-8"}},
		"in the declared range":     {typed.Content{Type: "image/webp"}, "", []typed.Option{typed.Produces("image/*")}, map[string]string{"Content-Type": "image/webp"}},
		"found in the range":        {typed.Content{}, "\x89PNG\r\n\x1a\n", []typed.Option{typed.Produces("image/*")}, map[string]string{"Content-Type": "image/png"}},
		"the time of the epoch":     {typed.Content{Modified: time.Unix(0, 0)}, "", nil, map[string]string{"Last-Modified": ""}},
		"without a body":            {typed.Content{}, "", nil, map[string]string{"Content-Length": "0", "Content-Type": "text/plain; charset=utf-8"}},
		"an empty body has a range": {typed.Content{}, "", nil, map[string]string{"Accept-Ranges": "bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &body{ReadSeeker: strings.NewReader(tt.text)}
			api, reports := download(t, tt.content, b, tt.opts...)
			w := askFile(api, http.MethodGet, http.Header{})
			require.Equal(t, 200, w.Code)
			require.Empty(t, *reports)
			require.Equal(t, tt.text, w.Body.String())
			for field, want := range tt.want {
				require.Equal(t, want, w.Header().Get(field), field)
			}
		})
	}
}

// What a handler sets in the header wins.
func TestContentHeaderOfHandler(t *testing.T) {
	api := typed.New("Files", "1", nil)
	typed.Handle(api, "GET /file", func(_ context.Context, _ typed.None, res *typed.Response[typed.Content]) (typed.Answer, error) {
		return res.Header("Content-Security-Policy", "default-src 'self'").Header("ETag", `"own"`).Header("Content-Type", "text/html").
			Send(typed.Content{ETag: `"other"`, Body: strings.NewReader("<p>")})
	})
	w := askFile(api, http.MethodGet, http.Header{})
	require.Equal(t, []string{"default-src 'self'"}, w.Header()["Content-Security-Policy"])
	require.Equal(t, []string{`"own"`}, w.Header()["Etag"])
	require.Equal(t, 304, askFile(api, http.MethodGet, http.Header{"If-None-Match": {`"own"`}}).Code)
}

var errDisk = errors.New("the disk is gone")

// faulty fails, or panics, where it says.
type faulty struct {
	io.ReadSeeker
	seek, read func() error
}

func (f faulty) Seek(offset int64, whence int) (int64, error) {
	if err := f.seek(); err != nil {
		return 0, err
	}
	return f.ReadSeeker.Seek(offset, whence)
}

func (f faulty) Read(p []byte) (int, error) {
	if err := f.read(); err != nil {
		return 0, err
	}
	return f.ReadSeeker.Read(p)
}

// Whatever goes wrong, the body is closed once, and what can still be a problem is one.
func TestContentThatFails(t *testing.T) {
	fine := func() error { return nil }
	fails := func() error { return errDisk }
	panics := func() error { panic(errDisk) }
	later := func(f func() error, calls int) func() error {
		return func() error {
			if calls--; calls >= 0 {
				return nil
			}
			return f()
		}
	}
	for name, tt := range map[string]struct {
		content typed.Content
		f       faulty
		opts    []typed.Option
		status  int // 0: the connection is cut
	}{
		"seek":                    {typed.Content{Type: "a/b"}, faulty{nil, fails, fine}, nil, 500},
		"seek panics":             {typed.Content{Type: "a/b"}, faulty{nil, panics, fine}, nil, 500},
		"sniffing":                {typed.Content{}, faulty{nil, fine, fails}, nil, 500},
		"seek before sniffing":    {typed.Content{}, faulty{nil, later(fails, 1), fine}, nil, 500},
		"reading":                 {typed.Content{Type: "a/b"}, faulty{nil, fine, fails}, nil, 0},
		"reading panics":          {typed.Content{Type: "a/b"}, faulty{nil, fine, panics}, nil, 0},
		"seek before reading":     {typed.Content{Type: "a/b"}, faulty{nil, later(fails, 1), fine}, nil, 0},
		"no entity tag":           {typed.Content{ETag: "v1"}, faulty{nil, fine, fine}, nil, 500},
		"no media type":           {typed.Content{Type: "csv"}, faulty{nil, fine, fine}, nil, 500},
		"a range of media types":  {typed.Content{Type: "image/*"}, faulty{nil, fine, fine}, nil, 500},
		"another media type":      {typed.Content{Type: "text/html"}, faulty{nil, fine, fine}, []typed.Option{typed.Produces("text/csv")}, 500},
		"another range of types":  {typed.Content{Type: "text/html"}, faulty{nil, fine, fine}, []typed.Option{typed.Produces("image/*")}, 500},
		"a line break in a field": {typed.Content{Type: "a/b; c=\"\r\nX: y\""}, faulty{nil, fine, fine}, nil, 500},
	} {
		t.Run(name, func(t *testing.T) {
			tt.f.ReadSeeker = strings.NewReader("content")
			b := &body{ReadSeeker: tt.f}
			api, reports := download(t, tt.content, b, tt.opts...)
			cut := false
			w := httptest.NewRecorder()
			func() {
				defer func() { cut = recover() == http.ErrAbortHandler }()
				api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/file", nil))
			}()
			require.Equal(t, tt.status == 0, cut)
			if !cut {
				require.Equal(t, tt.status, w.Code)
				require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			}
			require.Equal(t, int32(1), b.closed.Load())
			require.Len(t, *reports, 1)
		})
	}
}

// A file that becomes shorter while it is sent cuts the connection.
func TestContentShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte("0123456789"), 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	shrink := func() error { return os.Truncate(path, 4) }
	b := &body{ReadSeeker: faulty{f, func() error { return nil }, shrink}}
	api, reports := download(t, typed.Content{Type: "a/b"}, b)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { askFile(api, http.MethodGet, http.Header{}) })
	require.ErrorIs(t, (*reports)[0], io.ErrUnexpectedEOF)
	require.NoError(t, f.Close())
}

// Ranges are for 200 to GET and HEAD, and JSON is no way to send content.
func TestContentElsewhere(t *testing.T) {
	api := typed.New("Files", "1", &typed.Options{OnError: func(context.Context, error) {}})
	content := func() typed.Content {
		return typed.Content{Type: "a/b", ETag: `"v1"`, Body: strings.NewReader("0123456789")}
	}
	typed.Handle(api, "POST /file", typed.Func(func(context.Context, typed.None) (typed.Content, error) { return content(), nil }))
	typed.Handle(api, "GET /file", func(_ context.Context, _ typed.None, res *typed.Response[typed.Content]) (typed.Answer, error) {
		return res.Status(203).Send(content())
	}, typed.Status(200, 203))
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		w := askFile(api, method, http.Header{"Range": {"bytes=0-1"}, "If-Match": {`"v2"`}})
		require.Equal(t, "0123456789", w.Body.String(), method)
	}
	var b body
	b.ReadSeeker = strings.NewReader("x")
	api = typed.New("Files", "1", &typed.Options{OnError: func(context.Context, error) {}})
	typed.Handle(api, "GET /file", func(_ context.Context, _ typed.None, res *typed.Response[typed.Content]) (typed.Answer, error) {
		return res.JSON(typed.Content{Body: &b})
	})
	require.Equal(t, 500, askFile(api, http.MethodGet, http.Header{}).Code)
	require.Equal(t, int32(1), b.closed.Load())
}

func TestContentWithoutBody(t *testing.T) {
	for _, nothing := range []io.ReadSeeker{nil, (*os.File)(nil)} {
		api := typed.New("Files", "1", nil)
		typed.Handle(api, "GET /file", typed.Func(func(context.Context, typed.None) (typed.Content, error) { return typed.Content{Body: nothing}, nil }))
		w := askFile(api, http.MethodGet, http.Header{"Range": {"bytes=0-"}})
		require.Equal(t, 200, w.Code)
		require.Equal(t, "0", w.Header().Get("Content-Length"))
	}
}
