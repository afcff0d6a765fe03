package typedtest_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

// numbered gives each answer a header field of its own, as those do that name a request.
func numbered() func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	n := 0
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		n++
		w.Header().Set("X-Request-ID", strconv.Itoa(n))
		next.ServeHTTP(w, r)
	}
}

// TestNoFault explores APIs that do what no document says, and nothing wrong.
func TestNoFault(t *testing.T) {
	for name, plant := range map[string]func(*typed.API){
		"a header field of each answer":              wrapped(numbered()),
		"a header field of each answer, and a cache": cached(numbered()),
	} {
		t.Run(name, func(t *testing.T) {
			opts := &typed.Options{}
			if strings.Contains(name, "cache") {
				opts.Pages = pagecache.New(pagecache.Memory(1<<20), nil)
				defer opts.Pages.Close()
			}
			api := typed.New("Unsaid", "1", opts)
			plant(api)
			var r recording
			typedtest.Explore(&r, api, &typedtest.Options{Seed: seed(), Count: cases(), Time: time.Minute})
			if diff := cmp.Diff([]string(nil), r.errors); diff != "" {
				t.Error(diff)
			}
			if log := strings.Join(r.logs, "\n"); !strings.Contains(log, "1 of 1 endpoints took a request") {
				t.Error(log)
			}
		})
	}
}
