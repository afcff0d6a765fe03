package typed_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
)

// discard is a ResponseWriter that costs nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

type rewound struct{ *bytes.Reader }

func (rewound) Close() error { return nil }

// allocations counts what one request allocates, the request itself aside.
func allocations(t *testing.T, api http.Handler, req *http.Request, body string, want int) float64 {
	t.Helper()
	content := bytes.NewReader([]byte(body))
	req.Body, req.ContentLength = rewound{content}, int64(len(body))
	w := &discard{header: http.Header{}}
	n := testing.AllocsPerRun(200, func() {
		_, _ = content.Seek(0, io.SeekStart)
		clear(w.header)
		api.ServeHTTP(w, req)
	})
	if w.status != want {
		t.Fatalf("status %d, want %d", w.status, want)
	}
	return n
}

type order struct {
	Name     string   `json:"name" validate:"required,min=2,max=50"`
	Email    string   `json:"email" validate:"required,email"`
	Age      int      `json:"age" validate:"min=0,max=150"`
	Role     string   `json:"role" validate:"oneof=admin user guest"`
	Tags     []string `json:"tags" validate:"max=10,dive,min=1,max=20"`
	Bio      string   `json:"bio" validate:"max=500"`
	Active   bool     `json:"active"`
	Shipping struct {
		Street string `json:"street" validate:"required,max=100"`
		City   string `json:"city" validate:"required,max=50"`
		Zip    string `json:"zip" validate:"required,min=4,max=10"`
	} `json:"shipping"`
}

type orderView struct {
	ID int `json:"id"`
	order
}

// The budgets of the workloads W1 to W3. They are what the pipeline may cost; times are benchmarks.
func TestAllocationBudgets(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /hello", func(_ context.Context, _ typed.None, res *typed.Response[message]) (typed.Answer, error) {
		return res.JSON(message{"Hello"})
	}, typed.NoETag())
	typed.Handle(api, "GET /users/{id}", func(_ context.Context, in struct {
		ID      int    `path:"id" validate:"min=1"`
		Verbose bool   `query:"verbose"`
		Limit   int    `query:"limit" validate:"min=1,max=100"`
		Trace   string `header:"X-Trace" validate:"max=50"`
	}, res *typed.Response[userView]) (typed.Answer, error) {
		return res.JSON(userView{in.ID, in.Trace})
	}, typed.NoETag())
	typed.Handle(api, "POST /orders", func(_ context.Context, in order, res *typed.Response[orderView]) (typed.Answer, error) {
		return res.JSON(orderView{1, in})
	}, typed.Status(201))
	w2 := httptest.NewRequest("GET", "/users/7?verbose=true&limit=10", nil)
	w2.Header.Set("X-Trace", "abc")
	w3 := httptest.NewRequest("POST", "/orders", nil)
	w3.Header.Set("Content-Type", "application/json")
	const body = `{"name":"Ada Lovelace","email":"ada@example.com","age":36,"role":"admin","tags":["math","code","poetry"],"bio":"Wrote the first program.","active":true,"shipping":{"street":"12 St James's Square","city":"London","zip":"SW1Y"}}`
	for _, tt := range []struct {
		name         string
		req          *http.Request
		body         string
		status, most int
	}{
		{"W1", httptest.NewRequest("GET", "/hello", nil), "", 200, 1},
		{"W2", w2, "", 200, 1},
		{"W3", w3, body, 201, 4},
	} {
		n := allocations(t, api, tt.req, tt.body, tt.status)
		t.Logf("%s: %.0f allocations, at most %d", tt.name, n, tt.most)
		if n > float64(tt.most) {
			t.Errorf("%s: %.0f allocations, more than %d", tt.name, n, tt.most)
		}
	}
}

// Bodies that differ from request to request have strings of their own.
func TestAllocationBudgetOfVariedBodies(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /orders", func(_ context.Context, in order, res *typed.Response[orderView]) (typed.Answer, error) {
		return res.JSON(orderView{1, in})
	}, typed.Status(201))
	req := httptest.NewRequest("POST", "/orders", nil)
	req.Header.Set("Content-Type", "application/json")
	w := &discard{header: http.Header{}}
	bodies := make([][]byte, 300)
	for i := range bodies {
		bodies[i] = fmt.Appendf(nil, `{"name":"Name %[1]d","email":"user%[1]d@example.com","age":%[2]d,"role":"user","tags":["tag%[1]d","t%[1]d"],"bio":"Bio of %[1]d.","active":true,"shipping":{"street":"%[1]d Main Street","city":"City %[1]d","zip":"%[1]d"}}`, 10000+i, i%100)
	}
	content := bytes.NewReader(nil)
	req.Body = rewound{content}
	i := 0
	n := testing.AllocsPerRun(len(bodies)-1, func() {
		body := bodies[i]
		i++
		content.Reset(body)
		req.ContentLength = int64(len(body))
		clear(w.header)
		api.ServeHTTP(w, req)
		if w.status != 201 {
			t.Fatalf("status %d for %s", w.status, body)
		}
	})
	t.Logf("W3 on varied bodies: %.0f allocations, at most 6", n)
	if n > 6 {
		t.Errorf("%.0f allocations, more than 6", n)
	}
}

// changeOf and changedOf are other types for each T.
type changeOf[T any] struct {
	ID     int      `path:"id" validate:"min=1"`
	Notify bool     `query:"notify"`
	Name   string   `json:"name" validate:"required,min=2,max=64"`
	Email  string   `json:"email" validate:"required,email"`
	Age    int      `json:"age" validate:"min=18,max=120"`
	Role   string   `json:"role" validate:"required,oneof=admin member guest"`
	Tags   []string `json:"tags" validate:"max=10,dive,max=20"`
}

type changedOf[T any] struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Email string   `json:"email"`
	Age   int      `json:"age"`
	Tags  []string `json:"tags"`
}

func handleChangeOf[T any](api *typed.API) {
	typed.Handle(api, "POST /"+reflect.TypeFor[T]().String()+"/{id}",
		func(_ context.Context, in changeOf[T], res *typed.Response[changedOf[T]]) (typed.Answer, error) {
			return res.JSON(changedOf[T]{in.ID, in.Name, in.Email, in.Age, in.Tags})
		})
}

// What an endpoint with types of its own costs to register.
func TestAllocationBudgetOfRegistration(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	api := typed.New("Test", "1", nil)
	for _, handle := range []func(*typed.API){handleChangeOf[bool], handleChangeOf[string], handleChangeOf[int], handleChangeOf[uint]} {
		handle(api) // reads the rules, which the others share
	}
	others := []func(*typed.API){
		handleChangeOf[int8], handleChangeOf[int16], handleChangeOf[int32], handleChangeOf[int64],
		handleChangeOf[uint8], handleChangeOf[uint16], handleChangeOf[uint32], handleChangeOf[uint64],
		handleChangeOf[float32], handleChangeOf[float64], handleChangeOf[complex64], handleChangeOf[complex128],
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which would empty the pools
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, handle := range others {
		handle(api)
	}
	runtime.ReadMemStats(&after)
	n := uint64(len(others))
	count, size := (after.Mallocs-before.Mallocs)/n, (after.TotalAlloc-before.TotalAlloc)/n
	const mostCount, mostSize = 85, 12_000
	t.Logf("an endpoint: %d allocations of %d bytes, at most %d of %d", count, size, mostCount, mostSize)
	if count > mostCount || size > mostSize {
		t.Errorf("%d allocations of %d bytes, more than %d of %d", count, size, mostCount, mostSize)
	}
}
