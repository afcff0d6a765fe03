package redisstore

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// maxHeard is how many messages may wait; more are left to the next beat.
const maxHeard = 1024

// listen takes the messages of the bus and the acknowledgements for this node. Nothing
// depends on them but time: what is lost comes with the next beat.
func (s *Store) listen() {
	for s.base.Err() == nil {
		pause := s.opts.Lease / 4
		if c := s.link.client.Load(); c == nil {
			pause = min(pause, firstLook) // the first bump would wait for acknowledgements in vain
		} else {
			err := (*c).Receive(s.base, (*c).B().Ssubscribe().Channel(s.keys.bus, s.keys.ack(s.node)).Build(), s.receive)
			if _, refused := rueidis.IsRedisErr(err); refused && s.base.Err() == nil {
				_ = s.link.report(err) // it is logged: bumps wait for beats now
			}
		}
		select {
		case <-s.base.Done():
		case <-time.After(pause):
		}
	}
}

// receive is called by the client library's reader and must not wait.
func (s *Store) receive(m rueidis.PubSubMessage) {
	if m.Channel == s.keys.bus {
		select {
		case s.heard <- m.Message:
		default:
			s.wakeUp()
		}
		return
	}
	epoch, rest, _ := strings.Cut(m.Message, " ")
	seq, node, _ := strings.Cut(rest, " ")
	if n, err := strconv.ParseUint(seq, 10, 64); err == nil {
		s.barrier.ack(epoch, node, n)
	}
}

// hear applies the bumps that other nodes tell.
func (s *Store) hear() {
	for {
		select {
		case <-s.base.Done():
			return
		case m := <-s.heard:
			epoch, e, err := parseMessage(m)
			if err != nil || !s.tell(epoch, e) {
				s.wakeUp()
			}
		}
	}
}

// tell applies a bump of the current epoch that follows the last one.
func (s *Store) tell(epoch string, e logEntry) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ep := s.epoch.Load(); ep == nil || ep.name != epoch || s.apply(e) {
		return false
	}
	s.acks.send()
	return true
}

// acks are the nodes that wait for an acknowledgement of this one.
type acks struct {
	mu    sync.Mutex
	owed  map[string]struct{}
	ready chan struct{} // holds one signal; more would say the same
}

func (a *acks) owe(node string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.owed[node] = struct{}{}
}

func (a *acks) send() {
	select {
	case a.ready <- struct{}{}:
	default:
	}
}

// take returns the nodes that wait now.
func (a *acks) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var nodes []string
	for n := range a.owed {
		nodes = append(nodes, n)
	}
	clear(a.owed)
	return nodes
}

// acknowledge tells the nodes that wait how far the log is applied here. One message
// stands for all bumps up to its number.
func (s *Store) acknowledge() {
	for {
		select {
		case <-s.base.Done():
			return
		case <-s.acks.ready:
		}
		nodes := s.acks.take()
		s.mu.Lock()
		ep, applied := s.epoch.Load(), s.applied
		s.mu.Unlock()
		if len(nodes) == 0 || ep == nil {
			continue
		}
		text := ep.name + " " + decimal(applied) + " " + s.node
		// A node that does not hear waits for this node's lease to run out.
		_ = s.link.do(s.base, func(ctx context.Context, c rueidis.Client) error {
			cmds := make(rueidis.Commands, 0, len(nodes))
			for _, n := range nodes {
				cmds = append(cmds, c.B().Spublish().Channel(s.keys.ack(n)).Message(text).Build())
			}
			for _, r := range c.DoMulti(ctx, cmds...) {
				if err := r.Error(); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
