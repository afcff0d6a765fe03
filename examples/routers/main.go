// Routers serves the endpoints of the quickstart under the router of your choice.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	router := flag.String("router", "nethttp", "one of "+names())
	flag.Parse()
	serve, ok := routers[*router]
	if !ok {
		log.Fatalf("-router is %q: write one of %s", *router, names())
	}
	fmt.Printf(`Listening on %[1]s with %[2]s. Try:

  curl -i http://%[1]s/api/users -H 'Content-Type: application/json' -d '{"name":"Ada","email":"ada@example.com"}'
  curl -i http://%[1]s/api/users/1
  curl -i 'http://%[1]s/api/users?limit=1000'
  curl -i http://%[1]s/health

or open http://%[1]s/api/docs in a browser.

`, *addr, *router)
	if err := serve(context.Background(), *addr, newAPI()); err != nil {
		log.Fatal(err)
	}
}

func names() string { return strings.Join(slices.Sorted(maps.Keys(routers)), ", ") }
