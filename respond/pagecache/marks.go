package pagecache

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// maxMarks bounds a Marks that cannot list the pages: the older half is forgotten
	// when it is reached.
	maxMarks = 1 << 17
	// firstMarks is how many marks are kept before those of no stored page are
	// forgotten, where the pages can be listed.
	firstMarks = 1 << 14
)

// version is the highest token at which a mark was bumped, softly and hard.
type version struct{ soft, hard Token }

func (v version) atLeast(w version) version {
	return version{max(v.soft, w.soft), max(v.hard, w.hard)}
}

// Marks holds the versions of paths and tags in memory and judges pages by them:
// the part of a [Store] that is the same for every store whose process knows all
// bumps. There is no index from tags to pages; a page names its marks and they are
// compared when it is read. The zero value is ready. All methods may be called
// concurrently.
//
// Its size is bounded, whatever the names are: it keeps a hash of each mark. When more
// than 131 072 marks are known, the older half is forgotten, and every page that is older
// than what was forgotten counts as bumped.
type Marks struct {
	mu    sync.RWMutex
	table map[uint64]version // by the hash of the mark
	floor version            // of all marks
	// admit is the highest version that was forgotten because no stored page has its
	// mark: what was rendered before may have it, and is not stored.
	admit Token
	limit int
	// pages lists what is stored. Nil: it cannot be listed.
	pages     func(yield func(*Entry) bool)
	forgotten atomic.Uint64 // counts how often marks of no stored page were forgotten
	// bumps counts bumps. A page that was Current at this count needs no second look.
	bumps atomic.Uint64

	subscribing sync.Mutex
	next        int
	subscribers map[int]func(Bump)
}

// Judge says what e's marks have become since its render began. An entry is judged
// by one Marks in its life.
func (m *Marks) Judge(e *Entry) Verdict {
	// One more than the count, so that zero means "never looked at".
	now := m.bumps.Load() + 1
	if e.judged.Load() == now {
		return Current
	}
	m.mu.RLock()
	v := m.judge(e)
	m.mu.RUnlock()
	if v == Current {
		e.judged.Store(now)
	}
	return v
}

func (m *Marks) judge(e *Entry) Verdict {
	seen := m.floor
	for _, mark := range e.Marks {
		seen = seen.atLeast(m.table[hashMark(mark)])
	}
	switch {
	case seen.hard > e.Token:
		return Expired
	case seen.soft > e.Token:
		return Outdated
	}
	return Current
}

// Admit calls store unless e was bumped hard since its render began; then it returns
// [ErrSuperseded]. No bump is applied while store runs.
func (m *Marks) Admit(e *Entry, store func() error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e.Token < m.admit || m.judge(e) == Expired {
		return ErrSuperseded
	}
	return store()
}

// Bump raises the marks, then calls every subscriber.
func (m *Marks) Bump(b Bump) {
	m.apply(b)
	m.subscribing.Lock()
	defer m.subscribing.Unlock()
	for _, f := range m.subscribers {
		f(b)
	}
}

// Restore raises the marks without telling anybody: for a store that reads what it
// kept.
func (m *Marks) Restore(b Bump) { m.apply(b) }

func versionOf(b Bump) version {
	if b.Hard {
		return version{hard: b.At}
	}
	return version{soft: b.At}
}

// markSeed keeps clients from choosing paths whose marks collide. It is read-only.
var markSeed = maphash.MakeSeed()

// hashMark is a name in the table. If two marks have one hash, each bump is one of both,
// which makes a page old too early, never too late.
func hashMark(mark string) uint64 { return maphash.String(markSeed, mark) }

func (m *Marks) apply(b Bump) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.table == nil {
		m.table = make(map[uint64]version)
		m.limit = maxMarks
		if m.pages != nil {
			m.limit = firstMarks
		}
	}
	if len(b.Marks) == 0 {
		m.floor = m.floor.atLeast(versionOf(b))
	}
	for _, mark := range b.Marks {
		h := hashMark(mark)
		m.table[h] = m.table[h].atLeast(versionOf(b))
	}
	if len(m.table) > m.limit {
		m.forget()
	}
	m.bumps.Add(1)
}

// forget drops the marks that no stored page has: those that are left are bounded as the
// pages are. Where the pages cannot be listed, it drops the older half of all.
func (m *Marks) forget() {
	if m.pages == nil {
		m.forgetOlder()
		return
	}
	kept := make(map[uint64]version)
	for e := range m.pages {
		for _, mark := range e.Marks {
			h := hashMark(mark)
			if v, ok := m.table[h]; ok {
				kept[h] = v
			}
		}
	}
	for h, v := range m.table {
		if _, ok := kept[h]; !ok {
			m.admit = max(m.admit, v.soft, v.hard)
		}
	}
	m.table = kept
	m.forgotten.Add(1)
	m.limit = max(firstMarks, 2*len(kept))
}

// forgetOlder makes what it forgets the floor, so a page can count as old too early, never
// too late.
func (m *Marks) forgetOlder() {
	tokens := make([]Token, 0, len(m.table))
	for _, v := range m.table {
		tokens = append(tokens, max(v.soft, v.hard))
	}
	slices.Sort(tokens)
	median := tokens[len(tokens)/2]
	for h, v := range m.table {
		if max(v.soft, v.hard) <= median {
			m.floor = m.floor.atLeast(v)
			delete(m.table, h)
		}
	}
}

// Subscribe is what [Store.Subscribe] promises.
func (m *Marks) Subscribe(f func(Bump)) (cancel func()) {
	m.subscribing.Lock()
	defer m.subscribing.Unlock()
	if m.subscribers == nil {
		m.subscribers = make(map[int]func(Bump))
	}
	id := m.next
	m.next++
	m.subscribers[id] = f
	return func() {
		m.subscribing.Lock()
		defer m.subscribing.Unlock()
		delete(m.subscribers, id)
	}
}
