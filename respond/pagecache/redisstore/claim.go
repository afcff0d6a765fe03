package redisstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

const (
	// claimLeases is after how many leases a node that has died loses its claim.
	claimLeases = 3
	// firstLook and lastLook are how long a node waits before it looks whether another
	// one has given its claim back: at first, and at most.
	firstLook = 2 * time.Millisecond
	lastLook  = 25 * time.Millisecond
)

// claimed is what the script of a claim returns.
type claimed struct {
	owner string
	entry *pagecache.Entry
}

// Claim asks for the right to render the page under key; see [pagecache.Sharer]. A page
// that is fresh and current is returned in its place. A claim of a node that has died ends
// after three leases.
func (s *Store) Claim(ctx context.Context, key pagecache.Key) (e *pagecache.Entry, v pagecache.Verdict, done func(), err error) {
	id := s.node + ":" + strconv.FormatUint(s.claims.Add(1), 10)
	for waited := false; ; waited = true {
		ep, err := s.lease()
		if err != nil {
			return nil, pagecache.Expired, nil, err
		}
		c, err := s.sendClaim(ctx, ep, key, id)
		if err == nil && s.leased() != ep {
			err = errFenced
		}
		if err != nil {
			if c.owner == id {
				s.release(ep, key, id)
			}
			return nil, pagecache.Expired, nil, err
		}
		v := pagecache.Expired
		if c.entry != nil {
			v = s.marks.Judge(c.entry)
		}
		useful := v == pagecache.Current && isFresh(c.entry, time.Now())
		switch {
		case c.owner == id && useful:
			s.release(ep, key, id)
			return c.entry, v, nil, nil
		case c.owner == id:
			return c.entry, v, s.prolong(ep, key, id), nil
		case useful || waited:
			return c.entry, v, nil, nil
		}
		if err := s.awaitRelease(ctx, ep, key, c.owner); err != nil {
			return nil, pagecache.Expired, nil, err
		}
	}
}

func (s *Store) sendClaim(ctx context.Context, ep *epoch, key pageKey, id string) (c claimed, err error) {
	page := s.keys.page(ep.name, s.seal.name(key))
	var (
		text string
		left int64
	)
	err = s.link.do(ctx, func(ctx context.Context, client rueidis.Client) error {
		reply, err := s.scripts.claim.Exec(ctx, client, []string{page, claimKey(page)}, []string{id, s.claimLife(ep)}).ToArray()
		if err != nil || len(reply) != 3 {
			return err
		}
		if c.owner, err = reply[0].ToString(); err != nil {
			return err
		}
		if text, err = reply[1].ToString(); rueidis.IsRedisNil(err) {
			return nil
		}
		if err == nil {
			left, err = reply[2].AsInt64()
		}
		return err
	})
	if err == nil && text != "" {
		c.entry, err = s.receivePage(ep, key, text, left)
	}
	return c, err
}

func (s *Store) claimLife(ep *epoch) string {
	return strconv.FormatInt((claimLeases * ep.lease).Milliseconds(), 10)
}

// awaitRelease returns when the owner's claim has ended.
func (s *Store) awaitRelease(ctx context.Context, ep *epoch, key pageKey, owner string) error {
	name := claimKey(s.keys.page(ep.name, s.seal.name(key)))
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		var now string
		err := s.link.do(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
			now, err = c.Do(ctx, c.B().Get().Key(name).Build()).ToString()
			return err
		})
		if err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
		if now != owner {
			return nil
		}
	}
}

// prolong keeps the claim until done is called.
func (s *Store) prolong(ep *epoch, key pageKey, id string) (done func()) {
	ctx, cancel := context.WithCancel(s.base)
	name := claimKey(s.keys.page(ep.name, s.seal.name(key)))
	s.behind(func(context.Context) {
		tick := time.NewTicker(ep.lease)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			_ = s.link.do(ctx, func(ctx context.Context, c rueidis.Client) error {
				return s.scripts.prolong.Exec(ctx, c, []string{name}, []string{id, s.claimLife(ep)}).Error()
			})
		}
	})
	return sync.OnceFunc(func() {
		cancel()
		s.release(ep, key, id)
	})
}

// release gives a claim back, and is not waited for.
func (s *Store) release(ep *epoch, key pageKey, id string) {
	name := claimKey(s.keys.page(ep.name, s.seal.name(key)))
	s.behind(func(ctx context.Context) {
		_ = s.link.do(ctx, func(ctx context.Context, c rueidis.Client) error {
			return s.scripts.release.Exec(ctx, c, []string{name}, []string{id}).Error()
		})
	})
}

// Use remembers a nonce for all nodes; see [pagecache.Nonces]. A server that loses its
// state, or is full and evicts keys, forgets nonces.
func (s *Store) Use(ctx context.Context, nonce string, ttl time.Duration) (first bool, err error) {
	sum := sha256.Sum256([]byte(nonce))
	err = s.link.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Set().Key(s.keys.nonce(hex.EncodeToString(sum[:16]))).Value("1").Nx().
			PxMilliseconds(max(1, ttl.Milliseconds())).Build()).Error()
	})
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	return err == nil, err
}
