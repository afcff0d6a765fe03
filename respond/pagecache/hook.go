package pagecache

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

const (
	// hookWindow is how far the clocks of client and server may be apart, and how
	// long a nonce is remembered.
	hookWindow  = 5 * time.Minute
	maxHookBody = 64 << 10
	maxNonces   = 1 << 16
	maxNonce    = 128
)

// Change is what a webhook asks for.
type Change struct {
	Paths      []string `json:"paths,omitempty"`      // for Cache.Revalidate
	Tags       []string `json:"tags,omitempty"`       // for Cache.RevalidateTag
	ExpireTags []string `json:"expireTags,omitempty"` // for Cache.ExpireTag
}

// HookInput is the request of [Hook].
type HookInput struct {
	Timestamp string `header:"X-Apiroutes-Timestamp" doc:"Unix seconds, at most five minutes off"`
	Nonce     string `header:"X-Apiroutes-Nonce" doc:"never sent before"`
	Signature string `header:"X-Apiroutes-Signature" doc:"HMAC-SHA256 over method, path, timestamp, nonce and body"`
	Body      []byte `body:""`
}

// HookOutput says what was done.
type HookOutput struct {
	Revalidated bool `json:"revalidated"`
}

// Hook makes the handler of a webhook that another system, a CMS say, calls when its
// data has changed:
//
//	typed.Handle(api, "POST /revalidate", pagecache.Hook(secret), typed.Fails(400, 401, 409, 413, 422, 503))
//
// [NewHookRequest] makes its requests. With two secrets both are accepted, so that
// one can be replaced while requests are on their way. It answers 401 to what is not
// signed by one of them or is more than five minutes old, 409 to a nonce that was used
// before, 413 to more than 64 KiB, 400 to a body that is no [Change], 422 to a path at
// which nothing is cached and to a tag that is empty or too long, and then changes nothing.
// Nonces are remembered by one process, unless the cache's store implements [Nonces]; what
// a replay to another process can do is render a page once more. 65 536 are remembered;
// of more within five minutes, requests of the oldest times are refused with 409.
//
// Hook panics without a secret, or with an empty one.
func Hook(secrets ...string) func(context.Context, HookInput, *respond.Response[HookOutput]) (respond.Answer, error) {
	if len(secrets) == 0 {
		panic("pagecache: Hook has no secret: give it at least one")
	}
	body, err := jsonx.NewDecoder(reflect.TypeFor[Change](), jsonx.Options{})
	if err != nil {
		panic("pagecache: " + err.Error())
	}
	h := &webhook{body: body}
	for _, s := range secrets {
		if s == "" {
			panic("pagecache: Hook was given an empty secret: is its variable set?")
		}
		h.secrets = append(h.secrets, []byte(s))
	}
	return h.handle
}

type webhook struct {
	secrets [][]byte
	body    *jsonx.Decoder
	nonces  nonces
}

// pager is what a handler's context knows of the API's pages.
type pager interface{ Pages() *Cache }

func (h *webhook) handle(ctx context.Context, in HookInput, res *respond.Response[HookOutput]) (respond.Answer, error) {
	x, ok1 := ctx.Value(wire.RequestKey{}).(wire.Request)
	p, ok2 := ctx.Value(wire.RevalidatorKey{}).(pager)
	if !ok1 || !ok2 {
		return respond.Answer{}, ErrNotCached
	}
	if err := h.admit(ctx, x, in, p.Pages()); err != nil {
		return respond.Answer{}, err
	}
	var change Change
	if err := h.body.Decode(in.Body, &change); err != nil {
		return respond.Answer{}, respond.BadRequest("The body is not one object of paths, tags and expireTags, which are lists of strings.")
	}
	if err := p.Pages().change(ctx, change); err != nil {
		return respond.Answer{}, err
	}
	return res.JSON(HookOutput{Revalidated: true})
}

// admit checks who sent the request, and that it was not sent before.
func (h *webhook) admit(ctx context.Context, x wire.Request, in HookInput, pages *Cache) error {
	unsigned := respond.Unauthorized("The request is not signed by a known secret, or too old.")
	if len(in.Body) > maxHookBody {
		return &respond.Problem{Status: http.StatusRequestEntityTooLarge}
	}
	seconds, err := strconv.ParseInt(in.Timestamp, 10, 64)
	now := time.Now()
	if err != nil || in.Nonce == "" || len(in.Nonce) > maxNonce {
		return unsigned
	}
	m := message{x.Method(), x.EscapedPath(), in.Timestamp, in.Nonce, in.Body}
	if !m.signedBy(h.secrets, in.Signature) {
		return unsigned
	}
	sent := time.Unix(seconds, 0)
	if d := now.Sub(sent); d > hookWindow || d < -hookWindow {
		return unsigned
	}
	first, err := h.use(ctx, pages, in.Nonce, sent, now)
	if err != nil {
		pages.storeFailed("nonce", err)
		return (&respond.Problem{Status: http.StatusServiceUnavailable}).Header("Retry-After", "1")
	}
	if !first {
		return respond.Conflict("The nonce was used before.")
	}
	return nil
}

