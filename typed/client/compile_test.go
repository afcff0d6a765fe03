package client_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	compilerError = regexp.MustCompile(`(?m)refused\.go:(\d+):\d+: (.*(?:\n\t.*)*)`)
	wantComment   = regexp.MustCompile("// want `(.*)`$")
)

// The compiler refuses another request type, a payload that an outcome does not have, and
// an endpoint of another kind: testdata/refused.txt, both ways.
func TestCompilerRefuses(t *testing.T) {
	text, err := os.ReadFile("testdata/refused.txt")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "refused.go")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	output, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", file).CombinedOutput() // -e: every error
	require.ErrorAs(t, err, new(*exec.ExitError), "the compiler refused nothing")
	said := map[string]string{}
	for _, m := range compilerError.FindAllStringSubmatch(string(output), -1) {
		said[m[1]] = m[2]
	}
	wants := 0
	for i, line := range strings.Split(string(text), "\n") {
		at := fmt.Sprint(i + 1)
		if m := wantComment.FindStringSubmatch(line); m != nil {
			wants++
			require.Regexp(t, m[1], said[at], "line "+at)
			delete(said, at)
		}
	}
	require.Empty(t, said, "refused unexpectedly")
	require.NotZero(t, wants, string(output))
	t.Logf("%d mistakes refused", wants)
}
