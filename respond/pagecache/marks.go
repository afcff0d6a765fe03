package pagecache

import (
	"slices"
	"sync"
	"sync/atomic"
)

// maxMarks bounds a Marks: the older half is forgotten when it is reached.
const maxMarks = 1 << 16

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
// Its size is bounded: when more than 65 536 marks are known, the older half is
// forgotten and every page that is older than what was forgotten counts as bumped.
type Marks struct {
	mu    sync.RWMutex
	table map[string]version
	floor version
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
	for _, name := range e.Marks {
		seen = seen.atLeast(m.table[name])
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
	if m.judge(e) == Expired {
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

func (m *Marks) apply(b Bump) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.table == nil {
		m.table = make(map[string]version)
	}
	if len(b.Marks) == 0 {
		m.floor = m.floor.atLeast(versionOf(b))
	}
	for _, name := range b.Marks {
		m.table[name] = m.table[name].atLeast(versionOf(b))
	}
	if len(m.table) > maxMarks {
		m.forget()
	}
	m.bumps.Add(1)
}

// forget drops the older half of the table. What it forgets becomes the floor, so a
// page can count as old too early, never too late.
func (m *Marks) forget() {
	tokens := make([]Token, 0, len(m.table))
	for _, v := range m.table {
		tokens = append(tokens, max(v.soft, v.hard))
	}
	slices.Sort(tokens)
	median := tokens[len(tokens)/2]
	for name, v := range m.table {
		if max(v.soft, v.hard) <= median {
			m.floor = m.floor.atLeast(v)
			delete(m.table, name)
		}
	}
}

// Snapshot returns the versions as bumps that [Marks.Restore] takes back.
func (m *Marks) Snapshot() []Bump {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var all []Bump
	add := func(v version, names ...string) {
		if v.hard > 0 {
			all = append(all, Bump{At: v.hard, Hard: true, Marks: names})
		}
		if v.soft > 0 {
			all = append(all, Bump{At: v.soft, Marks: names})
		}
	}
	add(m.floor)
	for name, v := range m.table {
		add(v, name)
	}
	return all
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
