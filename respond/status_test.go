package respond_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
)

// A redirect that says no status is a 307, or what the endpoint declares instead.
func TestRedirectStatus(t *testing.T) {
	for _, tt := range []struct {
		codes []int
		say   int
		want  int // 0: refused
	}{
		{[]int{307}, 0, 307},
		{[]int{200, 307}, 0, 307},
		{[]int{301, 302, 303, 307, 308}, 0, 307},
		{[]int{301, 302, 303, 307, 308}, 308, 308},
		{[]int{303}, 0, 303},
		{[]int{303}, 303, 303},
		{[]int{303, 200}, 0, 303},
		{[]int{200, 303}, 0, 0},
		{[]int{200}, 0, 0},
		{[]int{300}, 300, 0},
	} {
		w, err := serve(t, get(), tt.codes, func(r *respond.Response[user]) (respond.Answer, error) {
			if tt.say != 0 {
				r.Status(tt.say)
			}
			return r.Redirect("/a")
		})
		if tt.want == 0 && err == nil || tt.want != 0 && (err != nil || w.Code != tt.want || w.Header().Get("Location") != "/a") {
			t.Errorf("%v: %d, %v", tt, w.Code, err)
		}
	}
	a, err := new(respond.Redirect).To("/a")
	if err != nil || a.Status() != 307 {
		t.Errorf("a Redirect made by hand: %v %d", err, a.Status())
	}
}

func TestRenderFreeRefuses(t *testing.T) {
	encode := func(dst []byte, _ any) ([]byte, error) { return append(dst, "{}"...), nil }
	for _, status := range []int{-1, 0, 99, 101, 199, 600, 1000} {
		a, _ := new(respond.Response[user]).Status(status).JSON(user{})
		if err := new(answer.Rendering).RenderFree((*answer.Answer)(&a), encode, hook.Form); err == nil {
			t.Errorf("status %d was rendered", status)
		}
	}
}

// An answer without content says so to HEAD as net/http says it to GET.
func TestEmptyAnswers(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "POST"} {
		for status, want := range map[int]string{200: "0", 202: "0", 204: "", 404: "0"} {
			w, err := serve(t, httptest.NewRequest(method, "/", nil), []int{status}, func(r *respond.Response[struct{}]) (respond.Answer, error) { return r.End() })
			if err != nil || w.Code != status || w.Header().Get("Content-Length") != want || w.Body.Len() > 0 {
				t.Errorf("%s %d: %v %d %v", method, status, err, w.Code, w.Header())
			}
		}
	}
}

func TestProblemAnswersNetHTTP(t *testing.T) {
	w := httptest.NewRecorder()
	var h http.Handler = respond.NotFound("There is no user %d.", 7).Header("Cache-Control", "no-store")
	h.ServeHTTP(w, get())
	if w.Code != 404 || w.Body.String() != `{"title":"Not Found","status":404,"detail":"There is no user 7."}` ||
		w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v", w)
	}
	w = httptest.NewRecorder()
	respond.Unavailable("secret").ServeHTTP(w, get())
	if w.Code != 503 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%v", w)
	}
}
