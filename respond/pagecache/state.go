package pagecache

import "time"

// freshness is where a stored page stands.
type freshness uint8

const (
	fresh freshness = iota
	stale
	errorStale
	gone
)

// plan is what a request does in a state.
type plan struct {
	serve   bool // answer with the old page at once
	refresh bool // start one render behind the answer
	wait    bool // wait for a render and answer with its page
	rescue  bool // answer with the old page when that render fails
}

// plan is the state machine: one row a state. Time moves a page down the table (see
// Entry.freshness), a soft bump moves a fresh one to stale, a hard bump any to gone, and
// a render that succeeds makes it fresh.
func (s freshness) plan() plan {
	return [...]plan{
		fresh:      {serve: true},
		stale:      {serve: true, refresh: true},
		errorStale: {wait: true, rescue: true},
		gone:       {wait: true},
	}[s]
}

// freshness says where e stands at a time, given what its marks have become.
func (e *Entry) freshness(now time.Time, v Verdict) freshness {
	if v == Expired {
		return gone
	}
	age := now.Sub(e.Born)
	if v == Outdated || age < 0 {
		// A page from the future was stored before the clock was set back: how old
		// it is, nobody knows.
		age = max(age, e.Fresh)
	}
	for s, window := range [...]time.Duration{fresh: e.Fresh, stale: e.Stale, errorStale: e.Error} {
		if age < window {
			return freshness(s)
		}
		age -= window
	}
	return gone
}
