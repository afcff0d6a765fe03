package bind

import (
	"fmt"
	"net/http"
)

// Rejection says that a request does not reach its handler, and how to answer.
type Rejection struct {
	Status   int
	Detail   string // a sentence; empty for 422, where the failures say it all
	Failures []Failure
	// Truncated: there were more failures than are listed.
	Truncated bool
	// Header holds fields of the answer: Accept, Accept-Encoding, Connection.
	Header [][2]string
	// Err is the cause where there is one, for logs.
	Err error
	// Gone: the client went away while it sent, so that nobody reads the answer.
	Gone bool
}

// Error makes a rejection an error; the text is for logs.
func (r *Rejection) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("bind: %d %s: %v", r.Status, r.Detail, r.Err)
	}
	return fmt.Sprintf("bind: %d %s", r.Status, r.Detail)
}

// Unwrap is the cause.
func (r *Rejection) Unwrap() error { return r.Err }

// Failure is one thing that is wrong with a request. Nothing in it comes from the
// client but the pointer's tokens, which are names of members.
type Failure struct{ In, Name, Pointer, Rule, Param, Detail string }

// maxFailures bounds what one request can make us write.
const maxFailures = 100

// failures collects what is wrong with parameters, one entry at a time.
type failures struct {
	list      []Failure
	truncated bool
}

func (f *failures) add(failure Failure) {
	if len(f.list) == maxFailures {
		f.truncated = true
		return
	}
	f.list = append(f.list, failure)
}

// rejection is of a request with failures.
func (f *failures) rejection() *Rejection {
	return &Rejection{Status: http.StatusUnprocessableEntity, Failures: f.list, Truncated: f.truncated}
}
