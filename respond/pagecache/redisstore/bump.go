package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// member is another node, and how often it had beaten when a bump was appended.
type member struct{ node, beats string }

// bumpReply is what the script of a bump returns.
type bumpReply struct {
	seq     uint64
	told    string // why the nodes could not be told at once; empty: they were
	members []member
	// replicas have the bump; not counted unless Options.Replicas is set.
	replicas int
}

// Bump makes pages old on all nodes: it appends b to the log and waits until every node
// has acknowledged that it applied b, or until the lease of a silent one has run out,
// which takes at most 1.1 leases. In an epoch that has just begun it waits as long for
// the leases of the earlier one. An error says that other nodes may serve the old page.
func (s *Store) Bump(ctx context.Context, b pagecache.Bump) error {
	s.note(b.At)
	s.marks.Bump(b)
	for again := false; ; again = true {
		ep := s.epoch.Load()
		if ep == nil {
			_, err := s.lease()
			return err
		}
		r, err := s.sendBump(ctx, ep, b)
		if isNewEpoch(err) && !again {
			// The render or the change that b belongs to is older than the new epoch.
			// So nothing that is stored in it is older than b, but leases of the
			// earlier epoch have to be waited for, which the second try does.
			if err = s.beat(ctx); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		return s.await(ctx, ep, r)
	}
}

func (s *Store) sendBump(ctx context.Context, ep *epoch, b pagecache.Bump) (r bumpReply, err error) {
	hard := "0"
	if b.Hard {
		hard = "1"
	}
	keys := []string{s.keys.control[0], s.keys.control[1], s.keys.bus}
	args := []string{
		s.durable, formatVersion, ep.name, s.node, decimal(uint64(b.At)), hard,
		rueidis.BinaryString(appendMarks(nil, b.Marks)), strconv.Itoa(s.opts.MaxLog),
	}
	call := func(ctx context.Context, c rueidis.Client) error {
		reply, err := s.scripts.bump.Exec(ctx, c, keys, args).ToArray()
		if err == nil {
			r, err = parseBump(reply, s.node)
		}
		return err
	}
	if s.opts.Replicas > 0 {
		call = func(ctx context.Context, c rueidis.Client) (err error) {
			r, err = s.bumpReplicated(ctx, c, keys, args)
			return err
		}
	}
	if err = s.link.do(ctx, call); err != nil {
		return r, err
	}
	if r.replicas < s.opts.Replicas {
		return r, fmt.Errorf("redisstore: too few replicas have the bump, so a failover could lose it: %d of %d", r.replicas, s.opts.Replicas)
	}
	if r.told != "" {
		_ = s.link.report(errors.New(r.told)) // it is logged: a bump takes 1.1 leases now
	}
	return r, nil
}

// bumpReplicated appends a bump and waits for replicas, which has to be done on one
// connection.
func (s *Store) bumpReplicated(ctx context.Context, c rueidis.Client, keys, args []string) (r bumpReply, err error) {
	err = c.Dedicated(func(c rueidis.DedicatedClient) error {
		// Without the hash of the script: a second try would be a second bump.
		reply, err := c.Do(ctx, c.B().Eval().Script(bumpText).Numkeys(int64(len(keys))).Key(keys...).Arg(args...).Build()).ToArray()
		if err != nil {
			return err
		}
		if r, err = parseBump(reply, s.node); err != nil {
			return err
		}
		limit := max(1, s.opts.Timeout.Milliseconds()/2)
		n, err := c.Do(ctx, c.B().Wait().Numreplicas(int64(s.opts.Replicas)).Timeout(limit).Build()).AsInt64()
		r.replicas = int(n)
		return err
	})
	return r, err
}

// parseBump reads what bumpText returns.
func parseBump(reply []rueidis.RedisMessage, self string) (r bumpReply, err error) {
	var all []string
	for _, m := range reply {
		t, err := m.ToString()
		if err != nil {
			return r, err
		}
		all = append(all, t)
	}
	if len(all) < 2 || len(all)%2 != 0 {
		return r, fmt.Errorf("redisstore: the answer to a bump has %d parts", len(all))
	}
	if r.seq, err = strconv.ParseUint(all[0], 10, 64); err != nil {
		return r, fmt.Errorf("redisstore: the number of a bump: %w", err)
	}
	r.told = all[1]
	for i := 2; i < len(all); i += 2 {
		if all[i] != self {
			r.members = append(r.members, member{all[i], all[i+1]})
		}
	}
	return r, nil
}

// await is the barrier: it returns when no node can serve what the bump made old.
func (s *Store) await(ctx context.Context, ep *epoch, r bumpReply) error {
	// From now, not from when the bump was sent: the leases of the silent nodes were
	// given before the script ran.
	patience := time.NewTimer(ep.wait())
	defer patience.Stop()
	w := s.barrier.wait(ep.name, r)
	select {
	case <-w.done:
	case <-patience.C:
		if silent := s.barrier.leave(w); len(silent) > 0 {
			s.stats.timeouts.Add(1)
			s.drop(r.members, silent)
		}
		return nil // longer than a lease of the earlier epoch as well
	case <-ctx.Done():
		s.barrier.leave(w)
		return ctx.Err()
	}
	rest := time.Until(ep.clear)
	if ep.settled.Load() || rest <= 0 {
		return nil
	}
	patience.Reset(rest)
	select {
	case <-patience.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drop removes the silent nodes that have not beaten since, so that the next bump does not
// wait for them. It is not waited for: a node that stays costs time only.
func (s *Store) drop(members []member, silent map[string]struct{}) {
	var args []string
	for _, m := range members {
		if _, ok := silent[m.node]; ok {
			args = append(args, m.node, m.beats)
		}
	}
	s.behind(func(ctx context.Context) {
		_ = s.link.do(ctx, func(ctx context.Context, c rueidis.Client) error {
			return s.scripts.drop.Exec(ctx, c, s.keys.control[:1], args).Error()
		})
	})
}

// barrier matches acknowledgements with the bumps that wait for them. The zero value is
// ready.
type barrier struct {
	mu      sync.Mutex
	epoch   string
	acked   map[string]uint64 // the last bump of the epoch that a node has acknowledged
	waiters map[*waiter]struct{}
}

// waiter is one bump. left is guarded by barrier.mu.
type waiter struct {
	epoch string
	seq   uint64
	left  map[string]struct{}
	done  chan struct{}
}

// wait begins to wait for the nodes that have not acknowledged the bump yet: an
// acknowledgement may be here before the answer to the bump.
func (b *barrier) wait(epoch string, r bumpReply) *waiter {
	w := &waiter{epoch: epoch, seq: r.seq, left: make(map[string]struct{}), done: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range r.members {
		if b.epoch != epoch || b.acked[m.node] < r.seq {
			w.left[m.node] = struct{}{}
		}
	}
	if len(w.left) == 0 {
		close(w.done)
		return w
	}
	if b.waiters == nil {
		b.waiters = make(map[*waiter]struct{})
	}
	b.waiters[w] = struct{}{}
	return w
}

// leave ends waiting and returns the nodes that are silent.
func (b *barrier) leave(w *waiter) map[string]struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waiters, w)
	for node := range w.left {
		delete(b.acked, node)
	}
	return w.left
}

// ack takes that a node has applied every bump of the epoch up to seq.
func (b *barrier) ack(epoch, node string, seq uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.epoch != epoch || b.acked == nil {
		b.epoch, b.acked = epoch, make(map[string]uint64)
	}
	b.acked[node] = max(b.acked[node], seq)
	for w := range b.waiters {
		if w.epoch != epoch || w.seq > seq {
			continue
		}
		if delete(w.left, node); len(w.left) == 0 {
			delete(b.waiters, w)
			close(w.done)
		}
	}
}
