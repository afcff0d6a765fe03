package redisstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

const (
	// maxLife bounds how long the server keeps a page.
	maxLife = 10 * 365 * 24 * time.Hour
	// clockTolerance is how far a page's time may be off before it is corrected: what
	// the server says of a page's age is as inexact as the way to the server is long, and
	// an age is sent in whole seconds (RFC 9111 5.1).
	clockTolerance = time.Second
)

type pageKey = pagecache.Key

// newNear makes the memory of this node; nil for none.
func newNear(bytes int64) *otter.Cache[pageKey, *pagecache.Entry] {
	if bytes < 0 {
		return nil
	}
	return otter.Must(&otter.Options[pageKey, *pagecache.Entry]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ pageKey, e *pagecache.Entry) uint32 { return uint32(min(e.Size(), math.MaxUint32)) },
	})
}

// nearby returns the page that this node has in memory, or nil.
func (s *Store) nearby(key pageKey) *pagecache.Entry {
	if s.near == nil {
		return nil
	}
	e, _ := s.near.GetIfPresent(key)
	return e
}

// keep puts a page into the memory unless one with a higher token is there, and returns
// the one that stays.
func (s *Store) keep(key pageKey, e *pagecache.Entry) *pagecache.Entry {
	if s.near == nil {
		return e
	}
	kept, _ := s.near.Compute(key, func(old *pagecache.Entry, found bool) (*pagecache.Entry, otter.ComputeOp) {
		if found && old.Token >= e.Token {
			return old, otter.CancelOp
		}
		return e, otter.WriteOp
	})
	return kept
}

// isFresh tells whether time has not made a page stale yet.
func isFresh(e *pagecache.Entry, now time.Time) bool {
	age := now.Sub(e.Born)
	return age >= 0 && age < e.Fresh
}

// Peek returns the page under key if this node has it in memory, holds a lease, and the
// page is fresh and [pagecache.Current]. It does not block.
func (s *Store) Peek(key pagecache.Key) (*pagecache.Entry, bool) {
	e := s.nearby(key)
	if e == nil || s.leased() == nil || s.marks.Judge(e) != pagecache.Current || !isFresh(e, time.Now()) {
		return nil, false
	}
	s.stats.near.Add(1)
	return e, true
}

// Get answers from the memory of this node when the page there is fresh and current, and
// asks the server otherwise: another node may have rendered a newer one. It fails when
// the node has no lease or the server does not answer.
func (s *Store) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	ep, err := s.lease()
	if err != nil {
		return s.unleased(key, err)
	}
	near := s.nearby(key)
	if near != nil && isFresh(near, time.Now()) && s.marks.Judge(near) == pagecache.Current {
		s.stats.near.Add(1)
		return near, pagecache.Current, nil
	}
	e, err := s.fetchOnce(ctx, ep, key)
	if errors.Is(err, pagecache.ErrDamaged) {
		return nil, pagecache.Expired, err
	}
	if err != nil {
		return s.unleased(key, err)
	}
	if near != nil && (e == nil || near.Token > e.Token) {
		e = near
	}
	// The lease may have run out meanwhile, or another epoch may have begun.
	if s.leased() != ep {
		return s.unleased(key, errFenced)
	}
	if e == nil {
		s.stats.missed.Add(1)
		return nil, pagecache.Expired, nil
	}
	s.stats.far.Add(1)
	return e, s.marks.Judge(e), nil
}

var errFenced = errors.New("redisstore: the node's lease ran out while it read a page")

// unleased is a Get that may not be answered: bumps of other nodes may be unknown. With
// Options.ServeStale the memory answers all the same.
func (s *Store) unleased(key pageKey, err error) (*pagecache.Entry, pagecache.Verdict, error) {
	s.stats.fenced.Add(1)
	if s.opts.ServeStale && !s.closed.Load() {
		if e := s.nearby(key); e != nil {
			return e, s.marks.Judge(e), nil
		}
	}
	return nil, pagecache.Expired, err
}

// fetch is a page that is being read; its result is set before done is closed.
type fetch struct {
	done  chan struct{}
	entry *pagecache.Entry
	err   error
}

