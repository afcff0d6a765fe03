package adaptertest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// A query is one request, written to the connection as it stands: net/http's client
// would repair some of what is sent here.
type query struct {
	method string   // "": GET, or POST with a body
	target string   // path and query as on the wire
	header []string // lines; Host, Content-Length and Connection are added
	body   string
}

func (q query) bytes() []byte {
	method := q.method
	if method == "" {
		method = http.MethodGet
		if q.body != "" {
			method = http.MethodPost
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: example.com\r\n", method, q.target)
	length := q.body != "" || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
	for _, line := range q.header {
		b.WriteString(line + "\r\n")
		name, _, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Transfer-Encoding") || strings.EqualFold(name, "Content-Length") {
			length = false
		}
	}
	if length {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(q.body))
	}
	b.WriteString("Connection: close\r\n\r\n")
	b.WriteString(q.body)
	return b.Bytes()
}

func (q query) String() string {
	request := q.bytes()
	return fmt.Sprintf("%.300q", bytes.ReplaceAll(request, []byte("\r\n"), []byte("\n")))
}

// A reply is what came back. Status is 0 if the connection was closed without one.
type reply struct {
	status    int
	header    http.Header
	body      string
	length    int64 // Content-Length; -1: none
	truncated bool  // the connection was cut before the body ended
	closing   bool  // Connection: close
}

// patience bounds every exchange: a server that hangs fails, it does not stop the suite.
const patience = 20 * time.Second

// send sends q on a connection of its own.
func (s Server) send(q query) (reply, error) {
	return s.sendRaw(q.bytes(), q.method == http.MethodHead, false)
}

func (s Server) dial() (net.Conn, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(patience))
}

// sendRaw sends bytes; with end it says that there are no more.
func (s Server) sendRaw(request []byte, head, end bool) (reply, error) {
	conn, err := s.dial()
	if err != nil {
		return reply{}, err
	}
	defer conn.Close()
	// A server may answer before it has read all, and stop reading then.
	go func() {
		_, _ = conn.Write(request)
		if tcp, ok := conn.(*net.TCPConn); ok && end {
			_ = tcp.CloseWrite()
		}
	}()
	return receive(bufio.NewReader(conn), head)
}

func receive(r *bufio.Reader, head bool) (reply, error) {
	method := http.MethodGet
	if head {
		method = http.MethodHead
	}
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	for err == nil && res.StatusCode == http.StatusContinue {
		res, err = http.ReadResponse(r, &http.Request{Method: method})
	}
	if err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			return reply{}, fmt.Errorf("no answer within %v", patience)
		}
		return reply{}, nil
	}
	body, err := io.ReadAll(res.Body)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		return reply{}, fmt.Errorf("the answer did not end within %v", patience)
	}
	return reply{res.StatusCode, res.Header, string(body), res.ContentLength, err != nil, res.Close}, nil
}
