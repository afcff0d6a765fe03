// Isr is a small blog whose pages are rendered once and kept, the way Next.js calls
// incremental static regeneration: fresh for ten seconds, then served stale while one
// render replaces them, and rendered at once when a post is saved.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/diskstore"
	"github.com/apiroutes/apiroutes/typed"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	store := flag.String("store", "memory", "where pages and posts are kept: memory or disk")
	dir := flag.String("dir", filepath.Join(os.TempDir(), "apiroutes-isr"), "directory for -store disk")
	secret := flag.String("secret", "", "secret of the webhook POST /hooks/pages; empty: no webhook")
	flag.Parse()
	if err := run(*addr, *store, *dir, *secret); err != nil {
		log.Fatal(err)
	}
}

func run(addr, store, dir, secret string) error {
	kept, posts, err := open(store, dir)
	if err != nil {
		return err
	}
	pages := pagecache.New(kept, nil)
	defer pages.Close()
	fmt.Printf(`Listening on %[1]s. Open http://%[1]s/ in a browser, or try:

  curl -i http://%[1]s/posts/1
  curl -i http://%[1]s/api/posts/1
  curl -i http://%[1]s/posts/1 -d title=New -d body=Text

`, addr)
	return typed.Serve(context.Background(), addr, newAPI(posts, pages, secret))
}

// open opens the store of the pages and the posts.
func open(store, dir string) (pagecache.Store, *Posts, error) {
	switch store {
	case "memory":
		posts, err := openPosts("")
		return pagecache.Memory(64 << 20), posts, err
	case "disk":
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, nil, err
		}
		posts, err := openPosts(filepath.Join(dir, "posts.json"))
		if err != nil {
			return nil, nil, err
		}
		kept, err := diskstore.Open(filepath.Join(dir, "pages.db"), nil)
		return kept, posts, err
	}
	return nil, nil, fmt.Errorf("-store is %q: write memory or disk", store)
}
