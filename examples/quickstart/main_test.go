package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestQuickstart(t *testing.T) {
	program := smoke.Start(t)

	empty := program.Do(t, "GET", "/users", "")
	require.Equal(t, http.StatusOK, empty.Status)
	require.Equal(t, `[]`, empty.Body)

	created := program.Do(t, "POST", "/users", `{"name":"Ada","email":"ada@example.com"}`)
	require.Equal(t, http.StatusCreated, created.Status)
	require.Equal(t, "/users/1", created.Header.Get("Location"))
	require.Equal(t, `{"id":1,"name":"Ada","email":"ada@example.com"}`, created.Body)
	program.Do(t, "POST", "/users", `{"name":"Emmy","email":"emmy@example.com"}`)

	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // exact, or what the problem must hold
	}{
		{"GET", "/users/1", "", 200, `{"id":1,"name":"Ada","email":"ada@example.com"}`},
		{"GET", "/users/3", "", 404, `{"message":"no such user"}`},
		{"GET", "/users/0", "", 404, `{"message":"no such user"}`},
		{"GET", "/users/one", "", 422, `"in":"path"`},
		{"GET", "/users?limit=1", "", 200, `[{"id":1,"name":"Ada","email":"ada@example.com"}]`},
		{"GET", "/users?limit=1000", "", 422, `"name":"limit"`},
		{"POST", "/users", `{"name":"Ada"}`, 422, `"pointer":"/email"`},
		{"POST", "/users", `{"name":"Ada","email":"ada@example.com","admin":true}`, 422, `"pointer":"/admin"`},
		{"POST", "/users", `{"name":"Ada"`, 400, `"status":400`},
		{"DELETE", "/users", "", 405, `"status":405`},
		{"GET", "/", "", 404, `"status":404`},
	} {
		got := program.Do(t, c.method, c.path, c.body)
		require.Equalf(t, c.status, got.Status, "%s %s: %s", c.method, c.path, got.Body)
		require.Contains(t, got.Body, c.want)
	}
}

// The mode -call talks to a running quickstart.
func TestCall(t *testing.T) {
	program := smoke.Start(t)
	var out strings.Builder
	require.NoError(t, call(t.Context(), &out, program.URL))
	require.Equal(t, "user 1 is Ada\na user without an address is refused: /email is required and must not be empty\n", out.String())
	require.Error(t, call(t.Context(), &out, "http://127.0.0.1:1"))
}
