package pagecache

import (
	"errors"
	"fmt"

	"github.com/apiroutes/apiroutes/respond"
)

var (
	// ErrNotCached says that nothing is cached at a path: no endpoint, one without
	// a Policy, or no cache at all. It is respond.ErrNotCached.
	ErrNotCached = respond.ErrNotCached
	// ErrNotStored is what RevalidateStored answers for a path that has no page.
	ErrNotStored = errors.New("pagecache: no page is stored for the path")
	// ErrRenderFailed says that the page could not be rendered; the old one stays.
	ErrRenderFailed = errors.New("pagecache: the render failed")
	// ErrStore says that the store failed; whether the old page is served still is
	// not known.
	ErrStore = errors.New("pagecache: the store failed")
	// ErrPath says that a string is not a path of the API: it does not begin with
	// one slash, or has a host, a fragment, or a byte that no path has.
	ErrPath = errors.New("pagecache: not a path of the API")

	errRendering = errors.New("pagecache: a page that is being rendered cannot wait for a render")
	errTag       = errors.New("pagecache: a tag is empty or too long")
)

// Error is what went wrong with one path or tag.
type Error struct {
	Op   string // "revalidate", "expire"
	Name string // the path or the tag
	Err  error  // one of this package's errors, with its cause
}

func (e *Error) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Name, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
