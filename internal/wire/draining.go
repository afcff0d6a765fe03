package wire

import "context"

// DrainingKey is the context key of a context that ends when the server begins to drain.
type DrainingKey struct{}

// WithDraining returns a context in which [Draining] and [AfterDraining] find drain.
func WithDraining(ctx, drain context.Context) context.Context {
	return context.WithValue(ctx, DrainingKey{}, drain)
}

// Draining is closed when the server of a request begins to drain: what would go on
// without end, as a stream of events does, ends then. It is nil, which is never closed,
// where no server said.
func Draining(ctx context.Context) <-chan struct{} {
	if drain, ok := ctx.Value(DrainingKey{}).(context.Context); ok {
		return drain.Done()
	}
	return nil
}

// AfterDraining calls f, on a goroutine of its own, when the server of a request begins to
// drain, unless stop was called before. No goroutine waits for that.
func AfterDraining(ctx context.Context, f func()) (stop func() bool) {
	drain, ok := ctx.Value(DrainingKey{}).(context.Context)
	if !ok {
		return func() bool { return true }
	}
	return context.AfterFunc(drain, f)
}
