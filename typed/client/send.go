package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// incoming is the head of an answer, and its content to be read.
type incoming struct {
	status int
	header http.Header
	body   io.ReadCloser // nil: a local API has written all of it to buffer
	buffer *bytes.Buffer // nil: nothing was read yet
	cause  error         // why the buffer has not all of it

	recorder *recorder // of a local API that has written all; it has the incoming
}

// release closes what is read from, and gives the buffer back. It may be called again.
func (in *incoming) release() {
	if in.body != nil {
		_ = in.body.Close() // what was read was read
	}
	if in.buffer != nil && in.buffer.Cap() <= keptBuffer {
		in.buffer.Reset()
		buffers.Put(in.buffer)
	}
	in.buffer = nil
}

// field is the first line of a header field, whose name is canonical: Header.Get would make it
// so again.
func (in *incoming) field(name string) string {
	if lines := in.header[name]; len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// send sends a request, and again where Options.Retry says so.
func (c *Client) send(p *plan, req outgoing) (*incoming, error) {
	for try := 1; ; try++ {
		got, err := c.exchange(p, req.Request)
		if try >= c.retry.Tries || !req.again || !repeatable(p.method) || !failed(got, err) || req.Context().Err() != nil {
			return got, err
		}
		wait, ok := c.retry.wait(try, got)
		if deadline, has := req.Context().Deadline(); !ok || has && time.Until(deadline) <= wait {
			return got, err
		}
		if got != nil {
			if got.body != nil {
				_, _ = io.CopyN(io.Discard, got.body, drained) // so that the connection is used again
			}
			got.release()
		}
		if err := sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		req.Request = req.Clone(req.Context()) // the API may have kept the other
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// drained is how much of an answer is read only to use its connection again.
const drained = 64 << 10

// exchange sends a request once.
func (c *Client) exchange(p *plan, req *http.Request) (*incoming, error) {
	if c.local != nil {
		if p.streams {
			return c.serveStream(req)
		}
		return c.serve(req)
	}
	res, err := c.http.Do(req) //nolint:bodyclose // incoming.release closes it
	if err != nil {
		return nil, redact(err)
	}
	if values, ok := res.Header[heldLocation]; ok {
		delete(res.Header, heldLocation)
		res.Header["Location"] = values
	}
	return &incoming{status: res.StatusCode, header: res.Header, body: res.Body}, nil
}

// unfollowed hides the Location of a redirect from http.Client, which follows it, or fails
// where it is malformed, before CheckRedirect is asked. nil: http.DefaultTransport.
type unfollowed struct{ transport http.RoundTripper }

// heldLocation is where it is meanwhile: a name that no server can send.
const heldLocation = "(Location)"

func (u unfollowed) RoundTrip(r *http.Request) (*http.Response, error) {
	transport := u.transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(r)
	if err != nil || !isRedirect(res.StatusCode) || res.Header["Location"] == nil {
		return res, err
	}
	res.Header = res.Header.Clone() // the transport may have kept it
	res.Header[heldLocation] = res.Header["Location"]
	delete(res.Header, "Location")
	return res, nil
}

// redact takes the query out of an error of net/http: a credential may stand in it.
func redact(err error) error {
	failed, ok := errors.AsType[*url.Error](err)
	if !ok || error(failed) != err {
		return err
	}
	address, _, _ := strings.Cut(failed.URL, "?")
	return &url.Error{Op: failed.Op, URL: address, Err: failed.Err}
}

// repeatable reports whether sending a request twice is as good as sending it once (RFC 9110, 9.2.2).
func repeatable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

func failed(got *incoming, err error) bool {
	return err != nil || slices.Contains([]int{429, 502, 503, 504}, got.status)
}

// wait is how long to wait after a try; it is not ok where the server asks for too long.
func (r *Retry) wait(try int, got *incoming) (time.Duration, bool) {
	base, most := r.Base, r.Max
	if base <= 0 {
		base = 100 * time.Millisecond
	}
	if most <= 0 {
		most = 10 * time.Second
	}
	limit := base
	for range try - 1 {
		if limit *= 2; limit >= most || limit <= 0 {
			limit = most
			break
		}
	}
	jitter := rand.N(min(limit, most) + 1)
	if got == nil {
		return jitter, true
	}
	after := retryAfter(got.field("Retry-After"))
	return min(jitter, most-after) + after, after <= most
}

// retryAfter is RFC 9110, 10.2.3; 0 for what is malformed or over. Any number of seconds is
// well-formed.
func retryAfter(text string) time.Duration {
	if text == "" {
		return 0
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	if at, ok := syntax.HTTPDate(text, time.Now()); ok {
		return max(0, time.Until(at))
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
