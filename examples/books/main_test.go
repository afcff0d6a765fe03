package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestBooks(t *testing.T) {
	program := smoke.Start(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/books/1", "", 200, `{"id":1,"title":"Emma"}`},
		{"GET", "/books/2", "", 404, `{"message":"no such book"}`},
		{"GET", "/books/0", "", 422, `"in":"path"`},
		{"POST", "/books/1/reviews", `{"stars":5,"text":"Read it."}`, 201, `{"book":1,"stars":5}`},
		{"POST", "/books/1/reviews", `{"stars":6,"text":""}`, 422, `"pointer":"/stars"`},
		{"GET", "/openapi.json", "", 200, `"/books/{id}/reviews"`},
	} {
		got := program.Do(t, c.method, c.path, c.body)
		require.Equalf(t, c.status, got.Status, "%s %s: %s", c.method, c.path, got.Body)
		require.Contains(t, got.Body, c.want)
	}
}
