package adaptertest_test

import (
	"net/http"
	"testing"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/typed"
)

// TestNetHTTP runs the suite on net/http itself, which is also what it compares with.
func TestNetHTTP(t *testing.T) {
	serve := func(prefix string, api *typed.API) adaptertest.Server {
		if err := api.Mount(prefix); err != nil {
			panic(err)
		}
		api.Paths() // as an adapter does: no endpoint can be handled after it
		return adaptertest.Serve(adaptertest.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path != adaptertest.OwnPath:
				api.ServeHTTP(w, r)
			case r.Method != http.MethodGet:
				http.Error(w, "not allowed", http.StatusMethodNotAllowed)
			default:
				adaptertest.Own(w, r)
			}
		})))
	}
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server { return serve("", api) }, adaptertest.Group(serve))
}
