package typedtest

import (
	"bytes"
	"context"
	"net/http"
	"sync"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// New makes a client of an API in this process, as client.Local does, that fails the test
// when an answer is not what its endpoint declares: an undeclared status, problems included,
// another media type, a payload that its schema refuses, a 5xx that no option names. It
// fails as well with each error that the API reports (typed.Options.OnError) while it
// answers. The test does not have to look at the error of the call for that.
//
// It may be called at any time, and several clients of one API fail a test each. The error
// that a call returns is that of client.Call. Of streams the head is judged.
func New(t docs.TB, api *typed.API) *client.Client {
	t.Helper()
	local := client.Local(api)
	s, err := newSuite(api)
	if err != nil {
		t.Fatalf("typedtest: %v", err)
		return local
	}
	return hook.Around(local, func(next http.Handler) http.Handler {
		return &watch{t: t, suite: s, next: next}
	}).(*client.Client)
}

// watch is the API of a client that fails a test.
type watch struct {
	t     docs.TB
	suite *suite
	next  http.Handler
	mu    sync.Mutex // of the suite
}

func (h *watch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.t.Helper()
	tee := &tee{ResponseWriter: w}
	a := &answer{}
	r = r.WithContext(a.listen(r.Context()))
	defer func() {
		v := recover()
		a.status, a.head, a.content, a.partial = tee.status, w.Header().Clone(), tee.content.Bytes(), tee.partial
		a.cut = v == http.ErrAbortHandler
		if v != nil && !a.cut {
			a.panicked = v
		}
		if r.Context().Err() == nil { // else the client has left
			h.judge(r, a)
		}
		if v != nil {
			panic(v)
		}
	}()
	h.next.ServeHTTP(tee, r)
	tee.WriteHeader(http.StatusOK)
}

func (h *watch) judge(r *http.Request, a *answer) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	routed, _ := hook.Routed(h.suite.api, r.Method, r.URL.EscapedPath()).(*typed.Operation)
	if routed == nil {
		h.t.Errorf("typedtest: %s %s: the API has no such endpoint", r.Method, r.URL.EscapedPath())
		return
	}
	op := h.suite.byOperation[routed]
	if op == nil {
		op = &operation{Operation: routed, suite: h.suite} // it is not in the document
	}
	if f := op.judge(r.Method, a); f != nil {
		h.t.Errorf("typedtest: %s: %s\n%s", op.name(), f.text, a)
	}
}

// tee keeps what is written to a client.
type tee struct {
	http.ResponseWriter
	status  int
	content bytes.Buffer
	partial bool // there was more than is kept
}

// kept bounds what is kept of an answer.
const kept = 4 << 20

func (w *tee) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *tee) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.partial = w.partial || w.content.Len()+len(p) > kept; !w.partial {
		w.content.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

func (w *tee) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// listen has a told of what becomes of a request with the context that it returns.
func (a *answer) listen(ctx context.Context) context.Context {
	return context.WithValue(ctx, hook.ListenerKey{}, &hook.Listener{
		Refused: func(problem error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.refused, _ = problem.(*respond.Problem)
		},
		Reported: func(err error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.reported = append(a.reported, err)
		},
	})
}
