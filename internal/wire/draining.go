package wire

import "context"

type drainingKey struct{}

// WithDraining returns a context in which [Draining] finds c.
func WithDraining(ctx context.Context, c <-chan struct{}) context.Context {
	return context.WithValue(ctx, drainingKey{}, c)
}

// Draining is closed when the server of a request begins to drain: what would go on
// without end, as a stream of events does, ends then. It is nil, which is never closed,
// where no server said.
func Draining(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(drainingKey{}).(<-chan struct{})
	return c
}
