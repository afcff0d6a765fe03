package pattern_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// router adds each pattern under its place in the list.
func router(t testing.TB, patterns ...string) *pattern.Router {
	t.Helper()
	r := new(pattern.Router)
	for i, s := range patterns {
		if err := r.Add(parse(t, s), i); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestMatch(t *testing.T) {
	patterns := []string{
		0:  "GET /",
		1:  "GET /users",
		2:  "GET /users/{id}",
		3:  "GET /users/me",
		4:  "GET /users/{id}/posts/{post}",
		5:  "GET /users/me/posts",
		6:  "GET /files/{path...}",
		7:  "GET /files/{name}/raw",
		8:  "GET /caf%C3%A9",
		9:  "GET /a%2Fb",
		10: "GET /a/b",
		11: "GET /100%25",
	}
	r := router(t, patterns...)
	const notFound, malformed = -1, -2
	for _, tt := range []struct {
		path   string
		want   int
		values []string
	}{
		{"/", 0, nil},
		{"", notFound, nil},
		{"*", notFound, nil},
		{"users", notFound, nil},
		{"//", notFound, nil},
		{"/users", 1, nil},
		{"/Users", notFound, nil},
		{"/users/", notFound, nil},
		{"//users", notFound, nil},
		{"/%75sers", 1, nil},
		{"/users/7", 2, []string{"7"}},
		{"/users/7/", notFound, nil},
		{"/users/me", 3, nil},
		{"/users/m%65", 3, nil},
		{"/users/me2", 2, []string{"me2"}},
		{"/users/me/posts", 5, nil},
		{"/users/me/posts/1", 4, []string{"me", "1"}}, // back from the literal
		{"/users//posts/1", notFound, nil},
		{"/users/a%2Fb", 2, []string{"a/b"}},
		{"/users/a%252Fb", 2, []string{"a%2Fb"}}, // decoded once
		{"/users/a+b", 2, []string{"a+b"}},
		{"/users/a%20b", 2, []string{"a b"}},
		{"/users/%E4%B8%AD", 2, []string{"中"}},
		{"/users/中", 2, []string{"中"}},
		{"/users/1;x=2", 2, []string{"1;x=2"}},
		{"/users/1%00", 2, []string{"1\x00"}},
		{"/users/.", notFound, nil},
		{"/users/..", notFound, nil},
		{"/users/%2e", notFound, nil},
		{"/users/%2E.", notFound, nil},
		{"/users/%2e%2e/1", notFound, nil},
		{"/users/..%2Fx", 2, []string{"../x"}},
		{"/users/...", 2, []string{"..."}},
		{"/users/%ff%fe", malformed, nil},
		{"/users/\xff", malformed, nil},
		{"/users/%zz", malformed, nil},
		{"/users/%4", malformed, nil},
		{"/nowhere/%zz", notFound, nil},
		{"/users/%E4%B8/posts/%AD", malformed, nil},
		{"/files", notFound, nil},
		{"/files/", 6, []string{""}},
		{"/files/a", 6, []string{"a"}},
		{"/files/a/", 6, []string{"a/"}},
		{"/files/a/b%2Fc", 6, []string{"a/b/c"}},
		{"/files/a/raw", 7, []string{"a"}},
		{"/files/a/raw/x", 6, []string{"a/raw/x"}},
		{"/files/a/raw/", 6, []string{"a/raw/"}},
		{"/files//a", 6, []string{"/a"}},
		{"/files/a//b", 6, []string{"a//b"}},
		{"/files/a/../b", notFound, nil},
		{"/files/a/%2e%2e/b", notFound, nil},
		{"/files/x/y/z/w/v/%2e%2e", notFound, nil},
		{"/files/..%2F..%2Fetc", notFound, nil},
		{"/files/a%2F.", notFound, nil},
		{"/files/a%ff", malformed, nil},
		{"/files/a%f", malformed, nil},
		{"/caf%c3%a9", 8, nil},
		{"/café", 8, nil},
		{"/caf%c3", notFound, nil},
		{"/a%2Fb", 9, nil},
		{"/a%2fb", 9, nil},
		{"/a/b", 10, nil},
		{"/100%25", 11, nil},
		{"/100%", notFound, nil},
	} {
		t.Run(tt.path, func(t *testing.T) {
			scratch := []string{"kept"}
			id, values, verdict := r.Match("GET", tt.path, scratch)
			got := map[pattern.Verdict]int{pattern.Found: id, pattern.NotFound: notFound, pattern.Malformed: malformed}[verdict]
			if verdict != pattern.Found && id != -1 {
				t.Errorf("%d without a match", id)
			}
			if got != tt.want {
				t.Fatalf("got %d, want %d", got, tt.want)
			}
			if diff := cmp.Diff(append([]string{"kept"}, tt.values...), values, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	r := router(t,
		"GET /users/{id}",
		"PUT /users/{name}", // the same route under another name
		"POST /users/me",
		"HEAD /users/{id}",
		"GET /plain",
		"POST /a/{x}/c",
		"GET /a/b/{y}",
		"DELETE /a/{rest...}",
	)
	for _, tt := range []struct {
		method, path string
		id           int // -1: not served
		values       []string
		allow        string
	}{
		{"GET", "/users/7", 0, []string{"7"}, "GET, HEAD, OPTIONS, PUT"},
		{"HEAD", "/users/7", 3, []string{"7"}, "GET, HEAD, OPTIONS, PUT"},
		{"PUT", "/users/7", 1, []string{"7"}, "GET, HEAD, OPTIONS, PUT"},
		{"DELETE", "/users/7", -1, nil, "GET, HEAD, OPTIONS, PUT"},
		{"OPTIONS", "/users/7", -1, nil, "GET, HEAD, OPTIONS, PUT"},
		{"get", "/users/7", -1, nil, "GET, HEAD, OPTIONS, PUT"},
		{"HEAD", "/plain", 4, nil, "GET, HEAD, OPTIONS"},
		{"POST", "/users/me", 2, nil, "GET, HEAD, OPTIONS, POST, PUT"},
		{"GET", "/users/me", 0, []string{"me"}, "GET, HEAD, OPTIONS, POST, PUT"},
		{"DELETE", "/users/me", -1, nil, "GET, HEAD, OPTIONS, POST, PUT"},
		{"GET", "/a/b/c", 6, []string{"c"}, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"POST", "/a/b/c", 5, []string{"b"}, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"DELETE", "/a/b/c", 7, []string{"b/c"}, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"PATCH", "/a/b/c", -1, nil, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"PATCH", "/%61/b/c", -1, nil, "DELETE, GET, HEAD, OPTIONS, POST"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			id, values, verdict := r.Match(tt.method, tt.path, nil)
			if want := map[bool]pattern.Verdict{true: pattern.Found, false: pattern.OtherMethods}[tt.id >= 0]; verdict != want {
				t.Fatalf("verdict %d, want %d", verdict, want)
			}
			if allow := r.Allow(tt.path); id != tt.id || allow != tt.allow {
				t.Errorf("endpoint %d, Allow %q, want %d, %q", id, allow, tt.id, tt.allow)
			}
			if diff := cmp.Diff(tt.values, values, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConflicts(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want string // "": none
	}{
		{"GET /a", "GET /a", "matches the same requests as"},
		{"GET /{$}", "GET /", "matches the same requests as"},
		{"GET /a%20b", "GET /a%20b", "matches the same requests as"},
		{"GET /caf%C3%A9", "GET /café", "matches the same requests as"},
		{"GET /{a}", "GET /{b}", "matches the same requests as"},
		{"GET /{a...}", "GET /{b...}", "matches the same requests as"},
		{"GET /{a}/b", "GET /a/{b}", "like /a/b, and neither is more specific"},
		{"GET /{a}/b/{rest...}", "GET /a/{b...}", "like /a/b/, and neither is more specific"},
		{"GET /a/{rest...}", "GET /{x}/b/c", "like /a/b/c, and neither is more specific"},
		{"GET /{x}/b/{y}/d", "GET /a/{rest...}", "like /a/b/y/d, and neither is more specific"},
		{"HEAD /{a}", "GET /a", "more specific method"},
		{"GET /a", "POST /a", ""},
		{"GET /{a}", "HEAD /a", ""},
		{"GET /a", "GET /{x}", ""},
		{"GET /", "GET /{x}", ""},
		{"GET /", "GET /{x...}", ""},
		{"GET /a", "GET /a/{x...}", ""},
		{"GET /a/{x}", "GET /a/{x...}", ""},
		{"GET /a/{x}/b", "GET /a/{x...}", ""},
		{"GET /{x}/a", "GET /{x}/b", ""},
	} {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			r := router(t, pair[0])
			err := r.Add(parse(t, pair[1]), 1)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%v: %v", pair, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v: error %v does not say %q", pair, err, tt.want)
			case err != nil && (!strings.Contains(err.Error(), parse(t, tt.a).String()) || !strings.Contains(err.Error(), parse(t, tt.b).String())):
				t.Errorf("%v: error %v does not name both", pair, err)
			}
		}
	}
}

func TestEmptyRouter(t *testing.T) {
	var r pattern.Router
	for _, path := range []string{"/", "/a", "/%61"} {
		if id, _, verdict := r.Match("GET", path, nil); id != -1 || verdict != pattern.NotFound || r.Allow(path) != "" {
			t.Errorf("%s: %v", path, verdict)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		values  []string
		want    string
	}{
		{"GET /", nil, "/"},
		{"GET /users/{id}", []string{"7"}, "/users/7"},
		{"GET /users/{id}", nil, "/users/"},
		{"GET /users/{id}", []string{"a/b c?é"}, "/users/a%2Fb%20c%3F%C3%A9"},
		{"GET /users/{id}", []string{".."}, "/users/%2E%2E"},
		{"GET /caf%c3%a9/a%2fb", nil, "/caf%C3%A9/a%2Fb"},
		{"GET /f/{p...}", []string{"a/b c/"}, "/f/a/b%20c/"},
		{"GET /f/{p...}", []string{""}, "/f/"},
		{"GET /f/{p...}", []string{"/a//b"}, "/f/%2Fa/%2Fb"},
	} {
		if got := string(parse(t, tt.pattern).Append(nil, tt.values)); got != tt.want {
			t.Errorf("%s with %q: %s, want %s", tt.pattern, tt.values, got, tt.want)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	r := router(t, "GET /hello", "GET /users/{id}", "GET /users/{id}/posts/{post}", "GET /f/{p...}")
	scratch := make([]string, 0, 4)
	for _, path := range []string{"/hello", "/users/7", "/users/7/posts/8", "/f/a/b/c", "/none", "/users/7/none"} {
		if n := testing.AllocsPerRun(100, func() { r.Match("GET", path, scratch) }); n != 0 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}

// Registration must stay linear: 16 times the patterns may not cost 16 times as much
// for each.
func TestAddIsLinear(t *testing.T) {
	each := func(n int) time.Duration {
		var patterns []*pattern.Pattern
		for i := range n / 4 {
			for _, s := range []string{"GET /r%d", "POST /r%d", "GET /r%d/{id}", "DELETE /r%d/{id}/x/{rest...}"} {
				patterns = append(patterns, parse(t, fmt.Sprintf(s, i)))
			}
		}
		best := time.Hour
		for range 3 {
			var r pattern.Router
			start := time.Now()
			for i, p := range patterns {
				if err := r.Add(p, i); err != nil {
					t.Fatal(err)
				}
			}
			best = min(best, time.Since(start))
		}
		return best / time.Duration(n)
	}
	var small, large time.Duration
	for range 10 { // a machine that is busy elsewhere is slow now and then
		small, large = each(320), each(5120)
		if large <= 8*small {
			t.Logf("%v for each of 320, %v for each of 5120", small, large)
			return
		}
	}
	t.Errorf("%v for each of 320 patterns, %v for each of 5120", small, large)
}

func BenchmarkMatch(b *testing.B) {
	r := router(b, "GET /hello", "GET /users/{id}", "GET /users/{id}/posts/{post}")
	scratch := make([]string, 0, 4)
	for _, path := range []string{"/hello", "/users/7", "/users/7/posts/8"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				r.Match("GET", path, scratch)
			}
		})
	}
}

// What ServeMux takes for the same, for comparison.
func BenchmarkServeMux(b *testing.B) {
	mux := http.NewServeMux()
	for _, s := range []string{"GET /hello", "GET /users/{id}", "GET /users/{id}/posts/{post}"} {
		mux.HandleFunc(s, func(http.ResponseWriter, *http.Request) {})
	}
	for _, path := range []string{"/hello", "/users/7", "/users/7/posts/8"} {
		r := httptest.NewRequest("GET", path, nil)
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				mux.ServeHTTP(nil, r)
			}
		})
	}
}
