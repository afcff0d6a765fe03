package redisstore_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/typed"
)

func Example() {
	store, err := redisstore.Open(rueidis.ClientOption{InitAddress: []string{"redis:6379"}},
		&redisstore.Options{Prefix: "blog"})
	if err != nil {
		log.Fatal(err) // an option is wrong; the server need not be there yet
	}
	pages := pagecache.New(store, nil)
	defer pages.Close() // closes the store
	api := typed.New("Blog", "1.0.0", &typed.Options{Pages: pages})

	typed.Handle(api, "GET /posts/{id}", typed.Func(func(_ context.Context, in getValue) (string, error) {
		return "post " + in.ID, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Minute, Tags: []string{"posts"}}))

	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, r *http.Request) {
		if err := store.Ready(r.Context()); err != nil {
			http.Error(w, "no lease", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		var stats redisstore.Stats = store.Stats()
		fmt.Fprintln(w, stats.Near, stats.Far, stats.Missed, stats.Members)
	})
	log.Fatal(typed.Serve(context.Background(), ":8080", mux))
}
