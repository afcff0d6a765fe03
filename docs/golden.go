package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/apiroutes/apiroutes/typed"
)

// TB is what Golden needs of a *testing.T.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// Golden compares the document of an API with the JSON file at path, and fails with
// what changed in words. It rewrites the file instead if the test runs with a flag
// -update that is set (declare it in your test package:
//
//	var _ = flag.Bool("update", false, "rewrite golden files")
//
// ) or with GOLDEN_UPDATE=1 in its environment. At most one Options may be given.
func Golden(t TB, api *typed.API, path string, opts ...*Options) {
	t.Helper()
	var o *Options
	if len(opts) > 0 {
		o = opts[0]
	}
	doc, err := OpenAPI(api, o)
	if err != nil {
		t.Fatalf("%v", err)
		return
	}
	compact, err := doc.JSON()
	if err != nil {
		t.Fatalf("docs: %v", err)
		return
	}
	var want bytes.Buffer
	if err := json.Indent(&want, compact, "", "  "); err != nil {
		t.Fatalf("docs: %v", err)
		return
	}
	want.WriteByte('\n')
	have, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(have, want.Bytes()):
		return
	case updating():
		if err := rewrite(path, want.Bytes()); err != nil {
			t.Fatalf("docs: %v", err)
			return
		}
		t.Logf("docs: %s was rewritten", path)
	case errors.Is(err, fs.ErrNotExist):
		t.Fatalf("docs: %s does not exist: run the test with -update to write it", path)
	case err != nil:
		t.Fatalf("docs: %v", err)
	default:
		t.Errorf("docs: the document is no longer that of %s:\n  %s\nRun the test with -update to accept this.",
			path, strings.Join(changes(have, want.Bytes()), "\n  "))
	}
}

func updating() bool {
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		return true
	}
	return os.Getenv("GOLDEN_UPDATE") == "1"
}

func rewrite(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
