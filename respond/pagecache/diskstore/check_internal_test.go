package diskstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// damages are one for each rule of the check, and what it says then; nothing: it is none.
var damages = []struct {
	name   string
	damage func(m *image)
	want   string
}{
	{"none", func(*image) {}, ""},
	{"more after the last page", func(m *image) { m.b = append(m.b, bytes.Repeat([]byte{0xFF}, 5000)...) }, ""},
	{"a free page", func(m *image) { clear(m.b[m.u64(m.entry(m.freelist(), 0))*m.size:][:m.size]) }, ""},

	{"id of a meta", func(m *image) { m.put64(0, 99) }, "the meta at 0"},
	{"flags of a meta", func(m *image) { m.put64(atFlags, leafFlag) }, "the meta at 0"},
	{"a meta twice", func(m *image) { copy(m.b, m.b[m.size:2*m.size]) }, "the meta at 0"},
	{"the last meta", func(m *image) { last, _ := m.metas(); m.b[last+20] ^= 1 }, "the meta at"},
	{"the meta before", func(m *image) { _, before := m.metas(); m.b[before+20] ^= 1 }, "the meta at"},
	{"both metas", func(m *image) { m.b[40] ^= 1; m.b[m.size+40] ^= 1 }, "the meta at 0"},
	{"magic", func(m *image) { m.put32(headerSize, 1); m.seal() }, "the meta at 0"},
	{"version", func(m *image) { m.put32(headerSize+4, 3); m.seal() }, "the meta at 0"},
	{"pages of no bytes", func(m *image) { m.put32(headerSize+atPageSize, 0); m.seal() }, "pages of 0 bytes"},
	{"pages of 1000 bytes", func(m *image) { m.put32(headerSize+atPageSize, 1000); m.seal() }, "pages of 1000 bytes"},
	{"pages of a gigabyte", func(m *image) { m.put32(headerSize+atPageSize, 1<<30); m.seal() }, "pages of 1073741824 bytes"},
	{"metas that differ", func(m *image) { m.b = append(m.b, m.b...); m.put32(m.size+headerSize+atPageSize, 2048); m.seal() }, "pages of 1024 and of 2048"},
	{"last page beyond the file", func(m *image) { m.set(atPages, 1<<60) }, "pages of 1024 bytes in a file of"},
	{"a transaction out of turn", func(m *image) { m.put64(headerSize+atTx, 7); m.seal() }, "transaction 7 on page 0"},
	{"a transaction long ago", func(m *image) { m.put64(headerSize+atTx, 100); m.seal() }, "transactions 100 and"},
	{"the last transaction ever", func(m *image) { m.put64(headerSize+atTx, 1<<64-2); m.seal() }, "transaction 18446744073709551614"},
	{"root beyond the last page", func(m *image) { m.set(atRoot, 1<<40) }, "page 1099511627776 of"},
	{"root is a meta", func(m *image) { m.set(atRoot, 1) }, "page 1 is in two places"},
	{"root is the list of free pages", func(m *image) { m.set(atRoot, m.freelist()) }, "in two places"},
	{"no list of free pages", func(m *image) { m.set(atFreelist, 1<<64-1) }, "page 18446744073709551615 of"},
	{"nothing", func(m *image) { m.b = nil }, "beyond the end"},
	{"one page", func(m *image) { m.b = m.b[:m.size] }, "in a file of"},
	{"truncated", func(m *image) {
		last, _ := m.metas()
		m.b = m.b[:m.u64(last+atPages)*m.size-1]
	}, "in a file of"},

	{"id", func(m *image) { m.put64(m.root(pagesBucket)*m.size, 5) }, "says that it is page 5"},
	{"no flags", func(m *image) { m.put16(m.root(pagesBucket)*m.size+atFlags, 0) }, "flags 0x0 in a tree"},
	{"flags of a meta", func(m *image) { m.put16(m.root(pagesBucket)*m.size+atFlags, 4) }, "flags 0x4 in a tree"},
	{"two flags", func(m *image) { m.put16(m.root(pagesBucket)*m.size+atFlags, 3) }, "flags 0x3 in a tree"},
	{"a branch beside a leaf", func(m *image) { m.put16(slices.Max(m.leaves(pagesBucket))*m.size+atFlags, branchFlag) }, "beside"},
	{"a leaf that was a branch", func(m *image) { m.put16(m.root(pagesBucket)*m.size+atFlags, leafFlag) }, "bytes at"},
	{"count 65535", func(m *image) { m.put16(m.leaves(pagesBucket)[0]*m.size+atCount, 0xFFFF) }, "bytes at"},
	{"count and one", func(m *image) {
		id := m.leaves(pagesBucket)[0]
		m.put16(id*m.size+atCount, m.header(id).count+1)
	}, "key 0 has"},
	{"count less one", func(m *image) {
		id := m.leaves(pagesBucket)[0]
		m.put16(id*m.size+atCount, m.header(id).count-1)
	}, "key 0 has"},
	{"no keys in a leaf", func(m *image) { m.put16(m.leaves(pagesBucket)[0]*m.size+atCount, 0) }, "0 keys"},
	{"one child", func(m *image) { m.put16(m.root(pagesBucket)*m.size+atCount, 1) }, "1 keys"},
	{"overflow into others", func(m *image) { m.put32(m.root(pagesBucket)*m.size+atOverflow, 40) }, "in two places"},
	{"overflow beyond the last page", func(m *image) { m.put32(m.long()*m.size+atOverflow, 1<<31) }, "page "},
	{"overflow less one", func(m *image) {
		id := m.long()
		m.put32(id*m.size+atOverflow, m.header(id).overflow-1)
	}, "bytes on"},
	{"position beyond the page", func(m *image) { m.put32(m.entry(m.leaves(pagesBucket)[0], 1)+atLeafPos, 1<<31) }, "key 1 has"},
	{"position over another", func(m *image) {
		e := m.entry(m.leaves(pagesBucket)[0], 1) + atLeafPos
		m.put32(e, m.u32(e)-8)
	}, "key 1 has"},
	{"no key", func(m *image) { m.put32(m.entry(m.leaves(pagesBucket)[0], 0)+atLeafKey, 0) }, "key 0 has 0 bytes"},
	{"long key", func(m *image) { m.put32(m.entry(m.leaves(pagesBucket)[0], 0)+atLeafKey, 1<<31) }, "key 0 has 2147483648 bytes"},
	{"long last key", func(m *image) {
		id := m.leaves(orderBucket)[0]
		m.put32(m.entry(id, int(m.header(id).count)-1)+atLeafKey, 32768)
	}, "the file is damaged"},
	{"long value", func(m *image) { m.put32(m.entry(m.leaves(pagesBucket)[0], 0)+atLeafValue, 1<<32-1) }, "bytes at"},
	{"long last value", func(m *image) {
		id := m.leaves(pagesBucket)[0]
		m.put32(m.entry(id, int(m.header(id).count)-1)+atLeafValue, 1<<30)
	}, "bytes on"},
	{"branch position", func(m *image) { m.put32(m.entry(m.root(pagesBucket), 1)+atBranchPos, 1<<31) }, "key 1 has"},
	{"branch key", func(m *image) { m.put32(m.entry(m.root(pagesBucket), 1)+atBranchKey, 1<<31) }, "key 1 has"},

	{"child 0", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, 0) }, "page 0 is in two places"},
	{"child 1", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, 1) }, "page 1 is in two places"},
	{"child is itself", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, m.root(pagesBucket)) }, "in two places"},
	{"child is the parent", func(m *image) { m.put64(m.entry(m.down(pagesBucket, 1), 1)+atChild, m.root(pagesBucket)) }, "in two places"},
	{"child is its sibling", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, m.down(pagesBucket, 1)) }, "in two places"},
	{"child of another bucket", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, m.root(orderBucket)) }, "in two places"},
	{"child beyond the last page", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, 1<<63) }, "page 9223372036854775808 of"},
	{"child is free", func(m *image) {
		m.put64(m.entry(m.root(pagesBucket), 1)+atChild, m.u64(m.entry(m.freelist(), 0)))
	}, "in two places"},
	{"child inside of another", func(m *image) { m.put64(m.entry(m.root(pagesBucket), 1)+atChild, m.long()+1) }, "page "},
	{"child's first key", func(m *image) { off, _ := m.key(m.down(pagesBucket, 1), 0); m.b[off+15] ^= 1 }, "not the one that leads to it"},
	{"key order in a leaf", func(m *image) { off, _ := m.key(m.leaves(pagesBucket)[0], 1); m.b[off] = 0 }, "not higher than the one before"},
	{"key order in a branch", func(m *image) { off, _ := m.key(m.root(pagesBucket), 1); m.b[off] = 0 }, "not higher than the one before"},
	{"key of the next page", func(m *image) {
		id := m.leaves(pagesBucket)[0]
		off, _ := m.key(id, int(m.header(id).count)-1)
		m.b[off] = 0xFF
	}, "belongs to another page"},

	{"name of a bucket", func(m *image) { _, value := m.bucket(orderBucket); m.b[value-1] ^= 1 }, `no bucket "ordes"`},
	{"a bucket that is none", func(m *image) { e, _ := m.bucket(orderBucket); m.put32(e, 0) }, "flags 0x0 and 16 bytes"},
	{"a bucket in a bucket", func(m *image) { m.put32(m.entry(m.leaves(marksBucket)[0], 0), 1) }, "flags 0x1 in the bucket marks"},
	{"root of a bucket", func(m *image) { _, value := m.bucket(orderBucket); m.put64(value, 1<<33) }, "page 8589934592 of"},
	{"no root and no page", func(m *image) { _, value := m.bucket(orderBucket); m.put64(value, 0) }, "the bucket order has no page"},
	{"a root and a page", func(m *image) { _, value := m.bucket(stateBucket); m.put64(value, 3) }, "the bucket state is in two places"},
	{"id of a page inside", func(m *image) { _, value := m.bucket(stateBucket); m.put64(value+16, 3) }, "the bucket state is page 3"},
	{"overflow of a page inside", func(m *image) { _, value := m.bucket(stateBucket); m.put32(value+16+atOverflow, 3) }, "the bucket state is page 0"},
	{"flags of a page inside", func(m *image) { _, value := m.bucket(stateBucket); m.put16(value+16+atFlags, 1) }, "with flags 0x1"},
	{"count of a page inside", func(m *image) { _, value := m.bucket(stateBucket); m.put16(value+16+atCount, 500) }, "beyond the end"},
	{"no key on a page inside", func(m *image) { _, value := m.bucket(stateBucket); m.put16(value+16+atCount, 0) }, "the bucket state has 16 bytes in"},
	{"value of a page inside", func(m *image) { _, value := m.bucket(stateBucket); m.put32(value+32+atLeafValue, 1<<30) }, "beyond the end"},
	{"a bucket less", func(m *image) {
		last, _ := m.metas()
		m.put16(m.u64(last+atRoot)*m.size+atCount, 3)
	}, "key 0 has"},

	{"flags of the list of free pages", func(m *image) { m.put16(m.freelist()*m.size+atFlags, leafFlag) }, "flags 0x2 of a list"},
	{"id of the list of free pages", func(m *image) { m.put64(m.freelist()*m.size, 0) }, "says that it is page 0"},
	{"a free page is in use", func(m *image) { m.put64(m.entry(m.freelist(), 0), m.long()) }, "in two places"},
	{"a free page is a meta", func(m *image) { m.put64(m.entry(m.freelist(), 0), 0) }, "page 0 is in two places"},
	{"a free page twice", func(m *image) { m.put64(m.entry(m.freelist(), 0), m.u64(m.entry(m.freelist(), 0)+8)) }, "in two places"},
	{"a free page beyond the last", func(m *image) { m.put64(m.entry(m.freelist(), 0), 1<<62) }, "page 4611686018427387904 of"},
	{"too many free pages", func(m *image) { m.put16(m.freelist()*m.size+atCount, 500) }, "no space for 500"},
	{"far too many free pages", func(m *image) {
		m.put16(m.freelist()*m.size+atCount, 0xFFFF)
		m.put64(m.freelist()*m.size+headerSize, 1<<62)
	}, "no space for 4611686018427387904"},
	{"a free page less", func(m *image) {
		m.put16(m.freelist()*m.size+atCount, m.header(m.freelist()).count-1)
	}, "neither in use nor free"},
	{"counted as many are", func(m *image) {
		at := m.freelist() * m.size
		n := m.header(m.freelist()).count
		copy(m.b[at+headerSize+8:], bytes.Clone(m.b[at+headerSize:][:8*n]))
		m.put16(at+atCount, 0xFFFF)
		m.put64(at+headerSize, uint64(n))
	}, ""},

	{"a page under another key", func(m *image) {
		id := m.leaves(pagesBucket)[0]
		off, _ := m.key(id, 0)
		m.b[off+16] ^= 1 // its place
	}, "pages and their order do not match"},
	{"a place of another page", func(m *image) { off, _ := m.key(m.leaves(orderBucket)[0], 0); m.b[off+8] ^= 1 }, "pages and their order do not match"},
	{"sequence", func(m *image) { _, value := m.bucket(orderBucket); m.put64(value+8, 10) }, "the last one was 10"},
	{"a later sequence", func(m *image) { _, value := m.bucket(orderBucket); m.put64(value+8, 1<<63) }, ""},
	{"state", func(m *image) { off := m.state(); m.b[off+10] ^= 1 }, "no state"},
	{"key of the state", func(m *image) { off := m.state(); m.b[off-1] ^= 1 }, `no state under "statd"`},
	{"bytes of pages", func(m *image) { m.b[m.state()+15] ^= 1; m.sealState() }, "bytes of pages"},
	{"count of marks", func(m *image) { m.b[m.state()+23] ^= 1; m.sealState() }, "marks, not"},
	{"a mark", func(m *image) { off, n := m.key(m.leaves(marksBucket)[0], 3); m.b[off+n] ^= 1 }, `the mark "mp:/0003"`},
	{"a page's body", func(m *image) { m.b[m.long()*m.size+1500] ^= 1 }, ""},
}

