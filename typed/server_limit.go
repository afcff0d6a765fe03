package typed

import (
	"net"
	"net/http"
	"sync"
)

// limitListener lets srv have at most n connections of l at a time.
func limitListener(l net.Listener, n int, srv *http.Server) net.Listener {
	limited := &limitedListener{Listener: l, slots: make(chan struct{}, n), closed: make(chan struct{})}
	srv.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			<-limited.slots
		}
	}
	return limited
}

// limitedListener accepts while a slot is free. It does not wrap connections, so that
// net/http still sees what they are.
type limitedListener struct {
	net.Listener
	slots  chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
	}
	return conn, err
}

func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
