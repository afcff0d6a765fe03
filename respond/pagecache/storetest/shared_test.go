package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// broken is a promise that a cluster does not keep.
const broken = "STORETEST_BROKEN"

func TestShared(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T) []pagecache.Store { return newCluster(3, os.Getenv(broken)) })
}

// Each of the nodes alone is a store.
func TestNode(t *testing.T) {
	storetest.Run(t, func(t *testing.T) pagecache.Store { return newCluster(2, "")[1] }, nil)
}

// The suite finds each promise that is broken.
func TestSharedFindsBrokenStores(t *testing.T) {
	for promise, tests := range map[string]string{
		"tokens": "TokensGrowOverNodes", "pages": "PageReachesAll", "bumps": "HardBumpReachesAll",
		"marks": "BumpOfAllPagesReachesAll", "admit": "PutAfterBumpElsewhere", "order": "LaterRenderWinsOverNodes",
		"subscribers": "SubscribersOfAllNodes", "late": "NoOldPageOnAnyNode", "paused": "PausedNode",
		"claims": "OneClaim", "release": "ClaimGivenBack", "nonces": "NonceOfAnotherNode",
	} {
		t.Run(promise, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestShared$/^"+tests+"$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), broken+"="+promise)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", out)
			require.True(t, strings.Contains(string(out), "--- FAIL: TestShared/"+tests), "%s", out)
		})
	}
}

// server is what the nodes of a cluster share.
type server struct {
	broken string
	mu     sync.Mutex
	clock  pagecache.Token
	pages  map[pagecache.Key]*pagecache.Entry
	claims map[pagecache.Key]chan struct{}
	nonces map[string]time.Time
	nodes  []*node
}

// node is a Sharer: the pages are the server's, and each node has all marks.
type node struct {
	*server
	number int
	marks  pagecache.Marks
	own    map[pagecache.Key]*pagecache.Entry // of a cluster whose pages do not reach all
}

func newCluster(n int, broken string) []pagecache.Store {
	s := &server{
		broken: broken, pages: map[pagecache.Key]*pagecache.Entry{}, claims: map[pagecache.Key]chan struct{}{}, nonces: map[string]time.Time{},
	}
	var stores []pagecache.Store
	for i := range n {
		s.nodes = append(s.nodes, &node{server: s, number: i, own: map[pagecache.Key]*pagecache.Entry{}})
		stores = append(stores, s.nodes[i])
	}
	return stores
}

func (n *node) Token(context.Context) (pagecache.Token, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clock++
	if n.broken == "tokens" {
		return n.clock + pagecache.Token(100*n.number), nil
	}
	return n.clock, nil
}

func (n *node) stored() map[pagecache.Key]*pagecache.Entry {
	if n.broken == "pages" {
		return n.own
	}
	return n.pages
}

func (n *node) Get(_ context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	n.mu.Lock()
	e := n.stored()[key]
	n.mu.Unlock()
	if e == nil {
		return nil, pagecache.Expired, nil
	}
	// An entry is judged by one Marks in its life, and each node has its own.
	return e, n.marks.Judge(copyOf(e)), nil
}

func copyOf(e *pagecache.Entry) *pagecache.Entry {
	return &pagecache.Entry{
		Tuple: e.Tuple, Token: e.Token, Marks: e.Marks, Born: e.Born, Fresh: e.Fresh, Stale: e.Stale, Error: e.Error,
		Marker: e.Marker, Status: e.Status, Header: e.Header, Body: e.Body, ETag: e.ETag,
	}
}

func (n *node) Put(_ context.Context, key pagecache.Key, e *pagecache.Entry) error {
	store := func() error {
		n.mu.Lock()
		defer n.mu.Unlock()
		if old := n.stored()[key]; old != nil && old.Token > e.Token && n.broken != "order" {
			return pagecache.ErrSuperseded
		}
		n.stored()[key] = e
		return nil
	}
	if n.broken == "admit" {
		return store()
	}
	return n.marks.Admit(e, store)
}

func (n *node) Delete(_ context.Context, key pagecache.Key) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.stored(), key)
	return nil
}

func (n *node) Bump(_ context.Context, b pagecache.Bump) error {
	for _, other := range n.nodes {
		switch {
		case n.broken == "bumps" && other != n, n.broken == "marks" && other != n && len(b.Marks) == 0:
		case n.broken == "late" && other != n:
			time.AfterFunc(20*time.Millisecond, func() { other.marks.Bump(b) })
		case n.broken == "paused" && other != n:
			// The subscribers are called first, so a node that stands still in one has
			// not applied the bump, and this does not wait for it.
			applied := make(chan struct{})
			go func() {
				defer close(applied)
				other.marks.Bump(pagecache.Bump{Marks: b.Marks}) // at 0: this raises nothing
				other.marks.Restore(b)
			}()
			select {
			case <-applied:
			case <-time.After(50 * time.Millisecond):
			}
		case n.broken == "subscribers" && other != n:
			other.marks.Restore(b)
		default:
			other.marks.Bump(b)
		}
	}
	return nil
}

func (n *node) Subscribe(f func(pagecache.Bump)) (cancel func()) { return n.marks.Subscribe(f) }

func (n *node) Claim(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, func(), error) {
	n.mu.Lock()
	owner := n.claims[key]
	if owner == nil || n.broken == "claims" {
		mine := make(chan struct{})
		n.claims[key] = mine
		n.mu.Unlock()
		e, verdict, err := n.Get(ctx, key)
		return e, verdict, func() { n.release(key, mine) }, err
	}
	n.mu.Unlock()
	select {
	case <-owner:
		e, verdict, err := n.Get(ctx, key)
		return e, verdict, nil, err
	case <-ctx.Done():
		return nil, pagecache.Expired, nil, ctx.Err()
	}
}

func (n *node) release(key pagecache.Key, mine chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.broken == "release" {
		return
	}
	if n.claims[key] == mine {
		delete(n.claims, key)
	}
	close(mine)
}

func (n *node) Use(_ context.Context, nonce string, ttl time.Duration) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if until, ok := n.nonces[nonce]; ok && time.Now().Before(until) && n.broken != "nonces" {
		return false, nil
	}
	n.nonces[nonce] = time.Now().Add(ttl)
	return true, nil
}

func (n *node) Close() error { return nil }
