package main

import (
	"testing"

	"github.com/apiroutes/apiroutes/typed/typedtest"
)

func TestExplore(t *testing.T) {
	api, _, _ := newAPI()
	opts := &typedtest.Options{Count: 1000}
	typedtest.Explore(t, api, opts.As("token", "secret").As("token", "guest"))
}
