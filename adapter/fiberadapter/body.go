package fiberadapter

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
)

// body is the content of a request. It can be read as long as the request lasts.
type body struct {
	x    *exchange
	open bool
	left []byte
	src  io.Reader // in place of left, if the app streams bodies
}

var errOver = errors.New("fiberadapter: the body was read after its request had ended")

func (b *body) Read(p []byte) (int, error) {
	b.x.owner.Lock()
	defer b.x.owner.Unlock()
	ctx := b.x.ctx
	if ctx == nil {
		return 0, errOver
	}
	if !b.open {
		b.open = true
		if b.src = ctx.RequestBodyStream(); b.src == nil {
			b.left = ctx.Request.Body()
		}
	}
	if b.src != nil {
		return b.src.Read(p)
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	if len(b.left) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// Close does nothing: the body is the server's.
func (*body) Close() error { return nil }

// repeated returns the lines of a field that a header section has more than once;
// nil for any other.
func repeated(section []byte, name string) []string {
	lines := 0
	for range fields(section, name) {
		lines++
	}
	if lines < 2 {
		return nil
	}
	values := make([]string, 0, lines)
	for value := range fields(section, name) {
		values = append(values, string(value))
	}
	return values
}

// fields finds the values of a field in a header section.
func fields(section []byte, name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range bytes.SplitSeq(section, []byte{'\n'}) {
			if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
				if !yield(bytes.TrimSpace(line[len(name)+1:])) {
					return
				}
			}
		}
	}
}
