package diskstore

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// maxMarks is when the marks are written anew from memory, which has forgotten the
// oldest by then.
const maxMarks = 1 << 17

// allPages is the key of the version of all pages.
const allPages = "floor"

// saveMarks raises the marks in the file as Marks does in memory.
func (s *Store) saveMarks(tx *bbolt.Tx, bumps []pagecache.Bump, c *contents) error {
	marks := tx.Bucket([]byte(marksBucket))
	for _, b := range bumps {
		keys := []string{allPages}
		if len(b.Marks) > 0 {
			keys = keys[:0]
		}
		for _, name := range b.Marks {
			keys = append(keys, "m"+name)
		}
		for _, key := range keys {
			if err := raise(marks, key, b, c); err != nil {
				return err
			}
		}
	}
	if c.marks <= maxMarks {
		return nil
	}
	if err := tx.DeleteBucket([]byte(marksBucket)); err != nil {
		return err
	}
	marks, err := tx.CreateBucket([]byte(marksBucket))
	if err != nil {
		return err
	}
	c.marks = 0
	all := s.marks.Snapshot()
	// In the order of the tree: it is built by appending.
	slices.SortFunc(all, func(a, b pagecache.Bump) int { return strings.Compare(keyOf(a), keyOf(b)) })
	for _, b := range all {
		if err := raise(marks, keyOf(b), b, c); err != nil {
			return err
		}
	}
	return nil
}

// keyOf is the key of a bump of Marks.Snapshot, which has one mark, or none if it is
// of all pages.
func keyOf(b pagecache.Bump) string {
	if len(b.Marks) == 0 {
		return allPages
	}
	return "m" + b.Marks[0]
}

// decodeMark reads what raise has put.
func decodeMark(k, v []byte) (soft, hard pagecache.Token, ok bool) {
	if len(k) == 0 || len(v) != 20 || crc32.Checksum(v[:16], table) != binary.BigEndian.Uint32(v[16:])^crc32.Checksum(k, table) {
		return 0, 0, false
	}
	return pagecache.Token(binary.BigEndian.Uint64(v)), pagecache.Token(binary.BigEndian.Uint64(v[8:])), true
}

func raise(marks *bbolt.Bucket, name string, b pagecache.Bump, c *contents) error {
	var soft, hard uint64
	if old := marks.Get([]byte(name)); len(old) == 20 {
		soft, hard = binary.BigEndian.Uint64(old), binary.BigEndian.Uint64(old[8:])
	} else {
		c.marks++
	}
	if b.Hard {
		hard = max(hard, uint64(b.At))
	} else {
		soft = max(soft, uint64(b.At))
	}
	v := binary.BigEndian.AppendUint64(nil, soft)
	v = binary.BigEndian.AppendUint64(v, hard)
	v = binary.BigEndian.AppendUint32(v, crc32.Checksum(v, table)^crc32.Checksum([]byte(name), table))
	return marks.Put([]byte(name), v)
}
