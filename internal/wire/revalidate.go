package wire

import "context"

// RevalidatorKey is the context key under which a request finds its page cache.
type RevalidatorKey struct{}

// RequestKey is the context key under which a handler's context holds its [Request].
type RequestKey struct{}

// Revalidator is the page cache as respond sees it.
type Revalidator interface {
	Revalidate(ctx context.Context, paths ...string) error
}
