package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestPeople(t *testing.T) {
	program := smoke.Start(t)

	all := program.Do(t, "GET", "/api/people", "")
	require.Equal(t, http.StatusOK, all.Status)
	require.Contains(t, all.Body, `[{"id":"1","name":"Ada Lovelace"`)

	one := program.Do(t, "GET", "/api/people/2", "")
	require.Equal(t, http.StatusOK, one.Status)
	require.Equal(t, "application/json; charset=utf-8", one.Header.Get("Content-Type"))
	require.Equal(t, `{"id":"2","name":"Emmy Noether","born":1882,"work":"Invariante Variationsprobleme"}`, one.Body)

	nobody := program.Do(t, "GET", "/api/people/99", "")
	require.Equal(t, http.StatusNotFound, nobody.Status)
	require.Equal(t, "application/json; charset=utf-8", nobody.Header.Get("Content-Type"))
	require.Equal(t, `{"message":"User with id: 99 not found."}`, nobody.Body)
}
