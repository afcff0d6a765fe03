package diskstore_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/diskstore"
)

// within fails the test if f hangs.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s hangs", what)
	}
}

// overwrite writes b over the file from off on.
func overwrite(t *testing.T, path string, off int64, b []byte) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	_, err = f.WriteAt(b, off)
	require.NoError(t, err)
}

// A file that is damaged while it is open: calls fail or miss, and none hangs.
func TestDamageOfOpenFile(t *testing.T) {
	const pages = 50
	for name, damage := range map[string]func(t *testing.T, path string, size int64){
		"cut to nothing":   func(t *testing.T, path string, _ int64) { require.NoError(t, os.Truncate(path, 0)) },
		"cut to one page":  func(t *testing.T, path string, _ int64) { require.NoError(t, os.Truncate(path, 4096)) },
		"cut to two pages": func(t *testing.T, path string, _ int64) { require.NoError(t, os.Truncate(path, 8192)) },
		"no metas":         func(t *testing.T, path string, _ int64) { overwrite(t, path, 0, make([]byte, 8192)) },
		"zeros":            func(t *testing.T, path string, size int64) { overwrite(t, path, 0, make([]byte, size)) },
		"other bytes": func(t *testing.T, path string, size int64) {
			overwrite(t, path, 8192, []byte(strings.Repeat("\xff", int(size-8192))))
		},
		"removed": func(t *testing.T, path string, _ int64) { require.NoError(t, os.Remove(path)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pages.db")
			var log strings.Builder
			var mu sync.Mutex
			s := open(t, path, &diskstore.Options{Memory: -1, Interval: time.Hour, Log: slog.New(slog.NewTextHandler(writer(func(b []byte) {
				mu.Lock()
				defer mu.Unlock()
				log.Write(b)
			}), nil))})
			for i := range pages {
				require.NoError(t, s.Put(t.Context(), key(i), page(s, i, 1000)))
			}
			flush(t, s)
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.NoError(t, s.Put(t.Context(), key(pages), page(s, pages, 10))) // waits to be written
			damage(t, path, info.Size())

			failed := 0
			within(t, "a call", func() {
				for i := range pages {
					e, _, err := s.Get(t.Context(), key(i))
					if err != nil {
						failed++
					} else if e != nil && e.Body[0] != byte(i) {
						t.Errorf("page %d is another one", i)
					}
				}
				_ = s.Put(t.Context(), key(1), page(s, 1, 10))
				_ = s.Delete(t.Context(), key(2))
				at, _ := s.Token(t.Context())
				_ = s.Bump(context.WithoutCancel(t.Context()), pagecache.Bump{At: at, Marks: []string{"t:x"}})
			})
			within(t, "Close", func() { _ = s.Close() })
			within(t, "Close again", func() { _ = s.Close() })
			mu.Lock()
			t.Logf("%d of %d reads failed\n%s", failed, pages, log.String())
			mu.Unlock()
		})
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

// What has happened to the file is said once, and then every call fails with it.
func TestBrokenFailsFast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	var log strings.Builder
	s := open(t, path, &diskstore.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, s.Put(t.Context(), key(1), page(s, 1, 1000)))
	flush(t, s)
	require.NoError(t, os.Truncate(path, 0))
	var first error
	within(t, "reading", func() { _, _, first = s.Get(t.Context(), key(2)) })
	require.ErrorContains(t, first, "the file is damaged")
	within(t, "the second call", func() {
		_, _, err := s.Get(t.Context(), key(3))
		require.True(t, errors.Is(err, errors.Unwrap(first)) || err.Error() == first.Error(), "%v, then %v", first, err)
		require.Error(t, s.Put(t.Context(), key(4), page(s, 4, 10)))
		at, _ := s.Token(t.Context())
		require.Error(t, s.Bump(t.Context(), pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/9"}}))
		e, v, err := s.Get(t.Context(), key(1))
		require.NoError(t, err)
		require.Equal(t, pagecache.Current, v, "it is in memory")
		require.NotNil(t, e)
		at, _ = s.Token(t.Context())
		require.Error(t, s.Bump(t.Context(), pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/1"}}))
		_, v, _ = s.Get(t.Context(), key(1))
		require.Equal(t, pagecache.Expired, v, "a bump counts all the same")
	})
	within(t, "Close", func() { require.ErrorContains(t, s.Close(), "the file is damaged") })
	require.Equal(t, 1, strings.Count(log.String(), "cannot be used any more"), log.String())
}
