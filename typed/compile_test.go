package typed_test

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

// TestCompilerRefuses builds testdata/refused with the real compiler, once, and
// compares what it says with the want comments, both ways.
func TestCompilerRefuses(t *testing.T) {
	// -e: every error, not the first ten.
	cmd := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", "./testdata/refused")
	output, err := cmd.CombinedOutput()
	require.ErrorAs(t, err, new(*exec.ExitError), "the compiler refused nothing")

	said := errorsByLine(string(output))
	wants := wantsByLine(t, "testdata/refused")
	for line, want := range wants {
		got, ok := said[line]
		if !ok {
			t.Errorf("%s: the compiler accepts it; it should say %s", line, want)
			continue
		}
		require.Regexp(t, want, got, line)
		delete(said, line)
	}
	for line, message := range said {
		t.Errorf("%s: unexpected: %s", line, message)
	}
	t.Logf("%d mistakes refused", len(wants))
}

var compilerError = regexp.MustCompile(`(?m)^\S*?([^/\\\s]+\.go:\d+):\d+: (.*(?:\n\t.*)*)`)

func errorsByLine(output string) map[string]string {
	said := map[string]string{}
	for _, m := range compilerError.FindAllStringSubmatch(output, -1) {
		said[m[1]] = m[2]
	}
	return said
}

var wantComment = regexp.MustCompile("// want `(.*)`$")

func wantsByLine(t *testing.T, dir string) map[string]*regexp.Regexp {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	wants := map[string]*regexp.Regexp{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for i, line := range strings.Split(string(text), "\n") {
			if m := wantComment.FindStringSubmatch(line); m != nil {
				wants[fmt.Sprintf("%s:%d", filepath.Base(name), i+1)] = regexp.MustCompile(m[1])
			}
		}
	}
	require.NotEmpty(t, wants)
	return wants
}
