package diskstore_test

import (
	"bytes"
	"context"
	"fmt"
	"go.etcd.io/bbolt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/diskstore"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

func open(t testing.TB, path string, opts *diskstore.Options) *diskstore.Store {
	t.Helper()
	if opts == nil {
		opts = &diskstore.Options{}
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s, err := diskstore.Open(path, opts)
	require.NoError(t, err)
	return s
}

func TestDiskStore(t *testing.T) {
	for name, opts := range map[string]diskstore.Options{"memory": {}, "file only": {Memory: -1}, "slow": {Interval: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			paths := map[pagecache.Store]string{}
			start := func(t *testing.T, path string) pagecache.Store {
				o := opts
				s := open(t, path, &o)
				paths[s] = path
				return s
			}
			storetest.Run(t, func(t *testing.T) pagecache.Store {
				return start(t, filepath.Join(t.TempDir(), "pages.db"))
			}, &storetest.Options{Reopen: func(t *testing.T, s pagecache.Store) pagecache.Store {
				require.NoError(t, s.Close())
				return start(t, paths[s])
			}})
		})
	}
}

func key(i int) (k pagecache.Key) {
	copy(k[:], fmt.Sprintf("%016d", i))
	return k
}

func page(s *diskstore.Store, i, size int) *pagecache.Entry {
	token, _ := s.Token(context.Background())
	return &pagecache.Entry{
		Tuple: []byte(fmt.Sprint("page ", i)), Token: token, Marks: []string{fmt.Sprintf("p:/%d", i), "t:all"},
		Born: time.Now(), Fresh: time.Hour, Status: 200, Body: bytes.Repeat([]byte{byte(i)}, size),
	}
}

// flush returns when everything that was put is on the disk.
func flush(t testing.TB, s *diskstore.Store) {
	t.Helper()
	token, err := s.Token(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: token, Marks: []string{"sync"}}))
}

func TestLeavesNoGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := open(t, filepath.Join(t.TempDir(), "pages.db"), nil)
	require.NoError(t, s.Put(t.Context(), key(1), page(s, 1, 100)))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.Error(t, s.Put(t.Context(), key(1), page(s, 1, 100)))
	require.Error(t, s.Bump(t.Context(), pagecache.Bump{At: 1, Marks: []string{"a"}}))
	require.Error(t, s.Delete(t.Context(), key(1)))
}

// Pages are written together after the interval without anybody asking.
func TestWritesByItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	s := open(t, path, &diskstore.Options{Interval: time.Millisecond})
	require.NoError(t, s.Put(t.Context(), key(1), page(s, 1, 100)))
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(path)
		return err == nil && bytes.Contains(b, []byte("page 1"))
	}, 5*time.Second, time.Millisecond)
	require.NoError(t, s.Close())
}

// One process at a time; a directory, a file of another's or without permission is
// an error, not damage.
func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pages.db")
	s := open(t, path, nil)
	_, err := diskstore.Open(path, nil)
	require.ErrorContains(t, err, "pages.db: it is open already, in this process or another one: give each a path of its own, or close the other first")
	require.NoError(t, s.Close())
	_, err = diskstore.Open(dir, nil)
	require.Error(t, err)
	_, err = diskstore.Open(filepath.Join(dir, "no", "such", "dir"), nil)
	require.Error(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing was put aside")
}

// Of several that open a file at once, a new one or an old one, one has it, and nobody
// takes it for damaged.
func TestOpenTogether(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pages.db")
	for range 2 {
		var opened []*diskstore.Store
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s, err := diskstore.Open(path, nil)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					opened = append(opened, s)
				} else if !strings.Contains(err.Error(), "open already") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(t, opened, 1)
		require.NoError(t, opened[0].Close())
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing was put aside")
}

// The pages stored longest ago make room.
func TestMaxBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	s := open(t, path, &diskstore.Options{MaxBytes: 100_000, Memory: -1})
	for i := range 100 {
		require.NoError(t, s.Put(t.Context(), key(i), page(s, i, 4000)))
		if i%10 == 0 {
			flush(t, s)
		}
	}
	flush(t, s)
	var have []int
	for i := range 100 {
		e, _, err := s.Get(t.Context(), key(i))
		require.NoError(t, err)
		if e != nil {
			have = append(have, i)
		}
	}
	require.InDelta(t, 24, len(have), 1)
	require.Equal(t, 100-len(have), have[0], "the latest ones stay")
	require.NoError(t, s.Close())
}

