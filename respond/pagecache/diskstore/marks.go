package diskstore

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// maxMarks is when the older half of the marks is forgotten: pages that are older than
// those count as bumped when the file is opened again.
const maxMarks = 1 << 17

// allPages is the key of the version of all pages.
const allPages = "floor"

// saveMarks raises the marks in the file as Marks does in memory.
func (s *Store) saveMarks(tx *bbolt.Tx, bumps []pagecache.Bump, c *contents) error {
	marks := tx.Bucket([]byte(marksBucket))
	for _, b := range bumps {
		if len(b.Marks) == 0 {
			if err := raise(marks, allPages, b, c); err != nil {
				return err
			}
		}
		for _, name := range b.Marks {
			if err := raise(marks, "m"+name, b, c); err != nil {
				return err
			}
		}
	}
	if c.marks <= cmp.Or(s.maxMarks, maxMarks) {
		return nil
	}
	return forgetOlder(marks, c)
}

// forgetOlder removes the older half of the marks and raises the version of all pages to
// what it has removed.
func forgetOlder(marks *bbolt.Bucket, c *contents) error {
	var newest []pagecache.Token
	each := func(f func(key string, soft, hard pagecache.Token)) error {
		return marks.ForEach(func(k, v []byte) error {
			soft, hard, ok := decodeMark(k, v)
			if !ok {
				return errFile
			}
			if string(k) != allPages {
				f(string(k), soft, hard)
			}
			return nil
		})
	}
	if err := each(func(_ string, soft, hard pagecache.Token) { newest = append(newest, max(soft, hard)) }); err != nil {
		return err
	}
	slices.Sort(newest)
	median := newest[len(newest)/2]
	var old []string
	var floor [2]pagecache.Token
	err := each(func(key string, soft, hard pagecache.Token) {
		if max(soft, hard) <= median {
			old = append(old, key)
			floor = [2]pagecache.Token{max(floor[0], soft), max(floor[1], hard)}
		}
	})
	if err != nil {
		return err
	}
	for _, key := range old {
		if err := marks.Delete([]byte(key)); err != nil {
			return err
		}
		c.marks--
	}
	if err := raise(marks, allPages, pagecache.Bump{At: floor[0]}, c); err != nil {
		return err
	}
	return raise(marks, allPages, pagecache.Bump{At: floor[1], Hard: true}, c)
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
