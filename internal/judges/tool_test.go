package judges

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// missing skips a test whose tool is not there, or fails it where all must be.
func missing(t *testing.T, format, install string) {
	t.Helper()
	if os.Getenv("APIROUTES_JUDGES") == "1" {
		t.Fatalf("%s is missing, and APIROUTES_JUDGES=1 wants every judge: %s", format, install)
	}
	t.Skipf("%s is missing: %s", format, install)
}

// needNode skips a test, or fails it, where Node.js or the npm packages are missing.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "node", "install Node.js 20 or newer")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		missing(t, "node_modules", "run npm ci --ignore-scripts in internal/judges")
	}
}

// node runs a program of this directory's npm packages and returns what it prints.
func node(t *testing.T, stdin []byte, args ...string) (string, error) {
	t.Helper()
	needNode(t)
	cmd := exec.Command("node", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "NO_COLOR=1", "FORCE_COLOR=0")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// bin is the path of an npm package's program.
func bin(name ...string) string {
	return filepath.Join(append([]string{"node_modules"}, name...)...)
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

func indent(s string) string { return "\t" + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n\t") }
