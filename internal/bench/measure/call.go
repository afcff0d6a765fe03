// Package measure calls contenders in-process and compares what they cost.
package measure

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Prepare builds the request of w for c once, in the form that c does it in.
func Prepare(c contender.Contender, w work.Work) contender.Call {
	w = c.Ask(w).Work
	if c.Prepare != nil {
		return c.Prepare(w)
	}
	src := &source{text: w.Body}
	req := httptest.NewRequest(w.Method, w.Target, nil)
	req.ContentLength = int64(len(w.Body))
	req.Header = w.Header
	rec := &recorder{header: http.Header{}}
	return contender.Call{
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
		Answer: func() contender.Answer {
			return contender.Answer{Status: rec.status, Header: rec.header.Clone(), Body: bytes.Clone(rec.body)}
		},
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
