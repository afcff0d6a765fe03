package diskstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"slices"

	"go.etcd.io/bbolt"
)

const (
	elementSize      = 16 // in the table after a page's header: where a key is, and what it leads to
	bucketHeaderSize = 16 // root and sequence; a small bucket has no root, its page follows
	bucketElement    = 1  // the flags of a leaf's element that is a bucket; others have none
)

// checker proves that bbolt can trust a file. bbolt maps it into memory and believes
// every number in it: a wrong one ends the process, or takes all of its memory. So every
// page has to be what bbolt would have written, to the byte where a number stands, and
// every page of the file is part of exactly one tree, of the list of free pages, or free.
//
// The trees are read level by level, each in the order of the file, so a level is at most
// one pass over it; trees have a few levels, and nearly everything is in the last one.
type checker struct {
	file     *window
	pageSize int64
	pages    uint64
	taken    []uint64 // a bit for each page that was met
	met      uint64
	depth    int
	next     []ref
	contents inventory
}

// tree is one B+ tree of the file: a bucket, or the buckets, which has no name.
type tree struct {
	name  string
	depth int    // how far it was read
	flags uint16 // of all pages there: leaves are equally deep
}

// ref is a page that a tree leads to.
type ref struct {
	id   uint64
	tree *tree
	low  string // its first key; none: it is a root
	high string // higher than its last; none: it is at the right edge
}

// check fails if anything in the file is not as bbolt and this package leave it.
func check(file io.ReaderAt, size int64) error {
	w := &window{file: file, size: size}
	m, err := readMeta(w)
	if err != nil {
		return err
	}
	w.size = int64(m.pages) * m.pageSize
	c := &checker{file: w, pageSize: m.pageSize, pages: m.pages, taken: make([]uint64, m.pages/64+1)}
	c.contents.begin()
	for _, id := range [...]uint64{0, 1, m.root} {
		if err := c.take(id); err != nil {
			return err
		}
	}
	if err := c.freelist(m.freelist); err != nil {
		return err
	}
	for level := []ref{{id: m.root, tree: &tree{}}}; len(level) > 0; level, c.next = c.next, level[:0] {
		slices.SortFunc(level, func(a, b ref) int { return cmp.Compare(a.id, b.id) })
		c.depth++
		for _, r := range level {
			if err := c.page(r); err != nil {
				return err
			}
		}
	}
	if c.met != c.pages {
		return damaged("%d pages of %d are neither in use nor free", c.pages-c.met, c.pages)
	}
	return c.contents.end()
}

// take counts a page, once.
func (c *checker) take(id uint64) error {
	if id >= c.pages {
		return damaged("page %d of %d", id, c.pages)
	}
	if c.taken[id/64]&(1<<(id%64)) != 0 {
		return damaged("page %d is in two places", id)
	}
	c.taken[id/64] |= 1 << (id % 64)
	c.met++
	return nil
}

// header reads the beginning of a page that was taken, and takes those that follow it.
func (c *checker) header(id uint64) (header, error) {
	b, err := c.file.at(int64(id)*c.pageSize, headerSize)
	if err != nil {
		return header{}, err
	}
	h := decodeHeader(b)
	if h.id != id {
		return header{}, damaged("page %d says that it is page %d", id, h.id)
	}
	for i := range uint64(h.overflow) {
		if err := c.take(id + 1 + i); err != nil {
			return header{}, err
		}
	}
	return h, nil
}

// freelist takes the list of free pages, and those on it.
func (c *checker) freelist(id uint64) error {
	if err := c.take(id); err != nil {
		return err
	}
	h, err := c.header(id)
	if err != nil {
		return err
	}
	if h.flags != freelistFlag {
		return damaged("page %d: flags %#x of a list of free pages", id, h.flags)
	}
	off := int64(id)*c.pageSize + headerSize
	end := off - headerSize + (int64(h.overflow)+1)*c.pageSize
	count := uint64(h.count)
	if count == 0xFFFF { // too many for the header
		b, err := c.file.at(off, 8)
		if err != nil {
			return err
		}
		count, off = binary.NativeEndian.Uint64(b), off+8
	}
	if count > uint64(end-off)/8 {
		return damaged("page %d: no space for %d free pages", id, count)
	}
	for range count {
		b, err := c.file.at(off, 8)
		if err != nil {
			return err
		}
		if err := c.take(binary.NativeEndian.Uint64(b)); err != nil {
			return err
		}
		off += 8
	}
	return nil
}

// page checks a page of a tree. Those under it are checked with the next level.
func (c *checker) page(r ref) error {
	h, err := c.header(r.id)
	if err != nil {
		return err
	}
	if t := r.tree; t.depth != c.depth {
		t.depth, t.flags = c.depth, h.flags
	} else if t.flags != h.flags {
		return damaged("page %d: flags %#x beside %#x", r.id, h.flags, t.flags)
	}
	off := int64(r.id) * c.pageSize
	end, err := c.elements(c.file, off, h, r)
	if err != nil {
		return err
	}
	if needed := (end - off + c.pageSize - 1) / c.pageSize; needed != int64(h.overflow)+1 {
		return damaged("page %d: %d bytes on %d pages", r.id, end-off, int64(h.overflow)+1)
	}
	return nil
}