// 100 000 pages open in at most a second.
func TestCostOfOpening(t *testing.T) {
	pages := 10_000
	if os.Getenv("APIROUTES_PROOF") == "1" {
		pages = 100_000
	}
	path := filepath.Join(t.TempDir(), "pages.db")
	s := open(t, path, &diskstore.Options{Interval: time.Hour, Memory: -1})
	for i := range pages {
		require.NoError(t, s.Put(t.Context(), key(i), page(s, i, 2000)))
		if i%5000 == 4999 {
			flush(t, s)
		}
	}
	require.NoError(t, s.Close())
	began := time.Now()
	s = open(t, path, nil)
	took := time.Since(began)
	e, v, err := s.Get(t.Context(), key(pages/2))
	require.NoError(t, err)
	require.Equal(t, pagecache.Current, v)
	require.Equal(t, 2000, len(e.Body))
	t.Logf("%d pages opened in %v", pages, took)
	require.LessOrEqual(t, took, time.Second)
	began = time.Now()
	token, _ := s.Token(t.Context())
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: token, Marks: []string{"t:all"}}))
	t.Logf("a tag over all of them bumped in %v, on the disk", time.Since(began))
	_, v, _ = s.Get(t.Context(), key(pages/2))
	require.Equal(t, pagecache.Outdated, v)
	require.NoError(t, s.Close())
}

// More marks than memory keeps: the file is written anew, and forgets no bump.
func TestManyMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	s := open(t, path, nil)
	require.NoError(t, s.Put(t.Context(), key(1), page(s, 1, 10)))
	for i := range 3 {
		b := pagecache.Bump{Hard: i == 0}
		b.At, _ = s.Token(t.Context())
		for j := range 50_000 {
			b.Marks = append(b.Marks, fmt.Sprintf("t:%d-%05d", i, j))
		}
		require.NoError(t, s.Bump(t.Context(), b))
	}
	require.NoError(t, s.Put(t.Context(), key(2), page(s, 2, 10)))
	for range 2 {
		_, v, err := s.Get(t.Context(), key(1))
		require.NoError(t, err)
		require.Equal(t, pagecache.Expired, v, "older than what was forgotten")
		_, v, err = s.Get(t.Context(), key(2))
		require.NoError(t, err)
		require.Equal(t, pagecache.Current, v)
		require.NoError(t, s.Close())
		s = open(t, path, nil)
	}
	require.NoError(t, s.Close())
}

// A file whose bytes were flipped gives the right page or none, whatever was hit, and
// the process goes on.
func TestFlippedBytes(t *testing.T) {
	rounds := 20
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds = 100
	}
	const pages = 200
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	s := open(t, good, nil)
	for i := range pages {
		require.NoError(t, s.Put(t.Context(), key(i), page(s, i, 1000)))
	}
	at, _ := s.Token(t.Context())
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/7"}}))
	require.NoError(t, s.Close())
	original, err := os.ReadFile(good)
	require.NoError(t, err)
	served, missed, aside := 0, 0, 0
	for round := range rounds {
		path := filepath.Join(dir, fmt.Sprint(round, ".db"))
		b := bytes.Clone(original)
		for range 1 + rand.IntN(50) {
			b[rand.IntN(len(b))] ^= 1 << rand.IntN(8)
		}
		require.NoError(t, os.WriteFile(path, b, 0o600))
		s := open(t, path, nil)
		for i := range pages {
			e, v, err := s.Get(t.Context(), key(i))
			if err != nil || e == nil || v != pagecache.Current || string(e.Tuple) != fmt.Sprint("page ", i) {
				missed++
				continue
			}
			require.NotEqual(t, 7, i, "an expired page came back")
			require.Equal(t, bytes.Repeat([]byte{byte(i)}, 1000), e.Body)
			served++
		}
		// It can be written to, or says that it cannot.
		if err := s.Put(t.Context(), key(1), page(s, 1, 10)); err == nil {
			at, _ := s.Token(t.Context())
			_ = s.Bump(t.Context(), pagecache.Bump{At: at, Marks: []string{"t:x"}})
		}
		_ = s.Close()
		if _, err := os.Stat(path + ".damaged"); err == nil {
			aside++
		}
	}
	t.Logf("%d files: %d pages right, %d missed, %d files put aside", rounds, served, missed, aside)
	require.Positive(t, served)
}

