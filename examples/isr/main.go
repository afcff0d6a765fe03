// Isr is a small blog whose pages are rendered once and kept, the way Next.js calls
// incremental static regeneration: fresh for ten seconds, then served stale while one
// render replaces them, and rendered at once when a post is saved. A page that is open
// shows what was saved as it happens.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/redis/rueidis"

	"github.com/apiroutes/apiroutes/examples/routers/serve"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/diskstore"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	router := flag.String("router", "nethttp", "what routes: "+serve.Names)
	store := flag.String("store", "memory", "where pages are kept: memory, disk or redis")
	dir := flag.String("dir", filepath.Join(os.TempDir(), "apiroutes-isr"), "directory of the posts, and of the pages with -store disk")
	server := flag.String("redis", "127.0.0.1:6379", "address of the Redis or Valkey server for -store redis")
	secret := flag.String("secret", "", "secret of the webhook POST /hooks/pages; empty: no webhook")
	flag.Parse()
	if err := run(*addr, *router, *store, *dir, *server, *secret); err != nil {
		log.Fatal(err)
	}
}

func run(addr, router, store, dir, server, secret string) error {
	kept, posts, err := open(store, dir, server)
	if err != nil {
		return err
	}
	pages := pagecache.New(kept, nil)
	defer pages.Close()
	fmt.Printf(`Listening on %[1]s. Open http://%[1]s/ in two windows of a browser, or try:

  curl -i http://%[1]s/posts/1
  curl -i http://%[1]s/api/posts/1
  curl -i http://%[1]s/posts/1 -d title=New -d body=Text
  curl -iN http://%[1]s/changes

`, addr)
	return serve.With(context.Background(), router, addr, newAPI(posts, pages, secret))
}

// open opens the store of the pages and the posts.
func open(store, dir, server string) (pagecache.Store, *Posts, error) {
	if store == "memory" {
		posts, err := openPosts("", false)
		return pagecache.Memory(64 << 20), posts, err
	}
	if store != "disk" && store != "redis" {
		return nil, nil, fmt.Errorf("-store is %q: write memory, disk or redis", store)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	posts, err := openPosts(filepath.Join(dir, "posts.json"), store == "redis")
	if err != nil {
		return nil, nil, err
	}
	if store == "disk" {
		kept, err := diskstore.Open(filepath.Join(dir, "pages.db"), nil)
		return kept, posts, err
	}
	kept, err := redisstore.Open(rueidis.ClientOption{InitAddress: []string{server}}, &redisstore.Options{Prefix: "isr"})
	return kept, posts, err
}
