package ui_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/apiroutes/apiroutes/docs/ui"
)

// The page without package docs: beside a document that another program makes.
func Example() {
	mux := http.NewServeMux()
	page := func(policy string, content []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write(content)
		}
	}
	mux.HandleFunc("GET /docs", page(ui.Policy, ui.Page()))
	mux.HandleFunc("GET /docs/other", page(ui.PolicyWith("https://api.example.org"), ui.Page()))
	mux.HandleFunc("GET /docs/oauth", page(ui.RedirectPolicy, ui.RedirectPage()))
	mux.HandleFunc("GET /"+ui.Document, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/docs", nil))
	text, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := io.ReadAll(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.HasPrefix(strings.ToLower(string(content)), "<!doctype html>"), ui.Version != "")
	// Output:
	// true true
}
