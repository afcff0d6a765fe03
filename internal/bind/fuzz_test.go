package bind_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// checkPairs compares what was bound of a list of pairs with url.ParseQuery, which is
// asked pair by pair: only a declared name makes a malformed pair a fault.
func checkPairs(t *testing.T, text string, r *respond.Problem, got map[string][]string) {
	t.Helper()
	want, valid := map[string][]string{}, true
	for pair := range strings.SplitSeq(text, "&") {
		rawName, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if _, declared := got[name]; err != nil || !declared || strings.Contains(rawName, ";") || pair == "" {
			continue
		}
		values, err := url.ParseQuery(pair)
		if err != nil || !utf8.ValidString(values.Get(name)) {
			valid = false
			continue
		}
		want[name] = append(want[name], values[name]...)
	}
	if (r == nil) != valid {
		t.Fatalf("%q: here %s; url.ParseQuery says %v", text, brief(r), valid)
	}
	if r != nil {
		if r.Status != http.StatusBadRequest {
			t.Fatalf("%q: %s", text, brief(r))
		}
		return
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreMapEntries(func(_ string, v []string) bool { return len(v) == 0 })); diff != "" {
		t.Fatalf("%q (-want +got):\n%s", text, diff)
	}
}

var pairSeeds = []string{
	"", "a=1&b=2", "a=1&a=2&a=", "a", "a=b=c", "&&", "=x", "a=%41+b", "%61=x", "+=x",
	"a=%", "a=%4", "a=%zz", "a=%ff", "a=\xff", "a=1;b=2", "x=;", "a=%3B", "a=%E4%B8%AD", "a=中&b=%00",
}

func FuzzQuery(f *testing.F) {
	for _, s := range pairSeeds {
		f.Add(s)
	}
	type in struct {
		A []string `query:"a"`
		B []string `query:"b"`
	}
	plan := compile[in](f, bind.Options{})
	f.Fuzz(func(t *testing.T, query string) {
		var got in
		r := plan.Bind(&canned{query: query}, nil, &got)
		checkPairs(t, query, r, map[string][]string{"a": got.A, "b": got.B})
	})
}

func FuzzForm(f *testing.F) {
	for _, s := range pairSeeds {
		f.Add(s)
	}
	type in struct {
		A []string `form:"a"`
		B []string `form:"b"`
	}
	plan := compile[in](f, bind.Options{Method: "POST"})
	f.Fuzz(func(t *testing.T, form string) {
		request := newBody(form)
		request.header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		var got in
		r := plan.Bind(request, nil, &got)
		checkPairs(t, form, r, map[string][]string{"a": got.A, "b": got.B})
	})
}

func FuzzHeaderList(f *testing.F) {
	for _, s := range []string{"", "a", "a, b", ",,", `"a,b", c`, `W/"x"`, `"a\",b`, `"\`, "a\t,\tb", "caf\xe9"} {
		f.Add(s)
	}
	type in struct {
		List []string `header:"X-List"`
	}
	plan := compile[in](f, bind.Options{})
	f.Fuzz(func(t *testing.T, line string) {
		var got in
		r := plan.Bind(&canned{header: http.Header{"X-List": {line}}}, nil, &got)
		if r != nil {
			if utf8.ValidString(line) || r.Status != http.StatusBadRequest {
				t.Fatalf("%q: %s", line, brief(r))
			}
			return
		}
		for _, s := range got.List {
			if s == "" || s != strings.Trim(s, " \t") || !strings.Contains(line, s) {
				t.Fatalf("%q has element %q", line, s)
			}
		}
		if !strings.Contains(line, `"`) {
			var want []string
			for s := range strings.SplitSeq(line, ",") {
				if s = strings.Trim(s, " \t"); s != "" {
					want = append(want, s)
				}
			}
			if diff := cmp.Diff(want, got.List); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", line, diff)
			}
		}
		var again in
		accepted(t, plan.Bind(&canned{header: http.Header{"X-List": got.List}}, nil, &again))
		if diff := cmp.Diff(got.List, again.List); diff != "" {
			t.Fatalf("%q, element by element (-want +got):\n%s", line, diff)
		}
	})
}

