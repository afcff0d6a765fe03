package redisstore_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// proxy is the way of one node to the server, and fails as networks do.
type proxy struct {
	addr string

	mu     sync.Mutex
	target string
	conns  map[net.Conn]struct{}
	open   chan struct{} // closed unless the link is a black hole
	refuse bool
	delay  time.Duration
}

func startProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{addr: l.Addr().String(), target: target, conns: make(map[net.Conn]struct{}), open: make(chan struct{})}
	close(p.open)
	t.Cleanup(func() {
		l.Close()
		p.blackHole(false)
		p.reset()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn) {
	p.mu.Lock()
	target, refuse := p.target, p.refuse
	p.mu.Unlock()
	if refuse {
		client.Close()
		return
	}
	p.gate()
	server, err := net.DialTimeout("tcp", target, time.Second)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = struct{}{}, struct{}{}
	p.mu.Unlock()
	go p.copy(server, client)
	p.copy(client, server)
}

type chunk struct {
	data []byte
	due  time.Time
}

// copy forwards what from says until either side ends.
func (p *proxy) copy(to, from net.Conn) {
	line := make(chan chunk, 256)
	go func() {
		defer close(line)
		for {
			b := make([]byte, 16<<10)
			n, err := from.Read(b)
			if err != nil {
				return
			}
			p.mu.Lock()
			delay := p.delay
			p.mu.Unlock()
			line <- chunk{b[:n], time.Now().Add(delay)}
		}
	}()
	for c := range line {
		if wait := time.Until(c.due); wait > 0 {
			time.Sleep(wait)
		}
		p.gate()
		if _, err := to.Write(c.data); err != nil {
			break
		}
	}
	p.mu.Lock()
	delete(p.conns, to)
	delete(p.conns, from)
	p.mu.Unlock()
	to.Close()
	from.Close()
	for range line { // the reader ends, as its connection is closed
	}
}

// gate waits while the link is a black hole.
func (p *proxy) gate() {
	p.mu.Lock()
	open := p.open
	p.mu.Unlock()
	<-open
}

// blackHole has everything that is sent wait, and no connection end.
func (p *proxy) blackHole(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
		if on {
			p.open = make(chan struct{})
		}
	default:
		if !on {
			close(p.open)
		}
	}
}

// reset ends all connections at once.
func (p *proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		c.Close()
	}
}

// refuseAll has new connections refused.
func (p *proxy) refuseAll(on bool) {
	p.mu.Lock()
	p.refuse = on
	p.mu.Unlock()
	if on {
		p.reset()
	}
}

func (p *proxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// lead sends new connections to another server, and ends the present ones.
func (p *proxy) lead(target string) {
	p.mu.Lock()
	p.target = target
	p.mu.Unlock()
	p.reset()
}
