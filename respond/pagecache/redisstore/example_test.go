package redisstore_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
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
	mux.HandleFunc("GET /started", func(w http.ResponseWriter, r *http.Request) {
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

// A server that loses nothing, with a replica, and pages that only the nodes can read.
// Open says what is wrong with an option.
func ExampleOptions() {
	seal, _ := hex.DecodeString("c0ffee") // a program reads it where it has its secrets
	opts := &redisstore.Options{
		Prefix:     "blog",
		Lease:      time.Second,            // how long a Revalidate waits for a node that has died
		Timeout:    400 * time.Millisecond, // of one call: less than half a lease
		Memory:     128 << 20,              // of this node, beside the server
		MaxLog:     1 << 16,                // bumps that a node which starts still needs its pages for
		Durable:    true,                   // the server has appendonly yes and appendfsync always
		Replicas:   1,                      // has each bump as well
		ServeStale: false,                  // without the server, pages are rendered rather than old
		Seal:       seal,
		Log:        slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}
	_, err := redisstore.Open(rueidis.ClientOption{InitAddress: []string{"redis:6379"}}, opts)
	fmt.Println(err)
	// Output:
	// redisstore: Options.Seal has 3 bytes: give it 32 random ones
}

// What an operator wants to be told of.
func ExampleStats() {
	trouble := func(s redisstore.Stats) string {
		switch {
		case !s.Leased:
			return fmt.Sprintf("no lease: %d reads were renders in place of pages", s.Fenced)
		case s.BarrierTimeouts > 0:
			return fmt.Sprintf("%d times a node of %d was silent while pages became old", s.BarrierTimeouts, s.Members)
		case s.Epochs > 1:
			return "the server lost its state: every page was rendered again"
		}
		return "none"
	}
	fmt.Println(trouble(redisstore.Stats{Fenced: 12}))
	fmt.Println(trouble(redisstore.Stats{Leased: true, Epochs: 1, Members: 3, BarrierTimeouts: 2}))
	fmt.Println(trouble(redisstore.Stats{Leased: true, Epochs: 2, Members: 3}))
	// Output:
	// no lease: 12 reads were renders in place of pages
	// 2 times a node of 3 was silent while pages became old
	// the server lost its state: every page was rendered again
}
