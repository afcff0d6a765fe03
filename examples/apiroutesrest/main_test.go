package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestUsers(t *testing.T) {
	program := smoke.Start(t)

	for _, c := range []struct {
		method, path, body string
		want               string
	}{
		{"GET", "/api/users", "", `[{"id":1},{"id":2},{"id":3}]`},
		{"GET", "/api/user/7", "", `{"id":7,"name":"User 7"}`},
		{"PUT", "/api/user/7", `{"name":"Ada"}`, `{"id":7,"name":"Ada"}`},
		{"PUT", "/api/user/7", `{}`, `{"id":7,"name":"User 7"}`},
		{"PUT", "/api/user/7", "", `{"id":7,"name":"User 7"}`},                   // A30
		{"PUT", "/api/user/7?name=Ada", "", `{"id":7,"name":"Ada"}`},             // A30
		{"PUT", "/api/user/7?name=Ada", `{"name":"Bo"}`, `{"id":7,"name":"Bo"}`}, // A30
	} {
		got := program.Do(t, c.method, c.path, c.body)
		require.Equal(t, http.StatusOK, got.Status, got.Body)
		require.Equal(t, c.want, got.Body)
	}

	refused := program.Do(t, "DELETE", "/api/user/7", "")
	require.Equal(t, http.StatusMethodNotAllowed, refused.Status)
	require.Equal(t, "GET, HEAD, OPTIONS, PUT", refused.Header.Get("Allow"))
}
