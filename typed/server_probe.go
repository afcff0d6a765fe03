package typed

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/apiroutes/apiroutes/respond"
)

// checkTimeout ends the context of a probe's Check. What asks has usually gone by then:
// Kubernetes waits a second unless told otherwise.
const checkTimeout = 5 * time.Second

// Probe is a path at which a [Server] tells how it is, for what starts, stops and
// chooses servers. GET and HEAD are answered 200 with "ok", or 503 with a problem. It comes before the
// handler, its middleware and its access control, and what went wrong is in the log
// only.
type Probe struct {
	// Path is the whole path: "/readyz". It hides the same path of the handler. "": the probe is not served.
	Path string

	// Check returns an error if the answer has to be 503; a panic is one. Its context ends after 5 seconds. It is called
	// for every request, from several goroutines at a time: let it be cheap. nil: there is nothing to check.
	Check func(ctx context.Context) error
}

// check calls Check. One that panics has failed, and what asks gets an answer.
func (p *Probe) check(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the check panicked: %v\n%s", v, debug.Stack())
		}
	}()
	return p.Check(ctx)
}

// probe answers a request for a probe's path.
func (v *serving) probe(w http.ResponseWriter, r *http.Request) (answered bool) {
	switch {
	case r.URL.Path == "":
		return false // the form of OPTIONS that has an asterisk
	case r.URL.Path == v.ready.Path:
		v.answerProbe(w, r, "ready", v.ready, v.ending.Load())
	case r.URL.Path == v.live.Path:
		v.answerProbe(w, r, "live", v.live, false)
	default:
		return false
	}
	return true
}

func (v *serving) answerProbe(w http.ResponseWriter, r *http.Request, name string, p Probe, ending bool) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		(&respond.Problem{Status: http.StatusMethodNotAllowed}).ServeHTTP(w, r)
		return
	}
	if ending {
		respond.Unavailable("The server is shutting down.").Expose().ServeHTTP(w, r)
		return
	}
	if p.Check != nil {
		ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
		defer cancel()
		if err := p.check(ctx); err != nil {
			v.log.Warn("typed: a probe failed", "probe", name, "error", err)
			respond.Unavailable("The server is not %s.", name).Expose().ServeHTTP(w, r)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}
