// Command starter is an API to begin with: its types and endpoints are in notes.go, what
// it answers is tested in notes_test.go, and openapi.json is its document.
package main

import (
	"cmp"
	"context"
	"flag"
	"log"
	"os"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

func main() {
	addr := flag.String("addr", ":"+cmp.Or(os.Getenv("PORT"), "8080"), "address to listen on")
	flag.Parse()
	server := &typed.Server{
		Addr:     *addr,
		Handler:  newAPI(),
		Ready:    typed.Probe{Path: "/readyz"}, // give it a Check: db.PingContext, say
		Live:     typed.Probe{Path: "/livez"},
		LameDuck: lameDuck(),
	}
	log.Printf("serving on %s: /docs has the documentation", server.Addr)
	if err := server.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// lameDuck is how long a server that ends goes on accepting, until the load balancer has
// turned away: LAME_DUCK=10s. Without a load balancer it is 0.
func lameDuck() time.Duration {
	value := os.Getenv("LAME_DUCK")
	if value == "" {
		return 0
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		log.Fatalf("LAME_DUCK: %v: write it as 10s", err)
	}
	return d
}
