package diskstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// The buckets of the file.
const (
	pagesBucket = "pages" // key -> place in order, page
	orderBucket = "order" // place -> key
	marksBucket = "marks" // "m" + mark -> soft, hard, checksum
	stateBucket = "state" // "state" -> contents

	stateKey = "state"
)

var (
	errFile    = errors.New("diskstore: the file is damaged")
	errForeign = errors.New("diskstore: the file is not a page store")
	errLocked  = errors.New("it is open already, in this process or another one: give each a path of its own, or close the other first")
)

// contents are the totals of the file, written with every transaction.
type contents struct {
	clock uint64 // not below any token in the file
	bytes int64  // of the pages
	marks uint64 // in their bucket
}

// Open opens the store in a file, or makes it. The directory exists. It fails when
// another process has the file open, or the file cannot be opened or made; one of its files
// that is damaged is put aside. What is not recognisably its file, a device or another
// program's file, is an error and stays as it is.
func Open(path string, opts *Options) (*Store, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 30
	}
	if o.Memory == 0 {
		o.Memory = 32 << 20
	}
	if o.Interval <= 0 {
		o.Interval = 50 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s, err := open(path, o)
	if err == nil || !isDamage(err) {
		return s, err
	}
	if !recognised(path) {
		return nil, fmt.Errorf("%w: %s: %w: give the store a path of its own, or remove the file", errForeign, path, err)
	}
	aside := path + ".damaged"
	o.Log.Error("diskstore: the file cannot be read; it is put aside for a new one", "file", path, "aside", aside, "error", err)
	if err := os.Rename(path, aside); err != nil {
		return nil, fmt.Errorf("diskstore: %w", err)
	}
	return open(path, o)
}

// isDamage tells a file that is no good from one that cannot be had.
func isDamage(err error) bool {
	for _, other := range [...]error{errForeign, errLocked, fs.ErrPermission, fs.ErrNotExist, syscall.ENOSPC, syscall.EROFS, syscall.EISDIR, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, other) {
			return false
		}
	}
	return true
}

func open(path string, o Options) (*Store, error) {
	s := &Store{opts: o, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	_, err := guard(func() error { return examine(path) })
	if err == nil {
		s.db, err = openDatabase(path)
	}
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = errLocked
	}
	if err != nil {
		return nil, fmt.Errorf("diskstore: open %s: %w", path, err)
	}
	if err := s.db.use(func() error { return s.db.Update(s.load) }); err != nil {
		_ = s.db.close()
		return nil, fmt.Errorf("diskstore: open %s: %w", path, err)
	}
	s.front = newFront(o.Memory)
	go s.write()
	return s, nil
}

// lockTimeout is how long another process may take to close the file.
const lockTimeout = time.Second

// examine checks a file while bbolt holds its lock for reading: for that, bbolt believes
// the checksums of the metas and nothing else.
func examine(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil // to be made, or not to be had: opening it tells
	case info.IsDir():
		return syscall.EISDIR
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: it is a device, a pipe or a socket", errForeign)
	case info.Size() == 0:
		return nil
	}
	var file *os.File
	db, err := bbolt.Open(path, 0, &bbolt.Options{
		Timeout: lockTimeout, ReadOnly: true, NoStatistics: true,
		// With the permissions that the store will need.
		OpenFile: func(path string, _ int, _ fs.FileMode) (_ *os.File, err error) {
			file, err = os.OpenFile(path, os.O_RDWR, 0)
			return file, err
		},
	})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if info, err = file.Stat(); err != nil {
		return err
	}
	return check(file, info.Size())
}

