package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// RunShared checks the promises that the stores of several nodes keep to each other. open
// returns at least two stores that share their pages, each ready to answer and empty; the
// suite closes them. Run is for one of them alone.
//
// Stores that implement [pagecache.Sharer] or [pagecache.Nonces] are checked for those
// promises too. A Get may fail, which is never a wrong answer, but not always.
func RunShared(t *testing.T, open func(t *testing.T) []pagecache.Store) {
	for _, c := range sharedCases {
		t.Run(c.name, func(t *testing.T) {
			g := &group{t: t}
			for _, store := range open(t) {
				g.nodes = append(g.nodes, &subject{t: t, store: store, opts: &Options{}})
				t.Cleanup(func() { require.NoError(t, store.Close()) })
			}
			require.GreaterOrEqual(t, len(g.nodes), 2, "open returns the stores of at least two nodes")
			c.run(g)
		})
	}
}

var sharedCases = []struct {
	name string
	run  func(g *group)
}{
	{"TokensGrowOverNodes", tokensGrowOverNodes},
	{"PageReachesAll", pageReachesAll},
	{"HardBumpReachesAll", hardBumpReachesAll},
	{"SoftBumpReachesAll", softBumpReachesAll},
	{"BumpOfAllPagesReachesAll", bumpOfAllPagesReachesAll},
	{"PutAfterBumpElsewhere", putAfterBumpElsewhere},
	{"LaterRenderWinsOverNodes", laterRenderWinsOverNodes},
	{"SubscribersOfAllNodes", subscribersOfAllNodes},
	{"NoOldPageOnAnyNode", noOldPageOnAnyNode},
	{"PausedNode", pausedNode},
	{"OneClaim", oneClaim},
	{"ClaimGivenBack", claimGivenBack},
	{"NonceOfAnotherNode", nonceOfAnotherNode},
}

// group is the stores of several nodes.
type group struct {
	t     *testing.T
	nodes []*subject
}

// Whichever node is asked, each token is higher than the one before.
func tokensGrowOverNodes(g *group) {
	last := pagecache.Token(0)
	for i := range 20 * len(g.nodes) {
		next := g.nodes[i%len(g.nodes)].token()
		require.Greater(g.t, next, last)
		last = next
	}
}

// What one node puts, all get.
func pageReachesAll(g *group) {
	for i, from := range g.nodes {
		k := key(fmt.Sprint(i))
		from.put(k, page(from.token(), "a", "p:/a"))
		for _, node := range g.nodes {
			node.expect(k, "a", pagecache.Current)
		}
	}
}

// A hard bump of one node has expired the page on all nodes when it returns, also where
// a node has just served it, and has it in its memory.
func hardBumpReachesAll(g *group) {
	for _, from := range g.nodes {
		k := key("a")
		from.put(k, page(from.token(), "a", "p:/a", "t:x"))
		for _, node := range g.nodes {
			node.expect(k, "a", pagecache.Current)
		}
		from.bump(pagecache.Bump{At: from.token(), Hard: true, Marks: []string{"t:x"}})
		for _, node := range g.nodes {
			node.expectExpired(k)
		}
	}
}

// A soft bump of one node makes the page outdated on all.
func softBumpReachesAll(g *group) {
	for _, from := range g.nodes {
		k := key("a")
		from.put(k, page(from.token(), "a", "p:/a", "t:x"))
		for _, node := range g.nodes {
			node.expect(k, "a", pagecache.Current)
		}
		from.bump(pagecache.Bump{At: from.token(), Marks: []string{"t:x"}})
		for _, node := range g.nodes {
			node.expect(k, "a", pagecache.Outdated)
		}
	}
}

// So does one without marks, for all pages.
func bumpOfAllPagesReachesAll(g *group) {
	first, last := g.nodes[0], g.nodes[len(g.nodes)-1]
	first.put(key("a"), page(first.token(), "a", "p:/a"))
	last.put(key("b"), page(last.token(), "b", "p:/b"))
	for _, node := range g.nodes {
		node.expect(key("a"), "a", pagecache.Current)
		node.expect(key("b"), "b", pagecache.Current)
	}
	first.bump(pagecache.Bump{At: first.token(), Hard: true})
	for _, node := range g.nodes {
		node.expectExpired(key("a"))
		node.expectExpired(key("b"))
	}
}

// A render that began on one node before a hard bump of another is not stored after it.
func putAfterBumpElsewhere(g *group) {
	slow, other := g.nodes[0], g.nodes[1]
	began := slow.token()
	other.bump(pagecache.Bump{At: other.token(), Hard: true, Marks: []string{"p:/a"}})
	err := slow.store.Put(g.t.Context(), key("a"), page(began, "old", "p:/a"))
	require.ErrorIs(g.t, err, pagecache.ErrSuperseded)
	for _, node := range g.nodes {
		node.expectMissing(key("a"))
	}
}

