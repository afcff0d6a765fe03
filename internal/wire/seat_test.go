package wire_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// seated is an exchange with room for a seat, whose content is in memory.
type seated struct {
	wire.NetHTTP
	seat    wire.Seat
	content string
}

func (s *seated) Room() *wire.Seat { return s.seat.Room() }

func (s *seated) Content() ([]byte, bool) { return []byte(s.content), s.content != "" }

func TestSeatOf(t *testing.T) {
	plain := &wire.NetHTTP{W: httptest.NewRecorder(), R: httptest.NewRequest(http.MethodGet, "/", nil)}
	if s := wire.SeatOf(plain); s.Exchange != plain || s.Context != plain.R.Context() {
		t.Errorf("%+v", s)
	}
	host := &seated{NetHTTP: *plain}
	if s := wire.SeatOf(host); s != &host.seat || s.Exchange != host || s.Context != plain.R.Context() {
		t.Errorf("%+v", s)
	}
	if n := testing.AllocsPerRun(100, func() { wire.SeatOf(host) }); n != 0 {
		t.Errorf("%v allocations where there is room", n)
	}
}

func TestContent(t *testing.T) {
	host := &seated{content: "all"}
	if content, ok := wire.Content(host); !ok || string(content) != "all" {
		t.Errorf("%q %v", content, ok)
	}
	if content, ok := wire.Content(&host.NetHTTP); ok || content != nil {
		t.Errorf("%q %v", content, ok)
	}
}
