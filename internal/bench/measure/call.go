// Package measure calls contenders in-process and compares what they cost.
package measure

import (
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Call is one prepared request that can be made again and again.
type Call struct {
	Do     func()        // makes the request
	Answer func() Answer // what the last Do brought
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Prepare builds the request of w for c once.
func Prepare(c contender.Contender, w work.Work) Call {
	if c.Fast != nil {
		return prepareFast(c.Fast, w)
	}
	src := &source{text: w.Body}
	req := httptest.NewRequest(w.Method, w.Target, nil)
	req.ContentLength = int64(len(w.Body))
	req.Header = w.Header
	rec := &recorder{header: http.Header{}}
	return Call{
		Do: func() {
			// Handlers leave marks in a request. Copying it whole from a clean one would
			// cost those most who allocate most: during a collection every pointer that is
			// overwritten is noted.
			req.Pattern, req.Form, req.PostForm = "", nil, nil
			src.at = 0
			req.Body = src
			rec.reset()
			c.Handler.ServeHTTP(rec, req)
		},
		Answer: func() Answer { return Answer{rec.status, rec.header.Clone(), append([]byte(nil), rec.body...)} },
	}
}

// source is a body that can be read again.
type source struct {
	text string
	at   int
}

func (s *source) Read(p []byte) (int, error) {
	if s.at == len(s.text) {
		return 0, io.EOF
	}
	n := copy(p, s.text[s.at:])
	s.at += n
	return n, nil
}

func (s *source) Close() error { return nil }

// prepareFast does for fasthttp what Prepare does for net/http. The target is
// set each time, because a parsed one would stay parsed; net/http's server has
// split it before the handler runs, fasthttp splits it when it is asked for.
func prepareFast(h fasthttp.RequestHandler, w work.Work) Call {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.Header.SetMethod(w.Method)
	for name, lines := range w.Header {
		for _, line := range lines {
			ctx.Request.Header.Add(name, line)
		}
	}
	ctx.Request.SetBodyString(w.Body)
	return Call{
		Do: func() {
			ctx.Request.SetRequestURI(w.Target)
			ctx.Response.Reset()
			ctx.ResetUserValues()
			h(ctx)
		},
		Answer: func() Answer {
			header := http.Header{}
			for name, value := range ctx.Response.Header.All() {
				header.Add(string(name), string(value))
			}
			return Answer{ctx.Response.StatusCode(), header, append([]byte(nil), ctx.Response.Body()...)}
		},
	}
}
