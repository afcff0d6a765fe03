package apiroutes_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the code of examples into the documents")

// A woven block is a Go fence under a comment that names its source:
//
//	<!-- source: examples/quickstart/main.go -->           the whole file
//	<!-- source: typed/example_test.go Example_send -->    an example: what its body says
//	<!-- source: typed/example_test.go Person getPerson --> these declarations
var wovenBlock = regexp.MustCompile("(?s)<!-- source: ([^\n]+) -->\n```go\n(.*?)```\n")

// documents returns the guides, and every file in capital letters: READMEs and their kin.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"docs/*.md", "docs/guide/*.md", "*.md", "*/*/README.md", "*/*/*/README.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		names = append(names, found...)
	}
	return names
}

// TestCodeInDocuments compares the Go code of the READMEs and of the guides with the
// compiled and tested code that it claims to be.
func TestCodeInDocuments(t *testing.T) {
	blocks := 0
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			woven := wovenBlock.ReplaceAllFunc(text, func(block []byte) []byte {
				blocks++
				reference := string(wovenBlock.FindSubmatch(block)[1])
				return fmt.Appendf(nil, "<!-- source: %s -->\n```go\n%s```\n", reference, source(t, reference))
			})
			if *update {
				if !bytes.Equal(text, woven) {
					require.NoError(t, os.WriteFile(name, woven, 0o644))
				}
				return
			}
			if diff := cmp.Diff(string(woven), string(text)); diff != "" {
				t.Errorf("code differs from its source (-source +document); -update rewrites it:\n%s", diff)
			}
		})
	}
	require.NotZero(t, blocks)
	t.Logf("%d blocks compared", blocks)
}

// TestReadme checks what README.md promises about itself.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme := string(text)
	require.LessOrEqual(t, strings.Count(readme, "\n"), 180, "a README is read in one sitting")
	require.Equal(t, strings.Count(readme, "```go\n"), len(wovenBlock.FindAllString(readme, -1)),
		"every Go block of README.md names its source")
	for said, n := range map[string]int{
		`The compiler refuses (\d+) kinds`:      lines(t, "typed/testdata/refused/*.go", `// want `),
		`suite of more than (\d+) cases`:        lines(t, "adapter/adaptertest/rules_*.go", `[({]"[a-z0-9 -]+/[^"]+", *"`) + lines(t, "adapter/adaptertest/testdata/bad_inputs.json", `"id":`),
		`, ([0-9 ]+) random bodies are sent to`: number(t, "internal/judges/honesty_test.go", `n := rounds\(([0-9_]+)\)`),
	} {
		claim := number(t, "README.md", said)
		require.LessOrEqual(t, claim, n, said)
		require.Greater(t, 2*claim, n, "%s: it has become many more", said)
	}
}

// lines counts the lines of files that match.
func lines(t *testing.T, files, pattern string) int {
	t.Helper()
	names, err := filepath.Glob(files)
	require.NoError(t, err)
	n := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		n += len(regexp.MustCompile("(?m)^.*"+pattern).FindAll(text, -1))
	}
	return n
}

// number is what the group of a pattern finds in a file, without what groups its digits.
func number(t *testing.T, file, pattern string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	require.NotNilf(t, found, "%s does not say %s", file, pattern)
	n, err := strconv.Atoi(strings.NewReplacer("_", "", " ", "").Replace(string(found[1])))
	require.NoError(t, err)
	return n
}

// A link of a document to a file of the repository leads to it.
func TestLinks(t *testing.T) {
	links := 0
	for _, name := range documents(t) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		prose := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllString(string(text), "")
		for _, link := range regexp.MustCompile(`\]\(([^)#: ]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(prose, -1) {
			if strings.HasPrefix(link[1], "/") {
				continue // a path of an API
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(name), link[1]))
			require.NoErrorf(t, err, "%s links to %s", name, link[1])
			links++
		}
	}
	require.NotZero(t, links)
}

// Every module that others use has a README that says how to get it.
func TestModulesHaveReadmes(t *testing.T) {
	var work struct{ Use []struct{ DiskPath string } }
	require.NoError(t, json.Unmarshal(run(t, "go", "work", "edit", "-json", "go.work"), &work))
	require.Greater(t, len(work.Use), 5)
	for _, use := range work.Use {
		dir := filepath.ToSlash(filepath.Clean(use.DiskPath))
		if dir == "." || strings.HasPrefix(dir, "internal/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, "README.md"))
		if err != nil {
			t.Errorf("the module %s has no README.md: write what it is for, how to get it, and a program", dir)
			continue
		}
		require.Regexp(t, `(?m)^    go (get|run|install) .*`+regexp.QuoteMeta(dir), string(text), "%s/README.md says how to get it", dir)
	}
}

// source returns the code that a reference of a document names.
func source(t *testing.T, reference string) string {
	t.Helper()
	path, names, _ := strings.Cut(reference, " ")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	if names == "" {
		return string(text)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments)
	require.NoError(t, err)
	var parts []string
	for _, name := range strings.Fields(names) {
		decl := declaration(file, name)
		require.NotNilf(t, decl, "%s declares no %s", path, name)
		at := func(p token.Pos) int { return fset.Position(p).Offset }
		from, to := decl.Pos(), decl.End()
		if fn, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(name, "Example") {
			from, to = fn.Body.Lbrace+1, fn.Body.Rbrace // the body alone
		}
		formatted, err := format.Source(bytes.TrimSpace(text[at(from):at(to)]))
		require.NoError(t, err)
		parts = append(parts, strings.TrimSpace(string(formatted)))
	}
	return strings.Join(parts, "\n\n") + "\n"
}

func declaration(file *ast.File, name string) ast.Decl {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == name {
				return d
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.Name == name {
						return d
					}
				case *ast.ValueSpec:
					if s.Names[0].Name == name {
						return d
					}
				}
			}
		}
	}
	return nil
}
