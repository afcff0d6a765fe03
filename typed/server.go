package typed

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// What the zero values of a Server's fields mean.
const (
	defaultReadHeaderTimeout = 5 * time.Second
	defaultReadTimeout       = 30 * time.Second
	defaultWriteTimeout      = 60 * time.Second
	defaultIdleTimeout       = 2 * time.Minute
	defaultDrain             = 25 * time.Second
	defaultMaxHeaderBytes    = 64 << 10
)

// Server serves a handler until its context ends or the process gets SIGTERM or SIGINT.
// Addr and Handler are needed; every other field has a zero value that is meant for
// production. A Server is not changed by serving, and may serve several times.
//
// A slow client cannot hold a connection for long: a limit of time stands on each part
// of a request and of its answer. None stands on the handler, which has
// [Options].Timeout: the time for writing begins with the answer.
//
// It ends in two steps. For the time of LameDuck it goes on accepting, is not ready, and
// closes each connection after its next answer, so that what balances the load can
// turn away from it and no request is lost. Then it drains: it accepts no more, finishes the requests that
// it has, and cuts off those that are not done after the time of Drain. A second signal ends
// the process at once.
type Server struct {
	// Addr is the TCP address to listen on: "127.0.0.1:8080", or ":8080" for every
	// interface. ServeListener does not read it.
	Addr string

	// Handler answers the requests: an *API, or a router in which one is mounted.
	Handler http.Handler

	// CertFile and KeyFile are PEM files: the certificate, followed by those that
	// lead to its issuer, and its key. "": no TLS, unless there is a TLS.
	CertFile, KeyFile string

	// TLS sets up TLS; the certificate of CertFile is added to it. It is copied.
	// nil: no TLS without CertFile, and the defaults of crypto/tls with it.
	TLS *tls.Config

	// DisableHTTP2 keeps TLS connections to HTTP/1.1.
	DisableHTTP2 bool

	// H2C takes HTTP/2 without TLS as well, from clients that know it beforehand (RFC
	// 9113, 3.3), such as the load balancer of Cloud Run.
	H2C bool

	// ReadHeaderTimeout limits the time for reading the header of a request. 0: 5 seconds; negative: no limit.
	ReadHeaderTimeout time.Duration

	// ReadTimeout limits the time for reading a whole request. It does not limit the handler
	// after the request has been read. A body of files, or one that is an io.Reader, may take
	// longer as long as bytes come: the time begins again with them. 0: 30 seconds; negative: no limit.
	ReadTimeout time.Duration

	// WriteTimeout limits the time for writing an answer. It begins when the answer
	// begins, and again after each flush: a stream lives as long as its client takes
	// what is sent. 0: 60 seconds; negative: no limit.
	WriteTimeout time.Duration

	// IdleTimeout limits the time between two requests of a connection. 0: 2 minutes; negative: no limit.
	IdleTimeout time.Duration

	// MaxHeaderBytes limits the header of a request. 0: 64 KiB.
	MaxHeaderBytes int

	// MaxConnections limits the connections that are open at a time, idle ones
	// included. Further ones wait until one is closed. 0: no limit.
	MaxConnections int

	// LameDuck is the time between the end of Ready and the end of accepting. Make it longer than
	// what sends requests takes to notice: the period of its probes times the failures that it wants to see. 0: none.
	LameDuck time.Duration

	// Drain is the time that requests have to end after LameDuck. 0: 25 seconds;
	// negative: none.
	Drain time.Duration

	// Ready says whether requests are wanted; it fails during LameDuck and Drain. A
	// probe without a Path is not served.
	Ready Probe

	// Live says whether the process works. It does not fail because the server
	// ends. A probe without a Path is not served.
	Live Probe

	// Log gets what concerns the operator: the beginning of LameDuck and Drain, requests that were cut off, the errors
	// of a probe's Check, and what net/http has to say of connections. nil: slog.Default.
	Log *slog.Logger
}

// Serve serves h on a TCP address: it is [Server.Serve] of a Server that has nothing
// else set.
func Serve(ctx context.Context, addr string, h http.Handler) error {
	return (&Server{Addr: addr, Handler: h}).Serve(ctx)
}

// ServeListener is [Serve] on a listener, which it closes.
func ServeListener(ctx context.Context, l net.Listener, h http.Handler) error {
	return (&Server{Handler: h}).ServeListener(ctx, l)
}

// Draining returns a channel that is closed when the [Server] of a request begins to
// drain: for handlers that would go on without end. ctx is that of a handler, or of the
// request. Elsewhere the channel is nil, which is never closed.
func Draining(ctx context.Context) <-chan struct{} { return wire.Draining(ctx) }