// use remembers a nonce for as long as its request is not too old. Where the store does
// that for all nodes, it is asked.
func (h *webhook) use(ctx context.Context, pages *Cache, nonce string, sent, now time.Time) (first bool, err error) {
	shared, ok := pages.store.(Nonces)
	if !ok {
		return h.nonces.use(nonce, sent, now), nil
	}
	return bounded(pages, ctx, func(ctx context.Context) (bool, error) {
		return shared.Use(ctx, nonce, sent.Add(hookWindow).Sub(now)+time.Second)
	})
}

// change does what a webhook asks for, if all of it can be done.
func (c *Cache) change(ctx context.Context, ch Change) error {
	for _, t := range slices.Concat(ch.Tags, ch.ExpireTags) {
		if t == "" || len(t) > maxTagLength {
			return &respond.Problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf("A tag is empty or longer than %d bytes.", maxTagLength)}
		}
	}
	for _, path := range ch.Paths {
		if _, err := c.jobOf(path); err != nil {
			return &respond.Problem{Status: http.StatusUnprocessableEntity, Detail: "Nothing is cached at one of the paths."}
		}
	}
	return errors.Join(
		c.ExpireTag(ctx, ch.ExpireTags...),
		c.RevalidateTag(ctx, ch.Tags...),
		c.Revalidate(ctx, ch.Paths...),
	)
}

// nonces remembers nonces until their requests are too old. The zero value is ready. Its
// size is bounded: when too many are known, the older half is forgotten, and requests that
// were sent no later than those are refused.
type nonces struct {
	mu    sync.Mutex
	sent  map[[16]byte]int64 // by the nonce's hash: Unix seconds
	floor int64
}

// use is false for a nonce that is known, and for one of a time that is forgotten.
func (n *nonces) use(nonce string, sent, now time.Time) bool {
	sum := sha256.Sum256([]byte(nonce))
	key := [16]byte(sum[:16])
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sent == nil {
		n.sent = make(map[[16]byte]int64)
	}
	if _, known := n.sent[key]; known || sent.Unix() <= n.floor {
		return false
	}
	if len(n.sent) >= maxNonces {
		n.forget(now.Add(-hookWindow).Unix())
		if sent.Unix() <= n.floor {
			return false
		}
	}
	n.sent[key] = sent.Unix()
	return true
}

// forget drops the nonces of requests that are too old by now, and where those are few the
// older half.
func (n *nonces) forget(tooOld int64) {
	maps.DeleteFunc(n.sent, func(_ [16]byte, sent int64) bool { return sent < tooOld })
	if len(n.sent) <= maxNonces/2 {
		return
	}
	times := slices.Sorted(maps.Values(n.sent))
	n.floor = times[len(times)/2]
	maps.DeleteFunc(n.sent, func(_ [16]byte, sent int64) bool { return sent <= n.floor })
}

// signatureScheme begins a signature, so that another scheme can follow.
const signatureScheme = "v1="

// message is what a webhook's signature covers.
type message struct {
	method, path, timestamp, nonce string
	body                           []byte
}

// sign returns the signature in hexadecimal. The parts are preceded by their lengths:
// no two messages have the same bytes.
func (m message) sign(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	var b []byte
	for _, part := range [...]string{m.method, m.path, m.timestamp, m.nonce} {
		b = appendBytes(b, part)
	}
	mac.Write(appendBytes(b, m.body))
	return signatureScheme + hex.EncodeToString(mac.Sum(nil))
}

// signedBy takes the same time whichever secret fits, and if none does.
func (m message) signedBy(secrets [][]byte, signature string) bool {
	found := false
	for _, s := range secrets {
		if hmac.Equal([]byte(m.sign(s)), []byte(strings.ToLower(signature))) {
			found = true
		}
	}
	return found
}

// NewHookRequest makes a signed request to a webhook made with [Hook], at an absolute
// URL. Send it soon: it is good for five minutes, and once. The path of url is signed as
// the server sees it; a proxy that rewrites it breaks the signature.
func NewHookRequest(ctx context.Context, url, secret string, ch Change) (*http.Request, error) {
	body, err := json.Marshal(ch)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	m := message{r.Method, r.URL.EscapedPath(), strconv.FormatInt(time.Now().Unix(), 10), rand.Text(), body}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Apiroutes-Timestamp", m.timestamp)
	r.Header.Set("X-Apiroutes-Nonce", m.nonce)
	r.Header.Set("X-Apiroutes-Signature", m.sign([]byte(secret)))
	return r, nil
}