// Of two renders on two nodes, the one that began later stays.
func laterRenderWinsOverNodes(g *group) {
	slow, quick := g.nodes[0], g.nodes[1]
	early, late := slow.token(), quick.token()
	quick.put(key("a"), page(late, "late", "p:/a"))
	err := slow.store.Put(g.t.Context(), key("a"), page(early, "early", "p:/a"))
	require.ErrorIs(g.t, err, pagecache.ErrSuperseded)
	for _, node := range g.nodes {
		node.expect(key("a"), "late", pagecache.Current)
	}
}

// The subscribers of all nodes have heard of a bump, once, when Bump returns.
func subscribersOfAllNodes(g *group) {
	heard := make([]list, len(g.nodes))
	for i, node := range g.nodes {
		defer node.store.Subscribe(heard[i].add)()
	}
	var want []pagecache.Bump
	for i, from := range g.nodes {
		want = append(want, pagecache.Bump{At: from.token(), Hard: i%2 == 0, Marks: []string{fmt.Sprint("t:", i), "t:all"}})
		from.bump(want[i])
		for j := range heard {
			require.Equal(g.t, want, heard[j].all(), "node %d has heard of the bumps", j)
		}
	}
}

// list is the bumps that a subscriber has heard of.
type list struct {
	mu    sync.Mutex
	bumps []pagecache.Bump
}

func (l *list) add(b pagecache.Bump) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bumps = append(l.bumps, b)
}

func (l *list) all() []pagecache.Bump {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]pagecache.Bump(nil), l.bumps...)
}

// No reader on any node that begins after a Bump has returned gets a page from before it
// as current.
func noOldPageOnAnyNode(g *group) {
	var newest atomic.Uint64 // the token of the last bump that has returned
	var stop atomic.Bool
	answered := make([]atomic.Int64, len(g.nodes))
	var wg sync.WaitGroup
	for i, node := range g.nodes {
		for range 2 {
			wg.Go(func() {
				for !stop.Load() && g.t.Context().Err() == nil {
					floor := newest.Load()
					e, verdict, err := node.store.Get(g.t.Context(), key("a"))
					if err != nil {
						continue
					}
					answered[i].Add(1)
					if e != nil && verdict == pagecache.Current && uint64(e.Token) < floor {
						g.t.Errorf("node %d: token %d after a bump at %d", i, e.Token, floor)
						return
					}
				}
			})
		}
	}
	until := time.Now().Add(300 * time.Millisecond)
	for i := 0; i < 2*len(g.nodes) || time.Now().Before(until); i++ {
		from := g.nodes[i%len(g.nodes)]
		from.put(key("a"), page(from.token(), "a", "p:/a"))
		at := from.token()
		from.bump(pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/a"}})
		newest.Store(uint64(at))
	}
	stop.Store(true)
	wg.Wait()
	for i := range answered {
		require.NotZero(g.t, answered[i].Load(), "node %d has answered nothing", i)
	}
}

// pauseTime is how long a paused node is waited for before it goes on.
const pauseTime = 3 * time.Second

// A node that stands still while it applies a bump keeps Bump from returning, or it may
// not answer with the old page once Bump has returned.
func pausedNode(g *group) {
	from, paused := g.nodes[0], g.nodes[1]
	from.put(key("a"), page(from.token(), "a", "p:/a"))
	paused.expect(key("a"), "a", pagecache.Current)
	resume := make(chan struct{})
	stop := sync.OnceFunc(func() { close(resume) })
	unsubscribe := paused.store.Subscribe(func(pagecache.Bump) { <-resume })
	defer func() {
		stop() // first: the node may be in its subscriber still
		unsubscribe()
	}()

	at, bumped := from.token(), make(chan error, 1)
	go func() {
		bumped <- from.store.Bump(g.t.Context(), pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/a"}})
	}()
	select {
	case err := <-bumped:
		require.NoError(g.t, err)
		answered := make(chan bool, 1)
		go func() {
			e, verdict, err := paused.store.Get(g.t.Context(), key("a"))
			answered <- err == nil && e != nil && verdict == pagecache.Current
		}()
		select {
		case old := <-answered:
			require.False(g.t, old, "the paused node answers with the old page after Bump has returned")
			stop()
		case <-time.After(pauseTime):
			stop()
			require.False(g.t, <-answered, "the node answers with the old page after Bump has returned")
		}
	case <-time.After(pauseTime): // it waits for the node
		stop()
		require.NoError(g.t, <-bumped)
	}
	paused.eventually(func(e *pagecache.Entry, verdict pagecache.Verdict) bool {
		require.False(g.t, e != nil && verdict == pagecache.Current, "the old page")
		return true
	})
}

// eventually gets "a" until the store answers, and f says that it is right.
func (s *subject) eventually(f func(e *pagecache.Entry, verdict pagecache.Verdict) bool) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		e, verdict, err := s.store.Get(s.t.Context(), key("a"))
		return err == nil && f(e, verdict)
	}, 10*time.Second, 5*time.Millisecond)
}

