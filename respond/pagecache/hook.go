package pagecache

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

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
//	typed.Handle(api, "POST /revalidate", pagecache.Hook(secret))
//
// [NewHookRequest] makes its requests. With two secrets both are accepted, so that
// one can be replaced while requests are on their way. It answers 401 to what is not
// signed by one of them or is more than five minutes old, 409 to a nonce that was used
// before, 413 to more than 64 KiB, 400 to a body that is no [Change], 422 to a path at
// which nothing is cached, and then changes nothing. Nonces are remembered by one
// process; what a replay to another one can do is render a page once more.
//
// Hook panics without a secret, or with an empty one.
func Hook(secrets ...string) func(context.Context, HookInput, *respond.Response[HookOutput]) (respond.Answer, error) {
	if len(secrets) == 0 {
		panic("pagecache: Hook has no secret: give it at least one")
	}
	h := &webhook{}
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
	if err := h.admit(x, in); err != nil {
		return respond.Answer{}, err
	}
	var change Change
	d := json.NewDecoder(bytes.NewReader(in.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&change); err != nil || d.Decode(&struct{}{}) != io.EOF {
		return respond.Answer{}, respond.BadRequest("The body is not one object of paths, tags and expireTags.")
	}
	if err := p.Pages().change(ctx, change); err != nil {
		return respond.Answer{}, err
	}
	return res.JSON(HookOutput{Revalidated: true})
}

// admit checks who sent the request, and that it was not sent before.
func (h *webhook) admit(x wire.Request, in HookInput) error {
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
	if d := now.Sub(time.Unix(seconds, 0)); d > hookWindow || d < -hookWindow {
		return unsigned
	}
	if !h.nonces.use(in.Nonce, now) {
		return respond.Conflict("The nonce was used before.")
	}
	return nil
}

// change does what a webhook asks for, if all its paths are cached.
func (c *Cache) change(ctx context.Context, ch Change) error {
	for _, path := range ch.Paths {
		if _, err := c.find(path); err != nil {
			return &respond.Problem{Status: http.StatusUnprocessableEntity, Detail: "Nothing is cached at one of the paths."}
		}
	}
	return errors.Join(
		c.ExpireTag(ctx, ch.ExpireTags...),
		c.RevalidateTag(ctx, ch.Tags...),
		c.Revalidate(ctx, ch.Paths...),
	)
}

// nonces remembers nonces for as long as their requests are not too old: twice the
// window, for a client's clock may be ahead. The zero value is ready.
type nonces struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// use is false for a nonce that is known, and when too many are.
func (n *nonces) use(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.until == nil {
		n.until = make(map[string]time.Time)
	}
	if t, ok := n.until[nonce]; ok && now.Before(t) {
		return false
	}
	if len(n.until) >= maxNonces {
		for k, t := range n.until {
			if !now.Before(t) {
				delete(n.until, k)
			}
		}
		if len(n.until) >= maxNonces {
			return false
		}
	}
	n.until[nonce] = now.Add(2 * hookWindow)
	return true
}
