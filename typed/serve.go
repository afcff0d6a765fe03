package typed

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The timeouts of Serve. A slow client holds a connection no longer than these.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	drainTimeout      = 25 * time.Second
	maxHeaderBytes    = 64 << 10
)

// Serve serves h on a TCP address until ctx ends or the process gets SIGTERM or
// SIGINT. Then it takes no more requests, finishes those it has, for at most 25
// seconds, and returns nil, or the context.DeadlineExceeded of
// requests that had to be cut off. A second signal ends the process at once.
//
// Reading a request takes at most 5 seconds for its header and 30 in all, writing an
// answer 60 seconds (a payload that is an io.Reader: 60 seconds for each chunk), and an idle
// connection is closed after 2 minutes. TLS is the caller's: put a proxy in front, or use http.Server.
func Serve(ctx context.Context, addr string, h http.Handler) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return ServeListener(ctx, l, h)
}

// ServeListener is [Serve] on a listener, which it closes.
func ServeListener(ctx context.Context, l net.Listener, h http.Handler) error {
	if api, ok := h.(*API); ok {
		api.start.Do(api.freeze) // what is wrong with it is said now, not by the first request
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	stop() // from here on a second signal has its usual effect
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := srv.Shutdown(drain)
	if err != nil {
		_ = srv.Close() // the requests that did not end in time
	}
	if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}
