package main

import (
	"flag"
	"testing"

	"github.com/apiroutes/apiroutes/docs"
)

var _ = flag.Bool("update", false, "rewrite openapi.json")

func TestDocument(t *testing.T) { docs.Golden(t, newAPI(), "openapi.json", about()) }
