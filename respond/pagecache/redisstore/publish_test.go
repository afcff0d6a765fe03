package redisstore_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// publishOnly is the control of the harness: a store as most frameworks have one. Each
// node has pages in its memory, and a bump is published, but not waited for.
type publishOnly struct {
	client rueidis.Client
	prefix string
	marks  pagecache.Marks
	cancel context.CancelFunc

	mu    sync.Mutex
	pages map[pagecache.Key]*pagecache.Entry
}

func openPublishOnly(option rueidis.ClientOption, prefix string) (*publishOnly, error) {
	option.DisableCache = true
	client, err := rueidis.NewClient(option)
	if err != nil {
		return nil, err
	}
	s := &publishOnly{client: client, prefix: prefix, pages: make(map[pagecache.Key]*pagecache.Entry)}
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	go func() {
		for ctx.Err() == nil {
			_ = client.Receive(ctx, client.B().Subscribe().Channel(prefix).Build(), func(m rueidis.PubSubMessage) {
				at, marks, _ := strings.Cut(m.Message, " ")
				token, _ := strconv.ParseUint(at, 10, 64)
				s.marks.Bump(pagecache.Bump{At: pagecache.Token(token), Hard: true, Marks: strings.Split(marks, " ")})
			})
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return s, nil
}

func (s *publishOnly) Token(ctx context.Context) (pagecache.Token, error) {
	n, err := s.client.Do(ctx, s.client.B().Incr().Key(s.prefix+":token").Build()).AsUint64()
	return pagecache.Token(n), err
}

func (s *publishOnly) Get(_ context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	s.mu.Lock()
	e := s.pages[key]
	s.mu.Unlock()
	if e == nil {
		return nil, pagecache.Expired, nil
	}
	return e, s.marks.Judge(e), nil
}

func (s *publishOnly) Put(_ context.Context, key pagecache.Key, e *pagecache.Entry) error {
	return s.marks.Admit(e, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if old := s.pages[key]; old != nil && old.Token > e.Token {
			return pagecache.ErrSuperseded
		}
		s.pages[key] = e
		return nil
	})
}

func (s *publishOnly) Delete(_ context.Context, key pagecache.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pages, key)
	return nil
}

func (s *publishOnly) Bump(ctx context.Context, b pagecache.Bump) error {
	s.marks.Bump(b)
	text := strconv.FormatUint(uint64(b.At), 10) + " " + strings.Join(b.Marks, " ")
	return s.client.Do(ctx, s.client.B().Publish().Channel(s.prefix).Message(text).Build()).Error()
}

func (s *publishOnly) Subscribe(f func(pagecache.Bump)) func() { return s.marks.Subscribe(f) }

func (s *publishOnly) Close() error {
	s.cancel()
	s.client.Close()
	return nil
}
