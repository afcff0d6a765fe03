// Package storetest checks that a page store keeps the promises of
// [pagecache.Store]: run it from the tests of your own.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) pagecache.Store { return open(t) }, nil)
//	}
//
// Every case says in its comment which rule it checks. Run the suite with -race.
package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// Options describe what a store can do beyond the interface; nil is fine.
type Options struct {
	// Reopen closes a store that the suite got and opens it again on the same
	// data. Nil: the store keeps nothing, and the cases of durability are skipped.
	Reopen func(t *testing.T, s pagecache.Store) pagecache.Store
	// Evicts says that the store may drop pages at any time even when it is
	// almost empty. False: a page of a few hundred bytes is found again at once.
	Evicts bool
}

// Run checks a store. open returns a new, empty one; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) pagecache.Store, opts *Options) {
	if opts == nil {
		opts = &Options{}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.durable && opts.Reopen == nil {
				t.Skip("the store keeps nothing when it is closed")
			}
			s := &subject{t: t, store: open(t), opts: opts}
			t.Cleanup(func() { require.NoError(t, s.store.Close()) })
			c.run(s)
		})
	}
}

type testCase struct {
	name    string
	durable bool
	run     func(s *subject)
}

var cases = []testCase{
	{"TokensGrow", false, tokensGrow},
	{"TokensGrowConcurrently", false, tokensGrowConcurrently},
	{"MissingIsNoError", false, missingIsNoError},
	{"KeepsEverything", false, keepsEverything},
	{"LaterRenderWins", false, laterRenderWins},
	{"Delete", false, deletes},
	{"SoftBump", false, softBump},
	{"HardBump", false, hardBump},
	{"HardWinsOverSoft", false, hardWinsOverSoft},
	{"BumpAtOwnToken", false, bumpAtOwnToken},
	{"BumpNeverLowers", false, bumpNeverLowers},
	{"BumpOfManyMarks", false, bumpOfManyMarks},
	{"BumpOfAllPages", false, bumpOfAllPages},
	{"OtherMarksStay", false, otherMarksStay},
	{"PutAfterHardBump", false, putAfterHardBump},
	{"PutAfterSoftBump", false, putAfterSoftBump},
	{"EvictedTagIsRemembered", false, evictedTagIsRemembered},
	{"NoOldPageAfterBump", false, noOldPageAfterBump},
	{"PutsRaceWithBumps", false, putsRaceWithBumps},
	{"SubscribersBeforeReturn", false, subscribersBeforeReturn},
	{"Unsubscribe", false, unsubscribe},
	{"Marker", false, marker},
	{"KeepsPagesAndBumps", true, keepsPagesAndBumps},
	{"KeepsBumpOfAllPages", true, keepsBumpOfAllPages},
	{"TokensGrowOverRestarts", true, tokensGrowOverRestarts},
}

// subject is the store under test, with calls that must succeed.
type subject struct {
	t     *testing.T
	store pagecache.Store
	opts  *Options
}

func (s *subject) token() pagecache.Token {
	s.t.Helper()
	token, err := s.store.Token(s.t.Context())
	require.NoError(s.t, err)
	return token
}

func (s *subject) put(key pagecache.Key, e *pagecache.Entry) {
	s.t.Helper()
	require.NoError(s.t, s.store.Put(s.t.Context(), key, e))
}

func (s *subject) bump(b pagecache.Bump) {
	s.t.Helper()
	require.NoError(s.t, s.store.Bump(s.t.Context(), b))
}

// expect gets a page and compares its body and what the store says of it.
func (s *subject) expect(key pagecache.Key, body string, want pagecache.Verdict) {
	s.t.Helper()
	e, verdict, err := s.store.Get(s.t.Context(), key)
	require.NoError(s.t, err)
	if e == nil && s.opts.Evicts {
		return
	}
	require.NotNil(s.t, e, "the page is missing")
	require.Equal(s.t, body, string(e.Body))
	require.Equal(s.t, want, verdict, "verdict")
}

func (s *subject) expectMissing(key pagecache.Key) {
	s.t.Helper()
	e, _, err := s.store.Get(s.t.Context(), key)
	require.NoError(s.t, err)
	require.Nil(s.t, e)
}

func key(name string) (k pagecache.Key) {
	copy(k[:], name)
	return k
}

// page makes an entry with marks.
func page(token pagecache.Token, body string, marks ...string) *pagecache.Entry {
	return &pagecache.Entry{
		Tuple: []byte("tuple of " + fmt.Sprint(marks)), Token: token, Marks: marks,
		Born: time.Now().Truncate(time.Millisecond), Fresh: time.Minute, Stale: time.Hour, Error: time.Second,
		Status: 200, Header: []pagecache.Field{{Name: "Content-Type", Values: []string{"text/plain"}}},
		Body: []byte(body), ETag: `"1"`,
	}
}
