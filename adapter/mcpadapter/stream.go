package mcpadapter

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// items are the items of a stream, taken as they come: the data of events, or lines.
type items struct {
	events   bool
	line     []byte // that is not complete
	event    block
	progress func(n int, item string) // tells the client; nil: it has not asked

	text  bytes.Buffer // the items, a line each
	count int
	limit int
	cut   bool // there was more than the limit
}

// block is an event on its way.
type block struct {
	name string
	data []byte
	any  bool
}

// itemsOf are the items of an answer with a header; nil if it is no stream of items.
func itemsOf(header http.Header, limit int, progress func(int, string)) *items {
	mediaType, _, _ := syntax.MediaType(header.Get("Content-Type"))
	switch mediaType {
	case "text/event-stream":
		return &items{events: true, limit: limit, progress: progress}
	case "application/x-ndjson", "application/ndjson", "application/jsonl":
		return &items{limit: limit, progress: progress}
	}
	return nil
}

// write takes a part of the stream. It reports whether more is wanted.
func (s *items) write(p []byte) bool {
	for len(p) > 0 && !s.cut {
		at := bytes.IndexByte(p, '\n')
		if at < 0 {
			s.line = append(s.line, p...)
			break
		}
		line := append(s.line, p[:at]...)
		s.take(bytes.TrimSuffix(line, []byte("\r")))
		s.line, p = line[:0], p[at+1:]
	}
	if len(s.line)+len(s.event.data) > s.limit {
		s.cut = true
	}
	return !s.cut
}

// end takes what stands after the last line end. An event without its end is none (WHATWG
// HTML, 9.2.6).
func (s *items) end() {
	if !s.events && !s.cut {
		s.take(s.line)
	}
}

func (s *items) take(line []byte) {
	if !s.events {
		if len(bytes.TrimSpace(line)) > 0 {
			s.add(string(line))
		}
		return
	}
	if len(line) > 0 {
		s.event.field(line)
		return
	}
	e := s.event
	s.event = block{data: e.data[:0]}
	if !e.any || len(e.data) == 0 { // a comment, or a heartbeat
		return
	}
	item := string(bytes.TrimSuffix(e.data, []byte("\n")))
	if e.name != "" && e.name != "message" {
		item = e.name + ": " + item
	}
	s.add(item)
}

// field takes a line of an event.
func (e *block) field(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "event":
		e.name = string(value)
	case "data":
		if e.any {
			e.data = append(e.data, '\n')
		}
		e.data, e.any = append(e.data, value...), true
	}
}

func (s *items) add(item string) {
	if s.text.Len()+len(item)+1 > s.limit {
		s.cut = true
		return
	}
	if s.count > 0 {
		s.text.WriteByte('\n')
	}
	s.text.WriteString(item)
	s.count++
	if s.progress != nil {
		s.progress(s.count, item)
	}
}

// result is what the client gets of a stream. complete is false for one that broke off.
func (s *items) result(complete bool) *mcp.CallToolResult {
	if complete {
		s.end()
	}
	text := strings.ToValidUTF8(s.text.String(), "\uFFFD")
	switch {
	case s.cut:
		return plain(&mcp.TextContent{Text: strings.TrimPrefix(text+fmt.Sprintf("\nThe stream was cut here: a result has at most %d bytes.", s.limit), "\n")})
	case !complete:
		return failed(strings.TrimPrefix(text+"\nThe stream broke off here.", "\n"))
	case s.count == 0:
		return plain(&mcp.TextContent{Text: "The stream ended without an item."})
	}
	return plain(&mcp.TextContent{Text: text})
}

// progress tells the client of a call each item of a stream, if it has asked for that.
func progress(ctx context.Context, req *mcp.CallToolRequest) func(int, string) {
	token := req.Params.GetProgressToken()
	if token == nil || req.Session == nil {
		return nil
	}
	return func(n int, item string) {
		// What cannot be told is in the result; a client that has left ends the context.
		_ = req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: float64(n), Message: item})
	}
}
