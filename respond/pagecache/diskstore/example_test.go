package diskstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/diskstore"
	"github.com/apiroutes/apiroutes/typed"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "pages")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	store, err := diskstore.Open(filepath.Join(dir, "pages.db"), &diskstore.Options{MaxBytes: 64 << 20})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	api := typed.New("Books", "1.0.0", &typed.Options{Pages: pagecache.New(store, nil)})
	renders := 0
	typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]string, error) {
		renders++
		return []string{"Emma"}, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour}))

	for range 3 {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/books", nil))
		fmt.Println(w.Body, "renders:", renders)
	}
	// Output:
	// ["Emma"] renders: 1
	// ["Emma"] renders: 1
	// ["Emma"] renders: 1
}

// A small machine, whose disk is written to rarely. Close writes what waits, so that the
// pages are there after a restart.
func ExampleOptions() {
	dir, err := os.MkdirTemp("", "pages")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	for range 2 { // runs of the program
		store, err := diskstore.Open(filepath.Join(dir, "pages.db"), &diskstore.Options{
			MaxBytes: 256 << 20,
			Memory:   4 << 20,          // of them, ready to be served
			Interval: 10 * time.Second, // pages that a process which is killed may lose
			Log:      slog.New(slog.NewJSONHandler(os.Stderr, nil)),
		})
		if err != nil {
			panic(err)
		}
		pages := pagecache.New(store, &pagecache.Options{Build: "v1.2.0"})
		api := typed.New("Books", "1.0.0", &typed.Options{Pages: pages})
		typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]string, error) {
			fmt.Println("render")
			return []string{"Emma"}, nil
		}), typed.Cache(pagecache.Policy{TTL: time.Hour}))

		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/books", nil))
		fmt.Println(w.Body)
		if err := pages.Close(); err != nil { // closes the store
			panic(err)
		}
	}
	// Output:
	// render
	// ["Emma"]
	// ["Emma"]
}
