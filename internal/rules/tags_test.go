package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/stretchr/testify/require"
)

// TestTableIsComplete reads validator's own list of tags, in the version that go.mod
// pins: a bump that brings or drops a tag fails here before it changes a verdict.
func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/go-playground/validator/v10").Output()
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "baked_in.go"), nil, 0)
	require.NoError(t, err)

	names := stringKeys(t, file, "bakedInValidators")
	require.Greater(t, len(names), 170)
	for name := range names {
		_, ok := rules.Builtin(name)
		require.True(t, ok, "the table lacks validator's tag %s", name)
	}
	aliases := stringKeys(t, file, "bakedInAliases")
	require.Equal(t, aliases, rules.New(nil).Aliases())

	steering := strings.Fields("omitempty omitzero omitnil dive keys endkeys structonly nostructlevel")
	require.Equal(t, len(names)+len(steering), rules.TableSize(), "the table has tags that validator lacks")
	t.Logf("%d tags, %d aliases, %d words that steer", len(names), len(aliases), len(steering))
}

// stringKeys returns the entries of a map literal, whose keys are strings.
func stringKeys(t *testing.T, file *ast.File, variable string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != variable {
			return true
		}
		for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
			entry := element.(*ast.KeyValueExpr)
			key, err := strconv.Unquote(entry.Key.(*ast.BasicLit).Value)
			require.NoError(t, err)
			out[key] = ""
			if value, ok := entry.Value.(*ast.BasicLit); ok {
				out[key], err = strconv.Unquote(value.Value)
				require.NoError(t, err)
			}
		}
		return false
	})
	return out
}
