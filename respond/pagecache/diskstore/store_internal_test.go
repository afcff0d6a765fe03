package diskstore

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

func openQuiet(t *testing.T, opts Options) *Store {
	t.Helper()
	opts.Log = slog.New(slog.DiscardHandler)
	s, err := Open(filepath.Join(t.TempDir(), "pages.db"), &opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func entry(s *Store, mark string) *pagecache.Entry {
	token, _ := s.Token(context.Background())
	return &pagecache.Entry{Tuple: []byte("t"), Token: token, Marks: []string{mark}, Born: time.Now(), Fresh: time.Hour, Status: 200}
}

// A bump does not wait for a slow disk beyond its context; it counts all the same.
func TestSlowDisk(t *testing.T) {
	s := openQuiet(t, Options{})
	key := pagecache.Key{1}
	require.NoError(t, s.Put(t.Context(), key, entry(s, "p:/a")))
	tx, err := s.db.Begin(true) // the writer has to wait
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	at, _ := s.Token(t.Context())
	require.ErrorIs(t, s.Bump(ctx, pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/a"}}), context.DeadlineExceeded)
	_, verdict, err := s.Get(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, pagecache.Expired, verdict)
	require.NoError(t, tx.Rollback())
}

// More than memory should hold waits to be written: pages are refused.
func TestPendingIsBounded(t *testing.T) {
	s := openQuiet(t, Options{Interval: time.Hour})
	require.NoError(t, s.Put(t.Context(), pagecache.Key{1}, entry(s, "p:/a")))
	s.mu.Lock()
	s.pending.bytes = maxPending + 1
	s.mu.Unlock()
	require.ErrorIs(t, s.Put(t.Context(), pagecache.Key{2}, entry(s, "p:/b")), errPending)
}

// What could not be written does not give way to what the file has, page by page first,
// then altogether.
func TestLostPages(t *testing.T) {
	s := openQuiet(t, Options{Memory: -1})
	key := pagecache.Key{1}
	require.NoError(t, s.Put(t.Context(), key, entry(s, "p:/a")))
	at, _ := s.Token(t.Context())
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: at, Marks: []string{"t:x"}}))

	newer := entry(s, "p:/a")
	failed := errors.New("full")
	s.mu.Lock()
	s.remember(map[pagecache.Key]*pagecache.Entry{key: newer}, failed)
	s.mu.Unlock()
	e, _, err := s.Get(t.Context(), key)
	require.NoError(t, err)
	require.Nil(t, e)
	require.ErrorIs(t, s.Bump(t.Context(), pagecache.Bump{At: newer.Token, Hard: true, Marks: []string{"p:/a"}}), errLost)
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: newer.Token, Hard: true, Marks: []string{"p:/b"}}))

	// Written at last.
	newest := entry(s, "p:/a")
	require.NoError(t, s.Put(t.Context(), key, newest))
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: newest.Token, Hard: true, Marks: []string{"p:/a"}}))
	e, verdict, err := s.Get(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, pagecache.Current, verdict)
	require.Equal(t, newest.Token, e.Token)

	many := map[pagecache.Key]*pagecache.Entry{}
	for i := range maxLost + 1 {
		many[pagecache.Key{2, byte(i), byte(i >> 8)}] = nil
	}
	s.mu.Lock()
	s.remember(many, failed)
	s.mu.Unlock()
	e, _, err = s.Get(t.Context(), key)
	require.NoError(t, err)
	require.Nil(t, e, "too many to remember: nothing older is trusted")
	require.ErrorIs(t, s.Bump(t.Context(), pagecache.Bump{At: newest.Token, Marks: []string{"t:x"}}), errLost)
	last := entry(s, "p:/a")
	require.NoError(t, s.Put(t.Context(), key, last))
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: last.Token, Hard: true, Marks: []string{"p:/a"}}))
}

// A disk that fails altogether: an error for who waits, a miss for who reads.
func TestDeadDisk(t *testing.T) {
	s := openQuiet(t, Options{Memory: -1, Interval: time.Hour})
	key := pagecache.Key{1}
	require.NoError(t, s.Put(t.Context(), key, entry(s, "p:/a")))
	require.NoError(t, s.db.Close())
	at, _ := s.Token(t.Context())
	require.Error(t, s.Bump(t.Context(), pagecache.Bump{At: at, Marks: []string{"t:x"}}))
	e, _, err := s.Get(t.Context(), key)
	require.NoError(t, err)
	require.Nil(t, e)
	_, _, err = s.Get(t.Context(), pagecache.Key{2})
	require.Error(t, err)
	require.Error(t, s.Put(t.Context(), pagecache.Key{2}, entry(s, "p:/b")))
}

// What a file claims of itself is checked.
func TestDamagedState(t *testing.T) {
	var c contents
	require.False(t, c.decode(make([]byte, 28)[:27]))
	require.False(t, c.decode(append(make([]byte, 27), 1)))
	s := openQuiet(t, Options{})
	require.Error(t, s.restore([]byte("mt:x"), make([]byte, 20)))
	require.Error(t, s.restore(nil, nil))
}
