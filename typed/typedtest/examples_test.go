package typedtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exploreSource is a test that is added to an example when it is built for this test: the
// root module does not require this one, so its examples cannot have it. The examples that
// are modules of their own have theirs.
const exploreSource = `package main

import (
	"context"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

var _ = typed.Func[typed.None, context.Context]

func TestExploreExample(t *testing.T) {
	typedtest.Explore(t, %s, &typedtest.Options{Count: %d})
}
`

// booksSource makes the API of an example that has it in its main.
const booksSource = `func() *typed.API {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books/{id}", getBook)
	typed.Handle(api, "POST /books/{id}/reviews", typed.Func(addReview), typed.Status(201))
	return api
}()`

// TestExamplesHaveNoFaults explores the examples that cannot explore themselves.
func TestExamplesHaveNoFaults(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	workspace := filepath.Join(root, "go.work")
	if _, err := os.Stat(workspace); err != nil {
		t.Skip("the examples are not here: ", err)
	}
	scratch, replace := t.TempDir(), map[string]string{}
	args := []string{"test", "-count=1", "-v", "-vet=off", "-ldflags=-s -w", "-run=^TestExploreExample$"}
	for name, api := range map[string]string{
		"apiroutes": "newAPI()", "apiroutesrest": "newAPI()", "books": booksSource, "files": "newAPI()", "quickstart": "newAPI()", "starter": "newAPI()",
	} {
		file := filepath.Join(scratch, name+".go")
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, exploreSource, api, cases()), 0o600))
		replace[filepath.Join(root, "examples", name, "zz_explore_test.go")] = file
		args = append(args, "./examples/"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	file := filepath.Join(scratch, "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	run := exec.Command("go", append(args, "-overlay="+file)...)
	run.Dir = root
	run.Env = append(os.Environ(), "GOWORK="+workspace)
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, len(replace), strings.Count(string(out), "endpoints took a request"), string(out))
	require.NotContains(t, string(out), "never:", "each endpoint took a request")
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "typedtest: seed") {
			t.Log(strings.TrimSpace(line))
		}
	}
}
