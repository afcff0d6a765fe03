package rules

import (
	"reflect"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"
)

// failureCache keeps the failures of one type that follow from its declaration alone:
// a field that no slice, map or interface leads to breaks the same rule in the same
// words each time.
type failureCache struct {
	off  bool // there are functions that may report whatever they like
	mu   sync.RWMutex
	list map[failureKey]Failure
}

type failureKey struct {
	namespace, tag, actual, param string
	typ                           reflect.Type
}

// A recursive type has no end of paths, and the client chooses among them.
const (
	maxKnown     = 1000
	maxKnownPath = 256
)

func keyOf(fe validator.FieldError) failureKey {
	return failureKey{fe.StructNamespace(), fe.Tag(), fe.ActualTag(), fe.Param(), fe.Type()}
}

// get looks a failure up; cacheable tells whether one that is not known may be put.
func (c *failureCache) get(fe validator.FieldError) (failure Failure, known, cacheable bool) {
	path := fe.StructNamespace()
	if c.off || len(path) > maxKnownPath || strings.IndexByte(path, '[') >= 0 {
		return Failure{}, false, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	failure, known = c.list[keyOf(fe)]
	return failure, known, len(c.list) < maxKnown
}

func (c *failureCache) put(fe validator.FieldError, failure Failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil {
		c.list = make(map[failureKey]Failure)
	}
	c.list[keyOf(fe)] = failure
}

// isStatic reports whether only structs and pointers to them lead to path.
func isStatic(t reflect.Type, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		t = deref(t)
		if t.Kind() != reflect.Struct {
			return false
		}
		f, ok := t.FieldByName(name)
		if !ok {
			return false
		}
		t = f.Type
	}
	return deref(t).Kind() != reflect.Interface
}
