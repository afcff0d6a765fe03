package docs_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// big is an API with n endpoints of six kinds, as programs have them: many paths, few types.
func big(n int) *typed.API {
	api := typed.New("Big", "1.0", nil)
	for i := range n {
		path := fmt.Sprintf("/r%d", i/6)
		switch i % 6 {
		case 0:
			typed.Handle(api, "GET "+path, answer[List, []Item])
		case 1:
			typed.Handle(api, "POST "+path, answer[Item, Item], typed.Status(201))
		case 2:
			typed.Handle(api, "GET "+path+"/{id}", func(_ context.Context, _ One, out *Answers) (typed.Answer, error) { return out.OK.JSON(Item{}) })
		case 3:
			typed.Handle(api, "PATCH "+path+"/{number}", answer[Change, *Item])
		case 4:
			typed.Handle(api, "DELETE "+path+"/{id}", answer[One, typed.None])
		case 5:
			typed.Handle(api, "POST "+path+"/form", answer[Form, typed.None])
		}
	}
	return api
}

// curve is the growth that the costs are measured along.
var curve = []int{1, 100, 1000, 5000}

func BenchmarkRegister(b *testing.B) {
	for _, n := range curve {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				big(n)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/endpoint")
		})
	}
}

func BenchmarkDocument(b *testing.B) {
	for _, n := range curve {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			api := big(n)
			b.ResetTimer()
			for range b.N {
				doc, err := docs.OpenAPI(api, nil)
				require.NoError(b, err)
				_, err = doc.JSON()
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkDocumentOfOwnTypes is per endpoint comparable with BenchmarkDocument.
func BenchmarkDocumentOfOwnTypes(b *testing.B) {
	api := distinct()
	b.ReportAllocs()
	for b.Loop() {
		doc, err := docs.OpenAPI(api, nil)
		require.NoError(b, err)
		_, err = doc.JSON()
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/200, "µs/endpoint")
}

func BenchmarkServe(b *testing.B) {
	for _, n := range curve {
		api := big(n)
		docs.Mount(api, nil)
		for _, path := range []string{"/openapi.json", "/docs"} {
			b.Run(fmt.Sprint(path, "/", n), func(b *testing.B) {
				r := httptest.NewRequest("GET", path, nil)
				r.Header.Set("Accept-Encoding", "gzip")
				b.ReportAllocs()
				for range b.N {
					api.ServeHTTP(discard{header: http.Header{}}, r)
				}
			})
		}
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(p []byte) (int, error) { return len(p), nil }

// TestCosts holds the costs that a program pays once: linear in the number of endpoints,
// a document at 0.1 ms an endpoint, with types that endpoints share and with types of
// their own, and the document served in 0.1 ms. Those are the limits of a proof
// (APIROUTES_PROOF=1), which has the machine to itself. Otherwise other packages are
// tested at the same time, perhaps under the race detector, and the limits are
// twenty times as wide. What grows with the square would take 25 times as long for
// five times as many; half of that is let pass, because caches end somewhere.
func TestCosts(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures time")
	}
	const slope = 13
	rounds, room := 3, time.Duration(20)
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds, room = 20, 1
	}
	best := func(run func()) time.Duration {
		least := time.Hour
		for range rounds {
			start := time.Now()
			run()
			least = min(least, time.Since(start))
		}
		return least
	}
	document := func(api *typed.API) time.Duration {
		return best(func() {
			doc, err := docs.OpenAPI(api, nil)
			require.NoError(t, err)
			_, err = doc.JSON()
			require.NoError(t, err)
		})
	}
	few, many := best(func() { big(1000) }), best(func() { big(5000) })
	api := big(1000)
	shared, five, own := document(api), document(big(5000)), document(distinct())
	docs.Mount(api, nil)
	served := best(func() { get(api, "/openapi.json", "Accept-Encoding", "gzip") })
	t.Logf("register %v each of 1000, %v each of 5000; document of 1000 endpoints %v, of 5000 %v, of 200 with types of their own %v; serve it %v",
		few/1000, many/5000, shared, five, own, served)
	// Other processes may take a turn from one of two measurements: both are made again then.
	for turn := 0; many >= slope*few && turn < 5; turn++ {
		few, many = best(func() { big(1000) }), best(func() { big(5000) })
	}
	require.Less(t, many, slope*few, "registering is linear")
	for turn := 0; five >= slope*shared && turn < 5; turn++ {
		shared, five = document(big(1000)), document(big(5000))
	}
	require.Less(t, five, slope*shared, "the document is linear")
	require.Less(t, shared, room*100*time.Millisecond)
	require.Less(t, own, room*20*time.Millisecond)
	require.Less(t, served, room*100*time.Microsecond)
}
