package typed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
)

// How an error is answered is decided without a request.
func TestFailureOf(t *testing.T) {
	conflict, broken := respond.Conflict("x"), &respond.Problem{Status: 503}
	var none *respond.Problem
	plain := errors.New("plain")
	for name, tt := range map[string]struct {
		err      error
		over     bool
		problem  *respond.Problem
		reported bool
		unread   bool
	}{
		"refused":                 {err: &refused{conflict}, problem: conflict},
		"a problem":               {err: conflict, problem: conflict},
		"a wrapped problem":       {err: fmt.Errorf("because: %w", conflict), problem: conflict},
		"a joined problem":        {err: errors.Join(plain, conflict), problem: conflict},
		"a 5xx problem":           {err: broken, problem: broken, reported: true},
		"a nil problem":           {err: fmt.Errorf("%w", none), problem: internalError, reported: true},
		"a plain error":           {err: plain, problem: internalError, reported: true},
		"a panic":                 {err: &PanicError{Value: plain}, problem: internalError, reported: true},
		"a panic with a problem":  {err: &PanicError{Value: conflict}, problem: internalError, reported: true},
		"the Timeout":             {err: errTimeout, problem: timeoutError},
		"a deadline that is over": {err: context.DeadlineExceeded, over: true, problem: timeoutError},
		"a deadline of its own":   {err: context.DeadlineExceeded, problem: internalError, reported: true},
		"too large a stream":      {err: &http.MaxBytesError{Limit: 1}, problem: tooLarge, unread: true},
	} {
		t.Run(name, func(t *testing.T) {
			want := failure{tt.problem, tt.reported, tt.unread}
			if got := failureOf(tt.err, tt.over); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}
