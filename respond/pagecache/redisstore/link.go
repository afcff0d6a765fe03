package redisstore

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// maxFailures is how many calls in a row may fail before the circuit opens.
const maxFailures = 3

// shortest is how long a call that its caller ends must have waited to count as unanswered.
const shortest = 200 * time.Millisecond

// repeatLog is when a fault that lasts is logged again.
const repeatLog = 30 * time.Second

var (
	errClosed  = errors.New("redisstore: the store is closed")
	errAway    = errors.New("redisstore: the server has not been reached yet")
	errCircuit = errors.New("redisstore: the server does not answer; pages are rendered until it does")
)

// link is the connection to the server: it bounds every call, stops calling a server
// that does not answer, and says what is wrong with it.
type link struct {
	option  rueidis.ClientOption
	prefix  string
	timeout time.Duration
	log     *slog.Logger

	client atomic.Pointer[rueidis.Client]

	failures atomic.Int64 // in a row
	answered atomic.Int64 // when the server answered last, in nanoseconds since began
	began    time.Time
	open     atomic.Bool // the circuit: nothing but probes is sent

	mu     sync.Mutex
	fault  error // what is wrong now
	logged map[string]time.Time
}

func newLink(option rueidis.ClientOption, prefix string, timeout time.Duration, log *slog.Logger) *link {
	option.DisableCache = true
	option.DisableRetry = true // a bump that is sent again is two
	if !option.DisableAutoPipelining {
		option.AlwaysPipelining = true // a call that is given up does not cost the connection
	}
	option.SendToReplicas = nil
	option.ReplicaOnly = false
	if len(option.InitAddress) == 1 && option.Sentinel.MasterSet == "" {
		option.ForceSingleClient = true
	}
	if option.ClientSetInfo == nil {
		option.ClientSetInfo = rueidis.DisableClientSetInfo // one permission less
	}
	if option.Dialer.Timeout == 0 {
		option.Dialer.Timeout = max(time.Second, 4*timeout)
	}
	if option.ConnWriteTimeout == 0 {
		// How long a connection may be silent before a new one is made.
		option.ConnWriteTimeout = max(time.Second, 4*timeout)
	}
	return &link{option: option, prefix: prefix, timeout: timeout, log: log, began: time.Now(), logged: make(map[string]time.Time)}
}

// connect makes the client. With one address it is made at once, and dials when it is
// used; with several, or with Sentinel, one of them has to answer.
func (l *link) connect() error {
	if l.client.Load() != nil {
		return nil
	}
	c, err := rueidis.NewClient(l.option)
	if c != nil {
		l.client.Store(&c)
	}
	if err != nil {
		return l.report(err)
	}
	return nil
}

func (l *link) close() {
	if c := l.client.Swap(nil); c != nil {
		(*c).Close()
	}
}

// do calls the server, unless the circuit is open. An error says what to do about it.
func (l *link) do(ctx context.Context, call func(ctx context.Context, c rueidis.Client) error) error {
	if l.open.Load() {
		return errors.Join(errCircuit, l.why())
	}
	return l.probe(ctx, call)
}

// why says what is wrong with the server now; nil: nothing is known to be.
func (l *link) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fault
}

// probe calls the server, whatever the circuit says.
func (l *link) probe(ctx context.Context, call func(ctx context.Context, c rueidis.Client) error) error {
	c := l.client.Load()
	if c == nil {
		return cmp.Or(l.why(), errAway)
	}
	sent := time.Since(l.began)
	cctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	err := call(cctx, *c)
	if _, refused := rueidis.IsRedisErr(err); err == nil || refused || rueidis.IsRedisNil(err) {
		l.answered.Store(int64(time.Since(l.began)))
		l.failures.Store(0)
		if l.open.CompareAndSwap(true, false) {
			l.log.Info("redisstore: the server answers again", "prefix", l.prefix)
		}
		if err == nil || rueidis.IsRedisNil(err) {
			l.well()
			return err
		}
		return l.report(err)
	}
	if waited := time.Since(l.began) - sent; errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) && waited < min(l.timeout, shortest) {
		return err // the caller has ended the call, which says nothing of the server
	}
	silent := errors.Is(err, context.DeadlineExceeded) && l.answered.Load() <= int64(sent)
	if l.failures.Add(1) >= maxFailures || silent {
		l.open.Store(true)
	}
	return l.report(err)
}

