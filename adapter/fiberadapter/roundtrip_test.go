package fiberadapter_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// What a client passes arrives, and what a handler answers comes back, on fasthttp as well.
func TestRoundTrips(t *testing.T) {
	adaptertest.RoundTrips(t, func(api *typed.API) adaptertest.Server {
		app := newApp()
		fiberadapter.Mount(app, api)
		return serve(app)
	}, 100)
}
