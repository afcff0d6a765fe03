package diskstore_test

import (
	"context"
	"fmt"
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
