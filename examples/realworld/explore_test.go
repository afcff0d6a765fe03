package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed/typedtest"
)

// What two users may send, and what nobody may.
func TestExplore(t *testing.T) {
	api, store := memory(t)
	opts := &typedtest.Options{Time: 3 * time.Second, Values: map[string][]string{
		"email": {"ada@example.com"}, "password": {"a password"}, // of one who signs in
	}}
	for _, name := range []string{"ada", "bob"} {
		u, err := store.AddUser(t.Context(), name, name+"@example.com", "a password")
		require.NoError(t, err)
		token, err := Tokens{[]byte("a secret of the test"), store}.sign(u.ID)
		require.NoError(t, err)
		opts.As("Token", token)
	}
	typedtest.Explore(t, api, opts)
}
