package typed_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// show sends one request to h and prints the answer: status and content type,
// Location if there is one, body. header is pairs of name and value; a body is JSON
// unless they say otherwise. It returns the header of the answer.
func show(h http.Handler, method, target, body string, header ...string) http.Header {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	fmt.Println(strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", res.Header.Get("Content-Type"))))
	if location := res.Header.Get("Location"); location != "" {
		fmt.Println("Location:", location)
	}
	if text, _ := io.ReadAll(res.Body); len(text) > 0 {
		fmt.Println(string(text))
	}
	return res.Header
}
