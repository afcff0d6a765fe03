package wire

import "context"

// RevalidatorKey is the context key under which a request finds its page cache.
type RevalidatorKey struct{}

// Revalidator is the page cache as respond sees it.
type Revalidator interface {
	Revalidate(ctx context.Context, paths ...string) error
}