// well forgets the fault that the server had.
func (l *link) well() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = nil
}

// report remembers an error in the words of diagnose, and logs it when it is a new one
// or lasts. What a script answers to be told of a new epoch is no fault.
func (l *link) report(err error) error {
	if strings.HasPrefix(err.Error(), "NEWEPOCH") {
		return err
	}
	what, fix := diagnose(err.Error())
	what, fix = strings.ReplaceAll(what, "PREFIX", l.prefix), strings.ReplaceAll(fix, "PREFIX", l.prefix)
	fault := &serverError{what, fix, err}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
	if now := time.Now(); now.Sub(l.logged[what]) > repeatLog {
		l.logged[what] = now
		l.log.Error("redisstore: "+what, "fix", fix, "prefix", l.prefix, "error", err)
	}
	return fault
}

// serverError is an error of the server or of the way to it.
type serverError struct {
	what, fix string
	err       error // of the client library
}

func (e *serverError) Error() string {
	return "redisstore: " + e.what + ": " + e.fix + ": " + e.err.Error()
}

func (e *serverError) Unwrap() error { return e.err }

// diagnose says what an answer of the server means, and what to do about it.
func diagnose(text string) (what, fix string) {
	for _, d := range diagnoses {
		if strings.Contains(text, d.text) {
			return d.what, d.fix
		}
	}
	return "the server does not answer", "start it, or correct InitAddress"
}

// diagnoses is read-only: the first entry whose text is in an answer decides.
var diagnoses = [...]struct{ text, what, fix string }{
	{"redisstore: ", "the server answers what the store does not understand", "use Redis 7 or Valkey 7.2, or a later one"},
	{"WRONGPASS", "the server refuses the name or the password", "correct Username and Password of the client's options"},
	{"NOAUTH", "the server wants a password", "set Username and Password of the client's options"},
	{"AUTH <password> called without any password", "the server has no password", "leave Password of the client's options empty"},
	{"NOPERM", "the user may not do what the store needs", "allow the commands, keys and channels that the guide \"Several machines\" lists"},
	{"The user executing the script can't", "the user may not do what the store needs", "allow the commands, keys and channels that the guide \"Several machines\" lists"},
	{"ACL failure in script", "the user may not do what the store needs", "allow the commands, keys and channels that the guide \"Several machines\" lists"},
	{"WRONGTYPE", "a key of the prefix holds something that is not the store's", "choose another Prefix, or delete the keys {PREFIX}:c and {PREFIX}:log"},
	{"FOREIGN", "the key {PREFIX}:c is not of this version of the store", "run one version on all nodes, choose another Prefix, or delete the key"},
	{"OOM", "the server's memory is full", "raise maxmemory, or set maxmemory-policy to volatile-lru"},
	{"READONLY", "the server is a replica", "give the address of the primary, or use Sentinel"},
	{"NOREPLICAS", "the server has too few replicas to accept writes", "bring a replica back; until then nothing can be revalidated"},
	{"LOADING", "the server is still loading its data", "nothing: it is tried again"},
	{"MISCONF", "the server refuses writes because it cannot save", "look into the server's log; its disk is likely full"},
	{"MOVED", "the server belongs to a Cluster", "give at least two addresses of it in InitAddress"},
	{"CROSSSLOT", "the server belongs to a Cluster", "give at least two addresses of it in InitAddress"},
	{"CLUSTERDOWN", "the Cluster is down", "bring the missing masters back"},
	{"Error compiling script", "the server is too old", "use Redis 7 or Valkey 7.2, or a later one"},
	{"unknown command", "the server is too old, or lacks a command", "use Redis 7 or Valkey 7.2, or a later one, and rename no commands"},
	{"parse error", "the server answers what the store does not understand", "use Redis 7 or Valkey 7.2, or a later one"},
	{"deadline exceeded", "the server does not answer in time", "look at its load and at the network; Options.Timeout bounds a call"},
	{"i/o timeout", "the server does not answer in time", "look at its load and at the network; Options.Timeout bounds a call"},
}
