package diskstore_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/diskstore"
)

// numbered is a cache over a file whose pages hold a number, over and over, so that a
// torn one shows.
type numbered struct {
	cache *pagecache.Cache
	route pages.Route
	n     int
}

func newNumbered(t testing.TB, store pagecache.Store) *numbered {
	s := &numbered{cache: pagecache.New(store, &pagecache.Options{Build: "kill"})}
	backend := hook.Pages(s.cache)
	pat, err := pattern.Parse("GET /p/{id}")
	require.NoError(t, err)
	s.route, _ = backend.Register(pages.Endpoint{
		Pattern: pat,
		Render: func(context.Context, pages.Request) (*pages.Page, error) {
			return &pages.Page{Status: 200, Header: http.Header{}, Body: numberedBody(s.n)}, nil
		},
	}, pagecache.Policy{TTL: time.Hour})
	require.NotNil(t, s.route)
	require.NoError(t, backend.Bind(func(path string) (pages.Route, []string, error) {
		return s.route, []string{strings.TrimPrefix(path, "/p/")}, nil
	}))
	return s
}

func numberedBody(n int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%08d\n", n), 100+n%1500)
}

// stored returns the number on a stored page, or -1.
func (s *numbered) stored(t testing.TB, id int) int {
	w := httptest.NewRecorder()
	x := &wire.NetHTTP{W: w, R: httptest.NewRequest("GET", fmt.Sprintf("/p/%d", id), nil)}
	_, _, err := s.route.Answer(x, []string{fmt.Sprint(id)})
	require.NoError(t, err)
	if w.Header().Get("X-Cache") != "HIT" {
		return -1
	}
	var n int
	_, err = fmt.Sscanf(w.Body.String(), "%d", &n)
	require.NoError(t, err)
	require.True(t, bytes.Equal(numberedBody(n), w.Body.Bytes()), "a torn page")
	return n
}

const killIDs = 8

// TestKill kills a process that revalidates as fast as it can, again and again on one
// file: no acknowledged page is lost, none is torn, and the file opens.
func TestKill(t *testing.T) {
	if path := os.Getenv("DISKSTORE_KILL"); path != "" {
		revalidateForever(t, path)
	}
	rounds := 3
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds = 100
	}
	path := filepath.Join(t.TempDir(), "pages.db")
	acked := make([]int, killIDs)
	total := 0
	for round := range rounds {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), "DISKSTORE_KILL="+path, fmt.Sprintf("DISKSTORE_FIRST=%d", total))
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		lines := bufio.NewScanner(out)
		kill := time.AfterFunc(time.Minute, func() { _ = child.Process.Kill() })
		for lines.Scan() {
			var id, n int
			if c, _ := fmt.Sscan(lines.Text(), &id, &n); c != 2 {
				continue
			}
			acked[id], total = n, n
			if kill.Stop() {
				// From the first line on, anywhere in the next writes.
				time.AfterFunc(time.Duration(rand.IntN(40_000))*time.Microsecond, func() { _ = child.Process.Signal(syscall.SIGKILL) })
			}
		}
		require.Error(t, child.Wait())
		if err := diskstore.CheckFile(path); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		s := newNumbered(t, open(t, path, nil))
		for id, want := range acked {
			if got := s.stored(t, id); want > 0 && got < want {
				t.Fatalf("round %d: page %d has %d, acknowledged %d", round, id, got, want)
			}
		}
		require.NoError(t, s.cache.Close())
	}
	t.Logf("%d kills, %d acknowledged revalidations, 0 lost, 0 torn", rounds, total)
}

// revalidateForever is the process that is killed.
func revalidateForever(t *testing.T, path string) {
	store, err := diskstore.Open(path, nil)
	require.NoError(t, err)
	s := newNumbered(t, store)
	_, err = fmt.Sscan(os.Getenv("DISKSTORE_FIRST"), &s.n)
	require.NoError(t, err)
	for {
		s.n++
		if err := s.cache.Revalidate(t.Context(), fmt.Sprintf("/p/%d", s.n%killIDs)); err != nil {
			fmt.Println("failed:", err)
			os.Exit(2)
		}
		fmt.Println(s.n%killIDs, s.n)
	}
}

// TestFullDisk fills a small filesystem: pages are lost with a line in the log, a
// revalidate says that it failed, no wrong page is served, and what is on the disk stays
// readable.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("cannot mount a small filesystem: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "pages.db")
	s := newNumbered(t, open(t, path, nil))
	acked := map[int]int{}
	failed := 0
	for i := range 550 {
		s.n = i
		id := i % 500
		if err := s.cache.Revalidate(t.Context(), fmt.Sprintf("/p/%d", id)); err != nil {
			require.ErrorIs(t, err, pagecache.ErrStore)
			failed++
			delete(acked, id)
			if got := s.stored(t, id); i >= 500 && got == i-500 {
				t.Fatalf("page %d from before a failed write", got)
			}
		} else {
			acked[id] = i
			require.Equal(t, i, s.stored(t, id))
		}
	}
	require.Positive(t, failed)
	require.NotEmpty(t, acked)
	s.n = 1_000_000 // what is rendered now shows
	require.NoError(t, s.cache.Close())
	require.NoError(t, diskstore.CheckFile(path))
	s = newNumbered(t, open(t, path, nil))
	s.n = 1_000_001
	for id, want := range acked {
		require.Equal(t, want, s.stored(t, id))
	}
	t.Logf("%d revalidations on the disk, %d refused for want of space", len(acked), failed)
	require.NoError(t, s.cache.Close())
}
