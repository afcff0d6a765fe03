package respond

import (
	"context"
	"errors"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// ErrNotCached says that a path given to Revalidate is no cached page: no endpoint
// has this path, its endpoint has no cache policy, or the API has no page cache.
var ErrNotCached = errors.New("respond: nothing is cached at this path")

// Revalidate renders the cached pages at these API-relative paths again. It finds the page cache
// through the context that a handler was given; from any other context it returns ErrNotCached.
func Revalidate(ctx context.Context, paths ...string) error {
	if r, ok := ctx.Value(wire.RevalidatorKey{}).(wire.Revalidator); ok {
		return r.Revalidate(ctx, paths...)
	}
	return ErrNotCached
}
