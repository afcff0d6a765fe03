package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// order is a body of 264 bytes with the rules of the row W3 of the performance guide.
type order struct {
	ID       int     `json:"id,omitzero"`
	Customer string  `json:"customer" validate:"required,max=50"`
	Email    string  `json:"email" validate:"required,email"`
	Total    float64 `json:"total" validate:"min=0"`
	Currency string  `json:"currency" validate:"oneof=EUR USD"`
	Paid     bool    `json:"paid"`
	Note     string  `json:"note" validate:"max=200"`
	Address  address `json:"address"`
	Lines    []line  `json:"lines" validate:"required,max=50,dive"`
}

type address struct {
	Street string `json:"street" validate:"required"`
	City   string `json:"city" validate:"required"`
}

type line struct {
	SKU   string `json:"sku" validate:"required"`
	Count int    `json:"count" validate:"min=1"`
}

func someOrder() order {
	return order{
		Customer: "Ada Lovelace", Email: "ada@example.com", Total: 129.5, Currency: "EUR", Paid: true, Note: "Leave it at the door.",
		Address: address{"12 St James's Square", "London"}, Lines: []line{{"A-1001", 2}, {"B-2002", 1}, {"C-3003", 5}},
	}
}

var postOrder = typed.Post[order, order]("/orders", typed.Status(http.StatusCreated))

func newOrders() *typed.API {
	api := typed.New("Orders", "1", nil)
	postOrder.Handle(api, func(_ context.Context, in order, res *typed.Response[order]) (typed.Answer, error) {
		in.ID = 7
		return res.JSON(in)
	})
	return api
}

// recording is the smallest http.ResponseWriter.
type recording struct {
	header http.Header
	body   []byte
	status int
}

func (w *recording) Header() http.Header { return w.header }
func (w *recording) WriteHeader(s int)   { w.status = s }
func (w *recording) Write(p []byte) (int, error) {
	w.body = append(w.body, p...)
	return len(p), nil
}

// serverAlone is what the API does for a request, and nothing else.
func serverAlone(tb testing.TB) func() {
	api := newOrders()
	content, err := json.Marshal(someOrder())
	require.NoError(tb, err)
	body := bytes.NewReader(content)
	r := httptest.NewRequest("POST", "/orders", body)
	r.Header.Set("Content-Type", "application/json")
	w := &recording{header: http.Header{}}
	return func() {
		body.Reset(content)
		clear(w.header)
		w.body = w.body[:0]
		api.ServeHTTP(w, r)
		if w.status != 201 {
			tb.Fatalf("%d %s", w.status, w.body)
		}
	}
}

func overLocal(tb testing.TB) func() {
	c := client.Local(newOrders())
	return func() {
		check(tb, func(in order) (order, error) { return client.Call(context.Background(), c, postOrder, in) })
	}
}

// overRecorder is what a test does by hand.
func overRecorder(tb testing.TB) func() {
	api := newOrders()
	return func() {
		check(tb, func(in order) (out order, err error) {
			content, err := json.Marshal(in)
			if err != nil {
				return out, err
			}
			r := httptest.NewRequest("POST", "/orders", bytes.NewReader(content))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code != 201 {
				return out, fmt.Errorf("%d", w.Code)
			}
			return out, json.NewDecoder(w.Body).Decode(&out)
		})
	}
}

func listen(tb testing.TB) string {
	srv := httptest.NewServer(newOrders())
	tb.Cleanup(srv.Close)
	return srv.URL
}

func overSocket(tb testing.TB, url string) func() {
	c := client.New(url, nil)
	return func() {
		check(tb, func(in order) (order, error) { return client.Call(context.Background(), c, postOrder, in) })
	}
}

// byHand is a client as a careful engineer writes it with net/http and encoding/json.
func byHand(tb testing.TB, url string) func() {
	return func() {
		check(tb, func(in order) (out order, err error) {
			content, err := json.Marshal(in)
			if err != nil {
				return out, err
			}
			req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url+"/orders", bytes.NewReader(content))
			if err != nil {
				return out, err
			}
			req.Header.Set("Content-Type", "application/json")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return out, err
			}
			defer func() { _ = res.Body.Close() }()
			content, err = io.ReadAll(io.LimitReader(res.Body, 10<<20))
			if err != nil {
				return out, err
			}
			if res.StatusCode != http.StatusCreated || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
				return out, fmt.Errorf("%d %s", res.StatusCode, content)
			}
			return out, json.Unmarshal(content, &out)
		})
	}
}

func check(tb testing.TB, call func(order) (order, error)) {
	got, err := call(someOrder())
	if err != nil || got.ID != 7 || len(got.Lines) != 3 {
		tb.Fatalf("%+v %v", got, err)
	}
}

func BenchmarkCall(b *testing.B) {
	url := listen(b)
	for _, bb := range []struct {
		name string
		call func()
	}{
		{"server alone", serverAlone(b)}, {"local", overLocal(b)}, {"recorder by hand", overRecorder(b)},
		{"socket", overSocket(b, url)}, {"socket by hand", byHand(b, url)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bb.call()
			}
		})
	}
}

// A call over Local has a third of the allocations of a test by hand, which has 52, or 41 from
// Go 1.27 on; one over a socket fewer than a client by hand, which has 114, or 99. Most of
// those are net/http's.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	url := listen(t)
	local, recorder := testing.AllocsPerRun(200, overLocal(t)), testing.AllocsPerRun(200, overRecorder(t))
	socket, hand := testing.AllocsPerRun(200, overSocket(t, url)), testing.AllocsPerRun(200, byHand(t, url))
	t.Logf("local %.0f, recorder by hand %.0f; socket %.0f, by hand %.0f; the server alone %.0f", local, recorder, socket, hand, testing.AllocsPerRun(200, serverAlone(t)))
	if most := 14.0; local > most {
		t.Errorf("local: %.0f allocations, at most %.0f", local, most)
	}
	if most := 96.0; socket > most {
		t.Errorf("over a socket: %.0f allocations, at most %.0f", socket, most)
	}
}

// TestCostOfCalls measures in turns, with APIROUTES_PROOF=1. When it was written, a call over Local
// took 2.2 to 2.5 of the CPU time of the server alone, and one over a socket 1.0 to 1.1 of that by
// hand. The limits leave room for a machine that does other things.
func TestCostOfCalls(t *testing.T) {
	if os.Getenv("APIROUTES_PROOF") == "" || raceEnabled {
		t.Skip("timings: set APIROUTES_PROOF=1")
	}
	url := listen(t)
	for _, tt := range []struct {
		name string
		a, b func()
		most float64
		n    int
	}{
		{"local to the server alone", overLocal(t), serverAlone(t), 3.5, 2000},
		{"socket to one by hand", overSocket(t, url), byHand(t, url), 1.3, 300},
	} {
		ratios := make([]float64, 41)
		for i := range ratios {
			ratios[i] = float64(timed(tt.n, tt.a)) / float64(timed(tt.n, tt.b))
		}
		slices.Sort(ratios)
		median := ratios[len(ratios)/2]
		t.Logf("%s: %.2f", tt.name, median)
		if median > tt.most {
			t.Errorf("%s: %.2f, at most %.2f", tt.name, median, tt.most)
		}
	}
}

// timed is the CPU time of n calls, of all threads: what other programs do does not count.
func timed(n int, f func()) time.Duration {
	began := cpuTime()
	for range n {
		f()
	}
	return cpuTime() - began
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
