package respond_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
)

// A second field of a name replaces the first, but for the four that are lists of what
// several parts of a program have to say.
func TestHeaderReplacesOrAdds(t *testing.T) {
	for name, adds := range map[string]bool{
		"Set-Cookie": true, "Link": true, "Vary": true, "WWW-Authenticate": true,
		"X-A": false, "Cache-Control": false, "Location": false, "Allow": false,
	} {
		key := http.CanonicalHeaderKey(name)
		want := []string{"b"}
		if adds {
			want = []string{"a", "b"}
		}
		w, err := serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
			return r.Header(name, "a").Header(key, " b\t").JSON(user{})
		})
		if diff := cmp.Diff(want, w.Header()[key]); diff != "" || err != nil {
			t.Errorf("Response %s: %v\n%s", name, err, diff)
		}
		w, err = serve(t, get(), nil, func(o *outcomes) (respond.Answer, error) {
			return o.OK.JSON(user{}, respond.SetHeader(name, "a"), respond.SetHeader(name, "b"))
		})
		if diff := cmp.Diff(want, w.Header()[key]); diff != "" || err != nil {
			t.Errorf("Reply %s: %v\n%s", name, err, diff)
		}
		recorder := httptest.NewRecorder()
		respond.Conflict("x").Header(name, "a").Header(name, "b").ServeHTTP(recorder, get())
		if diff := cmp.Diff(want, recorder.Header()[key]); diff != "" {
			t.Errorf("Problem %s:\n%s", name, diff)
		}
	}
}

// A 304 has the fields of the 200, but for those that describe its content (RFC 9110, 15.4.5).
func TestNotModifiedKeeps(t *testing.T) {
	kept := http.Header{
		"Cache-Control": {"max-age=60"}, "Content-Location": {"/a"}, "Date": {"Mon, 02 Jan 2006 15:04:05 GMT"}, "Etag": {`"v"`},
		"Expires": {"Mon, 02 Jan 2006 16:04:05 GMT"}, "Vary": {"Accept", "Cookie"},
		"X-Total-Count": {"1"}, "Set-Cookie": {"a=b"}, "Link": {"</b>"},
	}
	dropped := http.Header{"Content-Type": {"application/hal+json"}, "Content-Language": {"en"}, "Last-Modified": {"Mon, 02 Jan 2006 15:04:05 GMT"}}
	for _, method := range []string{"GET", "HEAD"} {
		for tag, status := range map[string]int{`"v"`: 304, `W/"v"`: 304, `"a", W/"v"`: 304, "*": 304, `"w"`: 200, `v`: 200} {
			req := httptest.NewRequest(method, "/", nil)
			req.Header.Set("If-None-Match", tag)
			w, err := serve(t, req, nil, func(r *respond.Response[user]) (respond.Answer, error) {
				for _, h := range []http.Header{kept, dropped} {
					for name, values := range h {
						for _, v := range values {
							r.Header(name, v)
						}
					}
				}
				return r.JSON(user{})
			})
			if err != nil || w.Code != status {
				t.Fatalf("%s %s: %d %v", method, tag, w.Code, err)
			}
			if diff := cmp.Diff(kept, w.Header()); status == 304 && (diff != "" || w.Body.Len() > 0) {
				t.Errorf("%s %s: %q\n%s", method, tag, w.Body, diff)
			}
		}
	}
	for _, method := range []string{"POST", "PUT"} { // If-None-Match is the handler's business there
		req := httptest.NewRequest(method, "/", nil)
		req.Header.Set("If-None-Match", "*")
		if w, err := serve(t, req, nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Header("ETag", `"v"`).JSON(user{}) }); err != nil || w.Code != 200 {
			t.Errorf("%s: %d %v", method, w.Code, err)
		}
	}
}