// Serve listens on Addr and serves until ctx ends or the process gets SIGTERM or
// SIGINT. It returns nil after that; an error that says what to change if a field is
// wrong or the address is taken; and one that is context.DeadlineExceeded if requests had
// to be cut off. An *API is checked and frozen before the first request.
func (s *Server) Serve(ctx context.Context) error {
	v, err := s.prepare(true)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return listenError(s.Addr, err)
	}
	return v.serve(ctx, l)
}

// ServeListener is [Server.Serve] on a listener instead of Addr. It closes the listener.
func (s *Server) ServeListener(ctx context.Context, l net.Listener) error {
	v, err := s.prepare(false)
	if err != nil {
		_ = l.Close()
		return err
	}
	return v.serve(ctx, l)
}

// serving is one run of a Server, with every default filled in.
type serving struct {
	http     http.Server // its handler is the serving
	handler  http.Handler
	ready    Probe
	live     Probe
	lameDuck time.Duration
	drain    time.Duration
	limit    int // of connections; 0: none
	log      *slog.Logger

	ending   atomic.Bool     // connections are closed after their next answer
	draining context.Context // ended by drainNow
	drainNow context.CancelFunc
	inFlight atomic.Int64
}

// newServing fills in the defaults. It judges nothing; prepare does.
func newServing(s *Server, config *tls.Config) *serving {
	v := &serving{
		handler: s.Handler,
		ready:   s.Ready, live: s.Live,
		lameDuck: s.LameDuck, drain: timeout(s.Drain, defaultDrain),
		limit: s.MaxConnections,
		log:   s.Log,
	}
	v.draining, v.drainNow = context.WithCancel(context.Background())
	if v.log == nil {
		v.log = slog.Default()
	}
	maxHeaderBytes := s.MaxHeaderBytes
	if maxHeaderBytes == 0 {
		maxHeaderBytes = defaultMaxHeaderBytes
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(!s.DisableHTTP2)
	protocols.SetUnencryptedHTTP2(s.H2C)
	v.http = http.Server{
		Handler:           v,
		TLSConfig:         config,
		ReadHeaderTimeout: timeout(s.ReadHeaderTimeout, defaultReadHeaderTimeout),
		ReadTimeout:       timeout(s.ReadTimeout, defaultReadTimeout),
		WriteTimeout:      timeout(s.WriteTimeout, defaultWriteTimeout),
		IdleTimeout:       timeout(s.IdleTimeout, defaultIdleTimeout),
		MaxHeaderBytes:    maxHeaderBytes,
		Protocols:         &protocols,
		// A client whose window stays shut holds its stream's handler; one whose
		// connection takes nothing holds them all.
		HTTP2:    &http.HTTP2Config{WriteByteTimeout: timeout(s.WriteTimeout, defaultWriteTimeout)},
		ErrorLog: slog.NewLogLogger(v.log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context {
			return wire.WithDraining(context.Background(), v.draining)
		},
	}
	return v
}

// timeout is what a field of a Server means to http.Server, where 0 is no limit.
func timeout(d, ifZero time.Duration) time.Duration {
	if d == 0 {
		return ifZero
	}
	return max(d, 0)
}

// serve serves l, and closes it.
func (v *serving) serve(ctx context.Context, l net.Listener) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	if v.limit > 0 {
		l = limitListener(l, v.limit, &v.http)
	}
	served := make(chan error, 1)
	go func() {
		if v.http.TLSConfig != nil {
			served <- v.http.ServeTLS(l, "", "")
			return
		}
		served <- v.http.Serve(l)
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	stop() // from here on a second signal has its usual effect
	v.ending.Store(true)
	if v.lameDuck > 0 {
		v.log.Info("typed: ending: not ready, still accepting", "lameDuck", v.lameDuck)
		select {
		case err := <-served:
			return err
		case <-time.After(v.lameDuck):
		}
	}
	return v.end(context.WithoutCancel(ctx), served)
}

// end drains.
func (v *serving) end(ctx context.Context, served <-chan error) error {
	v.log.Info("typed: draining", "requests", v.inFlight.Load(), "drain", v.drain)
	v.drainNow()
	drain, cancel := context.WithTimeout(ctx, v.drain)
	defer cancel()
	err := v.http.Shutdown(drain)
	if err != nil {
		n := v.inFlight.Load()
		_ = v.http.Close()
		v.log.Warn("typed: requests were cut off", "requests", n, "drain", v.drain)
		err = fmt.Errorf("typed: %d requests did not end within %v and were cut off: %w", n, v.drain, err)
	}
	if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}
