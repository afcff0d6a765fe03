package pagecache

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// memory is the store of [Memory].
type memory struct {
	pages *otter.Cache[Key, *Entry]
	marks Marks
	clock atomic.Uint64
}

// Memory returns a store that keeps at most about this many bytes of pages in the
// process; 64 MiB when bytes is not positive. What is kept is decided by W-TinyLFU:
// pages that are asked for often survive a scan of pages that are asked for once.
func Memory(bytes int64) Store {
	if bytes <= 0 {
		bytes = 64 << 20
	}
	return &memory{pages: otter.Must(&otter.Options[Key, *Entry]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ Key, e *Entry) uint32 { return uint32(min(e.Size(), math.MaxUint32)) },
	})}
}

func (s *memory) Token(context.Context) (Token, error) { return Token(s.clock.Add(1)), nil }

func (s *memory) Get(_ context.Context, key Key) (*Entry, Verdict, error) {
	e, ok := s.pages.GetIfPresent(key)
	if !ok {
		return nil, Expired, nil
	}
	return e, s.marks.Judge(e), nil
}

func (s *memory) Put(_ context.Context, key Key, e *Entry) error {
	return s.marks.Admit(e, func() (err error) {
		s.pages.Compute(key, func(old *Entry, found bool) (*Entry, otter.ComputeOp) {
			if found && old.Token > e.Token {
				err = ErrSuperseded
				return nil, otter.CancelOp
			}
			return e, otter.WriteOp
		})
		return err
	})
}

func (s *memory) Delete(_ context.Context, key Key) error {
	s.pages.Invalidate(key)
	return nil
}

func (s *memory) Bump(_ context.Context, b Bump) error {
	s.marks.Bump(b)
	return nil
}

func (s *memory) Subscribe(f func(Bump)) (cancel func()) { return s.marks.Subscribe(f) }

// Close drops the pages.
func (s *memory) Close() error {
	s.pages.InvalidateAll()
	s.pages.StopAllGoroutines()
	return nil
}
