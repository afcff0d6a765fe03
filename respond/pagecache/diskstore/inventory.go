package diskstore

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// placeSize is that of a place in the order, a big-endian number.
const placeSize = 8

// inventory is what the buckets hold, as far as it can be checked without the pages,
// which have checksums of their own: after that, a damaged page is a miss.
type inventory struct {
	seed     maphash.Seed
	links    uint64 // a sum over pages and their places, less one over places and their pages
	bytes    int64
	marks    uint64
	place    uint64 // the highest
	sequence uint64 // the last place that was given
	buckets  int
	state    contents
	known    bool
	link     [placeSize + len(pagecache.Key{})]byte
}

func (v *inventory) begin() { v.seed = maphash.MakeSeed() }

// bucket notes that there is a bucket. The names come in order, so none comes twice.
func (v *inventory) bucket(name string, sequence uint64) error {
	switch name {
	case orderBucket:
		v.sequence = sequence
	case pagesBucket, marksBucket, stateBucket:
	default:
		return damaged("there is no bucket %q", name)
	}
	v.buckets++
	return nil
}

// add notes what a bucket has under a key: the value's size, and its beginning.
func (v *inventory) add(bucket string, key, value []byte, size int64) error {
	switch bucket {
	case pagesBucket:
		if len(key) != len(pagecache.Key{}) || size < placeSize {
			return damaged("a page of %d bytes under a key of %d", size, len(key))
		}
		v.links += v.sum(value[:placeSize], key)
		v.bytes += size
	case orderBucket:
		if len(key) != placeSize || size != int64(len(pagecache.Key{})) {
			return damaged("a place of %d bytes for a key of %d", len(key), size)
		}
		v.links -= v.sum(key, value)
		v.place = max(v.place, binary.BigEndian.Uint64(key))
	case marksBucket:
		if _, _, ok := decodeMark(key, value); !ok {
			return damaged("the mark %q", key)
		}
		v.marks++
	default:
		if string(key) != stateKey || !v.state.decode(value) {
			return damaged("no state under %q", key)
		}
		v.known = true
	}
	return nil
}

func (v *inventory) sum(place, key []byte) uint64 {
	copy(v.link[:], place)
	copy(v.link[placeSize:], key)
	return maphash.Bytes(v.seed, v.link[:])
}

// end compares. A file that was only just made has no buckets; the first transaction
// makes all of them, and the state.
func (v *inventory) end() error {
	switch {
	case v.buckets == 0:
		return nil
	case v.buckets != 4 || !v.known:
		return damaged("%d buckets, state: %t", v.buckets, v.known)
	case v.links != 0:
		return damaged("pages and their order do not match")
	case v.bytes != v.state.bytes || v.marks != v.state.marks:
		return damaged("%d bytes of pages and %d marks, not %d and %d", v.bytes, v.marks, v.state.bytes, v.state.marks)
	case v.place > v.sequence:
		return damaged("place %d was given, and the last one was %d", v.place, v.sequence)
	}
	return nil
}