func FuzzCookie(f *testing.F) {
	for _, s := range []string{"", "sid=1", "sid=1; sid=2", `sid="a b"`, ";;;=;a;b=;\"", " sid = x ", "sid=\x80; sid=b", `sid="`} {
		f.Add(s)
	}
	type in struct {
		Sid *string `cookie:"sid"`
	}
	plan := compile[in](f, bind.Options{})
	f.Fuzz(func(t *testing.T, line string) {
		header := http.Header{"Cookie": {line}}
		var got in
		accepted(t, plan.Bind(&canned{header: header}, nil, &got))
		want, err := (&http.Request{Header: header}).Cookie("sid")
		if strings.Count(line, ";") >= 3000 {
			return // beyond what net/http reads at all
		}
		if (err == nil) != (got.Sid != nil) || err == nil && want.Value != *got.Sid {
			t.Fatalf("%q: %v here, %v there", line, got.Sid, want)
		}
	})
}

// A value that was bound is written so that it binds to the same value.
func FuzzURL(f *testing.F) {
	for _, s := range []string{
		"string=a%2Fb&bool=true&int=-7&float64=1e-9&float32=3.4e38", "time=2024-02-29T12:00:00.5%2B02:00&duration=-1.5h",
		"addr=fe80::1%25eth0&color=%23ff0001&opt=0&opttext=&strings=a&strings=&ints=1", "int8=300", "time=0001-01-01T00:00:00Z",
	} {
		f.Add(s)
	}
	p, o := pathOf(f, "GET /")
	plan := compile[everything](f, o)
	same := cmp.Options{cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty()}
	f.Fuzz(func(t *testing.T, query string) {
		var first, second everything
		if plan.Bind(&canned{query: query}, nil, &first) != nil {
			return
		}
		_, link, _ := strings.Cut(string(plan.AppendURL(nil, p, &first)), "?")
		accepted(t, plan.Bind(&canned{query: link}, nil, &second))
		if diff := cmp.Diff(first, second, same); diff != "" {
			t.Fatalf("%q became %q (-first +second):\n%s", query, link, diff)
		}
	})
}

// Whatever is sent, there is no panic, and only the statuses of a client's mistakes.
func FuzzBind(f *testing.F) {
	f.Add("7", "after=3", "trace", "sid=1", jsonType, "", `{"name":"Ada","tags":["x"],"wait":"1h"}`)
	f.Add("x", "limit=%zz", "\xff", ";", "text/plain", "gzip", `{`)
	f.Add("7", "", "", "", "application/x-www-form-urlencoded", "", "a=1&b=x")
	f.Add("", "limit=300&limit=1", "", "", "application/vnd.api+json; charset=utf-8", "identity", `{"name":null,"id":1}`)
	type form struct {
		A int    `form:"a"`
		B []int8 `form:"b"`
		C *color `form:"c"`
		D string `cookie:"sid" default:"none"`
		E []byte `body:""`
	}
	mixedPlan, formPlan := compile[mixed](f, mixedOptions()), compile[form](f, bind.Options{Method: "POST"})
	f.Fuzz(func(t *testing.T, id, query, trace, cookie, media, encoding, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header = http.Header{"X-Trace": {trace}, "Cookie": {cookie}, "Content-Type": {media}, "Content-Encoding": {encoding}}
		if encoding == "" {
			r.Header.Del("Content-Encoding")
		}
		for _, got := range []*respond.Problem{
			mixedPlan.Bind(&wire.NetHTTP{R: r}, []string{id}, new(mixed)),
			formPlan.Bind(&wire.NetHTTP{R: r}, nil, new(form)),
		} {
			if got == nil {
				continue
			}
			switch got.Status {
			case 400, 413, 415, 422:
			default:
				t.Fatalf("status %d", got.Status)
			}
			for _, failure := range got.Errors {
				if failure.Detail == "" || failure.Rule == "" || !utf8.ValidString(failure.Pointer) {
					t.Fatalf("%+v", failure)
				}
				if text := failure.Detail + got.Detail; strings.Contains(text, "bind_test") || strings.Contains(text, "secret") {
					t.Fatalf("%+v", failure)
				}
			}
		}
	})
}
