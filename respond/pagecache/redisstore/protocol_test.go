package redisstore_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
)

func key(name string) (k pagecache.Key) {
	copy(k[:], name)
	return k
}

func token(t testing.TB, s *redisstore.Store) pagecache.Token {
	t.Helper()
	n, err := s.Token(t.Context())
	require.NoError(t, err)
	return n
}

func page(token pagecache.Token, body string, marks ...string) *pagecache.Entry {
	return &pagecache.Entry{Tuple: []byte("tuple"), Token: token, Marks: marks, Born: time.Now(), Fresh: time.Minute, Status: 200, Body: []byte(body)}
}

func put(t testing.TB, s *redisstore.Store, name, body string, marks ...string) {
	t.Helper()
	require.NoError(t, s.Put(t.Context(), key(name), page(token(t, s), body, marks...)))
}

func bump(t testing.TB, s *redisstore.Store, hard bool, marks ...string) {
	t.Helper()
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: token(t, s), Hard: hard, Marks: marks}))
}

// got is the body of a page and what the store says of it.
func got(t testing.TB, s *redisstore.Store, name string) string {
	t.Helper()
	e, v, err := s.Get(t.Context(), key(name))
	require.NoError(t, err)
	if e == nil {
		return "nothing"
	}
	return fmt.Sprint(string(e.Body), " ", v)
}

const (
	current  = " 0"
	outdated = " 1"
	expired  = " 2"
)

func TestLeavesNoGoroutine(t *testing.T) {
	srv := startRedis(t)
	before := goleak.IgnoreCurrent()
	s := open(t, srv.option(), redisstore.Options{})
	put(t, s, "a", "a", "p:/a")
	bump(t, s, true, "p:/a")
	_, _, done, err := s.Claim(t.Context(), key("b"))
	require.NoError(t, err)
	require.NotNil(t, done)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	goleak.VerifyNone(t, before)
	require.NotContains(t, srv.do("EVAL", "return table.concat(redis.call('HKEYS', '{test}:c'), ' ')", "0"), "m:", "a closed node is nobody's to wait for")
}

// A node that starts learns every bump that the log has; for what the log has lost, all
// pages that are older count as bumped, and younger ones do not.
func TestShortLog(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	opts := redisstore.Options{MaxLog: 4, Memory: -1}
	a := open(t, srv.option(), opts)
	defer a.Close()
	put(t, a, "old", "old", "p:/old")
	for i := range 20 {
		bump(t, a, i%2 == 0, fmt.Sprint("t:", i))
	}
	put(t, a, "new", "new", "p:/new")
	put(t, a, "soft", "soft", "t:17")
	require.Equal(t, "4", srv.do("EVAL", "return tostring(redis.call('XLEN', '{test}:log'))", "0"))
	require.Equal(t, "old"+current, got(t, a, "old"), "this node knows that it was not bumped")

	b := open(t, srv.option(), opts)
	defer b.Close()
	require.Equal(t, "old"+expired, got(t, b, "old"), "this one does not")
	require.Equal(t, "new"+current, got(t, b, "new"))
	bump(t, b, false, "t:17")
	require.Equal(t, "soft"+outdated, got(t, a, "soft"))
	require.Equal(t, "new"+current, got(t, a, "new"))
}

// A node that was cut off for longer than the log goes back counts older pages as bumped.
func TestShortLogPassesANode(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	link := startProxy(t, srv.addr)
	opts := redisstore.Options{MaxLog: 3}
	a := open(t, srv.option(), opts)
	defer a.Close()
	b := open(t, rueidis.ClientOption{InitAddress: []string{link.addr}}, opts)
	defer b.Close()
	put(t, b, "old", "old", "p:/old")
	require.Equal(t, "old"+current, got(t, b, "old"))
	link.refuseAll(true)
	for i := range 8 {
		bump(t, a, true, fmt.Sprint("t:", i))
	}
	require.Eventually(t, func() bool { return !b.Stats().Leased }, 5*time.Second, time.Millisecond)
	_, _, err := b.Get(t.Context(), key("old"))
	require.Error(t, err, "a node without a lease answers")
	link.refuseAll(false)
	ready(t, b)
	require.Equal(t, "old"+expired, got(t, b, "old"))
	require.Equal(t, uint64(1), b.Stats().Epochs)
}

// A node that learns more bumps than one beat brings has no lease before the last one.
func TestManyBumpsAtOnce(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	a := open(t, srv.option(), redisstore.Options{Memory: -1})
	defer a.Close()
	put(t, a, "last", "last", "t:1299")
	put(t, a, "none", "none", "t:none")
	for i := range 1300 {
		bump(t, a, true, fmt.Sprint("t:", i))
	}
	b := open(t, srv.option(), redisstore.Options{Memory: -1})
	defer b.Close()
	require.Equal(t, "last"+expired, got(t, b, "last"))
	require.Equal(t, "none"+current, got(t, b, "none"))
}

