package typed_test

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

// checkDatabase stands for db.PingContext.
func checkDatabase(context.Context) error { return nil }

// A server behind a load balancer: it says when it is ready, and goes on for ten
// seconds after it has said that it no longer is.
func ExampleServer() {
	server := &typed.Server{
		Addr:     ":8080",
		Handler:  newBooksAPI(),
		Ready:    typed.Probe{Path: "/readyz", Check: checkDatabase},
		Live:     typed.Probe{Path: "/livez"},
		LameDuck: 10 * time.Second,
		Drain:    15 * time.Second,
	}
	if err := server.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// A certificate of one's own, and a port that a platform assigns.
func ExampleServer_tls() {
	server := &typed.Server{
		Addr:     ":" + os.Getenv("PORT"),
		Handler:  newBooksAPI(),
		CertFile: "/etc/books/tls.crt",
		KeyFile:  "/etc/books/tls.key",
	}
	if err := server.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// A health check that stands beside the API.
func ExampleProbe() {
	server := &typed.Server{
		Addr:    ":8080",
		Handler: newBooksAPI(),
		Ready:   typed.Probe{Path: "/readyz", Check: checkDatabase},
	}
	log.Println(server.Serve(context.Background()))
}

// A handler of net/http beside the API that sends events until its client has left or the
// server drains.
func ExampleDraining() {
	mux := http.NewServeMux()
	mux.Handle("/api/", newBooksAPI())
	mux.HandleFunc("GET /clock", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case <-typed.Draining(r.Context()):
				return
			case <-r.Context().Done():
				return
			case now := <-time.After(time.Second):
				_, _ = w.Write([]byte("data: " + now.Format(time.TimeOnly) + "\n\n"))
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
	log.Println(typed.Serve(context.Background(), ":8080", mux))
}
