package diskstore

import (
	"encoding/binary"
	"hash/fnv"
	"math"
)

// What bbolt writes, in the byte order of the machine: a page begins with its id, flags,
// count of elements and number of overflow pages that follow it. The first two pages hold
// a meta after that, written in turns by the transactions.
const (
	headerSize  = 16
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	metaVersion = 2

	branchFlag   = 0x01
	leafFlag     = 0x02
	metaFlag     = 0x04
	freelistFlag = 0x10

	minPage, maxPage = 1 << 10, 1 << 16
)

// header is the beginning of a page.
type header struct {
	id       uint64
	flags    uint16
	count    uint16
	overflow uint32
}

func decodeHeader(b []byte) header {
	return header{binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint16(b[8:]), binary.NativeEndian.Uint16(b[10:]), binary.NativeEndian.Uint32(b[12:])}
}

// meta leads to everything else in the file.
type meta struct {
	pageSize int64
	root     uint64 // of the tree of buckets
	freelist uint64
	pages    uint64 // in use or free; beyond them the file is only space to grow
	tx       uint64
}

// readMeta returns the meta of the last transaction. Both must be good: bbolt would go
// back by one transaction if the last one's is not, and forget what was expired in it. A
// crash does not damage a meta, which is much smaller than a disk's sector.
func readMeta(w *window) (meta, error) {
	first, err := metaAt(w, 0, 0)
	if err != nil {
		return meta{}, err
	}
	second, err := metaAt(w, 1, first.pageSize)
	if err != nil {
		return meta{}, err
	}
	if second.pageSize != first.pageSize {
		return meta{}, damaged("pages of %d and of %d bytes", first.pageSize, second.pageSize)
	}
	switch second.tx {
	case first.tx + 1:
		return second, nil
	case first.tx - 1:
		return first, nil
	}
	return meta{}, damaged("transactions %d and %d", first.tx, second.tx)
}

func metaAt(w *window, id uint64, off int64) (meta, error) {
	b, err := w.at(off, headerSize+metaSize)
	if err != nil {
		return meta{}, err
	}
	h, b := decodeHeader(b), b[headerSize:]
	u32, u64 := binary.NativeEndian.Uint32, binary.NativeEndian.Uint64
	check := fnv.New64a()
	_, _ = check.Write(b[:metaSize-8])
	if h.id != id || h.flags != metaFlag || u32(b) != metaMagic || u32(b[4:]) != metaVersion || u64(b[56:]) != check.Sum64() {
		return meta{}, damaged("the meta at %d is not one", off)
	}
	m := meta{pageSize: int64(u32(b[8:])), root: u64(b[16:]), freelist: u64(b[32:]), pages: u64(b[40:]), tx: u64(b[48:])}
	switch {
	case m.pageSize < minPage || m.pageSize > maxPage || m.pageSize&(m.pageSize-1) != 0:
		return meta{}, damaged("pages of %d bytes", m.pageSize)
	case m.pages > uint64(w.size/m.pageSize):
		return meta{}, damaged("%d pages of %d bytes in a file of %d", m.pages, m.pageSize, w.size)
	case m.tx%2 != id || m.tx > math.MaxInt64: // the next ones have higher numbers
		return meta{}, damaged("transaction %d on page %d", m.tx, id)
	}
	return m, nil
}
