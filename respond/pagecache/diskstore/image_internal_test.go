package diskstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// image is a file in memory, to be damaged.
type image struct {
	b    []byte
	size uint64 // of its pages
}

func (m image) check() error { return check(bytes.NewReader(m.b), int64(len(m.b))) }

func (m image) u32(off uint64) uint32         { return binary.NativeEndian.Uint32(m.b[off:]) }
func (m image) u64(off uint64) uint64         { return binary.NativeEndian.Uint64(m.b[off:]) }
func (m image) put16(off uint64, v uint16)    { binary.NativeEndian.PutUint16(m.b[off:], v) }
func (m image) put32(off uint64, v uint32)    { binary.NativeEndian.PutUint32(m.b[off:], v) }
func (m image) put64(off uint64, v uint64)    { binary.NativeEndian.PutUint64(m.b[off:], v) }
func (m image) header(id uint64) header       { return decodeHeader(m.b[id*m.size:]) }
func (m image) entry(id uint64, i int) uint64 { return id*m.size + headerSize + uint64(i)*elementSize }

// Where the fields of a page and of a meta are.
const (
	atFlags, atCount, atOverflow                                         = 8, 10, 12
	atPageSize, atRoot, atFreelist, atPages, atTx, atSum                 = 8, 16, 32, 40, 48, 56
	atBranchPos, atBranchKey, atChild, atLeafPos, atLeafKey, atLeafValue = 0, 4, 8, 4, 8, 12
)

// metas are where the last meta and the one before are.
func (m image) metas() (last, before uint64) {
	last, before = headerSize, m.size+headerSize
	if m.u64(before+atTx) > m.u64(last+atTx) {
		return before, last
	}
	return last, before
}

// set changes a field of both metas.
func (m image) set(field, v uint64) {
	last, before := m.metas()
	m.put64(last+field, v)
	m.put64(before+field, v)
	m.seal()
}

// seal makes the checksums of the metas right.
func (m image) seal() {
	for _, off := range [...]uint64{headerSize, m.size + headerSize} {
		if uint64(len(m.b)) < off+metaSize {
			return
		}
		check := fnv.New64a()
		_, _ = check.Write(m.b[off:][:atSum])
		m.put64(off+atSum, check.Sum64())
	}
}

func (m image) freelist() uint64 {
	last, _ := m.metas()
	return m.u64(last + atFreelist)
}

// key is where the i-th key of a page is; its value follows.
func (m image) key(id uint64, i int) (off, size uint64) {
	e := m.entry(id, i)
	if m.header(id).flags == branchFlag {
		return e + uint64(m.u32(e+atBranchPos)), uint64(m.u32(e + atBranchKey))
	}
	return e + uint64(m.u32(e+atLeafPos)), uint64(m.u32(e + atLeafKey))
}

// bucket is where the entry of a bucket and its value are.
func (m image) bucket(name string) (entry, value uint64) {
	last, _ := m.metas()
	root := m.u64(last + atRoot)
	for i := range int(m.header(root).count) {
		if off, n := m.key(root, i); string(m.b[off:off+n]) == name {
			return m.entry(root, i), off + n
		}
	}
	panic("no bucket " + name)
}

// root is the first page of a bucket, and down the leftmost page so many levels below.
func (m image) root(bucket string) uint64 {
	_, value := m.bucket(bucket)
	return m.u64(value)
}

func (m image) down(bucket string, levels int) uint64 {
	id := m.root(bucket)
	for range levels {
		id = m.u64(m.entry(id, 0) + atChild)
	}
	return id
}

// leaves are the pages of a bucket that hold its items, in order.
func (m image) leaves(bucket string) (ids []uint64) {
	level := []uint64{m.root(bucket)}
	for m.header(level[0]).flags == branchFlag {
		var next []uint64
		for _, id := range level {
			for i := range int(m.header(id).count) {
				next = append(next, m.u64(m.entry(id, i)+atChild))
			}
		}
		level = next
	}
	return level
}

// bench is a store that writes when it is told to, without waiting for the disk.
func bench(t testing.TB, path string, pageSize int, maxBytes int64) *Store {
	db := &database{broken: make(chan struct{})}
	var err error
	db.DB, err = bbolt.Open(path, 0o600, &bbolt.Options{PageSize: pageSize, NoSync: true, FreelistType: bbolt.FreelistMapType, NoStatistics: true})
	require.NoError(t, err)
	s := &Store{db: db, opts: Options{MaxBytes: maxBytes}}
	require.NoError(t, db.Update(s.load))
	return s
}

func (s *Store) page(i, size int) *pagecache.Entry {
	token, _ := s.Token(context.Background())
	return &pagecache.Entry{
		Tuple: fmt.Append(nil, "page ", i), Token: token, Marks: []string{fmt.Sprint("p:/", i)},
		Born: time.Unix(1e9, 0), Fresh: time.Hour, Status: 200, Body: bytes.Repeat([]byte{byte(i)}, size),
	}
}

func numbered(i int) (k pagecache.Key) {
	copy(k[:], fmt.Sprintf("%016d", i*7919%100_000))
	return k
}

// goodImage has free pages, and with many pages everything that a file can have: trees of
// three levels, pages with overflow, buckets inside of a page and outside.
func goodImage(t testing.TB, pages, marks int) image {
	path := filepath.Join(t.TempDir(), "good.db")
	s := bench(t, path, 1024, 1<<30)
	b := batch{pages: map[pagecache.Key]*pagecache.Entry{}}
	for i := range pages {
		b.pages[numbered(i)] = s.page(i, i*i*7%1500)
	}
	require.NoError(t, s.save(&b))
	b = batch{pages: map[pagecache.Key]*pagecache.Entry{}}
	for i := range pages / 3 {
		b.pages[numbered(3*i)] = nil
	}
	for i := range marks {
		b.bumps = append(b.bumps, pagecache.Bump{At: pagecache.Token(i + 1), Hard: i%2 == 0, Marks: []string{fmt.Sprintf("p:/%04d", i)}})
	}
	require.NoError(t, s.save(&b))
	require.NoError(t, s.db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	m := image{content, 1024}
	last, _ := m.metas()
	m.b = m.b[:m.u64(last+atPages)*m.size]
	return m
}
