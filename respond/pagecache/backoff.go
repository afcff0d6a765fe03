package pagecache

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	firstSilence = time.Second
	lastSilence  = 10 * time.Second
)

// errSilent is a call of the store that did not end in time, or was not made because one
// did not a moment ago.
var errSilent = fmt.Errorf("pagecache: the store does not answer: %w", context.DeadlineExceeded)

// circuit keeps calls from a store that does not answer: each would cost its caller the
// whole timeout. After a while one call is let through, as a probe. The zero value is
// ready.
type circuit struct {
	mu      sync.Mutex
	until   time.Time // zero: the store answers
	wait    time.Duration
	probing bool
}

// enter tells whether the store may be called, and whether the call is the probe.
func (c *circuit) enter(now time.Time) (probe, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.until.IsZero():
		return false, true
	case c.probing || now.Before(c.until):
		return false, false
	}
	c.probing = true
	return true, true
}

func (c *circuit) answered(probe bool) {
	if !probe {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, c.wait, c.probing = time.Time{}, 0, false
}

func (c *circuit) silent(probe bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !probe && !c.until.IsZero() {
		return // another call was first
	}
	c.wait = min(max(2*c.wait, firstSilence), lastSilence)
	c.until, c.probing = now.Add(c.wait), false
}

const (
	firstBackoff = time.Second
	lastBackoff  = 30 * time.Second
	maxBackoffs  = 4096
)

// backoff remembers which keys failed to render and until when no request that has an
// old page to show tries again. The zero value is ready.
type backoff struct {
	mu    sync.Mutex
	byKey map[Key]retry
}

type retry struct {
	at   time.Time
	wait time.Duration
}

// waiting tells whether a render of key failed a moment ago.
func (b *backoff) waiting(key Key, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.byKey[key]
	return ok && now.Before(r.at)
}

func (b *backoff) failed(key Key, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byKey == nil {
		b.byKey = make(map[Key]retry)
	}
	if len(b.byKey) >= maxBackoffs {
		b.trim(now)
	}
	wait := firstBackoff
	if r, ok := b.byKey[key]; ok {
		wait = min(2*r.wait, lastBackoff)
	}
	b.byKey[key] = retry{now.Add(wait), wait}
}

// trim makes space: entries whose time is over go first, then any.
func (b *backoff) trim(now time.Time) {
	for k, r := range b.byKey {
		if now.After(r.at) {
			delete(b.byKey, k)
		}
	}
	for k := range b.byKey {
		if len(b.byKey) < maxBackoffs {
			return
		}
		delete(b.byKey, k)
	}
}

func (b *backoff) succeeded(key Key) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byKey, key)
}
