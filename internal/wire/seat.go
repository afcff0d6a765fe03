package wire

import "context"

// Seat is what the pipeline keeps of a request beside its record, where net/http does
// not carry it or more is asked for than usual. An exchange that embeds one spares
// each request an allocation. It is never used again, since a handler may keep its context.
type Seat struct {
	Exchange Exchange        // nil: net/http
	Context  context.Context // in place of that of net/http's request; nil: that
	Own      any             // what the pipeline alone knows
}

// Room is the Seat itself, for what embeds it.
func (s *Seat) Room() *Seat { return s }

// SeatOf seats ex: in the room that it has for a Seat, or else in a new one.
func SeatOf(ex Exchange) *Seat {
	var s *Seat
	if host, ok := ex.(interface{ Room() *Seat }); ok {
		s = host.Room()
	} else {
		s = new(Seat)
	}
	s.Exchange, s.Context = ex, ex.Context()
	return s
}
