package main

import (
	"testing"

	"github.com/apiroutes/apiroutes/typed/typedtest"
)

func TestExplore(t *testing.T) { typedtest.Explore(t, newAPI(), &typedtest.Options{Count: 1000}) }
