package apiroutes_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
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

// TestCodeInDocuments compares the Go code of README.md and of the guides with the
// compiled and tested code that it claims to be.
func TestCodeInDocuments(t *testing.T) {
	documents, err := filepath.Glob("docs/guide/*.md")
	require.NoError(t, err)
	documents = append(documents, "README.md")
	blocks := 0
	for _, name := range documents {
		t.Run(filepath.Base(name), func(t *testing.T) {
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

// TestReadme holds the promises that README.md makes about itself.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme := string(text)
	require.LessOrEqual(t, strings.Count(readme, "\n"), 180, "a README is read in one sitting")
	require.Equal(t, strings.Count(readme, "```go\n"), len(wovenBlock.FindAllString(readme, -1)),
		"every Go block of README.md names its source")

	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(readme, -1) {
		_, err := os.Stat(link[1])
		require.NoErrorf(t, err, "README.md links to %s", link[1])
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
