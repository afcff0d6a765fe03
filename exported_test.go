package apiroutes_test

import (
	"flag"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var updateExported = flag.Bool("update-exported", false, "write testdata/exported")

// TestExported compares what the public packages of all modules export with testdata/exported,
// a file for each, so that a new name is a decision:
//
//	go test -run TestExported . -update-exported
//
// It also refuses signatures and fields that name a type of an internal package, which
// nobody outside could write.
func TestExported(t *testing.T) {
	const dir = "testdata/exported"
	seen := map[string]bool{}
	for folder, parsed := range parsePackages(t) {
		if !isPublic(folder) || parsed.files[0].Name.Name == "main" {
			continue
		}
		var names []string
		for _, f := range parsed.files {
			for _, decl := range f.Decls {
				for _, e := range exportedBy(decl) {
					names = append(names, e.name)
					for _, path := range internalImports(f, e.nodes) {
						t.Errorf("%s: %s names a type of %s", folder, e.name, path)
					}
				}
			}
		}
		slices.Sort(names)
		got := strings.Join(names, "\n") + "\n"
		file := strings.ReplaceAll(filepath.ToSlash(folder), "/", ".") + ".txt"
		seen[file] = true
		path := filepath.Join(dir, file)
		if *updateExported {
			require.NoError(t, os.MkdirAll(dir, 0o777))
			require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
			continue
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err, "go test -run TestExported . -update-exported writes it")
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s exports other names (-%s +code); is that meant? -update-exported writes them:\n%s", folder, path, diff)
		}
	}
	require.NotEmpty(t, seen)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		if !seen[f.Name()] {
			t.Errorf("%s is of no package: remove it", f.Name())
		}
	}
}

// isPublic reports whether a folder is a package that users can import.
func isPublic(folder string) bool {
	if folder == "." {
		return false
	}
	parts := strings.Split(filepath.ToSlash(folder), "/")
	return !slices.Contains(parts, "internal") && parts[0] != "examples" && parts[0] != "tools"
}

// exported is an exported name: "Response", "Response.JSON", "Options.Pages".
type exported struct {
	name  string
	nodes []ast.Node // the types that its signature or declaration names
}

func exportedBy(decl ast.Decl) []exported {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() {
			return nil
		}
		name := d.Name.Name
		if d.Recv != nil {
			receiver := baseName(d.Recv.List[0].Type)
			if !ast.IsExported(receiver) {
				return nil
			}
			name = receiver + "." + name
		}
		return []exported{{name, []ast.Node{d.Type}}}
	case *ast.GenDecl:
		var all []exported
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					all = append(all, exportedByType(s)...)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						e := exported{name: n.Name}
						if s.Type != nil {
							e.nodes = []ast.Node{s.Type}
						}
						all = append(all, e)
					}
				}
			}
		}
		return all
	}
	return nil
}

// exportedByType lists a type, and its exported fields and interface methods.
func exportedByType(s *ast.TypeSpec) []exported {
	all := []exported{{name: s.Name.Name}}
	var fields *ast.FieldList
	switch t := s.Type.(type) {
	case *ast.StructType:
		fields = t.Fields
	case *ast.InterfaceType:
		fields = t.Methods
	default:
		if s.Assign != token.NoPos { // an alias shows what it stands for
			all[0].nodes = []ast.Node{t}
		}
		return all
	}
	for _, f := range fields.List {
		for _, n := range f.Names {
			if n.IsExported() {
				all = append(all, exported{s.Name.Name + "." + n.Name, []ast.Node{f.Type}})
			}
		}
	}
	return all
}

// baseName is the name of a receiver's type.
func baseName(x ast.Expr) string {
	for {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.IndexListExpr:
			x = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// internalImports lists the internal packages that nodes of a file name.
func internalImports(f *ast.File, nodes []ast.Node) []string {
	imports := map[string]string{}
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		if strings.Contains(path, "/internal/") {
			imports[name] = path
		}
	}
	var found []string
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := s.X.(*ast.Ident); ok && imports[id.Name] != "" {
					found = append(found, imports[id.Name])
				}
			}
			return true
		})
	}
	return found
}
