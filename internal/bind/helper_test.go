package bind_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func compile[T any](t testing.TB, o bind.Options) *bind.Plan {
	t.Helper()
	plan, faults := bind.Compile(reflect.TypeFor[T](), o)
	if len(faults) > 0 {
		t.Fatalf("faults: %+v", faults)
	}
	return plan
}

// bound binds one request into a T.
func bound[T any](t testing.TB, o bind.Options, r *http.Request, path ...string) (T, *respond.Problem) {
	t.Helper()
	var in T
	problem := compile[T](t, o).Bind(&wire.NetHTTP{R: r}, path, &in)
	return in, problem
}

func get(target string, header ...string) *http.Request {
	return withHeader(httptest.NewRequest("GET", target, nil), header)
}

func post(body, contentType string, header ...string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return withHeader(r, header)
}

func withHeader(r *http.Request, header []string) *http.Request {
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

// unsized hides the length of a body.
func unsized(r *http.Request) *http.Request {
	r.Body = io.NopCloser(struct{ io.Reader }{r.Body})
	r.ContentLength = -1
	return r
}

// equal compares what was bound.
func equal[T any](t testing.TB, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
}

// accepted fails the test on a problem.
func accepted(t testing.TB, r *respond.Problem) {
	t.Helper()
	if r != nil {
		t.Fatalf("rejected: %+v", r)
	}
}

// header is the header of an answer with the problem.
func header(p *respond.Problem) http.Header {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, get("/"))
	return w.Header()
}

func truncated(p *respond.Problem) bool { return p.Extensions["truncated"] == true }

// brief is a problem as tests compare it: "422 query limit type".
func brief(r *respond.Problem) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(syntax.StatusText(r.Status))
	for _, f := range r.Errors {
		b.WriteString("; " + f.In + " " + f.Name + f.Pointer + " " + f.Rule)
	}
	return b.String()
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