// fetchOnce reads a page from the server; calls for one page share one. One that began
// before a bump may be shared after it: what it brings is judged by its token.
func (s *Store) fetchOnce(ctx context.Context, ep *epoch, key pageKey) (*pagecache.Entry, error) {
	s.fetching.Lock()
	f := s.fetches[key]
	leads := f == nil
	if leads {
		f = &fetch{done: make(chan struct{})}
		s.fetches[key] = f
	}
	s.fetching.Unlock()
	if leads {
		f.entry, f.err = s.fetch(ctx, ep, key)
		s.fetching.Lock()
		delete(s.fetches, key)
		s.fetching.Unlock()
		close(f.done)
		return f.entry, f.err
	}
	select {
	case <-f.done:
		return f.entry, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Store) fetch(ctx context.Context, ep *epoch, key pageKey) (*pagecache.Entry, error) {
	var (
		name   = s.seal.name(key)
		stored = s.keys.page(ep.name, name)
		text   string
		left   int64
	)
	err := s.link.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		reply, err := s.scripts.fetch.Exec(ctx, c, []string{stored}, nil).ToArray()
		if err != nil || len(reply) != 2 {
			return err
		}
		if text, err = reply[0].ToString(); err == nil {
			left, err = reply[1].AsInt64()
		}
		return err
	})
	switch {
	case rueidis.IsRedisNil(err):
		return nil, nil
	case isWrongType(err):
		return nil, fmt.Errorf("%w: the key %s holds no text: %w", pagecache.ErrDamaged, stored, err)
	case err != nil:
		return nil, err
	}
	return s.receivePage(ep, key, text, left)
}

// receivePage makes an entry of what the server has under key.
func (s *Store) receivePage(ep *epoch, key pageKey, text string, left int64) (*pagecache.Entry, error) {
	e, err := decode(ep.cipher, s.seal.name(key), []byte(text))
	if err != nil {
		return nil, err
	}
	// Before the page is judged: if an epoch begins now, its floor is above this token.
	s.note(e.Token)
	correctBorn(e, time.Now(), time.Duration(left)*time.Millisecond)
	return s.keep(key, e), nil
}

// correctBorn sets a page's age by the time that it has left on the server, if the clock
// of the node that rendered it differs from this one's.
func correctBorn(e *pagecache.Entry, now time.Time, left time.Duration) {
	if whole := life(e); left > 0 && whole < maxLife {
		if born := now.Add(left - whole); e.Born.Sub(born).Abs() > clockTolerance {
			e.Born = born
		}
	}
	if e.Born.After(now) {
		e.Born = now
	}
}

// life is how long a page is of any use.
func life(e *pagecache.Entry) time.Duration {
	sum := time.Duration(0)
	for _, d := range [...]time.Duration{e.Fresh, e.Stale, e.Error} {
		sum += min(max(d, 0), maxLife)
	}
	return min(sum, maxLife)
}

// Put stores the page on the server, for all nodes, and in the memory of this one. When
// the server is full, it is kept in the memory alone.
func (s *Store) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	ep, err := s.lease()
	if err != nil {
		return err
	}
	if s.marks.Judge(e) == pagecache.Expired {
		return pagecache.ErrSuperseded
	}
	if near := s.nearby(key); near != nil && near.Token > e.Token {
		return pagecache.ErrSuperseded
	}
	left := life(e) - max(0, time.Since(e.Born))
	if left <= 0 {
		return nil
	}
	name := s.seal.name(key)
	b, err := encode(ep.cipher, name, e)
	if err != nil {
		return err
	}
	var stored int64
	err = s.link.do(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
		stored, err = s.scripts.put.Exec(ctx, c, []string{s.keys.page(ep.name, name)},
			[]string{rueidis.BinaryString(b), decimal(uint64(max(1, left.Milliseconds())))}).AsInt64()
		return err
	})
	switch {
	case isFull(err):
		stored = 1 // the fault is in the log
	case err != nil:
		return err
	}
	if stored == 0 {
		return pagecache.ErrSuperseded
	}
	s.keep(key, e)
	return nil
}

// Delete removes the page from the server and from the memory of this node; other nodes
// may have it in theirs.
func (s *Store) Delete(ctx context.Context, key pagecache.Key) error {
	if s.near != nil {
		s.near.Invalidate(key)
	}
	ep, err := s.lease()
	if err != nil {
		return err
	}
	return s.link.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Del().Key(s.keys.page(ep.name, s.seal.name(key))).Build()).Error()
	})
}

func isWrongType(err error) bool { return err != nil && strings.Contains(err.Error(), "WRONGTYPE") }

func isFull(err error) bool { return err != nil && strings.Contains(err.Error(), "OOM command") }
