package redisstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

const (
	maxPrefix  = 100
	shortLease = 20 * time.Millisecond
	longLease  = time.Minute
)

// Options are those of [Open]. Prefix is required; every other zero value is fine.
type Options struct {
	// Prefix names the cache on the server: the nodes of one API have the same one,
	// and each API has one of its own. At most 100 bytes, without braces, spaces and
	// control characters.
	Prefix string
	// Lease is for how long a node may serve pages without having heard from the
	// server, and so how long a Revalidate waits for a silent node, times 1.1. All
	// nodes have the same; from 20 milliseconds to one minute. Zero: 500 milliseconds.
	Lease time.Duration
	// Memory bounds the pages that each node keeps in its memory as well, ready to be
	// served. Zero: 32 MiB; negative: none.
	Memory int64
	// MaxLog is how many bumps a starting node learns one by one; for it, pages that are
	// older than the bumps before count as bumped. Zero: 16384.
	MaxLog int
	// Durable says that the server loses no write that it has acknowledged
	// (appendonly yes, appendfsync always): pages are then kept over its restarts. If
	// the server loses one all the same, an old page may be served.
	Durable bool
	// Replicas is how many replicas must have a bump before it returns nil. Zero: none
	// is waited for.
	Replicas int
	// Timeout bounds one call of the server. With at most half a lease, one slow answer does
	// not cost the lease. Zero: 250 milliseconds.
	Timeout time.Duration
	// ServeStale answers with the pages in the memory of a node that has no lease,
	// because the server does not answer. It breaks the promise of Revalidate: such a
	// node may serve what another node has revalidated. False: pages are rendered.
	ServeStale bool
	// Seal is a secret of 32 bytes. With it, pages are encrypted and authenticated
	// (AES-256-GCM): who can write to the server cannot change what is served. All
	// nodes have the same; nodes with another do not see each other's pages. Nil:
	// pages are stored as they are.
	Seal []byte
	// Log gets what is wrong with the server. Nil: slog.Default.
	Log *slog.Logger
}

// check fills in what is zero; the error says what to write instead.
func (o *Options) check() error {
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf("redisstore: "+format, args...)) }
	switch {
	case o.Prefix == "":
		refuse("Options.Prefix is empty: write a name for the cache, the same on all nodes")
	case len(o.Prefix) > maxPrefix || strings.ContainsFunc(o.Prefix, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '{' || r == '}' }):
		refuse("Options.Prefix is %q: write at most %d bytes without braces, spaces and control characters", o.Prefix, maxPrefix)
	}
	o.Lease = cmp.Or(o.Lease, 500*time.Millisecond)
	if o.Lease < shortLease || o.Lease > longLease || o.Lease%time.Millisecond != 0 {
		refuse("Options.Lease is %v: write whole milliseconds from %v to %v", o.Lease, shortLease, longLease)
	}
	if o.Timeout = cmp.Or(o.Timeout, 250*time.Millisecond); o.Timeout < 0 {
		refuse("Options.Timeout is %v: write how long one call may take", o.Timeout)
	}
	if o.MaxLog = cmp.Or(o.MaxLog, 16384); o.MaxLog < 0 {
		refuse("Options.MaxLog is %d: write a positive number", o.MaxLog)
	}
	if o.Replicas < 0 {
		refuse("Options.Replicas is %d: write how many replicas are waited for", o.Replicas)
	}
	if o.Seal != nil && len(o.Seal) != sealLen {
		refuse("Options.Seal has %d bytes: give it %d random ones", len(o.Seal), sealLen)
	}
	o.Memory = cmp.Or(o.Memory, 32<<20)
	o.Log = cmp.Or(o.Log, slog.Default())
	return errors.Join(errs...)
}

// Store is a [pagecache.Store] on a server that several nodes share. All methods may be
// called concurrently.
type Store struct {
	opts    Options
	durable string // "1" or "0", for the scripts
	node    string // a random name of this store
	program string
	keys    keys
	seal    sealer
	scripts scripts
	link    *link
	marks   pagecache.Marks
	near    *otter.Cache[pageKey, *pagecache.Entry] // nil: none

	known atomic.Uint64 // the highest token that was seen
	hold  atomic.Pointer[leaseHold]
	epoch atomic.Pointer[epoch] // of the last beat

	mu      sync.Mutex // bumps of other nodes are applied one after the other
	applied uint64     // the last bump of the log that is applied
	warned  bool

	beating chan struct{} // one beat at a time
	wake    chan struct{} // holds one signal; more would say the same
	heard   chan string
	acks    acks
	barrier barrier
	claims  atomic.Uint64

	fetching sync.Mutex
	fetches  map[pageKey]*fetch

	stats   counters
	members atomic.Int64

	base    context.Context
	cancel  context.CancelFunc
	closing sync.Mutex // guards that no work begins when closed is set
	closed  atomic.Bool
	work    sync.WaitGroup
	once    sync.Once
}

