// Package measure calls contenders in-process and compares what they cost.
package measure

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

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
	src := strings.NewReader(w.Body)
	proto := httptest.NewRequest(w.Method, w.Target, io.NopCloser(src))
	proto.ContentLength = int64(len(w.Body))
	proto.Header = w.Header
	if w.Body == "" {
		proto.Body = http.NoBody
	}
	rec := &recorder{header: http.Header{}}
	req := new(http.Request)
	return Call{
		Do: func() {
			// A request is used once: routers and forms leave their marks in it.
			*req = *proto
			src.Reset(w.Body)
			rec.reset()
			c.Handler.ServeHTTP(rec, req)
		},
		Answer: func() Answer { return Answer{rec.status, rec.header.Clone(), append([]byte(nil), rec.body...)} },
	}
}

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
