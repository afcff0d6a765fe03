package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

func TestExplore(t *testing.T) {
	posts, err := openPosts("", false)
	require.NoError(t, err)
	pages := pagecache.New(pagecache.Memory(64<<20), nil)
	defer pages.Close()
	typedtest.Explore(t, newAPI(posts, pages, "a secret"), &typedtest.Options{
		Count: 1000, Except: []string{"POST /hooks/pages"}, // it takes what is signed
	})
}
