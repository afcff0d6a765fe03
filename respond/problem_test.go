package respond_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
)

func TestProblemJSON(t *testing.T) {
	tests := []struct {
		name    string
		problem *respond.Problem
		status  int
		want    string
	}{
		{"zero", &respond.Problem{}, 500, `{"title":"Internal Server Error","status":500}`},
		{"detail", respond.NotFound("There is no user %d.", 7), 404, `{"title":"Not Found","status":404,"detail":"There is no user 7."}`},
		{"a percent sign without arguments", respond.BadRequest("100%"), 400, `{"title":"Bad Request","status":400,"detail":"100%"}`},
		{"all members", &respond.Problem{
			Type: "https://example.com/p", Title: "T", Status: 409, Detail: "D", Instance: "/i",
			Errors:     []respond.FieldError{{In: "body", Pointer: "/a", Rule: "max", Param: "5", Detail: "d"}, {In: "query", Name: "q", Rule: "type"}, {In: "body"}},
			Extensions: map[string]any{"b": 1, "a": []int{1}, "status": 1},
		}, 409, `{"type":"https://example.com/p","title":"T","status":409,"detail":"D","instance":"/i","errors":[` +
			`{"in":"body","pointer":"/a","rule":"max","param":"5","detail":"d"},{"in":"query","name":"q","rule":"type"},{"in":"body","pointer":""}],"a":[1],"b":1}`},
		{"5xx hides", (&respond.Problem{Status: 503, Detail: "secret", Extensions: map[string]any{"x": "secret"}}), 503, `{"title":"Service Unavailable","status":503}`},
		{"5xx exposed", respond.Unavailable("Back at noon.").Expose(), 503, `{"title":"Service Unavailable","status":503,"detail":"Back at noon."}`},
		{"not a problem's status", &respond.Problem{Status: 200, Detail: "x"}, 500, `{"title":"Internal Server Error","status":500}`},
		{"a status without a phrase", &respond.Problem{Status: 499}, 499, `{"title":"Unknown Error","status":499}`},
		{"cannot be encoded", (&respond.Problem{Status: 400, Extensions: map[string]any{"c": make(chan int)}}), 500, `{"title":"Internal Server Error","status":500}`},
		{"bad header", respond.BadRequest("x").Header("X", "\n"), 500, `{"title":"Internal Server Error","status":500}`},
		{"a byte that begins no character", respond.BadRequest("a\x80b"), 400, "{\"title\":\"Bad Request\",\"status\":400,\"detail\":\"a\ufffdb\"}"},
		{"escapes", respond.BadRequest("\"\\\n\r\t\x01\xff é<>"), 400, "{\"title\":\"Bad Request\",\"status\":400,\"detail\":\"\\\"\\\\\\n\\r\\t\\u0001\ufffd é<>\"}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			tt.problem.ServeHTTP(w, get())
			if w.Code != tt.status || w.Body.String() != tt.want {
				t.Errorf("got %d %s\nwant %d %s", w.Code, w.Body, tt.status, tt.want)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Error("invalid JSON")
			}
			if ct, n := w.Header().Get("Content-Type"), w.Header().Get("Content-Length"); ct != "application/problem+json" || n != fmt.Sprint(w.Body.Len()) {
				t.Errorf("Content-Type %q, Content-Length %q", ct, n)
			}
		})
	}
}

func TestProblemIsAnError(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", respond.Conflict("Taken.").Because(io.EOF))
	p, ok := errors.AsType[*respond.Problem](err)
	if !ok || p.Status != 409 || !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "409 Conflict: Taken.: EOF") {
		t.Errorf("%v", err)
	}
	b, merr := json.Marshal(respond.TooManyRequests("Slow down."))
	if merr != nil || string(b) != `{"title":"Too Many Requests","status":429,"detail":"Slow down."}` {
		t.Errorf("%s %v", b, merr)
	}
	if b, err := json.Marshal([]respond.FieldError{{In: "path", Name: "id"}}); err != nil || string(b) != `[{"in":"path","name":"id"}]` {
		t.Errorf("%s %v", b, err)
	}
}

func TestProblemConstructors(t *testing.T) {
	got := map[int]int{}
	for status, p := range map[int]*respond.Problem{
		400: respond.BadRequest("x"), 401: respond.Unauthorized("x"), 403: respond.Forbidden("x"), 404: respond.NotFound("x"),
		409: respond.Conflict("x"), 410: respond.Gone("x"), 412: respond.PreconditionFailed("x"), 428: respond.PreconditionRequired("x"),
		429: respond.TooManyRequests("x"), 503: respond.Unavailable("x"),
	} {
		got[status] = p.Status
	}
	for want, status := range got {
		if diff := cmp.Diff(want, status); diff != "" {
			t.Error(diff)
		}
	}
}

func TestProblemHeader(t *testing.T) {
	w := httptest.NewRecorder()
	respond.Unauthorized("Log in.").Header("WWW-Authenticate", "Bearer").Header("Retry-After", "1").ServeHTTP(w, get())
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") != "Bearer" || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// The text of a problem tells a reader of logs and of a failed test what was wrong, and nothing
// of the values.
func TestProblemErrorNamesPlaces(t *testing.T) {
	p := &respond.Problem{Status: 422, Detail: "The request is invalid.", Errors: []respond.FieldError{
		{In: "query", Name: "limit", Rule: "min", Param: "1", Detail: "must be at least 1"},
		{In: "body", Pointer: "/to\n", Rule: "order"},
		{In: "form", Name: "meta", Pointer: "/name", Rule: "required"},
		{In: "body", Rule: "empty"},
	}}
	want := `422 Unprocessable Content: The request is invalid.; query "limit": min; body "/to\n": order; form "meta" "/name": required; and 1 more`
	if diff := cmp.Diff(want, p.Error()); diff != "" {
		t.Error(diff)
	}
}
