package pagecache

import (
	"container/list"
	"slices"
	"sync"
)

const (
	// maxKnown bounds what is remembered of the variants of all paths together, in bytes.
	maxKnown = 2 << 20
	// refreshedVariants are rendered by Revalidate, beside the path itself.
	refreshedVariants = 8
)

// variants remembers which pages of a path are stored beside the bare one: so that one path
// has no more than its policy allows, and Revalidate can render the latest. Forgetting
// is harmless: a forgotten page becomes old by its path's version like any other. The
// zero value is ready.
type variants struct {
	mu     sync.Mutex
	byPath map[string]*list.Element // of *family
	recent list.List                // of families, the latest stored first
	size   int                      // of all families
}

// family is the variants of one path, the latest stored first.
type family struct {
	path   string
	latest []job // at most refreshedVariants
	older  []Key // and markers
	size   int
}

// stored remembers j and returns the variant that has to give way to it, if one has. A
// marker counts, and is not rendered along: what it stands for may not be stored.
func (v *variants) stored(j job, marker bool, limit int) (evicted Key, evict bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byPath == nil {
		v.byPath = make(map[string]*list.Element)
	}
	el := v.byPath[j.req.Path]
	if el == nil {
		el = v.recent.PushFront(&family{path: j.req.Path})
		v.byPath[j.req.Path] = el
	} else {
		v.recent.MoveToFront(el)
	}
	f := el.Value.(*family)
	v.size -= f.size
	if f.drop(j.key); marker {
		f.older = slices.Insert(f.older, 0, j.key)
	} else {
		f.add(j)
	}
	if n := len(f.older); len(f.latest)+n > limit {
		evict = true
		if n > 0 {
			evicted = f.older[n-1]
			f.older = f.older[:n-1]
		} else {
			n := len(f.latest) - 1
			evicted = f.latest[n].key
			f.latest = slices.Delete(f.latest, n, n+1)
		}
	}
	f.weigh()
	v.size += f.size
	for v.size > maxKnown && v.recent.Len() > 1 {
		oldest := v.recent.Remove(v.recent.Back()).(*family)
		delete(v.byPath, oldest.path)
		v.size -= oldest.size
	}
	return evicted, evict
}

func (f *family) drop(key Key) {
	f.latest = slices.DeleteFunc(f.latest, func(o job) bool { return o.key == key })
	f.older = slices.DeleteFunc(f.older, func(k Key) bool { return k == key })
}

// add puts j to the front.
func (f *family) add(j job) {
	f.latest = slices.Insert(f.latest, 0, j)
	if n := len(f.latest) - 1; n == refreshedVariants {
		f.older = slices.Insert(f.older, 0, f.latest[n].key)
		f.latest = slices.Delete(f.latest, n, n+1)
	}
}

func (f *family) weigh() {
	f.size = 400 + len(f.path) + len(Key{})*cap(f.older)
	for _, j := range f.latest {
		f.size += j.size()
	}
}

// latest returns the variants of a path that Revalidate renders.
func (v *variants) latest(path string) []job {
	v.mu.Lock()
	defer v.mu.Unlock()
	el := v.byPath[path]
	if el == nil {
		return nil
	}
	return slices.Clone(el.Value.(*family).latest)
}
