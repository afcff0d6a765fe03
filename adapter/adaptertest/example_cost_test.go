package adaptertest_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/typed"
)

// A router that does not serve net/http listens by itself, is mounted in a group as well,
// and has the suite's middleware and route.
func ExampleRun() {
	router := func(prefix string, api *typed.API) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/", api)
		mux.HandleFunc("GET "+adaptertest.OwnPath, adaptertest.Own)
		return adaptertest.Middleware(mux) // sets adaptertest.Header, and hands on adaptertest.WithValue
	}
	listen := func(h http.Handler) adaptertest.Server {
		srv := &http.Server{Handler: h}
		return adaptertest.Listen(func(l net.Listener) error { return srv.Serve(l) }, srv.Close)
	}
	testAdapter := func(t *testing.T) {
		opts := []adaptertest.Option{
			adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server { return listen(router(prefix, api)) }),
			adaptertest.Answers("path/clean", http.StatusMovedPermanently, "the mux redirects such paths"),
		}
		run := func(start adaptertest.Start) { adaptertest.Run(t, start, opts...) }
		run(func(api *typed.API) adaptertest.Server { return listen(router("", api)) })
	}
	_ = testAdapter
}

// What an adapter adds to its router, at most MaxAddedAllocs and MaxAddedTime.
func ExampleCost() {
	testCost := func(t *testing.T) {
		empty := http.NewServeMux()
		empty.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
		adaptertest.Cost(t, empty, func(api *typed.API) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("/", api)
			return mux
		})
	}
	_ = testCost

	api := adaptertest.CostAPI()
	check := func(w adaptertest.Workload) { fmt.Println(w.Name, w.Status(api) == w.Want) }
	for _, w := range adaptertest.Workloads() {
		check(w)
	}
	times, allocs := adaptertest.Compare(adaptertest.Workloads()[0].Run(api))
	fmt.Println(len(times), allocs[0] > 0, adaptertest.MaxAddedAllocs, adaptertest.MaxAddedTime)
	// Output:
	// W2 true
	// W3 true
	// 1 true 3 300ns
}

// The same work by hand, for a router's own way of doing it.
func ExampleCostAPI() {
	find := func(in adaptertest.CostLookup) adaptertest.CostFound {
		return adaptertest.CostFound{ID: in.ID, Limit: in.Limit}
	}
	create := func(in adaptertest.CostUser) adaptertest.CostCreated {
		return adaptertest.CostCreated{ID: 1, User: in}
	}
	fmt.Println(find(adaptertest.CostLookup{ID: 7, Limit: 20}).ID, create(adaptertest.CostUser{Name: "Ada"}).User.Name)
	// Output:
	// 7 Ada
}

// Middleware of a router that has a context of its own.
func ExampleWithValue() {
	for _, h := range []http.Handler{adaptertest.Middleware(http.NotFoundHandler())} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(adaptertest.WithValue(context.Background())))
		fmt.Println(w.Header().Get(adaptertest.Header))
	}
	// Output:
	// seen
}

// Every kind of request and answer, called through package client over the router.
func ExampleRoundTrips() {
	testCalls := func(t *testing.T) {
		adaptertest.RoundTrips(t, func(api *typed.API) adaptertest.Server {
			mux := http.NewServeMux()
			mux.Handle("/", api)
			return adaptertest.Serve(mux)
		}, 100)
	}
	_ = testCalls

	embedded := struct{ *adaptertest.Extra }{&adaptertest.Extra{Weight: 1.5}} // one of the kinds
	fmt.Println(embedded.Weight)
	// Output:
	// 1.5
}