// TestOutside has the situations that others' reports and attacks showed.
func TestOutside(t *testing.T) {
	sqlite := "SQLite format 3\x00" + strings.Repeat("marks order pages state ", 500)
	for name, content := range map[string]string{
		"text": strings.Repeat("not a database ", 2000), "short": "x", "zeros": string(make([]byte, 1<<16)), "sqlite": sqlite,
		"the names": strings.Repeat("marksorderpagesstate", 5000), "blank page": string(make([]byte, 4096)),
	} {
		t.Run("P8 a foreign file stays as it is: "+name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pages.db")
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			for _, open := range []string{path, linkTo(t, path)} {
				refused(t, open, "is not a page store")
				got, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, content, string(got))
			}
		})
	}
	t.Run("P8 another program's database stays as it is", func(t *testing.T) {
		for _, buckets := range [][]string{{"users"}, {"pages"}, {"marks", "order", "pages"}, {"marks", "order", "pages", "state", "users"}} {
			path := filepath.Join(t.TempDir(), "other.db")
			db, err := bbolt.Open(path, 0o600, nil)
			require.NoError(t, err)
			require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
				for _, name := range buckets {
					b, err := tx.CreateBucket([]byte(name))
					if err == nil {
						err = b.Put([]byte("key"), []byte("value"))
					}
					require.NoError(t, err)
				}
				return nil
			}))
			require.NoError(t, db.Close())
			if len(buckets) < 5 {
				refused(t, path, "is not a page store")
				db, err = bbolt.Open(path, 0o600, nil)
				require.NoError(t, err)
				require.NoError(t, db.Close())
			}
		}
	})
	t.Run("P8 a device, a pipe, a socket and a directory are refused", func(t *testing.T) {
		dir := t.TempDir()
		pipe, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "s")
		require.NoError(t, syscall.Mkfifo(pipe, 0o600))
		l, err := net.Listen("unix", socket)
		require.NoError(t, err)
		defer func() { require.NoError(t, l.Close()) }()
		for _, path := range []string{"/dev/null", "/dev/zero", "/dev/full", pipe, socket, linkTo(t, pipe)} {
			before, err := os.Stat(path)
			require.NoError(t, err)
			refused(t, path, "a device, a pipe or a socket")
			after, err := os.Stat(path)
			require.NoError(t, err)
			require.True(t, os.SameFile(before, after), path)
		}
		refused(t, dir, "is a directory")
	})
	t.Run("P8 its own damaged file is put aside", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "pages.db")
		s := open(t, path, nil)
		require.NoError(t, s.Put(t.Context(), key(1), page(s, 1, 10)))
		require.NoError(t, s.Close())
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		content[4096+16+8]++ // in the second meta
		require.NoError(t, os.WriteFile(path, content, 0o600))
		var log bytes.Buffer
		s = open(t, path, &diskstore.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		require.NoError(t, s.Close())
		aside, err := os.ReadFile(path + ".damaged")
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, aside))
		require.Contains(t, log.String(), "put aside")
	})
}

// refused opens what is no store, and expects nothing beside it.
func refused(t *testing.T, path, why string) {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		_, err := diskstore.Open(path, &diskstore.Options{Log: slog.New(slog.DiscardHandler)})
		ended <- err
	}()
	select {
	case err := <-ended:
		require.ErrorContains(t, err, why)
	case <-time.After(10 * time.Second):
		t.Fatalf("opening %s hangs", path)
	}
	require.NoFileExists(t, path+".damaged")
}

func linkTo(t *testing.T, path string) string {
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	return link
}

// Peek has what is in memory and current, and nothing else.
func TestPeek(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	s := open(t, path, nil)
	peeks := func(n int) bool {
		e, ok := s.Peek(key(n))
		require.True(t, !ok || string(e.Tuple) == fmt.Sprint("page ", n))
		return ok
	}
	require.False(t, peeks(1))
	for i := range 4 {
		require.NoError(t, s.Put(t.Context(), key(i), page(s, i, 10)))
		require.True(t, peeks(i), "it waits to be written")
	}
	at, err := s.Token(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: at, Marks: page(s, 1, 0).Marks[:1]}))
	require.False(t, peeks(1), "outdated")
	require.True(t, peeks(2))
	require.NoError(t, s.Delete(t.Context(), key(2)))
	require.False(t, peeks(2))
	require.NoError(t, s.Close())

	s = open(t, path, nil)
	require.False(t, peeks(3), "it is in the file alone")
	_, _, err = s.Get(t.Context(), key(3))
	require.NoError(t, err)
	require.True(t, peeks(3))
	require.NoError(t, s.Close())

	s = open(t, path, &diskstore.Options{Memory: -1})
	_, _, err = s.Get(t.Context(), key(3))
	require.NoError(t, err)
	require.False(t, peeks(3), "there is no memory")
	require.NoError(t, s.Close())
}

// A get that reads the file while a newer page is put does not leave the older one in
// memory.
func TestFillDoesNotOvertakePut(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "pages.db"), &diskstore.Options{Memory: 4000, Interval: 100 * time.Microsecond})
	defer func() { require.NoError(t, s.Close()) }()
	for i := range 7 {
		require.NoError(t, s.Put(t.Context(), key(i), page(s, i, 500)))
	}
	var newest pagecache.Token
	var mu sync.Mutex
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				mu.Lock()
				floor := newest
				mu.Unlock()
				e, _, err := s.Get(t.Context(), key(1))
				if err != nil || e == nil || e.Token < floor {
					t.Errorf("%v, %v after token %d", e, err, floor)
					return
				}
				_, _, _ = s.Get(t.Context(), key(2+rand.IntN(5))) // pushes key 1 out of memory
			}
		})
	}
	for range 2000 {
		e := page(s, 1, 500)
		require.NoError(t, s.Put(t.Context(), key(1), e))
		mu.Lock()
		newest = e.Token
		mu.Unlock()
	}
	close(stop)
	wg.Wait()
}
