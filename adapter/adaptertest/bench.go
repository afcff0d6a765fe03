package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/typed"
)

// quiet takes what net/http says about aborted requests.
var quiet = log.New(io.Discard, "", 0)

// bench is what a case works with: the router under test and net/http, each with
// the API of most cases.
type bench struct {
	t         *testing.T
	suite     *suite
	router    Server
	site      *site // behind router
	reference Server
	mirror    *site // behind reference
	reports   *atomic.Int64
	own       int // the status that the router answers by itself; 0: the API answers
}

func newBench(t *testing.T, s *suite) *bench {
	b := &bench{t: t, suite: s, reports: new(atomic.Int64)}
	b.site = newSite(&typed.Options{OnError: func(context.Context, error) { b.reports.Add(1) }})
	b.mirror = newSite(&typed.Options{OnError: ignore})
	b.router = s.start(b.site.api)
	b.reference = plain(b.mirror.api)
	t.Cleanup(b.router.Close)
	t.Cleanup(b.reference.Close)
	return b
}

func ignore(context.Context, error) {}

// plain is the reference: an API on net/http. http.ServeMux would redirect some
// paths before the API sees them.
func plain(api *typed.API) Server { return Serve(Middleware(api)) }

// compare sends q to both and says how the answers differ.
func (b *bench) compare(q query) (reply, error) {
	return compare(b.router, b.reference, q)
}

func compare(router, reference Server, q query) (reply, error) {
	want, err := reference.send(q)
	if err != nil {
		return reply{}, fmt.Errorf("net/http: %w\n%v", err, q)
	}
	got, err := router.send(q)
	if err != nil {
		return reply{}, fmt.Errorf("%w\n%v", err, q)
	}
	return got, differ(q, want, got)
}

func differ(q query, want, got reply) error {
	type plainReply struct {
		Status    int
		Header    map[string][]string
		Body      string
		Length    int64
		Truncated bool
	}
	strip := func(r reply) plainReply {
		h := maps.Clone(r.header)
		delete(h, "Date")       // when, not what
		delete(h, "Connection") // the client asked for close
		return plainReply{r.status, h, shorten(r.body), r.length, r.truncated}
	}
	if diff := cmp.Diff(strip(want), strip(got)); diff != "" {
		return fmt.Errorf("%v\ndiffers from net/http (-net/http +router):\n%s", q, diff)
	}
	return nil
}

// shorten keeps a report of a large body readable, and different if the body is.
func shorten(body string) string {
	if len(body) <= 2000 {
		return body
	}
	return body[:1000] + "... " + digest([]byte(body))
}

// A wish is what a case expects, beside that both answers are the same.
type wish struct {
	status int
	header []string // lines that are there: "Allow: GET, HEAD"
	body   string   // the whole body; with ~ first, what it contains
}

func (w wish) check(q query, r reply) error {
	var faults []string
	if r.status != w.status {
		faults = append(faults, fmt.Sprintf("status %d, want %d", r.status, w.status))
	}
	for _, line := range w.header {
		name, value, _ := strings.Cut(line, ": ")
		if !slices.Contains(r.header[http.CanonicalHeaderKey(name)], value) {
			faults = append(faults, fmt.Sprintf("header %s is %q, want %q", name, r.header[name], value))
		}
	}
	part, contains := strings.CutPrefix(w.body, "~")
	if contains && !strings.Contains(r.body, part) || !contains && w.body != "" && r.body != w.body {
		faults = append(faults, fmt.Sprintf("body %.300q, want %q", r.body, w.body))
	}
	if len(faults) > 0 {
		return fmt.Errorf("%v\n%s", q, strings.Join(faults, "\n"))
	}
	return nil
}

// ask makes a case of one request.
func ask(name, says string, q query, w wish) rule {
	return rule{name, says, func(b *bench) error {
		if b.own != 0 {
			got, err := b.router.send(q)
			return errors.Join(err, same("status of the router's own answer", got.status, b.own))
		}
		got, err := b.compare(q)
		if err != nil {
			return err
		}
		return w.check(q, got)
	}}
}

// missing makes a case of a path that nothing is served at. A router may say so itself,
// in its own words, but neither redirect nor answer.
func missing(name, says string, q query) rule {
	return rule{name, says, func(b *bench) error {
		got, err := b.router.send(q)
		if b.own != 0 {
			return errors.Join(err, same("status of the router's own answer", got.status, b.own))
		}
		return errors.Join(err, wish{status: http.StatusNotFound}.check(q, got))
	}}
}

// start lets an API listen under the router, and its twin under net/http.
func (b *bench) start(build func() *typed.API) (router, reference Server) {
	router, reference = b.suite.start(build()), plain(build())
	b.t.Cleanup(router.Close)
	b.t.Cleanup(reference.Close)
	return router, reference
}
