package client_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/typed"
)

// What is passed arrives, and what is answered comes back.
func TestRoundTrips(t *testing.T) {
	rounds := 100
	if raceEnabled {
		rounds = 20
	}
	adaptertest.RoundTrips(t, func(api *typed.API) adaptertest.Server { return adaptertest.Serve(api) }, rounds)
}
