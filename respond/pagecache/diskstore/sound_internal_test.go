package diskstore

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// TestCheckPassesGoodFiles: after every transaction of random work, and after a crash
// anywhere in one, the file is good.
func TestCheckPassesGoodFiles(t *testing.T) {
	rounds := 4
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds = 60
	}
	transactions, crashes := 0, 0
	dir := t.TempDir()
	for round := range rounds {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		path := filepath.Join(dir, fmt.Sprint(round, ".db"))
		size, limit := 1024<<(2*r.IntN(3)), int64(1)<<(12+r.IntN(10))
		s := bench(t, path, size, limit)
		for range 1 + r.IntN(40) {
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, s.save(s.work(r)), "seed %d", seed)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, image{b: after}.check(), "seed %d", seed)
			transactions++
			for range 3 {
				require.NoError(t, crashed(r, before, after, size).check(), "a crash with seed %d", seed)
				crashes++
			}
			if r.IntN(5) == 0 {
				require.NoError(t, s.db.Close())
				s = bench(t, path, size, limit)
			}
		}
		require.NoError(t, s.db.Close())
		require.NoError(t, os.Remove(path))
	}
	t.Logf("%d files, %d transactions, %d crashes: all of them pass", rounds, transactions, crashes)
}

// work is a random batch.
func (s *Store) work(r *rand.Rand) *batch {
	b := &batch{pages: map[pagecache.Key]*pagecache.Entry{}}
	keys := 1 + r.IntN(400)
	for range r.IntN(80) {
		i, size := r.IntN(keys), r.IntN(2000)
		switch r.IntN(20) {
		case 0:
			size = r.IntN(100_000)
		case 1, 2, 3:
			size = 0
		}
		b.pages[numbered(i)] = s.page(i, size)
	}
	for range r.IntN(60) * r.IntN(2) {
		b.pages[numbered(r.IntN(keys))] = nil
	}
	for range r.IntN(4) {
		at, _ := s.Token(context.Background())
		bump := pagecache.Bump{At: at, Hard: r.IntN(2) == 0}
		for range 1 + r.IntN(10)*r.IntN(10) {
			bump.Marks = append(bump.Marks, fmt.Sprint("t:", r.IntN(500), strings.Repeat("-", r.IntN(250))))
		}
		b.bumps = append(b.bumps, bump)
		s.marks.Bump(bump)
	}
	if r.IntN(20) == 0 {
		s.maxMarks = uint64(50 + r.IntN(200)) // the older half is forgotten
	}
	return b
}

// crashed is a file that some pages of a transaction have reached, and not its meta.
func crashed(r *rand.Rand, before, after []byte, size int) image {
	c := bytes.Clone(after)
	clear(c[copy(c, before):])
	share := r.Float64()
	for off := 2 * size; off < len(c); off += size {
		if r.Float64() < share {
			copy(c[off:off+size], after[off:off+size])
		}
	}
	return image{b: c}
}

// A list of free pages that is too long for its page's header.
func TestCheckManyFreePages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	s := bench(t, path, 1024, 1<<30)
	for _, e := range []*pagecache.Entry{s.page(1, 70<<20), nil, nil} {
		require.NoError(t, s.save(&batch{pages: map[pagecache.Key]*pagecache.Entry{numbered(1): e}}))
		require.NoError(t, CheckFile(path))
	}
	require.NoError(t, s.db.View(func(tx *bbolt.Tx) error {
		p, err := tx.Page(int(tx.Size()/1024) - 1)
		require.NoError(t, err)
		require.Equal(t, "free", p.Type)
		return nil
	}))
	require.NoError(t, s.db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	m := image{content, 1024}
	require.EqualValues(t, 0xFFFF, m.header(m.freelist()).count)
	require.Greater(t, m.u64(m.freelist()*m.size+headerSize), uint64(0xFFFF))
}

// A file that bbolt has made and nothing was written to yet: the process was killed.
func TestCheckNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.NoError(t, CheckFile(path))

	// Some of the buckets: the state could be lost, and with it what was expired.
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte(pagesBucket))
		return err
	}))
	require.NoError(t, db.Close())
	require.ErrorContains(t, CheckFile(path), "1 buckets")
}
