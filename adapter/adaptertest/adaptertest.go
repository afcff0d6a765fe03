// Package adaptertest checks that a router serves an API as net/http does.
//
//	func TestAdapter(t *testing.T) {
//		adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
//			r := chi.NewRouter()
//			r.Use(adaptertest.Middleware)
//			r.Get(adaptertest.OwnPath, adaptertest.Own)
//			chiadapter.Mount(r, api)
//			return adaptertest.Serve(r)
//		})
//	}
//
// Each case sends a request over a real connection, to the router and to the same
// API on net/http, and compares status, header and body, byte for byte. A case that
// fails prints the rule that it checks.
package adaptertest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
)

// Server is a router that listens.
type Server struct {
	URL   string // "http://127.0.0.1:1234"
	Close func() // ends it; called once
}

// Serve lets a router of net/http listen.
func Serve(h http.Handler) Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = quiet
	srv.Start()
	return Server{URL: srv.URL, Close: func() {
		srv.CloseClientConnections() // some cases leave one behind
		srv.Close()
	}}
}

// Listen lets any other router listen: serve returns after shutdown.
func Listen(serve func(net.Listener) error, shutdown func() error) Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(l) }()
	return Server{URL: "http://" + l.Addr().String(), Close: func() {
		if err := shutdown(); err != nil {
			panic(fmt.Sprintf("the router did not shut down: %v", err))
		}
		<-ended
	}}
}

// Start makes a router, with these two on it and nothing else beside the API, and lets it listen:
//   - middleware that does what [Middleware] does,
//   - the route GET [OwnPath], which answers what [Own] does.
type Start = func(*typed.API) Server

// OwnPath is the path of the router's own route.
const OwnPath = "/router/own"

// Header is what the router's middleware sets, to "seen".
const Header = "X-Router"

type contextKey struct{}

// WithValue puts the value into a context that the router's middleware has to hand on.
func WithValue(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, "from the router")
}

func valueOf(ctx context.Context) string {
	s, _ := ctx.Value(contextKey{}).(string)
	return s
}

// Middleware sets [Header] and hands on the context of [WithValue].
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(Header, "seen")
		next.ServeHTTP(w, r.WithContext(WithValue(r.Context())))
	})
}

// Own answers "own".
func Own(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "own") }

// Option adapts the suite to a router.
type Option interface{ apply(*suite) }

type option func(*suite)

func (o option) apply(s *suite) { o(s) }

// Group adds the cases about groups. start is as in [Run], with the API mounted in a
// group of routes that has the prefix; its own route stays outside.
func Group(start func(prefix string, api *typed.API) Server) Option {
	return option(func(s *suite) { s.group = start })
}

// Differs lists a case, or the id of a bad input, in which the router is known to differ from
// net/http, and why it must. The case has to fail: one that passes is reported, so that the list stays true.
func Differs(name, reason string) Option {
	return option(func(s *suite) { s.differs[name] = reason })
}

// Answers lists a case, or the id of a bad input, that never reaches the API because the router or
// its server answers it by itself, with this status, and why. Nothing else is compared.
func Answers(name string, status int, reason string) Option {
	return option(func(s *suite) { s.answers[name] = own{status, reason} })
}

// own is an answer of the router's own.
type own struct {
	status int
	reason string
}

// Run runs the suite: each case as a subtest. It logs how many there were.
func Run(t *testing.T, start Start, opts ...Option) {
	s := &suite{start: start, differs: map[string]string{}, answers: map[string]own{}, cases: map[string]bool{}}
	for _, o := range opts {
		o.apply(s)
	}
	s.run(t)
}

// suite is one run.
type suite struct {
	start   Start
	group   func(string, *typed.API) Server
	differs map[string]string
	answers map[string]own
	cases   map[string]bool // the names of all
}

func (s *suite) run(t *testing.T) {
	b := newBench(t, s)
	rules := slices.Concat(routing(), methods(), parameters(), bodies(), answers(), faults(), streams(), items(), contents(), multiparts(), contexts(), mounts(), sites(), signingIn(), declarations(), errorForms(), observing())
	for _, r := range rules {
		s.judge(t, r.name, r.says, r.check, b)
	}
	t.Logf("adaptertest: %d cases", len(rules))
	inputs := badInputs()
	for _, in := range inputs {
		s.judge(t, in.ID, "Bad input is answered as on net/http: "+in.Name+".", in.check, b)
	}
	t.Logf("adaptertest: %d bad inputs", len(inputs))
	for name := range s.differs {
		if !s.cases[name] {
			t.Errorf("a known difference names no case: %q", name)
		}
	}
	for name := range s.answers {
		if !s.cases[name] {
			t.Errorf("Answers names no case: %q", name)
		}
	}
}

// A rule is one case.
type rule struct {
	name  string
	says  string // the rule in a sentence
	check func(*bench) error
}

func (s *suite) judge(t *testing.T, name, says string, check func(*bench) error, b *bench) {
	s.cases[name] = true
	t.Run(name, func(t *testing.T) { // or not, if -run names others
		b := *b
		b.t = t
		if own, ok := s.answers[name]; ok {
			b.own = own.status
		}
		err := check(&b)
		reason, known := s.differs[name]
		switch {
		case known && err == nil:
			t.Errorf("no longer differs from net/http, strike it off the list: %s", reason)
		case known:
		case err != nil:
			t.Errorf("%s\n%v", says, err)
		}
	})
}