// sharers are the nodes as [pagecache.Sharer]; a case is skipped without.
func (g *group) sharers() []pagecache.Sharer {
	var all []pagecache.Sharer
	for _, node := range g.nodes {
		if sharer, ok := node.store.(pagecache.Sharer); ok {
			all = append(all, sharer)
		}
	}
	if len(all) != len(g.nodes) {
		require.Empty(g.t, all, "either all stores are Sharers or none is")
		g.t.Skip("the stores are no Sharers")
	}
	return all
}

// Of all nodes that ask at the same time, one gets the claim; the others get its page.
func oneClaim(g *group) {
	sharers := g.sharers()
	var owners, served atomic.Int64
	together(len(sharers), func(i int) {
		e, verdict, done, err := sharers[i].Claim(g.t.Context(), key("a"))
		switch {
		case err != nil:
			g.t.Errorf("node %d: %v", i, err)
		case done != nil && e == nil:
			owners.Add(1)
			time.Sleep(100 * time.Millisecond)
			token, err := sharers[i].Token(g.t.Context())
			if err == nil {
				err = sharers[i].Put(g.t.Context(), key("a"), page(token, "a", "p:/a"))
			}
			if err != nil {
				g.t.Errorf("node %d: %v", i, err)
			}
			done()
		case e != nil && verdict == pagecache.Current && string(e.Body) == "a":
			served.Add(1)
			if done != nil {
				done()
			}
		default:
			g.t.Errorf("node %d has neither the claim nor the page: %v, verdict %v", i, e, verdict)
		}
	})
	require.Equal(g.t, int64(1), owners.Load(), "nodes that had the claim")
	require.Equal(g.t, int64(len(sharers)-1), served.Load(), "nodes that got the page")
}

// A claim that is given back without a page keeps no node waiting, and can be had again. A
// claim of another page is another one. Claim ends with its context.
func claimGivenBack(g *group) {
	sharers := g.sharers()
	claim := func(i int, name string) func() {
		_, _, done, err := sharers[i].Claim(g.t.Context(), key(name))
		require.NoError(g.t, err)
		return done
	}
	for i := range sharers {
		done := claim(i, "a")
		require.NotNil(g.t, done, "node %d: no other node has the claim", i)
		other := claim((i+1)%len(sharers), "b")
		require.NotNil(g.t, other)
		other()

		ctx, cancel := context.WithTimeout(g.t.Context(), 50*time.Millisecond)
		_, _, second, err := sharers[(i+1)%len(sharers)].Claim(ctx, key("a"))
		cancel()
		require.True(g.t, second == nil, "two nodes have the claim (error %v)", err)

		waiting, giveUp := context.WithTimeout(g.t.Context(), 5*time.Second)
		waited := make(chan error, 1)
		go func() {
			_, _, done, err := sharers[(i+1)%len(sharers)].Claim(waiting, key("a"))
			if done != nil {
				done()
			}
			waited <- err
		}()
		time.Sleep(20 * time.Millisecond)
		done()
		err = <-waited
		giveUp()
		require.NoError(g.t, err, "a node waits for a claim that was given back")
	}
}

// A nonce that one node has accepted is refused by the others until its time is over.
func nonceOfAnotherNode(g *group) {
	for i, node := range g.nodes {
		nonces, ok := node.store.(pagecache.Nonces)
		if !ok {
			g.t.Skip("the stores remember no nonces")
		}
		first, err := nonces.Use(g.t.Context(), fmt.Sprint("nonce ", i), time.Minute)
		require.NoError(g.t, err)
		require.True(g.t, first, "it was not used before")
		for _, other := range g.nodes {
			first, err := other.store.(pagecache.Nonces).Use(g.t.Context(), fmt.Sprint("nonce ", i), time.Minute)
			require.NoError(g.t, err)
			require.False(g.t, first, "another node has accepted it")
		}
		first, err = nonces.Use(g.t.Context(), fmt.Sprint("short ", i), 30*time.Millisecond)
		require.NoError(g.t, err)
		require.True(g.t, first)
		time.Sleep(60 * time.Millisecond)
		first, err = g.nodes[(i+1)%len(g.nodes)].store.(pagecache.Nonces).Use(g.t.Context(), fmt.Sprint("short ", i), time.Minute)
		require.NoError(g.t, err)
		require.True(g.t, first, "its time is over")
	}
}
