package pagecache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/pages"
)

// Options are those of [New]; nil and every zero value are fine.
type Options struct {
	// Build names this version of the program: pages that another version stored
	// are not served. Empty: the revision that the program was built from, or the
	// program file's size and time where that is not known.
	Build string
	// RenderTimeout is when a render counts as failed, for policies that do not
	// say. Zero: 10 seconds.
	RenderTimeout time.Duration
	// StoreTimeout bounds every call of the store. After one that takes longer, the
	// store is left alone for a second, then two, up to ten, and pages are rendered
	// meanwhile. Zero: 2 seconds.
	StoreTimeout time.Duration
	// MaxBackground is how many renders may run behind answers with old pages at
	// one time. Zero: 64.
	MaxBackground int
	// MaxRenders is how many renders may run at one time, those for one request alone
	// included. More wait, each at most its RenderTimeout, and are then answered 503.
	// Zero: 256.
	MaxRenders int
	// Purge tells a CDN which paths and tags have become old, after the
	// store knows. It is called for endpoints with Policy.CDN, and for tags as soon as
	// one endpoint has it. Its error is joined to that of the call that caused it.
	Purge func(ctx context.Context, paths, tags []string) error
	// Log gets what goes wrong without a caller to tell: the store failing, a
	// background render failing, damaged pages. Nil: slog.Default.
	Log *slog.Logger
}

// Cache serves pages from a store and renders them at most once at a time. Make one
// with [New] and give it to one API. All methods may be called concurrently.
type Cache struct {
	store  Store
	opts   Options
	local  bool   // the store cannot block, and ends with the process
	sharer Sharer // the store, if it is shared by several nodes
	peeker Peeker // the store, if it can answer at once
	hasher hasher

	base   context.Context // that of every render
	cancel context.CancelCauseFunc

	resolve atomic.Pointer[pages.Resolver]
	cdn     atomic.Bool

	flights  flights
	backoff  backoff
	variants variants
	places   chan struct{} // one for each render that runs
	behind   atomic.Int64  // renders behind answers
	circuit  circuit

	logged      atomic.Int64 // Unix second of the last failure of the store that was logged
	unsubscribe func()
	closed      atomic.Bool
	closing     sync.Once
	closeErr    error
	renders     sync.WaitGroup
}

// New returns a cache over a store, which it owns from now on. opts may be nil. It panics
// without a store, and with an option that is negative.
func New(store Store, opts *Options) *Cache {
	if store == nil {
		panic("pagecache: New: the store is nil: give it pagecache.Memory(64<<20), for instance")
	}
	c := &Cache{store: store}
	if opts != nil {
		c.opts = *opts
	}
	o := &c.opts
	o.check()
	o.Build = cmp.Or(o.Build, buildID())
	o.RenderTimeout = cmp.Or(o.RenderTimeout, 10*time.Second)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, 2*time.Second)
	o.MaxBackground = cmp.Or(o.MaxBackground, 64)
	o.MaxRenders = cmp.Or(o.MaxRenders, 256)
	o.Log = cmp.Or(o.Log, slog.Default())
	c.places = make(chan struct{}, o.MaxRenders)
	_, c.local = store.(*memory)
	c.sharer, _ = store.(Sharer)
	c.peeker, _ = store.(Peeker)
	c.hasher = newHasher(!c.local)
	c.base, c.cancel = context.WithCancelCause(context.Background())
	c.unsubscribe = store.Subscribe(c.flights.detach)
	return c
}

// check panics with what is wrong.
func (o *Options) check() {
	for _, n := range [...]struct {
		name  string
		value any
		wrong bool
	}{
		{"RenderTimeout", o.RenderTimeout, o.RenderTimeout < 0}, {"StoreTimeout", o.StoreTimeout, o.StoreTimeout < 0},
		{"MaxBackground", o.MaxBackground, o.MaxBackground < 0}, {"MaxRenders", o.MaxRenders, o.MaxRenders < 0},
	} {
		if n.wrong {
			panic(fmt.Sprintf("pagecache: New: Options.%s is %v: write zero or more", n.name, n.value))
		}
	}
}

func (c *Cache) bind(r pages.Resolver) error {
	if !c.resolve.CompareAndSwap(nil, &r) {
		return errors.New("pagecache: this cache is used by another API already: give each API its own")
	}
	return nil
}

