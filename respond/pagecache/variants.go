package pagecache

import (
	"container/list"
	"slices"
	"sync"
)

const (
	// maxKnownVariants bounds what is remembered of all paths together.
	maxKnownVariants = 1 << 16
	// refreshedVariants are rendered by Revalidate, beside the path itself.
	refreshedVariants = 8
)

// variants remembers which pages of a path are stored beside its own: so that one path
// has no more than its policy allows, and Revalidate can render the latest. Forgetting
// is harmless: a forgotten page becomes old by its path's version like any other. The
// zero value is ready.
type variants struct {
	mu     sync.Mutex
	byPath map[string]*list.Element // of *family
	recent list.List
	count  int
}

type family struct {
	path string
	jobs []job // latest stored first
}

// stored remembers j and returns the variant that has to make room for it, if one has.
func (v *variants) stored(j job, limit int) (evicted Key, evict bool) {
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
	if i := slices.IndexFunc(f.jobs, func(o job) bool { return o.key == j.key }); i >= 0 {
		f.jobs = slices.Delete(f.jobs, i, i+1)
		v.count--
	}
	f.jobs = slices.Insert(f.jobs, 0, j)
	v.count++
	if len(f.jobs) > limit {
		last := f.jobs[len(f.jobs)-1]
		f.jobs = f.jobs[:len(f.jobs)-1]
		v.count--
		evicted, evict = last.key, true
	}
	for v.count > maxKnownVariants && v.recent.Len() > 1 {
		oldest := v.recent.Remove(v.recent.Back()).(*family)
		delete(v.byPath, oldest.path)
		v.count -= len(oldest.jobs)
	}
	return evicted, evict
}

// latest returns the variants of a path that Revalidate renders.
func (v *variants) latest(path string) []job {
	v.mu.Lock()
	defer v.mu.Unlock()
	el := v.byPath[path]
	if el == nil {
		return nil
	}
	jobs := el.Value.(*family).jobs
	return slices.Clone(jobs[:min(len(jobs), refreshedVariants)])
}
