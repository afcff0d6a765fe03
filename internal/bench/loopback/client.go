package loopback

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// conn is one keep-alive connection of the load generator. It writes a request
// that was prepared once and reads only as much of an answer as it has to: what
// the generator spends, the server on the same cores does not get.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func dial(addr string) (*conn, error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &conn{c, bufio.NewReaderSize(c, 16<<10)}, nil
}

// request is w as bytes on the wire.
func request(w work.Work) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n", w.Method, w.Target)
	_ = w.Header.Write(&b) // a strings.Builder takes everything
	if w.Body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(w.Body))
	}
	b.WriteString("\r\n" + w.Body)
	return []byte(b.String())
}

const (
	lengthField  = "content-length:"
	chunkedField = "transfer-encoding:"
)

// cutField returns what follows a field's name, in any case.
func cutField(line []byte, name string) ([]byte, bool) {
	if len(line) < len(name) || !strings.EqualFold(string(line[:len(name)]), name) {
		return nil, false
	}
	return bytes.TrimSpace(line[len(name):]), true
}

// exchange sends the request and returns the status of the answer.
func (c *conn) exchange(req []byte) (int, error) {
	if _, err := c.Write(req); err != nil {
		return 0, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, errors.New("a short status line")
	}
	status := int(line[9]-'0')*100 + int(line[10]-'0')*10 + int(line[11]-'0')
	length, chunked := -1, false
	for {
		line, err = c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := cutField(line, lengthField); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		}
		if _, ok := cutField(line, chunkedField); ok {
			chunked = true
		}
	}
	if chunked {
		return status, c.skipChunks()
	}
	if length < 0 {
		return 0, errors.New("an answer without a length")
	}
	_, err = c.in.Discard(length)
	return status, err
}

func (c *conn) skipChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if size == 0 {
			return c.skipTrailer()
		}
		if _, err := c.in.Discard(int(size) + 2); err != nil {
			return err
		}
	}
}

// skipTrailer reads the fields behind the last chunk, and the line that ends them.
func (c *conn) skipTrailer() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return nil
		}
	}
}

// load keeps conns busy for about the given time, and for at most limit requests
// each, and returns how many were answered.
func load(conns []*conn, w work.Work, span time.Duration, limit int) (int, error) {
	req := request(w)
	type result struct {
		n   int
		err error
	}
	results := make(chan result, len(conns))
	deadline := time.Now().Add(span)
	for _, c := range conns {
		go func() {
			var r result
			r.err = c.SetDeadline(deadline.Add(10 * time.Second))
			for r.err == nil && r.n < limit && time.Now().Before(deadline) {
				var status int
				if status, r.err = c.exchange(req); r.err == nil && status != w.Status {
					r.err = fmt.Errorf("status %d, want %d", status, w.Status)
				}
				r.n++
			}
			results <- r
		}()
	}
	total := 0
	var errs []error
	for range conns {
		r := <-results
		total += r.n
		if r.err != nil {
			errs = append(errs, r.err)
		}
	}
	return total, errors.Join(errs...)
}
