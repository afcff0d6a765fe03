package adaptertest_test

import (
	"net/http"
	"testing"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/typed"
)

// In the tests of an adapter of your own. The name of a test begins with Test.
func Example() {
	testAdapter := func(t *testing.T) {
		adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
			mux := http.NewServeMux() // your router, with the API mounted in it
			mux.Handle("/", api)
			return adaptertest.Serve(mux)
		}, adaptertest.Differs("the name of a rule", "why the router cannot keep it"))
	}
	_ = testAdapter
}
