package pagecache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"
)

// Key is the name of a page inside a [Store]: a hash of the full key tuple. A
// hash can collide, so the tuple is kept in the [Entry] and compared on read.
type Key [16]byte

// Token orders everything that happens to pages: each render takes one before it
// begins, and each bump is made at one. A page is old when something that it
// depends on was bumped at a higher token than its own. Zero is before everything.
type Token uint64

// Verdict says what the marks of a page have become since its render began.
type Verdict uint8

const (
	// Current: nothing that the page depends on was bumped since.
	Current Verdict = iota
	// Outdated: a soft bump made it stale; it may be served while a render replaces it.
	Outdated
	// Expired: a hard bump; it must not be served any more.
	Expired
)

// Bump makes every page old that carries one of the marks and whose token is lower
// than At. Without marks it is a bump of all pages.
type Bump struct {
	At    Token
	Hard  bool
	Marks []string
}

// ErrSuperseded is what [Store.Put] answers when the page is older than what the
// store knows already: it was bumped hard since its render began, or a page whose
// render began later is stored. Nothing is wrong, and nothing was stored.
var ErrSuperseded = errors.New("pagecache: something newer is known")

// ErrDamaged is what a store answers, wrapped, for bytes that are not the page that
// was put. The cache logs it, removes the page and renders it again.
var ErrDamaged = errors.New("pagecache: the stored page is damaged")

// Store keeps pages and the versions that make them old. [Memory] is one,
// diskstore another; package storetest checks an implementation. Methods are called
// concurrently and honour their context. A store holds versions and judges pages by
// them; what to do with a verdict, and the passing of time, is the cache's business.
//
// The one rule that everything rests on: once Bump has returned, no Get, of any node
// that shares the store, answers [Current] for a page that the bump made old, and no
// Put stores one. A store in one process has this for nothing. A distributed store
// keeps it with an acknowledgement barrier: Bump waits until every node has answered
// that it applied the bump, or until the read lease of a silent node has run out.
type Store interface {
	// Token returns a token higher than every one it returned before, across
	// restarts as well.
	Token(ctx context.Context) (Token, error)

	// Get returns the page stored under key and what its marks say now. A page
	// that is not stored is (nil, Expired, nil). The entry is shared: neither
	// side modifies it.
	Get(ctx context.Context, key Key) (*Entry, Verdict, error)

	// Put stores e under key, unless a mark of e was bumped hard at a higher token
	// than e.Token, or the entry stored under key has a higher token: then it
	// answers ErrSuperseded. Judging and storing are one atomic step. The store
	// may keep e and may drop it at any time; it may delay writing it to a disk
	// until the next Bump.
	Put(ctx context.Context, key Key, e *Entry) error

	// Delete removes the page stored under key, if there is one.
	Delete(ctx context.Context, key Key) error

	// Bump raises the marks to b.At; a mark that is higher already stays. When it
	// returns nil, the bump and every Put that returned before it are durable, as
	// far as the store is, and every subscriber has returned.
	Bump(ctx context.Context, b Bump) error

	// Subscribe has f called for every bump of any node, before the Bump that
	// caused it returns. f must be quick and must not call the store.
	Subscribe(f func(Bump)) (cancel func())

	// Close ends the store's goroutines and releases what it holds. The store is
	// not used afterwards.
	Close() error
}

// Sharer is a [Store] that several nodes share: each node has one, and all of them lead
// to the same pages and versions. The cache then knows that bumps of other nodes are
// unknown to it while the store fails, and lets one node render for all.
type Sharer interface {
	Store

	// Claim asks for the right to render the page under key. It returns what Get
	// returns, and a done that is not nil if this node has the claim now: the caller
	// renders, puts the page and calls done, once, whether or not there was a page to
	// put. While another node has the claim, Claim waits until that node has given it
	// back or lost it, or ctx ends. It waits for one owner only, then looks for the page
	// again; where done is nil then and the page is of no use, the caller renders
	// without a claim. A node that dies with a claim loses it; one that lives keeps it
	// for as long as it renders.
	Claim(ctx context.Context, key Key) (e *Entry, v Verdict, done func(), err error)
}

// Peeker is a [Store] that can answer from the memory of this process, at once.
type Peeker interface {
	// Peek returns the page under key if it is in memory and [Current]. Otherwise ok is
	// false, and the cache asks Get. It does not block.
	Peek(key Key) (e *Entry, ok bool)
}

// Nonces remembers the nonces of webhooks. A [Store] that has this method is asked by
// [Hook] in place of the memory of the process: a request that was accepted by one node
// is then refused by the others.
type Nonces interface {
	// Use reports whether nonce is used for the first time, and remembers it for ttl.
	Use(ctx context.Context, nonce string, ttl time.Duration) (first bool, err error)
}

// maxPlainMark is the length of a name that a mark has in it; a longer one has its hash.
const maxPlainMark = 32

// mark names the version of a path or a tag: what a page depends on. It is short,
// whatever the name is.
func mark(kind byte, name string) string {
	if len(name) <= maxPlainMark {
		return string(kind) + ":" + name
	}
	sum := sha256.Sum256([]byte(name))
	return string(kind) + "#" + base64.RawURLEncoding.EncodeToString(sum[:16])
}

// pathMark names the version of a path: all its pages have it.
func pathMark(path string) string { return mark('p', path) }

// tagMark names the version of a tag.
func tagMark(tag string) string { return mark('t', tag) }
