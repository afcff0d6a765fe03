package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestRouters(t *testing.T) {
	for router := range routers {
		t.Run(router, func(t *testing.T) {
			program := smoke.Start(t, "-router", router)

			created := program.Do(t, "POST", "/api/users", `{"name":"Ada","email":"ada@example.com"}`)
			require.Equal(t, 201, created.Status, created.Body)
			require.Equal(t, "/api/users/1", created.Header.Get("Location"))

			for _, c := range []struct {
				method, path, body string
				status             int
				want               string // what the body holds
			}{
				{"GET", "/health", "", 200, "well"},
				{"GET", "/api/users", "", 200, `[{"id":1,"name":"Ada","email":"ada@example.com"}]`},
				{"GET", "/api/users/1", "", 200, `{"id":1,"name":"Ada","email":"ada@example.com"}`},
				{"GET", "/api/users/2", "", 404, `"detail":"No such user."`},
				{"GET", "/api/users/a%2Fb", "", 422, `"in":"path"`},
				{"GET", "/api/users?limit=1000", "", 422, `"name":"limit"`},
				{"POST", "/api/users", `{"name":"Ada"}`, 422, `"pointer":"/email"`},
				{"POST", "/api/users", `{"name":"Ada"`, 400, `"status":400`},
				{"DELETE", "/api/users", "", 405, `"status":405`},
				{"GET", "/api/openapi.json", "", 200, `"url":"/api"`},
				{"GET", "/api/docs", "", 200, "<html"},
			} {
				got := program.Do(t, c.method, c.path, c.body)
				require.Equalf(t, c.status, got.Status, "%s %s: %s", c.method, c.path, got.Body)
				require.Contains(t, got.Body, c.want)
			}
		})
	}
}
