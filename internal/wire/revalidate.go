package wire

import "context"

// RevalidatorKey is the context key under which a request finds its page cache.
type RevalidatorKey struct{}

// ExchangeKey is the context key under which a handler's context holds its [Exchange].
type ExchangeKey struct{}

// Revalidator is the page cache as respond sees it.
type Revalidator interface {
	Revalidate(ctx context.Context, paths ...string) error
}
