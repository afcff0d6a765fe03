package stream

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// MediaType is that of events.
const MediaType = "text/event-stream"

var (
	errID    = errors.New("the ID of an event holds a CR, LF or NUL, which would end it: encode it, or use another")
	errName  = errors.New("the name of an event holds a CR, LF or NUL, which would end it: use another name")
	errRetry = errors.New("the Retry of an event is negative: give the time to wait, or 0 to say nothing")
)

// breaks reports whether a field of an event cannot hold s: a line ends at CR and LF, and
// an id with a NUL is ignored.
func breaks(s string) bool { return strings.ContainsAny(s, "\r\n\x00") }

// CheckName returns an error that says why an event cannot have a name.
func CheckName(name string) error {
	if breaks(name) {
		return errName
	}
	return nil
}

// AppendEvent appends one event. Its data is written line by line: CR LF and CR arrive as
// LF. On an error nothing is appended.
func AppendEvent(dst []byte, h *Head, data []byte) ([]byte, error) {
	switch {
	case breaks(h.ID):
		return dst, errID
	case breaks(h.Name):
		return dst, errName
	case h.Retry < 0:
		return dst, errRetry
	}
	if h.ID != "" {
		dst = append(append(append(dst, "id: "...), h.ID...), '\n')
	}
	if h.Name != "" {
		dst = append(append(append(dst, "event: "...), h.Name...), '\n')
	}
	if h.Retry > 0 {
		dst = append(dst, "retry: "...)
		dst = append(strconv.AppendInt(dst, max(int64(h.Retry/time.Millisecond), 1), 10), '\n')
	}
	for {
		at := bytes.IndexAny(data, "\r\n")
		line := data
		if at >= 0 {
			line = data[:at]
		}
		dst = append(append(append(dst, "data: "...), line...), '\n')
		if at < 0 {
			return append(dst, '\n'), nil
		}
		if data[at] == '\r' && at+1 < len(data) && data[at+1] == '\n' {
			at++
		}
		data = data[at+1:]
	}
}

// Comment is an event that no handler of a client sees.
const Comment = ":\n\n"

// EventReader reads events as a browser does (WHATWG HTML, 9.2.6), but for a limit on
// their size. It is for one goroutine.
type EventReader struct {
	lines LineReader
	data  []byte
	max   int
	id    string // of the last event that was complete
	next  string // of the event that is read
	retry time.Duration
}

// NewEventReader reads from src. An event, and any line of src, may have limit bytes.
func NewEventReader(src io.Reader, limit int) *EventReader {
	r := &EventReader{max: limit}
	r.lines.reset(src, limit)
	r.lines.events = true
	return r
}

// Resume says which ID came last on the connection before this one.
func (r *EventReader) Resume(id string) { r.id, r.next = id, id }

// LastID is the ID to go on after, and Retry the time to wait before that: what src has
// said last, also in an event without data. An event that breaks off has said no ID. Retry
// is 0 where src has said nothing.
func (r *EventReader) LastID() string       { return r.id }
func (r *EventReader) Retry() time.Duration { return r.retry }

// Next reads the next event that has data into h, whose ID is LastID, and returns the
// data, which is valid until the next call. The error is io.EOF where src ends, also
// in the middle of an event, which is dropped; [ErrTooLong]; or what reading src gives.
func (r *EventReader) Next(h *Head) ([]byte, error) {
	*h = Head{}
	r.data = r.data[:0]
	has := false
	for {
		line, err := r.lines.next()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			r.id = r.next
			if has {
				h.ID = r.id
				return r.data[:len(r.data)-1], nil // without the last LF
			}
			h.Name, h.Retry = "", 0
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "data":
			if len(r.data)+len(value) > r.max {
				return nil, ErrTooLong
			}
			r.data, has = append(append(r.data, value...), '\n'), true
		case "event":
			h.Name = string(value)
		case "id":
			if bytes.IndexByte(value, 0) < 0 {
				r.next = string(value)
			}
		case "retry":
			if ms, ok := digits(value); ok {
				r.retry = time.Duration(ms) * time.Millisecond
				h.Retry = r.retry
			}
		}
	}
}

// digits reads a number of ASCII digits that a time.Duration has room for in milliseconds.
func digits(text []byte) (int64, bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(text), 10, 43)
	return n, err == nil
}