// Close ends the renders that run, and closes the store. Requests that come later are
// rendered for themselves. A render that ignores its context is not waited for beyond
// its deadline.
func (c *Cache) Close() error {
	c.closing.Do(func() {
		c.closed.Store(true)
		c.flights.close()
		c.cancel(errClosed)
		c.unsubscribe()
		c.renders.Wait()
		c.closeErr = c.store.Close()
	})
	return c.closeErr
}

// get reads the page whose tuple is these two parts together. Whatever is wrong with the
// store is a line in the log and a miss; blind says that the store is shared and did not
// answer, so bumps of other nodes are not known.
func (c *Cache) get(ctx context.Context, key Key, prefix, rest []byte) (_ *Entry, _ Verdict, blind bool) {
	var (
		e   *Entry
		v   Verdict
		err error
	)
	if c.local {
		e, v, err = c.store.Get(ctx, key)
	} else {
		type judged struct {
			e *Entry
			v Verdict
		}
		var j judged
		j, err = bounded(c, ctx, func(ctx context.Context) (j judged, err error) {
			j.e, j.v, err = c.store.Get(ctx, key)
			return j, err
		})
		e, v = j.e, j.v
	}
	switch {
	case errors.Is(err, ErrDamaged):
		c.opts.Log.Error("pagecache: a stored page is damaged; it is removed and rendered again", "error", err)
		if err := c.call(ctx, func(ctx context.Context) error { return c.store.Delete(ctx, key) }); err != nil {
			c.storeFailed("remove", err)
		}
	case err != nil:
		c.storeFailed("get", err)
		return nil, Expired, c.sharer != nil
	case e != nil && e.isOf(prefix, rest):
		return e, v, false
	}
	return nil, Expired, false
}

// call is bounded for a call without a result.
func (c *Cache) call(ctx context.Context, f func(context.Context) error) error {
	_, err := bounded(c, ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) })
	return err
}

// bounded calls the store. It does not wait longer than Options.StoreTimeout, even where the
// store does not heed its context, and not at all for a while after that was not enough. The
// call does not end with the client: what is written is not for this client alone.
func bounded[T any](c *Cache, ctx context.Context, f func(context.Context) (T, error)) (T, error) {
	if c.local {
		return f(ctx)
	}
	var none T
	probe, ok := c.circuit.enter(time.Now())
	if !ok {
		return none, errSilent
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.opts.StoreTimeout)
	defer cancel()
	type outcome struct {
		value T
		err   error
	}
	ended := make(chan outcome, 1)
	go func() {
		value, err := recovered(func() (T, error) { return f(ctx) })
		ended <- outcome{value, err}
	}()
	select {
	case o := <-ended:
		if o.err == nil || ctx.Err() == nil {
			c.circuit.answered(probe)
			return o.value, o.err
		}
	case <-ctx.Done():
	}
	c.circuit.silent(probe, time.Now())
	return none, errSilent
}

// recovered calls a store of the user's own. Most calls are on goroutines of the cache, where
// a panic would end the process: it is an error.
func recovered[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pagecache: the store panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// peek asks the store for what it can answer at once.
func (c *Cache) peek(key Key) (e *Entry, ok bool) {
	if c.local {
		return c.peeker.Peek(key)
	}
	e, err := recovered(func() (e *Entry, err error) {
		e, ok = c.peeker.Peek(key)
		return e, nil
	})
	if err != nil {
		c.storeFailed("peek", err)
		return nil, false
	}
	return e, ok
}

// storeFailed logs at most one line a second: a store that is down fails for every
// request.
func (c *Cache) storeFailed(what string, err error) {
	now := time.Now().Unix()
	if last := c.logged.Load(); last != now && c.logged.CompareAndSwap(last, now) {
		c.opts.Log.Error("pagecache: the store failed; pages are rendered instead", "call", what, "error", err)
	}
}

// buildID names the program that runs: its revision, if it was built from one without
// changes; else its file, which changes with every build.
func buildID() string {
	var revision, modified string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				modified = s.Value
			}
		}
	}
	if revision != "" && modified == "false" {
		return revision
	}
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
}