// long is a page with overflow.
func (m image) long() uint64 {
	for _, id := range m.leaves(pagesBucket) {
		if m.header(id).overflow > 0 {
			return id
		}
	}
	panic("no overflow")
}

// state is where the state is.
func (m image) state() uint64 {
	_, value := m.bucket(stateBucket)
	return value + bucketHeaderSize + headerSize + elementSize + uint64(len(stateKey))
}

func (m image) sealState() {
	off := m.state()
	binary.BigEndian.PutUint32(m.b[off+24:], crc32.Checksum(m.b[off:off+24], table))
}

func TestCheckFindsDamage(t *testing.T) {
	good := goodImage(t, 150, 60)
	require.EqualValues(t, leafFlag, good.header(good.down(pagesBucket, 2)).flags, "three levels")
	require.NotZero(t, good.root(marksBucket))
	require.Greater(t, good.header(good.freelist()).count, uint16(3))
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			m := image{bytes.Clone(good.b), good.size}
			d.damage(&m)
			err := m.check()
			if d.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, errFile)
				require.ErrorContains(t, err, d.want)
			}
			path := filepath.Join(t.TempDir(), "pages.db")
			require.NoError(t, os.WriteFile(path, m.b, 0o600))
			s, err := Open(path, &Options{Log: slog.New(slog.DiscardHandler)})
			if d.name == "one page" {
				require.ErrorIs(t, err, errForeign, "nothing in it says whose it is")
				return
			}
			require.NoError(t, err)
			_, err = os.Stat(path + ".damaged")
			require.Equal(t, d.want == "" || len(m.b) == 0, errors.Is(err, os.ErrNotExist), "put aside: %v", err)
			require.NoError(t, s.Close())
		})
	}
	t.Logf("%d kinds of damage", len(damages))
}

// broken is a disk that cannot be read.
type broken struct{ io.ReaderAt }

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("the disk is gone") }

func TestCheckFailingDisk(t *testing.T) {
	err := check(broken{}, 1<<20)
	require.ErrorIs(t, err, errFile)
	require.ErrorContains(t, err, "the disk is gone")
}