// load reads the totals and the marks, and begins a new range of tokens: their upper
// half counts how often the file was opened, so a token that was lost in a crash is
// never given out again.
func (s *Store) load(tx *bbolt.Tx) error {
	for _, name := range [...]string{pagesBucket, orderBucket, marksBucket, stateBucket} {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	b := tx.Bucket([]byte(stateBucket)).Get([]byte(stateKey))
	if b != nil {
		if !s.file.decode(b) {
			return errFile
		}
		n := uint64(0)
		err := tx.Bucket([]byte(marksBucket)).ForEach(func(k, v []byte) error {
			n++
			return s.restore(k, v)
		})
		if err != nil {
			return err
		}
		if n != s.file.marks {
			return fmt.Errorf("%w: %d marks of %d", errFile, n, s.file.marks)
		}
	}
	s.file.clock = (s.file.clock>>32 + 1) << 32
	s.clock.Store(s.file.clock)
	return s.file.save(tx)
}

func (s *Store) restore(k, v []byte) error {
	soft, hard, ok := decodeMark(k, v)
	if !ok {
		return fmt.Errorf("%w: a mark", errFile)
	}
	var names []string
	if k[0] == 'm' {
		names = []string{string(k[1:])}
	}
	s.marks.Restore(pagecache.Bump{At: soft, Marks: names})
	s.marks.Restore(pagecache.Bump{At: hard, Hard: true, Marks: names})
	return nil
}

// table is read-only.
var table = crc32.MakeTable(crc32.Castagnoli)

func (c *contents) decode(b []byte) bool {
	if len(b) != 28 || crc32.Checksum(b[:24], table) != binary.BigEndian.Uint32(b[24:]) {
		return false
	}
	c.clock = binary.BigEndian.Uint64(b)
	c.bytes = int64(binary.BigEndian.Uint64(b[8:]))
	c.marks = binary.BigEndian.Uint64(b[16:])
	return true
}

func (c *contents) save(tx *bbolt.Tx) error {
	b := binary.BigEndian.AppendUint64(nil, c.clock)
	b = binary.BigEndian.AppendUint64(b, uint64(c.bytes))
	b = binary.BigEndian.AppendUint64(b, c.marks)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, table))
	return tx.Bucket([]byte(stateBucket)).Put([]byte(stateKey), b)
}

// use calls the database, and says so when that breaks it.
func (s *Store) use(f func() error) error {
	before := s.db.isBroken()
	err := s.db.use(f)
	if !before && s.db.isBroken() {
		s.said.Do(func() {
			s.opts.Log.Error("diskstore: the open file was damaged and cannot be used any more; pages that are not in memory are rendered until the program is started again", "file", s.db.path, "error", err)
		})
	}
	return err
}

// read gets a page from the file; nil if it is not there.
func (s *Store) read(key pagecache.Key) (e *pagecache.Entry, err error) {
	err = s.use(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(pagesBucket)).Get(key[:])
			if b == nil {
				return nil
			}
			if len(b) < 8 {
				return pagecache.ErrDamaged
			}
			e, err = pagecache.DecodeEntry(b[8:])
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// save writes a batch in one transaction, synced when it returns.
func (s *Store) save(b *batch) error {
	next := s.file
	next.clock = s.clock.Load()
	err := s.use(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			for _, key := range b.inOrder() {
				if err := next.put(tx, key, b.pages[key]); err != nil {
					return err
				}
			}
			if err := next.evict(tx, s.opts.MaxBytes); err != nil {
				return err
			}
			if err := s.saveMarks(tx, b.bumps, &next); err != nil {
				return err
			}
			return next.save(tx)
		})
	})
	if err == nil {
		s.file = next
	}
	return err
}

func (c *contents) put(tx *bbolt.Tx, key pagecache.Key, e *pagecache.Entry) error {
	pages, order := tx.Bucket([]byte(pagesBucket)), tx.Bucket([]byte(orderBucket))
	if old := pages.Get(key[:]); len(old) >= 8 {
		c.bytes -= int64(len(old))
		if err := order.Delete(old[:8]); err != nil {
			return err
		}
	}
	if e == nil {
		return pages.Delete(key[:])
	}
	place, err := order.NextSequence()
	if err != nil {
		return err
	}
	b, err := e.AppendBinary(binary.BigEndian.AppendUint64(nil, place))
	if err != nil {
		return err
	}
	c.bytes += int64(len(b))
	if err := order.Put(b[:8], key[:]); err != nil {
		return err
	}
	return pages.Put(key[:], b)
}

// evict removes the pages that were stored longest ago until the others fit.
func (c *contents) evict(tx *bbolt.Tx, limit int64) error {
	if c.bytes <= limit {
		return nil
	}
	pages, order := tx.Bucket([]byte(pagesBucket)), tx.Bucket([]byte(orderBucket))
	for c.bytes > limit {
		place, key := order.Cursor().First()
		if place == nil {
			c.bytes = 0
			return nil
		}
		place, key = bytes.Clone(place), bytes.Clone(key)
		c.bytes -= int64(len(pages.Get(key)))
		if err := pages.Delete(key); err != nil {
			return err
		}
		if err := order.Delete(place); err != nil {
			return err
		}
	}
	return nil
}
