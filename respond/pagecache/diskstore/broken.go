package diskstore

import (
	"fmt"
	"runtime/debug"
	"sync"

	"go.etcd.io/bbolt"
)

// database is bbolt until it panics, which it does when it meets a page that cannot be, or
// when reading the mapped file faults. It may have panicked with its locks held: nobody
// calls it any more from then on, not even to close it.
type database struct {
	*bbolt.DB
	path string

	once   sync.Once
	broken chan struct{} // closed when it has panicked
	cause  error         // why; read once broken is closed
}

func openDatabase(path string) (*database, error) {
	d := &database{path: path, broken: make(chan struct{})}
	return d, d.use(func() (err error) {
		d.DB, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType, NoStatistics: true})
		return err
	})
}

// use calls f, which calls bbolt, unless that has panicked before.
func (d *database) use(f func() error) error {
	if d.isBroken() {
		return d.cause
	}
	panicked, err := guard(f)
	if panicked {
		d.once.Do(func() {
			d.cause = err
			close(d.broken)
		})
	}
	return err
}

func (d *database) isBroken() bool {
	select {
	case <-d.broken:
		return true
	default:
		return false
	}
}

// close closes the database. One that has panicked keeps its file, and the lock on it, until
// the process ends.
func (d *database) close() error { return d.use(d.Close) }

// guard turns a panic into an error.
func guard(f func() error) (panicked bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			panicked, err = true, fmt.Errorf("%w: %v", errFile, r)
		}
	}()
	return false, f()
}