// An epoch that begins makes all pages old, has its tokens above all earlier ones, and its
// first bump waits for the leases of the earlier epoch.
func TestEpochs(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string][]string{
		"flushed":       {"FLUSHALL"},
		"hash is lost":  {"DEL", "{test}:c"},
		"log is lost":   {"DEL", "{test}:log"},
		"log is cut":    {"XTRIM", "{test}:log", "MAXLEN", "1"},
		"another run":   {"HSET", "{test}:c", "run", "another"},
		"field is lost": {"HDEL", "{test}:c", "seq"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := startRedis(t)
			book := &logBook{}
			s := open(t, srv.option(), redisstore.Options{Log: book.logger()})
			defer s.Close()
			heard := 0
			defer s.Subscribe(func(b pagecache.Bump) {
				if len(b.Marks) == 0 && b.Hard {
					heard++
				}
			})()
			bump(t, s, true, "t:x")
			bump(t, s, true, "t:x")
			put(t, s, "a", "a", "p:/a")
			require.Equal(t, "a"+current, got(t, s, "a"))
			before := token(t, s)
			srv.do(lose...)
			began := time.Now()
			bump(t, s, true, "t:y")
			require.GreaterOrEqual(t, time.Since(began), 500*time.Millisecond, "the bump did not wait for earlier leases")
			require.Equal(t, "nothing", got(t, s, "a"))
			require.ErrorIs(t, s.Put(t.Context(), key("a"), page(before, "a", "p:/a")), pagecache.ErrSuperseded)
			require.Greater(t, token(t, s), before)
			put(t, s, "a", "again", "p:/a")
			require.Equal(t, "again"+current, got(t, s, "a"))
			require.Equal(t, 1, heard, "subscribers hear that all pages are old")
			require.Equal(t, uint64(2), s.Stats().Epochs)
			require.Contains(t, book.String(), "the server has lost its state")
		})
	}
}

// Durable accepts the same state under another run.
func TestDurable(t *testing.T) {
	t.Parallel()
	srv := startRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	s := open(t, srv.option(), redisstore.Options{Durable: true})
	defer s.Close()
	put(t, s, "a", "a", "p:/a")
	srv.kill()
	srv.start()
	ready(t, s)
	require.Equal(t, "a"+current, got(t, s, "a"))
	require.Equal(t, uint64(1), s.Stats().Epochs)
}

// Tokens are taken from the server's clock, and go on where that one is behind.
func TestTokensOutliveTheClock(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	s := open(t, srv.option(), redisstore.Options{})
	defer s.Close()
	ahead := pagecache.Token(1) << 51
	require.NoError(t, s.Bump(t.Context(), pagecache.Bump{At: ahead, Hard: true, Marks: []string{"t:x"}}))
	require.Greater(t, token(t, s), ahead)
	srv.do("FLUSHALL")
	require.Eventually(t, func() bool { return s.Stats().Epochs == 2 }, 5*time.Second, time.Millisecond)
	require.Greater(t, token(t, s), ahead, "an epoch begins above every token that is known")
}

// Replicas are waited for; too few is an error, and the bump is applied all the same.
func TestReplicas(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	s := open(t, srv.option(), redisstore.Options{Replicas: 1})
	defer s.Close()
	put(t, s, "a", "a", "p:/a")
	err := s.Bump(t.Context(), pagecache.Bump{At: token(t, s), Hard: true, Marks: []string{"p:/a"}})
	require.ErrorContains(t, err, "too few replicas have the bump, so a failover could lose it: 0 of 1")
	require.Equal(t, "a"+expired, got(t, s, "a"))

	replica := startServer(t, srv.path)
	host, port, _ := net.SplitHostPort(srv.addr)
	replica.do("REPLICAOF", host, port)
	require.Eventually(t, func() bool {
		info, err := srv.try("INFO", "replication")
		return err == nil && strings.Contains(info, "state=online")
	}, 20*time.Second, 10*time.Millisecond)
	bump(t, s, true, "p:/a")
}

// A silent node is waited for once, for 1.1 leases at most, and then no more.
func TestSilentNode(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	link := startProxy(t, srv.addr)
	a := open(t, srv.option(), redisstore.Options{})
	defer a.Close()
	b := open(t, rueidis.ClientOption{InitAddress: []string{link.addr}}, redisstore.Options{})
	defer b.Close()
	time.Sleep(600 * time.Millisecond) // the epoch is settled
	put(t, b, "a", "a", "t:x")
	link.refuseAll(true)
	began := time.Now()
	bump(t, a, true, "t:x")
	first := time.Since(began)
	require.Greater(t, first, 500*time.Millisecond)
	require.Less(t, first, time.Second) // TestFigures has the exact bound, on a machine that does nothing else
	require.Equal(t, uint64(1), a.Stats().BarrierTimeouts)
	require.Eventually(t, func() bool {
		began := time.Now()
		bump(t, a, true, "t:x")
		return time.Since(began) < 100*time.Millisecond
	}, 5*time.Second, time.Millisecond, "the node that is away is waited for again and again")
	_, _, err := b.Get(t.Context(), key("a"))
	require.Error(t, err)
	link.refuseAll(false)
	ready(t, b)
	require.Equal(t, "nothing", strings.TrimSuffix(got(t, b, "b"), expired))
	require.Equal(t, "a"+expired, got(t, b, "a"))
}

