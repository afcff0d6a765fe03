package stream

import (
	"bytes"
	"errors"
	"io"
)

// LinesType is the media type of lines of JSON; they have no registered one.
const LinesType = "application/x-ndjson"

// EndLine makes a line of the JSON value that begins at start. A line break within can
// only stand between tokens, where a space does as well.
func EndLine(dst []byte, start int) []byte {
	for i := start; i < len(dst); i++ {
		at := bytes.IndexAny(dst[i:], "\r\n")
		if at < 0 {
			break
		}
		i += at
		dst[i] = ' '
	}
	return append(dst, '\n')
}

// ErrTooLong is that a line has more bytes than it may have.
var ErrTooLong = errors.New("a line is too long")

// leastBuffer is what a LineReader takes before anything has come.
const leastBuffer = 4 << 10

// LineReader reads lines that end with LF or CR LF; the last one may have no end. It is
// for one goroutine.
type LineReader struct {
	src   io.Reader
	buf   []byte
	start int // of what is not yet given out
	end   int
	seen  int // from start on: there is no line end
	max   int
	err   error // of src
	begun bool  // the first line, which may have a BOM, is over

	// Events end lines with CR as well (WHATWG HTML, 9.2.5), and a last line without
	// an end is none.
	events bool
	cr     bool // an LF that follows belongs to the line before
}

// NewLineReader reads from src. A line may have limit bytes, without its end.
func NewLineReader(src io.Reader, limit int) *LineReader {
	r := new(LineReader)
	r.reset(src, limit)
	return r
}

func (r *LineReader) reset(src io.Reader, limit int) { r.src, r.max = src, limit }

// Next returns the next line that has more than blanks, without them at its ends. It
// is valid until the next call. The error is io.EOF at the end; ErrTooLong, after which
// there is nothing to be read; or what reading src gives, also within a line: half a
// line is none.
func (r *LineReader) Next() ([]byte, error) {
	for {
		line, err := r.next()
		if err != nil {
			return nil, err
		}
		if line = bytes.Trim(line, " \t\r"); len(line) > 0 {
			return line, nil
		}
	}
}

// next returns the next line, which may be empty.
func (r *LineReader) next() ([]byte, error) {
	for {
		if line, ok := r.cut(); ok {
			return r.give(line)
		}
		if r.end-r.start > r.max+len(bom)+len("\r") { // which do not count; give looks closer
			r.err = ErrTooLong
		}
		switch {
		case r.err == io.EOF && !r.events && r.end > r.start:
			line := r.buf[r.start:r.end]
			r.start = r.end
			return r.give(line)
		case r.err != nil:
			return nil, r.err
		}
		r.fill()
	}
}

// cut takes a line that has its end in the buffer.
func (r *LineReader) cut() (line []byte, ok bool) {
	if r.cr && r.start < r.end {
		if r.buf[r.start] == '\n' {
			r.start++
			r.seen = max(r.seen, r.start)
		}
		r.cr = false
	}
	rest := r.buf[max(r.seen, r.start):r.end]
	at := bytes.IndexByte(rest, '\n')
	if r.events {
		if cr := bytes.IndexByte(rest[:max(at, 0)], '\r'); at >= 0 && cr >= 0 {
			at = cr
		} else if at < 0 {
			at = bytes.IndexByte(rest, '\r')
		}
	}
	if at < 0 {
		r.seen = r.end
		return nil, false
	}
	at += max(r.seen, r.start)
	line = r.buf[r.start:at]
	r.cr = r.events && r.buf[at] == '\r'
	r.start, r.seen = at+1, at+1
	return line, true
}

var bom = []byte("\uFEFF")

// give takes the byte order mark off the first line, and refuses one that is too long.
func (r *LineReader) give(line []byte) ([]byte, error) {
	if !r.begun {
		r.begun = true
		line = bytes.TrimPrefix(line, bom)
	}
	if len(bytes.TrimSuffix(line, []byte("\r"))) > r.max {
		r.err = ErrTooLong
		r.start, r.end, r.seen = 0, 0, 0
		return nil, ErrTooLong
	}
	return line, nil
}

// fill reads once. The buffer grows with what has come: a client that stalls has sent
// at least half of what it holds.
func (r *LineReader) fill() {
	if r.start > 0 && (r.start == r.end || r.end == len(r.buf)) {
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.start, r.seen = 0, r.end
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, max(leastBuffer, len(r.buf)))...)
		r.buf = r.buf[:cap(r.buf)]
	}
	for empty := 0; ; empty++ {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		switch {
		case err != nil:
			r.err = err
		case n == 0 && empty >= maxEmptyReads:
			r.err = io.ErrNoProgress
		case n == 0:
			continue
		}
		return
	}
}

// maxEmptyReads is what bufio allows.
const maxEmptyReads = 100
