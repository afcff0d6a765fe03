package pagecache

import (
	"sync"
	"time"
)

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

// trim makes room: what is over goes first, then whatever comes.
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