// A caller that gives up does not wait for the barrier, and is told.
func TestBumpEndsWithItsContext(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	link := startProxy(t, srv.addr)
	a := open(t, srv.option(), redisstore.Options{Lease: 5 * time.Second})
	defer a.Close()
	b := open(t, rueidis.ClientOption{InitAddress: []string{link.addr}}, redisstore.Options{Lease: 5 * time.Second})
	defer b.Close()
	link.blackHole(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	at := token(t, a)
	require.ErrorIs(t, a.Bump(ctx, pagecache.Bump{At: at, Hard: true, Marks: []string{"t:x"}}), context.DeadlineExceeded)
	link.blackHole(false)
}

// A page's age is what the server says, not what the clocks of two machines say.
func TestClocksDiffer(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	a := open(t, srv.option(), redisstore.Options{})
	defer a.Close()
	b := open(t, srv.option(), redisstore.Options{})
	defer b.Close()
	// What a node puts whose clock is an hour ahead: it says itself how long is left.
	e := page(token(t, a), "a", "p:/a")
	e.Born = time.Now().Add(time.Hour)
	require.NoError(t, a.Put(t.Context(), key("a"), e))
	far, v, err := b.Get(t.Context(), key("a"))
	require.NoError(t, err)
	require.Equal(t, pagecache.Current, v)
	require.WithinDuration(t, time.Now(), far.Born, time.Second)
}

// A long way to the server is not taken for a clock that is wrong.
func TestSlowLinkKeepsTheTime(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	link := startProxy(t, srv.addr)
	option := srv.option()
	option.InitAddress = []string{link.addr}
	a := open(t, option, redisstore.Options{Lease: 10 * time.Second})
	defer a.Close()
	b := open(t, option, redisstore.Options{Lease: 10 * time.Second})
	defer b.Close()
	e := page(token(t, a), "a", "p:/a")
	e.Born = time.Now()
	link.slow(100 * time.Millisecond)
	require.NoError(t, a.Put(t.Context(), key("a"), e))
	far, _, err := b.Get(t.Context(), key("a"))
	require.NoError(t, err)
	require.True(t, e.Born.Equal(far.Born), "%s is another time than %s", far.Born, e.Born)
}

// splitConn sends a PTTL later than what stands before it, as two segments may come.
type splitConn struct {
	net.Conn
	between func()
}

func (c *splitConn) Write(p []byte) (int, error) {
	at := bytes.Index(p, []byte("*2\r\n$4\r\nPTTL"))
	if at <= 0 {
		return c.Conn.Write(p)
	}
	if n, err := c.Conn.Write(p[:at]); err != nil {
		return n, err
	}
	c.between()
	n, err := c.Conn.Write(p[at:])
	return at + n, err
}

// A page has its own age, and not that of one that is stored while it is read.
func TestPageAndAgeAreOfOneMoment(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	a := open(t, srv.option(), redisstore.Options{Lease: 10 * time.Second})
	defer a.Close()
	made := func(body string, born time.Time) *pagecache.Entry {
		e := page(token(t, a), body, "p:/a")
		e.Fresh, e.Stale, e.Born = 10*time.Second, time.Minute, born
		return e
	}
	stored := made("old", time.Now().Add(-30*time.Second))
	require.NoError(t, a.Put(t.Context(), key("a"), stored))
	newer := made("new", time.Now())
	var once sync.Once
	option := srv.option()
	option.DialCtxFn = func(ctx context.Context, addr string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
		conn, err := d.DialContext(ctx, "tcp", addr)
		return &splitConn{conn, func() {
			once.Do(func() {
				time.Sleep(20 * time.Millisecond) // the page is on its way
				if err := a.Put(t.Context(), key("a"), newer); err != nil {
					t.Error(err)
				}
			})
		}}, err
	}
	b := open(t, option, redisstore.Options{Lease: 10 * time.Second})
	defer b.Close()
	e, _, err := b.Get(t.Context(), key("a"))
	require.NoError(t, err)
	require.Equal(t, "old", string(e.Body))
	require.WithinDuration(t, stored.Born, e.Born, time.Second)
}

// A near page that is fresh is peeked at, any other is not.
func TestPeek(t *testing.T) {
	t.Parallel()
	srv := startRedis(t)
	s := open(t, srv.option(), redisstore.Options{Lease: 100 * time.Millisecond})
	defer s.Close()
	peeks := func(name string) bool { _, ok := s.Peek(key(name)); return ok }
	require.False(t, peeks("a"))
	put(t, s, "a", "a", "p:/a")
	require.True(t, peeks("a"))
	bump(t, s, false, "p:/a")
	require.False(t, peeks("a"), "outdated")
	e := page(token(t, s), "b")
	e.Fresh, e.Stale = time.Millisecond, time.Hour
	require.NoError(t, s.Put(t.Context(), key("b"), e))
	time.Sleep(2 * time.Millisecond)
	require.False(t, peeks("b"), "stale")
	put(t, s, "c", "c", "p:/c")
	srv.kill()
	require.Eventually(t, func() bool { return !peeks("c") }, 5*time.Second, time.Millisecond, "without a lease")
}
