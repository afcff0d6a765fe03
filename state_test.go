package apiroutes_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoMutableState refuses func init and any assignment to a package variable:
// what an API has declared lives in a value that it owns. The one exception are the
// functions of internal/hook, which an init may set.
func TestNoMutableState(t *testing.T) {
	files := 0
	for dir, parsed := range parsePackages(t) {
		variables := map[string]*ast.ValueSpec{}
		for _, f := range parsed.files {
			for _, decl := range f.Decls {
				collectVariables(decl, variables)
			}
		}
		for _, f := range parsed.files {
			if ast.IsGenerated(f) {
				continue
			}
			files++
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Recv == nil && n.Name.Name == "init" && !setsHooks(n.Body) {
						t.Errorf("%s: func init", parsed.fset.Position(n.Pos()))
					}
				case *ast.AssignStmt:
					for _, target := range n.Lhs {
						if n.Tok != token.DEFINE && isPackageVariable(target, variables) {
							t.Errorf("%s: %s changes a package variable", parsed.fset.Position(n.Pos()), dir)
						}
					}
				case *ast.IncDecStmt:
					if isPackageVariable(n.X, variables) {
						t.Errorf("%s: %s changes a package variable", parsed.fset.Position(n.Pos()), dir)
					}
				}
				return true
			})
		}
	}
	require.NotZero(t, files)
}

// setsHooks reports whether all that a function does is to set functions of internal/hook.
func setsHooks(body *ast.BlockStmt) bool {
	for _, stmt := range body.List {
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok {
			return false
		}
		for _, target := range assign.Lhs {
			selector, ok := target.(*ast.SelectorExpr)
			if !ok {
				return false
			}
			if name, ok := selector.X.(*ast.Ident); !ok || name.Name != "hook" {
				return false
			}
		}
	}
	return len(body.List) > 0
}

type parsedPackage struct {
	fset  *token.FileSet
	files []*ast.File
}

// parsePackages parses every Go file of the repository that is not a test, by folder.
func parsePackages(t *testing.T) map[string]parsedPackage {
	t.Helper()
	packages := map[string]parsedPackage{}
	fset := token.NewFileSet()
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		packages[dir] = parsedPackage{fset, append(packages[dir].files, f)}
		return nil
	}))
	return packages
}

func collectVariables(decl ast.Decl, into map[string]*ast.ValueSpec) {
	g, ok := decl.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return
	}
	for _, s := range g.Specs {
		spec := s.(*ast.ValueSpec)
		for _, name := range spec.Names {
			if name.Name != "_" {
				into[name.Name] = spec
			}
		}
	}
}

// isPackageVariable reports whether an assignment to x changes a package variable or
// something inside it. The parser resolves local names, and names of the same file;
// a name that it leaves open is one of another file of the package.
func isPackageVariable(x ast.Expr, variables map[string]*ast.ValueSpec) bool {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.Ident:
			spec, known := variables[e.Name]
			return known && (e.Obj == nil || e.Obj.Decl == spec)
		default:
			return false
		}
	}
}
