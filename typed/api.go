package typed

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/validate"
)

// Options sets up an [API]. The zero value and nil are fine.
type Options struct {
	// OnError gets what a client is not told: the error behind a 500, a panic
	// (as *PanicError), an answer that was refused. nil: slog.Default; set: it alone.
	// It is called from the request's goroutine, or from that of a handler whose time is over.
	OnError func(ctx context.Context, err error)

	// Pages keeps the pages of endpoints with the option [Cache]. A cache serves one API.
	// nil: an endpoint with Cache is refused.
	Pages *pagecache.Cache

	// Validator judges requests. nil: validate.New(nil).
	Validator *validate.Validator

	// MaxBody limits the content of a request in bytes, inclusive. 0: 1 MiB.
	MaxBody int64

	// Timeout ends the handler's context and answers 503. It starts when the
	// request has been read, and the context lives until the answer is written. A
	// handler that does not heed it goes on by itself; its answer is dropped. 0: none.
	Timeout time.Duration

	// BasePath is the path below which the API is served, "/api/v1": stripped on
	// routing, written in the document. "": the root.
	BasePath string

	// CrossOrigin guards unsafe methods of endpoints whose request does not have to be
	// JSON, or that bind a cookie, against pages of other origins. nil: the protection of
	// net/http with its defaults. JSON needs no guard: a browser does not send its media
	// type across origins unasked. Its deny handler is not called: what is refused is a
	// 403 problem like any other.
	CrossOrigin *http.CrossOriginProtection

	// Schemes are the ways in which clients show who they are. A request type asks for one
	// by an auth tag. New panics on two of one name, and on what is wrong with one.
	Schemes []Scheme

	// Endpoint are options of every endpoint, before those of its groups and its own. Those
	// that are about one endpoint (Status, Summary, OperationID) are refused: New panics.
	Endpoint []Option

	// OnInvalid answers a request that was refused before its handler: p is a 4xx, with its Title.
	// nil: p itself. An Answer may come from any Response, say one of HTML for a form; an error
	// is answered as a handler's.
	OnInvalid func(ctx context.Context, p *respond.Problem) (Answer, error)

	// OnInvalidType is the media type that OnInvalid answers with, "text/html": the document
	// then has it for the requests that are refused. "": the document says nothing of it.
	OnInvalidType string

	// Errors is the form in which clients get problems, all of them: see [Errors]. OnInvalid
	// comes before it. The zero value: application/problem+json.
	Errors ErrorForm

	// Message words what is wrong with one value of a request, e.Detail being the sentence
	// that is sent otherwise: of the decoder, the binding and the rules, not of handlers.
	// ctx is that of the request, whose Accept-Language [HTTPRequest] knows. "", and nil: the
	// sentence stays. It is called concurrently; a panic in it is answered as a handler's.
	Message func(ctx context.Context, e respond.FieldError) string
}

// DefaultMaxBody is the limit on a request's content where none was set: 1 MiB.
const DefaultMaxBody = 1 << 20

// API is a set of endpoints and an http.Handler. Endpoints are handled and
// middleware is added before the first request; after that it is
// read-only and safe for concurrent use.
type API struct {
	title, version string
	basePath       atomic.Pointer[string] // an API may learn it from the group it is mounted in
	maxBody        int64
	timeout        time.Duration
	pages          *pagecache.Cache
	validator      *validate.Validator
	crossOrigin    *http.CrossOriginProtection
	onError        func(context.Context, error)
	onInvalid      func(context.Context, *respond.Problem) (Answer, error)
	onInvalidType  string
	errors         *errorForm // nil: problems are sent as they are
	message        func(context.Context, respond.FieldError) string

	mu         sync.Mutex
	serving    bool
	routed     bool // a router has the paths
	mounted    bool // Mount was called
	learnt     bool // the base path is from Mount
	endpoints  []*endpoint
	schemes    []*scheme
	defaults   []Option       // of every endpoint
	checks     []func() error // of other packages, for Check
	ids        map[string]*endpoint
	router     pattern.Router
	middleware []func(http.Handler) http.Handler
	observers  []func(context.Context, *Observation) (context.Context, func())

	documents any // what package docs keeps

	start sync.Once
	chain http.Handler // the API's middleware around its router; nil without middleware
}

// New makes an API. title and version are the document's; opts may be nil. It
// panics on a base path that does not look like "/api/v1", on a page cache that
// another API uses, and on an option that says what is wrong with it.
func New(title, version string, opts *Options) *API {
	if opts == nil {
		opts = &Options{}
	}
	a := &API{
		title: title, version: version,
		maxBody:     opts.MaxBody,
		timeout:     opts.Timeout,
		pages:       opts.Pages,
		validator:   opts.Validator,
		crossOrigin: opts.CrossOrigin,
		onError:     reporter(opts.OnError),
		onInvalid:   opts.OnInvalid,
		ids:         map[string]*endpoint{},
	}
	if problem, fix := shared(opts.Endpoint); problem != "" {
		panic("typed: Options.Endpoint: " + fault.Fault{Problem: problem, Fix: fix}.String())
	}
	a.defaults = slices.Clone(opts.Endpoint)
	a.addSchemes(opts.Schemes)
	a.setErrors(opts)
	base := strings.TrimSuffix(opts.BasePath, "/")
	if err := checkBasePath(base); err != nil {
		panic("typed: " + err.Error())
	}
	a.basePath.Store(&base)
	if a.pages != nil {
		if err := hook.Pages(a.pages).Bind(a.page); err != nil {
			panic("typed: " + err.Error())
		}
	}
	if a.maxBody <= 0 {
		a.maxBody = DefaultMaxBody
	}
	if a.validator == nil {
		a.validator = validate.New(nil)
	}
	if a.crossOrigin == nil {
		a.crossOrigin = http.NewCrossOriginProtection()
	}
	return a
}

