package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/apiroutes/apiroutes/typed/typedtest"
)

func TestExplore(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux) // one endpoint sends a request to the others
	defer server.Close()
	api := newAPI(server.URL)
	mux.Handle("/", api)
	typedtest.Explore(t, api, &typedtest.Options{Count: 500})
}
