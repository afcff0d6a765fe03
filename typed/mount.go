package typed

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// Paths lists the paths of the endpoints, each once, in the order in which they
// were handled and relative to the base path: "/users/{id}". A router that is to
// deliver requests to the API registers them, for every method, so no
// endpoint can be handled any more: Handle panics from here on.
//
// A router does not have to match exactly what a path means. ServeHTTP and
// [API.ServeExchange] route again, so every router answers alike.
func (a *API) Paths() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serving = true
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
		a.basePath.Store(&prefix)
		a.learnt = true
	default:
		return fmt.Errorf("typed: the API is served below %q and cannot be mounted below %q as well: make an API for each prefix", have+"/", prefix+"/")
	}
	a.mounted = true
	return nil
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

// bridge runs a handler of net/http on any exchange.
func bridge(ex wire.Exchange, h http.Handler) {
	switch ex := ex.(type) {
	case *wire.NetHTTP:
		h.ServeHTTP(ex.W, ex.R)
	case wire.Bridge:
		ex.Bridge(h)
	default:
		panic(fmt.Sprintf("typed: %T cannot carry net/http middleware", ex))
	}
}
