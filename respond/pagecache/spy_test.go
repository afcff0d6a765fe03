package pagecache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// spy remembers the last page that was put.
type spy struct {
	pagecache.Store
	mu   sync.Mutex
	last *pagecache.Entry
}

func (s *spy) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	s.mu.Lock()
	s.last = e
	s.mu.Unlock()
	return s.Store.Put(ctx, key, e)
}

var errDown = errors.New("the disk is gone")

// faulty fails, hangs until the context ends, or answers with damage, as told.
type faulty struct {
	pagecache.Store
	fail, hang   atomic.Bool
	damaged      atomic.Bool
	failPut      atomic.Bool
	deleted      atomic.Int64
	foreignTuple atomic.Bool
}

func (f *faulty) check(ctx context.Context) error {
	if f.hang.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if f.fail.Load() {
		return errDown
	}
	return nil
}

func (f *faulty) Token(ctx context.Context) (pagecache.Token, error) {
	if err := f.check(ctx); err != nil {
		return 0, err
	}
	return f.Store.Token(ctx)
}

func (f *faulty) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	if err := f.check(ctx); err != nil {
		return nil, pagecache.Expired, err
	}
	if f.damaged.Load() {
		return nil, pagecache.Expired, pagecache.ErrDamaged
	}
	e, v, err := f.Store.Get(ctx, key)
	if e != nil && f.foreignTuple.Load() {
		e = &pagecache.Entry{Tuple: []byte("another page with the same hash"), Token: e.Token, Born: e.Born, Fresh: e.Fresh, Status: 200, Body: []byte("wrong")}
	}
	return e, v, err
}

func (f *faulty) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	if err := f.check(ctx); err != nil {
		return err
	}
	if f.failPut.Load() {
		return errDown
	}
	return f.Store.Put(ctx, key, e)
}

func (f *faulty) Delete(ctx context.Context, key pagecache.Key) error {
	if err := f.check(ctx); err != nil {
		return err
	}
	f.deleted.Add(1)
	f.damaged.Store(false)
	return f.Store.Delete(ctx, key)
}

func (f *faulty) Bump(ctx context.Context, b pagecache.Bump) error {
	if err := f.check(ctx); err != nil {
		return err
	}
	return f.Store.Bump(ctx, b)
}

// panicking panics in the call of that name.
type panicking struct {
	pagecache.Store
	call atomic.Value // string
}

func (p *panicking) enter(call string) {
	if p.call.Load() == call {
		panic("the store's own fault in " + call)
	}
}

func (p *panicking) Token(ctx context.Context) (pagecache.Token, error) {
	p.enter("Token")
	return p.Store.Token(ctx)
}

func (p *panicking) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	p.enter("Get")
	return p.Store.Get(ctx, key)
}

func (p *panicking) Peek(pagecache.Key) (*pagecache.Entry, bool) {
	p.enter("Peek")
	return nil, false
}

func (p *panicking) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	p.enter("Put")
	return p.Store.Put(ctx, key, e)
}

func (p *panicking) Bump(ctx context.Context, b pagecache.Bump) error {
	p.enter("Bump")
	return p.Store.Bump(ctx, b)
}

func (p *panicking) Claim(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, func(), error) {
	p.enter("Claim")
	e, v, err := p.Store.Get(ctx, key)
	return e, v, func() { p.enter("done") }, err
}

// deaf does not come back from any call until it hears again, whatever its context says.
type deaf struct {
	pagecache.Store
	hear chan struct{}
}

func (d *deaf) Token(ctx context.Context) (pagecache.Token, error) {
	<-d.hear
	return d.Store.Token(ctx)
}

func (d *deaf) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	<-d.hear
	return d.Store.Get(ctx, key)
}

func (d *deaf) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	<-d.hear
	return d.Store.Put(ctx, key, e)
}