// elements checks what a page at off holds, and returns where it ends.
func (c *checker) elements(w *window, off int64, h header, r ref) (end int64, err error) {
	least := 1 // keys: bbolt merges pages with less
	switch {
	case h.flags == branchFlag:
		least = 2
	case h.flags != leafFlag:
		return 0, damaged("page %d: flags %#x in a tree", h.id, h.flags)
	case r.low == "":
		least = 0
	}
	if int(h.count) < least {
		return 0, damaged("page %d: %d keys", h.id, h.count)
	}
	table, err := w.at(off+headerSize, int64(h.count)*elementSize)
	if err != nil {
		return 0, err
	}
	w.table = append(w.table[:0], table...)
	end = off + headerSize + int64(len(table))
	for i := range int(h.count) {
		e := decodeElement(w.table[i*elementSize:], h.flags)
		if at := off + headerSize + int64(i)*elementSize; at+e.pos != end || e.key == 0 || e.key > bbolt.MaxKeySize {
			return 0, damaged("page %d: key %d has %d bytes at %d", h.id, i, e.key, e.pos)
		}
		b, err := w.at(end, e.key+min(e.value, c.pageSize)) // what is longer is a page's body, see inventory
		if err != nil {
			return 0, err
		}
		key := b[:e.key]
		switch {
		case i == 0 && r.low != "" && r.low != string(key):
			return 0, damaged("page %d: its first key is not the one that leads to it", h.id)
		case i > 0 && bytes.Compare(w.last, key) >= 0:
			return 0, damaged("page %d: key %d is not higher than the one before", h.id, i)
		case r.high != "" && string(key) >= r.high:
			return 0, damaged("page %d: key %d belongs to another page", h.id, i)
		}
		w.last = append(w.last[:0], key...)
		end += e.key + e.value
		if h.flags == branchFlag {
			err = c.child(r, i, string(key), e.child)
		} else {
			err = c.item(r.tree, e, key, b[e.key:])
		}
		if err != nil {
			return 0, err
		}
	}
	return end, nil
}

// element is one entry of the table of a page: of a branch it has a child, of a leaf flags
// and a value.
type element struct {
	pos, key, value int64 // pos counts from the entry; the others are sizes
	flags           uint32
	child           uint64
}

func decodeElement(b []byte, flags uint16) element {
	u32 := func(i int) uint32 { return binary.NativeEndian.Uint32(b[i:]) }
	if flags == branchFlag {
		return element{pos: int64(u32(0)), key: int64(u32(4)), child: binary.NativeEndian.Uint64(b[8:])}
	}
	return element{flags: u32(0), pos: int64(u32(4)), key: int64(u32(8)), value: int64(u32(12))}
}

// child notes a page under the branch r, its i-th, for the next level.
func (c *checker) child(r ref, i int, key string, id uint64) error {
	if i > 0 {
		c.next[len(c.next)-1].high = key
	}
	c.next = append(c.next, ref{id: id, tree: r.tree, low: key, high: r.high})
	return c.take(id)
}

// item checks what a leaf has under a key; of a long value, the beginning is given.
func (c *checker) item(t *tree, e element, key, value []byte) error {
	if t.name != "" {
		if e.flags != 0 {
			return damaged("flags %#x in the bucket %s", e.flags, t.name)
		}
		return c.contents.add(t.name, key, value, e.value)
	}
	if e.flags != bucketElement || e.value != int64(len(value)) || e.value < bucketHeaderSize {
		return damaged("the bucket %q has flags %#x and %d bytes", key, e.flags, e.value)
	}
	root, sequence := binary.NativeEndian.Uint64(value), binary.NativeEndian.Uint64(value[8:])
	if err := c.contents.bucket(string(key), sequence); err != nil {
		return err
	}
	return c.bucket(&tree{name: string(key)}, root, value[bucketHeaderSize:])
}

// bucket notes the tree of a bucket for the next level, or checks its only page at once.
func (c *checker) bucket(t *tree, root uint64, inline []byte) error {
	if root != 0 {
		if len(inline) != 0 {
			return damaged("the bucket %s is in two places", t.name)
		}
		c.next = append(c.next, ref{id: root, tree: t})
		return c.take(root)
	}
	if len(inline) < headerSize {
		return damaged("the bucket %s has no page", t.name)
	}
	// bbolt takes the id for that of a page to free.
	h := decodeHeader(inline)
	if h.id != 0 || h.overflow != 0 || h.flags != leafFlag {
		return damaged("the bucket %s is page %d with flags %#x", t.name, h.id, h.flags)
	}
	size := int64(len(inline))
	end, err := c.elements(&window{file: bytes.NewReader(inline), size: size}, 0, h, ref{tree: t})
	if err == nil && end != size {
		err = damaged("the bucket %s has %d bytes in %d", t.name, end, size)
	}
	return err
}
