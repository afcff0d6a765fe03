package redisstore

import (
	"context"
	"crypto/cipher"
	crand "crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// beatEntries is how many bumps one beat brings.
const beatEntries = 512

// epoch is a life of the control state on the server. What was stored in an earlier one
// is not read any more.
type epoch struct {
	name   string
	cipher cipher.AEAD // nil: pages are not sealed
	lease  time.Duration
	// clear is when every lease of the earlier epoch has run out, by this node's clock.
	clear time.Time
	// settled: another node knows it too.
	settled atomic.Bool
}

// leaseHold allows this node to judge pages: until it ends, no bump has returned that the
// node has not applied.
type leaseHold struct {
	epoch *epoch
	until time.Time
	wall  int64 // the same by the wall clock, which goes on while a machine sleeps
}

// leased returns the epoch under whose lease the node may judge pages now, or nil.
func (s *Store) leased() *epoch {
	h := s.hold.Load()
	if h == nil {
		return nil
	}
	if now := time.Now(); !now.Before(h.until) || now.UnixNano() >= h.wall {
		return nil
	}
	return h.epoch
}

var errUnleased = errors.New("redisstore: the node has no lease: the server has not answered it for too long")

// lease is leased with the error that says why there is none.
func (s *Store) lease() (*epoch, error) {
	if ep := s.leased(); ep != nil {
		return ep, nil
	}
	if s.closed.Load() {
		return nil, errClosed
	}
	if err := s.link.why(); err != nil {
		return nil, err
	}
	return nil, errUnleased
}

// wait is how long a lease that was given at most now may last.
func (ep *epoch) wait() time.Duration { return ep.lease + ep.lease/10 + time.Millisecond }

// keepLease beats until the store is closed.
func (s *Store) keepLease() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.base.Done():
			return
		case <-timer.C:
		case <-s.wake:
		}
		lease := s.opts.Lease
		if err := s.beat(s.base); err == nil {
			lease = s.epoch.Load().lease
		}
		// With jitter, so that nodes that were started together do not beat together.
		timer.Reset(lease/4 - time.Duration(rand.Int64N(int64(lease/16)+1)))
	}
}

// wakeUp has the next beat sent now.
func (s *Store) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default: // one is waiting already
	}
}

// beatReply is what the script of a beat returns.
type beatReply struct {
	epoch            string
	seq, low         uint64
	floor, softFloor pagecache.Token
	settled          bool
	lease            time.Duration
	members          int64
	bumps            []logEntry
	others           []string // programs of the other nodes, on the first beat in an epoch
}

// beat renews the lease, and applies the bumps that the node lacks. One runs at a time.
func (s *Store) beat(ctx context.Context) error {
	select {
	case s.beating <- struct{}{}:
		defer func() { <-s.beating }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		if s.closed.Load() {
			return errClosed
		}
		if err := s.link.connect(); err != nil {
			return err
		}
		sent := time.Now()
		var r beatReply
		err := s.link.probe(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
			r, err = s.sendBeat(ctx, c)
			return err
		})
		if err != nil {
			return err
		}
		if s.adopt(r, sent) {
			return nil
		}
	}
}

func (s *Store) sendBeat(ctx context.Context, c rueidis.Client) (beatReply, error) {
	s.mu.Lock()
	name, applied, settled := "", s.applied, "0"
	if ep := s.epoch.Load(); ep != nil {
		name = ep.name
		if ep.settled.Load() || time.Now().After(ep.clear) {
			settled = "1"
		}
	}
	s.mu.Unlock()
	var candidate [8]byte
	crand.Read(candidate[:])
	reply, err := s.scripts.beat.Exec(ctx, c, s.keys.control[:], []string{
		s.durable, formatVersion, s.node, name, decimal(applied), decimal(s.known.Load()), settled,
		hex.EncodeToString(candidate[:]), decimal(uint64(s.opts.Lease.Milliseconds())), strconv.Itoa(beatEntries), s.program,
	}).ToArray()
	if err != nil {
		return beatReply{}, err
	}
	return parseBeat(reply)
}

// adopt takes what a beat has brought, and the lease when nothing is missing any more;
// complete is false otherwise.
func (s *Store) adopt(r beatReply, sent time.Time) (complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ep := s.epoch.Load()
	switch {
	case ep == nil || ep.name != r.epoch:
		ep = s.begin(r, ep == nil)
	case s.applied < r.low:
		// Bumps that this node lacks have left the log.
		s.raiseFloor(r)
		s.applied = r.low
	}
	if r.settled {
		ep.settled.Store(true)
	}
	for _, b := range r.bumps {
		s.apply(b)
	}
	s.acks.send()
	if s.applied < r.seq {
		return false
	}
	s.members.Store(r.members)
	until := sent.Add(ep.lease)
	s.hold.Store(&leaseHold{ep, until, until.UnixNano()})
	return true
}

