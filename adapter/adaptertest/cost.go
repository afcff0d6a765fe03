package adaptertest

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

// Most an adapter for a router of net/http may add to the router's empty handler and
// the endpoint on net/http.
const (
	MaxAddedTime   = 300 * time.Nanosecond
	MaxAddedAllocs = 3
)

// Cost measures what an adapter adds. empty is a router with handlers that do
// nothing at the two paths of [CostAPI]; mounted is such a router with the API.
// It fails beyond [MaxAddedAllocs], and beyond [MaxAddedTime] if APIROUTES_PROOF is
// set: time is not to be had for sure on a machine that does other things.
func Cost(t *testing.T, empty http.Handler, mounted func(*typed.API) http.Handler) {
	api := CostAPI()
	router := mounted(CostAPI())
	for _, w := range Workloads() {
		t.Run(w.Name, func(t *testing.T) {
			if w.Status(api) != w.Want || w.Status(router) != w.Want {
				t.Fatalf("status %d on net/http, %d under the router, want %d", w.Status(api), w.Status(router), w.Want)
			}
			runs := []func(){w.Run(empty), w.Run(api), w.Run(router), w.Run(http.HandlerFunc(nothing))}
			// Each run makes its request, which is not part of any. A machine that does other
			// things makes nothing faster: the least that is added in some turns counts.
			var times []time.Duration
			var more float64
			added := time.Duration(math.MaxInt64)
			for turn := 0; turn < 5 && added > MaxAddedTime; turn++ {
				took, allocs := Compare(runs...)
				more = allocs[2] - allocs[1] - allocs[0] + allocs[3]
				if diff := took[2] - took[1] - took[0] + took[3]; diff < added {
					times, added = took, diff
				}
			}
			t.Logf("adaptertest: %s: router %v, net/http %v, mounted %v: adds %v and %.0f allocations",
				w.Name, times[0]-times[3], times[1]-times[3], times[2]-times[3], added, more)
			if more > MaxAddedAllocs {
				t.Errorf("adds %.0f allocations, more than %d", more, MaxAddedAllocs)
			}
			if added > MaxAddedTime && os.Getenv("APIROUTES_PROOF") != "" {
				t.Errorf("adds %v, more than %v", added, MaxAddedTime)
			}
		})
	}
}

func nothing(http.ResponseWriter, *http.Request) {}

// Compare times runs against each other, in turns, and takes the best turn of
// each: what disturbs the machine then disturbs all. It counts allocations as well.
func Compare(runs ...func()) (times []time.Duration, allocs []float64) {
	const rounds, each = 40, 500
	times = make([]time.Duration, len(runs))
	for _, run := range runs {
		allocs = append(allocs, testing.AllocsPerRun(each, run))
	}
	runtime.GC()
	for round := range rounds {
		for i := range runs {
			run := runs[(i+round)%len(runs)]
			start := time.Now()
			for range each {
				run()
			}
			took := time.Since(start) / each
			if best := &times[(i+round)%len(runs)]; round == 0 || took < *best {
				*best = took
			}
		}
	}
	return times, allocs
}

// A Workload is one request to [CostAPI].
type Workload struct {
	Name   string
	Method string
	Target string
	Header map[string]string
	Body   string
	Want   int
}

// Workloads returns a GET with four parameters, and a POST of some 300 bytes of JSON
// with the usual rules.
func Workloads() []Workload {
	return []Workload{
		{"W2", http.MethodGet, "/users/42?verbose=true&limit=10", map[string]string{"X-Trace": "abc-123"}, "", http.StatusOK},
		{"W3", http.MethodPost, "/users", map[string]string{"Content-Type": "application/json"},
			`{"name":"Ada Lovelace","email":"ada@example.com","age":36,"role":"admin","active":true,"tags":["math","engines","poetry"],` +
				`"address":{"street":"12 St James Square","city":"London","zip":"SW1Y 4JH","country":"GB"},"bio":"Wrote the first program."}`, http.StatusCreated},
	}
}

type (
	// CostLookup is what a request with parameters takes.
	CostLookup struct {
		ID      int    `path:"id" validate:"min=1"`
		Verbose bool   `query:"verbose"`
		Limit   int    `query:"limit" default:"20" validate:"min=1,max=100"`
		Trace   string `header:"X-Trace" validate:"max=64"`
	}
	// CostFound is its answer.
	CostFound struct {
		ID      int    `json:"id"`
		Verbose bool   `json:"verbose"`
		Limit   int    `json:"limit"`
		Trace   string `json:"trace"`
	}
	// CostUser is the content of a request.
	CostUser struct {
		Name    string   `json:"name" validate:"required,min=2,max=50"`
		Email   string   `json:"email" validate:"required,email"`
		Age     int      `json:"age" validate:"min=0,max=150"`
		Role    string   `json:"role" validate:"oneof=admin member guest"`
		Active  bool     `json:"active"`
		Tags    []string `json:"tags" validate:"max=10,dive,min=1,max=20"`
		Address struct {
			Street  string `json:"street" validate:"required"`
			City    string `json:"city" validate:"required"`
			Zip     string `json:"zip" validate:"max=10"`
			Country string `json:"country" validate:"len=2"`
		} `json:"address"`
		Bio string `json:"bio" validate:"max=200"`
	}
	// CostCreated is its answer.
	CostCreated struct {
		ID   int      `json:"id"`
		User CostUser `json:"user"`
	}
)

// CostAPI answers the workloads, at GET /users/{id} and POST /users.
func CostAPI() *typed.API {
	api := typed.New("Cost", "1", nil)
	typed.Handle(api, "GET /users/{id}", func(_ context.Context, in CostLookup, res *typed.Response[CostFound]) (typed.Answer, error) {
		return res.JSON(CostFound(in))
	}, typed.NoETag())
	typed.Handle(api, "POST /users", func(_ context.Context, in CostUser, res *typed.Response[CostCreated]) (typed.Answer, error) {
		return res.JSON(CostCreated{7, in})
	}, typed.Status(http.StatusCreated), typed.NoETag())
	return api
}

// Run returns what sends the workload to h once, without a network.
func (w Workload) Run(h http.Handler) func() {
	template, err := http.NewRequest(w.Method, w.Target, http.NoBody)
	if err != nil {
		panic(err)
	}
	template.RequestURI = w.Target
	for name, value := range w.Header {
		template.Header.Set(name, value)
	}
	template.ContentLength = int64(len(w.Body))
	out := &discard{header: http.Header{}}
	content := []byte(w.Body)
	return func() {
		r := *template // a router changes its request
		r.Body = io.NopCloser(bytes.NewReader(content))
		clear(out.header)
		h.ServeHTTP(out, &r)
	}
}

// Status is what h answers.
func (w Workload) Status(h http.Handler) int {
	out := &discard{header: http.Header{}}
	r, err := http.NewRequest(w.Method, w.Target, bytes.NewReader([]byte(w.Body)))
	if err != nil {
		panic(err)
	}
	for name, value := range w.Header {
		r.Header.Set(name, value)
	}
	h.ServeHTTP(out, r)
	return out.status
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