var (
	_ pagecache.Sharer = (*Store)(nil)
	_ pagecache.Peeker = (*Store)(nil)
	_ pagecache.Nonces = (*Store)(nil)
)

// Open returns a store on the server, or the servers, of the client's options. It needs no
// server: while there is none, pages are rendered and the log says so. The error says
// which option is wrong.
//
// One address is one server. Several addresses are those of a Cluster; with
// Sentinel.MasterSet they are those of sentinels. The store sets DisableCache,
// DisableRetry, SendToReplicas and ReplicaOnly of the client's options as it needs them,
// and Dialer.Timeout and ConnWriteTimeout where they are zero.
func Open(client rueidis.ClientOption, opts *Options) (*Store, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	err := o.check()
	if len(client.InitAddress) == 0 {
		err = errors.Join(err, errors.New("redisstore: ClientOption.InitAddress is empty: write the address of the server"))
	}
	if err != nil {
		return nil, err
	}
	s := &Store{
		opts: o, durable: "0", node: rand.Text(), program: program(), keys: newKeys(o.Prefix), scripts: newScripts(),
		link: newLink(client, o.Prefix, o.Timeout, o.Log), near: newNear(o.Memory),
		beating: make(chan struct{}, 1), wake: make(chan struct{}, 1), heard: make(chan string, maxHeard),
		acks:    acks{owed: make(map[string]struct{}), ready: make(chan struct{}, 1)},
		fetches: make(map[pageKey]*fetch),
	}
	if o.Durable {
		s.durable = "1"
	}
	s.seal = newSealer(o.Seal, s.program)
	s.base, s.cancel = context.WithCancel(context.Background())
	for _, f := range []func(){s.keepLease, s.listen, s.hear, s.acknowledge} {
		s.work.Go(f)
	}
	return s, nil
}

// behind runs f while the store is open; Close waits for it.
func (s *Store) behind(f func(ctx context.Context)) {
	s.closing.Lock()
	defer s.closing.Unlock()
	if !s.closed.Load() {
		s.work.Go(func() { f(s.base) })
	}
}

// Subscribe has f called for every bump of any node.
func (s *Store) Subscribe(f func(pagecache.Bump)) (cancel func()) { return s.marks.Subscribe(f) }

// Close gives the lease back and closes the connections; other nodes do not wait for this
// one any more. It may be called again.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.closing.Lock()
		s.closed.Store(true)
		s.closing.Unlock()
		s.hold.Store(nil) // before the others are told not to wait for it
		s.cancel()
		s.work.Wait()
		if s.epoch.Load() != nil {
			_ = s.link.do(context.Background(), func(ctx context.Context, c rueidis.Client) error {
				return s.scripts.drop.Exec(ctx, c, s.keys.control[:1], []string{s.node, ""}).Error()
			})
		}
		s.link.close()
		if s.near != nil {
			s.near.InvalidateAll()
			s.near.StopAllGoroutines()
		}
	})
	return nil
}

// Stats are counts since the store was opened.
type Stats struct {
	Near            uint64 // answers from the memory of this node
	Far             uint64 // answers from the server
	Missed          uint64 // pages that neither had
	Fenced          uint64 // reads that were refused because the node had no lease
	BarrierTimeouts uint64 // bumps that waited until the lease of a silent node had run out
	Epochs          uint64 // how often the server's state began; one is the normal start
	Members         int    // nodes that shared the prefix at the last beat, with this one
	Leased          bool   // whether this node serves pages now
}

type counters struct{ near, far, missed, fenced, timeouts, epochs atomic.Uint64 }

// Stats returns the counts.
func (s *Store) Stats() Stats {
	c := &s.stats
	return Stats{
		Near: c.near.Load(), Far: c.far.Load(), Missed: c.missed.Load(), Fenced: c.fenced.Load(),
		BarrierTimeouts: c.timeouts.Load(), Epochs: c.epochs.Load(), Members: int(s.members.Load()), Leased: s.leased() != nil,
	}
}

// keys are the names on the server.
type keys struct {
	prefix  string
	control [2]string // the hash and the log
	bus     string
}

func newKeys(prefix string) keys {
	slot := "{" + prefix + "}:"
	return keys{prefix: prefix, control: [2]string{slot + "c", slot + "log"}, bus: slot + "bus"}
}

// ack is the channel of the acknowledgements for a node.
func (k *keys) ack(node string) string { return "{" + k.prefix + "}:ack:" + node }

func (k *keys) page(epoch, name string) string { return k.prefix + ":" + epoch + ":" + name }

func (k *keys) nonce(name string) string { return k.prefix + ":n:" + name }

// claimKey is the claim on a page; the braces put it into the page's slot.
func claimKey(page string) string { return "{" + page + "}:l" }
