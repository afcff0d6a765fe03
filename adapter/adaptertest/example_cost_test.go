package adaptertest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
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
	byHand := http.NewServeMux()
	byHand.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		id, err1 := strconv.Atoi(r.PathValue("id"))
		limit, err2 := strconv.Atoi(cmp.Or(query.Get("limit"), "20"))
		verbose, err3 := strconv.ParseBool(cmp.Or(query.Get("verbose"), "false"))
		in := adaptertest.CostLookup{ID: id, Verbose: verbose, Limit: limit, Trace: r.Header.Get("X-Trace")}
		if cmp.Or(err1, err2, err3) != nil || in.ID < 1 || in.Limit < 1 || in.Limit > 100 || len(in.Trace) > 64 {
			http.Error(w, "invalid", http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(adaptertest.CostFound(in))
	})
	byHand.HandleFunc("POST /users", func(w http.ResponseWriter, r *http.Request) {
		var in adaptertest.CostUser
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !strings.Contains(in.Email, "@") || in.Age > 150 ||
			!slices.Contains([]string{"admin", "member", "guest"}, in.Role) || len(in.Tags) > 10 || in.Address.City == "" || len(in.Bio) > 200 {
			http.Error(w, "invalid", http.StatusUnprocessableEntity)
			return
		}
		fmt.Println("created", in.Name, in.Active)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(adaptertest.CostCreated{ID: 1, User: in})
	})

	api := adaptertest.CostAPI()
	for _, load := range adaptertest.Workloads() {
		for _, h := range []http.Handler{api, byHand} {
			r := httptest.NewRequest(load.Method, load.Target, strings.NewReader(load.Body))
			for name, value := range load.Header {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			fmt.Println(load.Name, w.Code == load.Want)
		}
	}
	// Output:
	// W2 true
	// W2 true
	// W3 true
	// created Ada Lovelace true
	// W3 true
}

// A server that a test asks over a socket.
func ExampleServe() {
	mux := http.NewServeMux()
	mux.Handle("/", adaptertest.CostAPI())
	server := adaptertest.Serve(mux)
	defer server.Close()
	res, err := http.Get(server.URL + "/users/7")
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = res.Body.Close()
	fmt.Println(res.StatusCode)
	// Output:
	// 200
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
