package diskstore

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

const (
	damageKeys   = 120
	damageMark   = 7                // the page that was expired
	damageMemory = 512 << 20        // more than all that a process may take
	damageTime   = 20 * time.Second // more than a file may take
)

// damageCounts are printed by the process that works with the files.
type damageCounts struct {
	Files, Opened, Aside, Refused, Right, Missed, Commits int

	forged bool // the last meta may be an older one, with the right checksum
}

// TestDamagedFiles opens damaged files and works with them, in a process of its own: it
// never ends, hangs, takes much memory or shows a wrong page. A file that passes the
// check is then as good as any other: no write fails, and it passes again.
func TestDamagedFiles(t *testing.T) {
	files := 50
	if os.Getenv("APIROUTES_PROOF") == "1" {
		files = 1000
	}
	if s := os.Getenv("DISKSTORE_DAMAGE_FILES"); s != "" {
		_, err := fmt.Sscan(s, &files)
		require.NoError(t, err)
	}
	if dir := os.Getenv("DISKSTORE_DAMAGE"); dir != "" {
		workWithDamage(t, dir, files)
		return
	}
	dir := t.TempDir()
	for i := range 4 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint("good", i)), damageable(t, i).b, 0o600))
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDamagedFiles$", "-test.timeout=0")
	child.Env = append(os.Environ(), "DISKSTORE_DAMAGE="+dir, fmt.Sprint("DISKSTORE_DAMAGE_FILES=", files))
	var said, crash bytes.Buffer
	child.Stderr = &crash
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	kill := time.AfterFunc(damageTime, func() { _ = child.Process.Kill() })
	last, counts := "", damageCounts{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		kill.Reset(damageTime)
		if seed, ok := strings.CutPrefix(lines.Text(), "seed "); ok {
			last = seed
		} else if json.Unmarshal(lines.Bytes(), &counts) != nil {
			said.WriteString(lines.Text() + "\n")
		}
	}
	if err := child.Wait(); err != nil {
		keep := filepath.Join(os.TempDir(), "diskstore-damaged-"+last+".db")
		t.Errorf("seed %s: %v; the file is kept in %s: %v\n%s%.20000s", last, err, keep, os.Rename(filepath.Join(dir, "original"), keep), &said, crash.String())
	}
	require.Equal(t, files, counts.Files)
	require.Positive(t, counts.Opened)
	require.Positive(t, counts.Aside)
	require.Positive(t, counts.Right)
	t.Logf("%d damaged files: %d opened and worked with, %d put aside, %d not recognised; %d pages right, %d missed, %d transactions, 0 crashes",
		counts.Files, counts.Opened, counts.Aside, counts.Refused, counts.Right, counts.Missed, counts.Commits)
}

// damageable is a good file, of one of several shapes.
func damageable(t *testing.T, shape int) image {
	path := filepath.Join(t.TempDir(), "good.db")
	size := 1024 << (2 * (shape % 2))
	s := bench(t, path, size, 1<<30)
	for round := range 3 {
		b := &batch{pages: map[pagecache.Key]*pagecache.Entry{}}
		for i := range damageKeys {
			switch {
			case shape < 2:
				b.pages[numbered(i)] = s.page(i, 200)
			case round < 2 || i%3 == 0:
				b.pages[numbered(i)] = s.page(i, i*i*i%4000)
			}
		}
		if round == 1 {
			for i := range damageKeys / 4 {
				b.pages[numbered(4*i)] = nil
			}
		}
		require.NoError(t, s.save(b))
		at, _ := s.Token(t.Context())
		b = &batch{bumps: []pagecache.Bump{{At: at, Hard: true, Marks: []string{fmt.Sprint("p:/", damageMark)}}}}
		for i := range 40 * shape {
			b.bumps[0].Marks = append(b.bumps[0].Marks, fmt.Sprint("t:", i*7919%1000))
		}
		require.NoError(t, s.save(b))
	}
	require.NoError(t, s.db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return image{content, uint64(size)}
}

// workWithDamage is the process that must live.
func workWithDamage(t *testing.T, dir string, files int) {
	if !racing {
		limit := uint64(damageMemory + 3<<30) // Go's own mappings and bbolt's
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: limit, Max: limit}))
	}
	var good []image
	for i := range 4 {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint("good", i)))
		require.NoError(t, err)
		good = append(good, image{b, 1024 << (2 * (i % 2))})
	}
	var c damageCounts
	for range files {
		seed := rand.Uint64()
		fmt.Println("seed", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		shape := r.IntN(len(good))
		m := image{bytes.Clone(good[shape].b), good[shape].size}
		c.forged = m.damage(r)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "original"), m.b, 0o600))
		path := filepath.Join(dir, "pages.db")
		require.NoError(t, os.WriteFile(path, m.b, 0o600))
		c.use(t, r, path)
		for _, name := range []string{path, path + ".damaged"} {
			_ = os.Remove(name)
		}
		var mem runtime.MemStats
		if c.Files%100 == 0 {
			runtime.ReadMemStats(&mem)
		}
		require.Less(t, mem.Sys, uint64(damageMemory))
	}
	counts, _ := json.Marshal(c)
	fmt.Println(string(counts))
}

