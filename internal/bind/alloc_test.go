package bind_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// canned is a request that costs nothing itself.
type canned struct {
	wire.Request
	query  string
	header http.Header
	body   *bytes.Reader
}

func (c *canned) RawQuery() string            { return c.query }
func (c *canned) Header(name string) []string { return c.header[name] }
func (c *canned) Body() io.Reader             { return c.body }
func (c *canned) Context() context.Context    { return context.Background() }
func (c *canned) ContentLength() int64        { return c.body.Size() }
func (c *canned) Method() string              { return http.MethodPost }

type four struct {
	ID      int    `path:"id"`
	Verbose bool   `query:"verbose"`
	Limit   int    `query:"limit"`
	Trace   string `header:"X-Trace"`
}

func newFour(t testing.TB) (*bind.Plan, *canned, []string) {
	plan := compile[four](t, bind.Options{Method: "GET", PathNames: []string{"id"}})
	return plan, &canned{query: "verbose=true&limit=10", header: http.Header{"X-Trace": {"abc"}}}, []string{"42"}
}

func TestParametersAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	plan, r, path := newFour(t)
	in := new(four)
	n := testing.AllocsPerRun(100, func() {
		*in = four{}
		if plan.Bind(r, path, in) != nil {
			t.Fatal("rejected")
		}
	})
	if n != 0 || *in != (four{42, true, 10, "abc"}) {
		t.Errorf("%v allocations, %+v", n, in)
	}
}

type order struct {
	ID     int      `path:"id"`
	Trace  string   `header:"X-Trace"`
	Name   string   `json:"name"`
	Amount int      `json:"amount"`
	Tags   []string `json:"tags"`
}

type orderBody struct {
	Name   string   `json:"name"`
	Amount int      `json:"amount"`
	Tags   []string `json:"tags"`
}

const orderJSON = `{"name":"Ada","amount":3,"tags":["a","b"]}`

func newBody(body string) *canned {
	return &canned{
		header: http.Header{"Content-Type": {"application/json"}, "X-Trace": {"abc"}},
		body:   bytes.NewReader([]byte(body)),
	}
}

// A JSON body costs what the codec needs, and parameters beside it cost nothing more.
func TestJSONAllocatesWhatTheCodecNeeds(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	decoder, err := jsonx.NewDecoder(typeOf[orderBody](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	body := new(orderBody)
	codec := testing.AllocsPerRun(100, func() {
		*body = orderBody{}
		if decoder.Decode([]byte(orderJSON), body) != nil {
			t.Fatal("rejected")
		}
	})

	plan, r := compile[orderBody](t, bind.Options{Method: "POST"}), newBody(orderJSON)
	whole := testing.AllocsPerRun(100, func() {
		*body = orderBody{}
		_, _ = r.body.Seek(0, io.SeekStart)
		if plan.Bind(r, nil, body) != nil {
			t.Fatal("rejected")
		}
	})

	plan = compile[order](t, bind.Options{Method: "POST", PathNames: []string{"id"}})
	in, path := new(order), []string{"7"}
	beside := testing.AllocsPerRun(100, func() {
		*in = order{}
		_, _ = r.body.Seek(0, io.SeekStart)
		if plan.Bind(r, path, in) != nil {
			t.Fatal("rejected")
		}
	})
	t.Logf("codec %v, whole body %v, beside parameters %v", codec, whole, beside)
	// The codec's own count includes the copy of the literal.
	if whole > codec || beside > codec {
		t.Errorf("codec %v, whole body %v, beside parameters %v allocations", codec, whole, beside)
	}
}

func BenchmarkParameters(b *testing.B) {
	plan, r, path := newFour(b)
	in := new(four)
	b.ReportAllocs()
	for b.Loop() {
		*in = four{}
		plan.Bind(r, path, in)
	}
}

func BenchmarkQuery(b *testing.B) {
	type in struct {
		Verbose bool `query:"verbose"`
		Limit   int  `query:"limit"`
	}
	plan := compile[in](b, bind.Options{Method: "GET"})
	r, dst := &canned{query: "verbose=true&limit=10"}, new(in)
	b.ReportAllocs()
	for b.Loop() {
		*dst = in{}
		plan.Bind(r, nil, dst)
	}
}

func BenchmarkMixed(b *testing.B) {
	plan := compile[order](b, bind.Options{Method: "POST", PathNames: []string{"id"}})
	r, in, path := newBody(orderJSON), new(order), []string{"7"}
	b.ReportAllocs()
	for b.Loop() {
		*in = order{}
		_, _ = r.body.Seek(0, io.SeekStart)
		plan.Bind(r, path, in)
	}
}

func BenchmarkWhole(b *testing.B) {
	plan := compile[orderBody](b, bind.Options{Method: "POST"})
	r, in := newBody(orderJSON), new(orderBody)
	b.ReportAllocs()
	for b.Loop() {
		*in = orderBody{}
		_, _ = r.body.Seek(0, io.SeekStart)
		plan.Bind(r, nil, in)
	}
}

// What the query costs by way of url.Values, for comparison.
func BenchmarkQueryByValues(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		values, err := url.ParseQuery("verbose=true&limit=10")
		if err != nil {
			b.Fatal(err)
		}
		verbose, err := strconv.ParseBool(values.Get("verbose"))
		if err != nil || !verbose {
			b.Fatal(err)
		}
		if limit, err := strconv.Atoi(values.Get("limit")); err != nil || limit != 10 {
			b.Fatal(err)
		}
	}
}

// Reading bodies of several sizes; the larger ones are beyond what the pool keeps.
func BenchmarkRead(b *testing.B) {
	plan := compile[struct {
		Body any `body:""`
	}](b, bind.Options{Method: "POST"})
	for _, size := range []int{264, 8600, 40 << 10, 100 << 10} {
		r := newBody(strings.Repeat(" ", size))
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = r.body.Seek(0, io.SeekStart)
				plan.ReadBody(r)
			}
		})
	}
}

// Compiling is paid for each endpoint of a program before its first request.
func TestCompilingAllocatesLittle(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	type change struct {
		ID     int      `path:"id"`
		Notify bool     `query:"notify"`
		Name   string   `json:"name"`
		Email  string   `json:"email"`
		Tags   []string `json:"tags"`
	}
	n := testing.AllocsPerRun(100, func() {
		if _, faults := bind.Compile(typeOf[change](), bind.Options{Method: "POST", PathNames: []string{"id"}}); faults != nil {
			t.Fatal(faults)
		}
	})
	t.Log(n, "allocations")
	if n > 34 {
		t.Errorf("%v allocations", n)
	}
}