func checkBasePath(p string) error {
	if p == "" {
		return nil
	}
	if p[0] != '/' || strings.ContainsAny(p, "{}?#%") || (&url.URL{Path: p}).EscapedPath() != p ||
		slices.ContainsFunc(strings.Split(p[1:], "/"), func(s string) bool { return s == "" || s == "." || s == ".." }) {
		return fmt.Errorf(`the base path %q is no plain absolute path: write it like "/api/v1"`, p)
	}
	return nil
}

// Title is the title given to New.
func (a *API) Title() string { return a.title }

// Version is the version given to New.
func (a *API) Version() string { return a.version }

// BasePath is the path below which the API is served, without a final slash; "" for the root.
func (a *API) BasePath() string { return *a.basePath.Load() }

// setBasePath is called with a.mu held.
func (a *API) setBasePath(base string) {
	a.basePath.Store(&base)
	for _, e := range a.endpoints {
		e.setRoute(base)
	}
}

// Validator is what judges the API's requests.
func (a *API) Validator() *validate.Validator { return a.validator }

// Use wraps the whole API in middleware, the first outermost: it sees every
// request, also those that no endpoint answers. It panics after the first request.
func (a *API) Use(mw ...func(http.Handler) http.Handler) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.serving {
		panic("typed: Use after the first request: add middleware before the API serves")
	}
	if slices.ContainsFunc(mw, func(m func(http.Handler) http.Handler) bool { return m == nil }) {
		panic("typed: Use was given nil: pass a func(http.Handler) http.Handler")
	}
	a.middleware = append(a.middleware, mw...)
}

// Operations lists the endpoints in the order in which they were handled.
func (a *API) Operations() iter.Seq[*Operation] {
	a.mu.Lock()
	endpoints := slices.Clone(a.endpoints)
	a.mu.Unlock()
	return func(yield func(*Operation) bool) {
		for _, e := range endpoints {
			if !yield(&e.operation) {
				return
			}
		}
	}
}

// freeze ends the time of declarations.
func (a *API) freeze() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serving = true
	if err := a.checkPages(); err != nil {
		panic(err.Error())
	}
	if len(a.middleware) > 0 {
		a.chain = a.wrap(nil, a.middleware, http.HandlerFunc(a.serve))
	}
}

// Paths lists the paths of the endpoints, each once, in the order in which they
// were handled and relative to the base path: "/users/{id}". A router that is to
// deliver requests to the API registers them, for every method, so no
// endpoint can be handled any more: Handle panics from here on.
//
// A router does not have to match exactly what a path means. The API routes again, so
// every router answers alike. It panics with what [API.Check] says.
func (a *API) Paths() []string {
	a.mustCheck()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serving, a.routed = true, true
	var paths []string
	for _, e := range a.endpoints {
		if !slices.Contains(paths, e.operation.Path) {
			paths = append(paths, e.operation.Path)
		}
	}
	return paths
}

// Mount tells the API the prefix of the group of routes that it is served in. The
// prefix becomes its base path; "" is a router without a prefix and leaves the base path as it
// is. An API has one base path, which its URLs and its document are made
// with, so the error refuses a prefix that is not the one it has. It may be
// called while the API serves, by routers that learn of their prefix late.
func (a *API) Mount(prefix string) error {
	prefix = strings.TrimSuffix(prefix, "/")
	a.mu.Lock()
	defer a.mu.Unlock()
	have := a.BasePath()
	switch {
	case prefix == have || prefix == "" && !a.learnt: // Options gave the base path, and the router gets it in full
	case have == "" && !a.mounted:
		if err := checkBasePath(prefix); err != nil {
			return fmt.Errorf("typed: the API cannot be mounted: %w", err)
		}
		if strings.Contains(prefix, "/:") {
			return fmt.Errorf("typed: the API cannot be mounted: the prefix %q has a wildcard, which no field can take: mount the API in a group without", prefix)
		}
		a.setBasePath(prefix)
		a.learnt = true
	default:
		return fmt.Errorf("typed: the API is served below %q and cannot be mounted below %q as well: make an API for each prefix", have+"/", prefix+"/")
	}
	a.mounted = true
	return nil
}

// knowsBasePath is false between Paths and Mount, which a router may call with the first
// request, unless Options have given the base path.
func (a *API) knowsBasePath() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.routed || a.BasePath() != "" && !a.learnt
}

// Wrapped lists the endpoints that run inside net/http middleware, of their own or
// the API's, by their patterns. Under a router that is not built on net/http they cost more.
func (a *API) Wrapped() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for _, e := range a.endpoints {
		if e.chain != nil || len(a.middleware) > 0 {
			names = append(names, e.name)
		}
	}
	return names
}
