package answer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// headDelay is how long the head of a stream waits for its first item. A failure in that
// time is a clean problem; a browser counts a stream as open when it has the head.
const headDelay = 100 * time.Millisecond

// Heartbeat is what is sent while no event comes.
type Heartbeat struct {
	Every time.Duration // 0: nothing is sent
	Name  string        // of the event; "": it is a comment
	Event []byte        // that is sent; empty: a comment
}

// Sender sends the items of one payload, each before the next is asked for. The items come
// from the goroutine of the request; the head, if it does not go with the first, and
// heartbeats from that of a timer. It is a [stream.Sink].
type Sender struct {
	recovered func(v any) error

	mu     sync.Mutex
	ctx    context.Context // of the handler
	cancel context.CancelFunc

	exchange  wire.Exchange
	rendering Rendering // the head
	items     *items
	beat      Heartbeat
	timer     *time.Timer
	undrain   func() bool

	out           io.Writer // nil: the head has not been sent
	buffer, spare []byte
	drained       atomic.Bool // the server drains, and no item is wanted
	over          bool        // no item is wanted
	left          bool        // the client has left
	err           error       // what else went wrong
}

var _ stream.Sink = (*Sender)(nil)

// NewSender makes what sends the items of the rendering. ctx is the handler's, and cancel
// ends it; recovered makes an error of a panic: of a method of an item, or of a writer.
// Finish has to be called. It is nil if there is nothing to be sent but a
// head, which is written already.
func (r *Rendering) NewSender(ex wire.Exchange, ctx context.Context, cancel context.CancelFunc, beat Heartbeat, recovered func(v any) error) *Sender {
	if ex.Method() == http.MethodHead {
		r.setItemsHeader(ex)
		_ = ex.Send(r.Status, nil) // the client has disconnected
		return nil
	}
	if len(beat.Event) == 0 {
		beat.Event = comment
	}
	if r.Items.form != FormEvents {
		beat = Heartbeat{}
	}
	s := &Sender{recovered: recovered, ctx: ctx, cancel: cancel, exchange: ex, rendering: *r, items: r.Items, beat: beat, undrain: never}
	s.rendering.Buffer = nil
	delay := headDelay
	if beat.Every > 0 {
		delay = min(delay, beat.Every)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = time.AfterFunc(delay, s.tick)
	if s.items.form == FormEvents {
		s.undrain = wire.AfterDraining(ctx, s.drain)
	}
	return s
}

var comment = []byte(stream.Comment)

func never() bool { return true }

// setItemsHeader sets the fields of the head.
func (r *Rendering) setItemsHeader(ex wire.Exchange) {
	for _, f := range r.header {
		if f.name != "Content-Length" && f.name != "Content-Type" {
			writeField(ex, f)
		}
	}
	if _, set := last(r.header, "Cache-Control"); !set {
		ex.SetHeader("Cache-Control", noStore)
	}
	if _, set := last(r.header, "X-Accel-Buffering"); !set {
		ex.SetHeader("X-Accel-Buffering", unbuffered) // nginx would wait for more
	}
	ex.SetContent(r.contentType, -1)
}

var (
	noStore    = []string{"no-store"}
	unbuffered = []string{"no"}
)

// Lock and Unlock are for who stores an item before Take.
func (s *Sender) Lock()   { s.mu.Lock() }
func (s *Sender) Unlock() { s.mu.Unlock() }

// Take sends one item.
func (s *Sender) Take(h *stream.Head, v any, err error) (more bool) {
	if s.over {
		return false
	}
	if err != nil {
		s.end(err)
		return false
	}
	if s.ctx.Err() != nil {
		s.over, s.left = true, !s.drained.Load()
		return false
	}
	defer s.guard()
	piece, err := s.items.append(s.buffer[:0], &s.spare, h, v)
	if err != nil {
		s.end(err)
		return false
	}
	s.write(piece)
	s.buffer, s.spare = kept(piece), kept(s.spare)
	if s.beat.Every > 0 && !s.over {
		s.timer.Reset(s.beat.Every)
	}
	return !s.over
}

// kept is a buffer for the next item, unless it is large: a stream may last.
func kept(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b
}

const maxKept = 4 << 10

// tick is called by the timer.
func (s *Sender) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	defer s.guard()
	if s.out == nil {
		s.write(nil)
	} else {
		s.write(s.beat.Event)
	}
	if s.beat.Every > 0 && !s.over {
		s.timer.Reset(s.beat.Every)
	}
}

// write writes a piece, the first one after the head. s is locked.
func (s *Sender) write(piece []byte) {
	if s.out == nil {
		s.rendering.setItemsHeader(s.exchange)
		s.out = s.exchange.Begin(s.rendering.Status)
	}
	if _, err := s.out.Write(piece); err != nil {
		s.left = true
		s.end(nil)
	}
}

// guard is deferred around what may panic on the goroutine of the timer or, with a yield
// that the handler has given away, on one of the handler's, where it would end the process.
func (s *Sender) guard() {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		s.left = true
		s.end(nil)
	default:
		s.end(s.recovered(v))
	}
}

// end wants no more items, and wakes who waits for the next. s is locked.
func (s *Sender) end(err error) {
	s.over = true
	if s.err == nil {
		s.err = err
	}
	s.cancel()
}

// drain ends events cleanly: a client connects again. Lines go on, because half of them
// could pass for all.
func (s *Sender) drain() {
	s.drained.Store(true)
	s.cancel() // Take may be waiting for the client
}

// Finish ends the stream. Nothing is written afterwards: a yield that comes later is
// refused. It reports whether the head was sent; whether the client has left, or the
// context ended before the items did; and what went wrong beside that.
func (s *Sender) Finish() (begun, left bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.timer.Stop()
	s.undrain()
	if s.drained.Load() {
		if errors.Is(s.err, context.Canceled) {
			s.err = nil // that of the context that drain has ended
		}
	} else if s.exchange.Context().Err() != nil {
		s.left = true
	}
	return s.out != nil, s.left, s.err
}

// SendEmpty answers with a stream in which nothing has come.
func (s *Sender) SendEmpty() {
	s.rendering.setItemsHeader(s.exchange)
	_ = s.exchange.Send(s.rendering.Status, nil) // the client has disconnected
}

// mediaTypeKept reports whether the handler's own Content-Type says what the items are.
func (p *items) keeps(value string) bool {
	mediaType, _, ok := syntax.MediaType(value)
	problem, _ := (&payload{form: p.form}).checkItems(mediaType)
	return ok && problem == ""
}
