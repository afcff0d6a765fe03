package typed

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// rendition carries the request that renders a page: what makes the page's key, and
// nothing else. It keeps the answer.
type rendition struct {
	ctx     context.Context
	path    string // with the API's base path
	request pages.Request
	http    *http.Request // built when somebody asks for it
	page    pages.Page
}

var _ wire.Exchange = (*rendition)(nil)

var errUnanswered = errors.New("the render of a page gave no answer")

// render runs the pipeline for a page. Neither the API's middleware nor the
// endpoint's has a part in it.
func (e *endpoint) render(ctx context.Context, req pages.Request) (page *pages.Page, err error) {
	x := &rendition{ctx: ctx, path: e.api.BasePath() + req.Path, request: req, page: pages.Page{Header: http.Header{}}}
	c := callOf(x)
	c.values = append(c.room[:0], req.Values...)
	r, f := e.open(nil, wire.SeatOf(x))
	defer func() {
		if v := recover(); v == http.ErrAbortHandler {
			page, err = nil, errors.Join(errUnanswered, ctx.Err())
		} else if v != nil {
			panic(v)
		}
	}()
	r.answer(c, f)
	return &x.page, nil
}

// note takes from an answer what its header does not say.
func (c *call) note(a *Answer) {
	if x, ok := c.exchange.(*rendition); ok {
		x.page.Tags, x.page.NoStore = a.CacheTags(), !a.Storable()
	}
}

// doNotStore marks the answer to a request that did not reach its handler.
func (c *call) doNotStore() {
	if x, ok := c.exchange.(*rendition); ok {
		x.page.NoStore = true
	}
}

func (x *rendition) Method() string              { return http.MethodGet }
func (x *rendition) EscapedPath() string         { return x.path }
func (x *rendition) RawQuery() string            { return x.request.RawQuery }
func (x *rendition) Header(name string) []string { return x.request.Header[name] }
func (x *rendition) Body() io.Reader             { return http.NoBody }
func (x *rendition) ContentLength() int64        { return 0 }
func (x *rendition) Context() context.Context    { return x.ctx }

// HTTPRequest makes a request of the keyed parts.
func (x *rendition) HTTPRequest() *http.Request {
	if x.http == nil {
		u := &url.URL{RawPath: x.path, RawQuery: x.request.RawQuery}
		// The path is one that was matched before, so it can be unescaped.
		u.Path, _ = url.PathUnescape(x.path)
		r := &http.Request{
			Method: http.MethodGet, URL: u, RequestURI: u.RequestURI(), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: x.request.Header.Clone(), Body: http.NoBody,
		}
		x.http = r.WithContext(x.ctx)
	}
	return x.http
}

func (x *rendition) SetHeader(name string, values []string) { x.page.Header[name] = values }

func (x *rendition) SetContent(mediaType []string, length int64) {
	if mediaType != nil {
		x.page.Header["Content-Type"] = mediaType
	}
	if length >= 0 {
		x.page.Header["Content-Length"] = wire.ContentLength(length)
	}
}

func (x *rendition) AddHeader(name, value string) {
	x.page.Header[name] = append(slices.Clip(x.page.Header[name]), value)
}

// Send keeps a copy: the content is in a buffer that is used again.
func (x *rendition) Send(status int, body []byte) error {
	x.page.Status, x.page.Body = status, slices.Clone(body)
	return nil
}

// Stream is for an answer that the types do not declare as a stream; it is kept whole.
func (x *rendition) Stream(status int, src io.Reader, _ bool) error {
	body, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	x.page.Status, x.page.Body = status, body
	return nil
}

// Abort ends the render without a page.
func (x *rendition) Abort() { panic(http.ErrAbortHandler) }