// damage flips bits and worse, anywhere or where numbers are.
func (m *image) damage(r *rand.Rand) (forged bool) {
	if r.IntN(2) == 0 {
		for range 1 + r.IntN(30) {
			m.b[r.IntN(len(m.b))] ^= 1 << r.IntN(8)
		}
		return false
	}
	for range 1 + r.IntN(3) {
		m.aim(r)
	}
	if forged = r.IntN(2) == 0; forged {
		m.seal()
	}
	return forged
}

func (m *image) aim(r *rand.Rand) {
	pages := uint64(len(m.b)) / m.size
	if last, _ := m.metas(); m.u64(last+atPages) < pages {
		pages = m.u64(last + atPages)
	}
	pages = max(pages, 1) // an earlier damage may have hit the meta
	id := r.Uint64N(pages)
	at := id * m.size
	var off uint64
	switch r.IntN(8) {
	case 0, 1: // a page's header
		off = at + r.Uint64N(headerSize)
	case 2, 3: // its table
		off = at + headerSize + r.Uint64N(min(m.size-headerSize, 1+elementSize*uint64(m.header(id).count)))
	case 4: // the free pages, if the meta is whole
		if off = m.freelist() * m.size; off >= uint64(len(m.b)) {
			return
		}
		off += r.Uint64N(min(m.size, headerSize+8+8*uint64(m.b[off+atCount])))
	case 5: // a meta
		off = r.Uint64N(2)*m.size + headerSize + r.Uint64N(metaSize)
	case 6: // what another page says, or what it said once
		from := r.Uint64N(pages) * m.size
		copy(m.b[at:at+m.size], m.b[from:from+m.size])
		return
	default: // a sector that was lost
		clear(m.b[at+r.Uint64N(m.size/512)*512:][:512])
		return
	}
	switch r.IntN(4) {
	case 0:
		m.b[off] = byte(r.IntN(3)) * 0x7F
	case 1:
		m.b[off] += byte(r.IntN(5)) - 2
	default:
		m.b[off] ^= 1 << r.IntN(8)
	}
}

// use opens a file and works with it, twice.
func (c *damageCounts) use(t *testing.T, r *rand.Rand, path string) {
	c.Files++
	shown := map[int]int{} // sizes of pages that were put here
	for again := range 2 {
		s, err := Open(path, &Options{Log: slog.New(slog.DiscardHandler), Interval: time.Hour, Memory: -1, MaxBytes: 1 << (15 + r.IntN(4))})
		if again == 0 && errors.Is(err, errForeign) && !recognised(path) {
			c.Refused++
			return
		}
		require.NoError(t, err)
		s.db.NoSync = true
		switch aside := os.Remove(path+".damaged") == nil; {
		case again == 1:
			require.False(t, aside, "put aside after work")
		case aside:
			c.Aside++
		default:
			c.Opened++
		}
		c.read(t, s, shown)
		for range 3 {
			for range 50 {
				i, size := r.IntN(2*damageKeys), r.IntN(3000)
				if err := s.Put(t.Context(), numbered(i), s.page(i, size)); err == nil {
					shown[i] = size
				} else {
					require.ErrorIs(t, err, pagecache.ErrSuperseded)
				}
			}
			for range 30 {
				i := r.IntN(2 * damageKeys)
				require.NoError(t, s.Delete(t.Context(), numbered(i)))
				delete(shown, i)
			}
			at, _ := s.Token(t.Context())
			bump := pagecache.Bump{At: at, Marks: []string{fmt.Sprint("t:", r.IntN(1000)), fmt.Sprint("t:", r.IntN(1000))}}
			require.NoError(t, s.Bump(t.Context(), bump), "a write failed")
			c.Commits++
		}
		c.read(t, s, shown)
		require.NoError(t, s.Close())
		require.NoError(t, CheckFile(path), "after work")
	}
}

// read looks at all pages. There are those that were put here, unless they were evicted,
// and those of the good file, unless they are damaged.
func (c *damageCounts) read(t *testing.T, s *Store, shown map[int]int) {
	for i := range 2 * damageKeys {
		e, v, err := s.Get(t.Context(), numbered(i))
		if err != nil {
			require.ErrorIs(t, err, pagecache.ErrDamaged)
		}
		if err != nil || e == nil || v == pagecache.Expired || string(e.Tuple) != fmt.Sprint("page ", i) {
			c.Missed++
			continue
		}
		size, mine := shown[i]
		require.True(t, mine || i < damageKeys && i != damageMark || c.forged, "page %d came back", i)
		if mine {
			require.Len(t, e.Body, size)
		}
		require.Equal(t, bytes.Repeat([]byte{byte(i)}, len(e.Body)), e.Body)
		c.Right++
	}
}
