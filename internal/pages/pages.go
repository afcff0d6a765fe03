// Package pages is what typed and the page cache need of each other to serve cached
// endpoints. respond/pagecache implements it; users see neither.
package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// Cache is a *pagecache.Cache, from hook.Pages.
type Cache interface {
	// Register makes a route of a cached endpoint. policy is its pagecache.Policy. The
	// faults are all those of the policy; a route without faults is ready to answer.
	Register(e Endpoint, policy any) (Route, []fault.Fault)
	// Bind installs the resolver of the API that uses the cache. A cache serves one API:
	// the keys of two could be the same.
	Bind(Resolver) error
}

// Route is a registered cached endpoint. It is used concurrently.
type Route interface {
	// Answer answers a request for the endpoint whose decoded path values are values: from
	// the store, or by waiting for the one render of its page. It reads nothing but the
	// method, the query, Authorization and the keyed header fields, and keeps neither x
	// nor values.
	//
	// A request that the policy lets bypass the cache is not answered: then bypass is not
	// nil. The caller answers it on bypass, which lets no cache store the answer, and calls
	// release afterwards.
	//
	// An error says that there was no page to send: [ErrBusy], [ErrRenderTimeout], the
	// client's context's, or the render's.
	Answer(x wire.Exchange, values []string) (bypass wire.Exchange, release func(), err error)
}

// Endpoint describes a cached endpoint.
type Endpoint struct {
	API            string // the title of its API: pages of another are never served for it, whatever store they share
	Pattern        *pattern.Pattern
	Representation string // what the answer is ("application/json"): pages of another kind are never served for it
	NoBody         bool   // the endpoint answers without a body: an empty answer may be stored
	NoETag         bool   // pages get no entity tag but what their handler sets
	Render         Render
}

// Resolver finds the cached endpoint that answers GET at an escaped path, and the
// decoded path values. The error wraps respond.ErrNotCached where there is none.
type Resolver func(path string) (r Route, values []string, err error)

// Render answers a keyed request with a page. It must not reach for anything that the
// request does not hold. The context descends from no client's, ends at the render's
// deadline, and carries no value of a middleware. An error says that there is no answer
// at all; an answer that is an error is a Page with its status.
type Render func(ctx context.Context, r Request) (*Page, error)

// Request is all that a render may know: the parts of a request that make its key. There
// is no host, no cookie, and no header but those of Policy.Vary.
type Request struct {
	Path     string      // escaped, in one canonical form
	Values   []string    // the decoded path values, in the order of the pattern
	RawQuery string      // the parameters of Policy.Query
	Header   http.Header // the fields of Policy.Vary that the client sent, one line each
}

// Page is what a render answers.
type Page struct {
	Status  int
	Header  http.Header // kept; with an ETag only if the handler made one
	Body    []byte      // kept
	Tags    []string    // beside those of the policy
	NoStore bool        // the handler refused storing
	Cause   error       // what made the answer an error, for the report of a render on demand; may be nil
}

var (
	// ErrBusy says that as many renders run as may: 503.
	ErrBusy = errors.New("pagecache: too many pages are being rendered")
	// ErrRenderTimeout says that a render did not end before its deadline.
	ErrRenderTimeout = errors.New("pagecache: the render did not end in time")
)
