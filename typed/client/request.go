package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/bind"
)

// outgoing is a request that is ready to be sent, again if need be.
type outgoing struct {
	*http.Request
	again bool // the content, if any, can be sent again
}

// request makes the request of in, a *Req.
func (c *Client) request(ctx context.Context, p *plan, in any) (out outgoing, err error) {
	basePath := c.basePath
	if c.local != nil {
		basePath = c.local.BasePath()
	}
	target, err := p.target(basePath, in)
	if err != nil {
		return out, err
	}
	if ctx == nil {
		return out, errNilContext
	}
	own := new(parts)
	req := c.newRequest(ctx, own, p.method, target)
	if c.local == nil {
		req.Pattern = p.pattern(basePath) // names the request for an http.RoundTripper that traces it
	}
	if err := c.addHeader(req.Header); err != nil {
		return out, err
	}
	if err := c.sign(ctx, p, req); err != nil {
		return out, err
	}
	if err := p.sender.Header(req.Header, in); err != nil {
		return out, err
	}
	content, err := p.sender.Content(req.Header, in)
	if err != nil {
		return out, err
	}
	if content.MediaType != "" {
		own.mediaType[0] = content.MediaType
		req.Header["Content-Type"] = own.mediaType[:]
	}
	if content.Lines != nil {
		content.Stream = newLinesBody(ctx, content.Lines, p.encode)
	}
	if content.Stream != nil {
		setStream(req, content.Stream)
	} else if len(content.Bytes) > 0 {
		c.setBytes(req, &own.body, content.Bytes)
	}
	out.Request, out.again = req, content.Stream == nil
	return out, nil
}

// targets are what the target of a request is written to.
var targets = sync.Pool{New: func() any { return new([]byte) }}

// target is the request target for in, a *Req.
func (p *plan) target(basePath string, in any) (string, error) {
	room := targets.Get().(*[]byte)
	defer targets.Put(room)
	target, err := p.sender.Target(append((*room)[:0], basePath...), in)
	if cap(target) <= keptTarget {
		*room = target
	}
	return string(target), err
}

// keptTarget bounds what is used again after a long target.
const keptTarget = 8 << 10

// pattern is that of the endpoint with the base path, "GET /v1/users/{id}".
func (p *plan) pattern(basePath string) string {
	if basePath == "" {
		return p.name
	}
	return p.method + " " + basePath + strings.TrimPrefix(p.name, p.method+" ")
}

// parts are a request and what most refer to, in one allocation.
type parts struct {
	request   http.Request
	url       url.URL
	context   localContext
	mediaType [1]string
	body      bytesBody
}

// newRequest makes a request without content, as http.NewRequestWithContext does, which
// would parse the URL of the API again.
func (c *Client) newRequest(ctx context.Context, own *parts, method, target string) *http.Request {
	if c.local != nil {
		own.context.call = ctx
		ctx = &own.context
	}
	own.request = *c.template.WithContext(ctx)
	req := &own.request
	own.url = *c.template.URL
	setTarget(&own.url, target)
	req.Method, req.URL, req.Header = method, &own.url, make(http.Header, 4)
	if c.local != nil {
		req.RequestURI = target
	}
	return req
}

var errNilContext = errors.New("the context is nil")

// setTarget sets the path and query of a URL to an escaped target.
func setTarget(u *url.URL, target string) {
	path, query, _ := strings.Cut(target, "?")
	u.Path, u.RawPath, u.RawQuery = path, "", query
	if strings.ContainsAny(path, "%!'()*") { // else it is what net/url makes of the decoded path
		u.RawPath = path
		u.Path, _ = url.PathUnescape(path) // of our own making
	}
}

// bytesBody is content at hand: what is left of it. Closing it changes nothing, because a
// handler that was left behind may still read.
type bytesBody struct{ left []byte }

func (b *bytesBody) Read(p []byte) (int, error) {
	n := copy(p, b.left)
	if b.left = b.left[n:]; n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (*bytesBody) Close() error { return nil }

// setBytes has content sent from body, which the transport of net/http may have to do again
// by itself where a connection was closed meanwhile.
func (c *Client) setBytes(req *http.Request, body *bytesBody, content []byte) {
	body.left = content
	req.ContentLength, req.Body = int64(len(content)), body
	if c.local == nil || c.retry.Tries > 1 {
		req.GetBody = func() (io.ReadCloser, error) { return &bytesBody{content}, nil }
	}
}

// setStream has a reader sent, whose length is told where it is known.
func setStream(req *http.Request, src io.Reader) {
	switch s := src.(type) {
	case *bind.Multipart:
		req.ContentLength = s.Length
	case *bytes.Buffer:
		req.ContentLength = int64(s.Len())
	case *bytes.Reader:
		req.ContentLength = int64(s.Len())
	case *strings.Reader:
		req.ContentLength = int64(s.Len())
	default:
		req.ContentLength = -1
	}
	closer, ok := src.(io.ReadCloser)
	if !ok {
		closer = io.NopCloser(src)
	}
	req.Body = closer
	if req.ContentLength == 0 {
		req.Body = http.NoBody
	}
}