// begin is called with mu held. Pages of the earlier epoch, and those whose render began
// in it, are older than the floor: bumps that the server has forgotten may have been theirs.
func (s *Store) begin(r beatReply, first bool) *epoch {
	s.hold.Store(nil)
	s.applied = r.low
	r.floor = max(r.floor, pagecache.Token(s.known.Load())+1)
	s.note(r.floor)
	ep := &epoch{name: r.epoch, cipher: s.seal.cipher(r.epoch), lease: r.lease}
	ep.clear = time.Now().Add(ep.wait())
	s.raiseFloor(r)
	if s.near != nil {
		s.near.InvalidateAll()
	}
	s.epoch.Store(ep)
	s.stats.epochs.Add(1)
	if !first {
		s.opts.Log.Warn("redisstore: the server has lost its state or is another one; all pages are rendered again",
			"prefix", s.opts.Prefix, "epoch", r.epoch)
	}
	if r.lease != s.opts.Lease {
		s.opts.Log.Warn("redisstore: the nodes of the prefix have another lease, which is used: give all the same Options.Lease",
			"prefix", s.opts.Prefix, "lease", r.lease, "option", s.opts.Lease)
	}
	s.compare(r.others)
	return ep
}

// compare warns of a prefix that different programs share.
func (s *Store) compare(others []string) {
	for _, o := range others {
		if o != s.program && !s.warned {
			s.warned = true
			s.opts.Log.Warn("redisstore: another program uses the prefix: give each API a Prefix of its own; "+
				"their pages are kept apart, but what one revalidates is rendered again by the other",
				"prefix", s.opts.Prefix, "program", s.program, "other", o)
		}
	}
}

// raiseFloor makes all pages old that are older than what the log has forgotten.
func (s *Store) raiseFloor(r beatReply) {
	s.marks.Bump(pagecache.Bump{At: r.floor, Hard: true})
	if r.softFloor > 0 {
		s.marks.Bump(pagecache.Bump{At: r.softFloor})
	}
}

// apply is called with mu held. What is not the next bump is known, or comes with the
// next beat; then missing is true.
func (s *Store) apply(b logEntry) (missing bool) {
	if b.seq > s.applied+1 {
		return true
	}
	if b.seq == s.applied+1 {
		if b.node != s.node { // its own are applied before they are sent
			s.note(b.bump.At)
			s.marks.Bump(b.bump)
		}
		s.applied = b.seq
	}
	if b.node != s.node {
		s.acks.owe(b.node)
	}
	return false
}

// note remembers the highest token that was seen.
func (s *Store) note(t pagecache.Token) {
	for {
		old := s.known.Load()
		if uint64(t) <= old || s.known.CompareAndSwap(old, uint64(t)) {
			return
		}
	}
}

// Ready returns nil when the node holds a lease, so that its pages are served and not
// rendered for each request: for a probe that is asked while a node starts. As a condition of
// every later request it would take all nodes out of service when the server is away, though
// each of them can still render. It waits for a lease at most
// Options.Timeout. The error says what is wrong with the server and what to do about it.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	for {
		_, err := s.lease()
		if err == nil || errors.Is(err, errClosed) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(min(10*time.Millisecond, s.opts.Timeout/4)):
		}
	}
}

// Token returns the server's time in microseconds, or one more than the highest token
// that is known where that is more.
func (s *Store) Token(ctx context.Context) (pagecache.Token, error) {
	for again := false; ; again = true {
		ep := s.epoch.Load()
		if ep == nil {
			_, err := s.lease()
			return 0, err
		}
		var text string
		err := s.link.do(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
			text, err = s.scripts.token.Exec(ctx, c, s.keys.control[:], []string{s.durable, formatVersion, ep.name}).ToString()
			return err
		})
		if isNewEpoch(err) && !again {
			if err = s.beat(ctx); err == nil {
				continue
			}
		}
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("redisstore: the server's token is %q: %w", text, err)
		}
		s.note(pagecache.Token(n))
		return pagecache.Token(n), nil
	}
}

// isNewEpoch tells whether a script refuses because the node's epoch has ended.
func isNewEpoch(err error) bool {
	e, ok := rueidis.IsRedisErr(err)
	return ok && strings.HasPrefix(e.Error(), "NEWEPOCH")
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
