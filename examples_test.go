package apiroutes_test

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExportedHasExamples asks that every type, function, constant and variable that a
// public package of any module exports is shown: by an Example of its own, by one that
// uses it, or, if it is a type, by one that calls a function whose result it is. Fields
// and methods stand with their type. What a file example_test.go or example_name_test.go
// declares beside its Examples counts: it is what they work with.
func TestExportedHasExamples(t *testing.T) {
	shown := shownNames(t)
	names := 0
	for folder, parsed := range parsePackages(t) {
		if !isImportable(folder) || parsed.files[0].Name.Name == "main" {
			continue
		}
		for _, f := range parsed.files {
			for _, decl := range f.Decls {
				for _, e := range exportedBy(decl) {
					if strings.Contains(e.name, ".") {
						continue
					}
					names++
					if !shown[folder+" "+e.name] && !shown.made(folder, e.name, parsed.files) {
						t.Errorf("%s: no example shows %s: write one, or use it in one", folder, e.name)
					}
				}
			}
		}
	}
	require.NotZero(t, names)
	t.Logf("%d exported names", names)
}

// TestPackageDocumentation asks that what `go doc` prints of a public package begins with a
// program: after at most two paragraphs, and one that the compiler's parser reads.
func TestPackageDocumentation(t *testing.T) {
	packages := 0
	for folder, parsed := range parsePackages(t) {
		if folder != "." && (!isImportable(folder) || parsed.files[0].Name.Name == "main") {
			continue
		}
		packages++
		text := ""
		for _, f := range parsed.files {
			if f.Doc != nil {
				text += f.Doc.Text()
			}
		}
		var p comment.Parser
		block := -1
		content := p.Parse(text).Content
		for i, b := range content {
			if _, ok := b.(*comment.Code); ok {
				block = i
				break
			}
		}
		if block < 0 || block > 2 {
			t.Errorf("%s: the documentation does not begin with a program: write one behind the first paragraph", folder)
			continue
		}
		code := content[block].(*comment.Code).Text
		if !parses(code) {
			t.Errorf("%s: the documentation begins with what is no Go:\n%s", folder, code)
		}
	}
	require.Greater(t, packages, 10)
	t.Logf("%d packages", packages)
}

// parses reports whether code is Go: a file, declarations, statements, or declarations
// with statements behind them.
func parses(code string) bool {
	head, rest := code, ""
	for {
		for _, text := range []string{head + "\nfunc _() {\n" + rest + "\n}", "package p\n" + head + "\nfunc _() {\n" + rest + "\n}"} {
			if _, err := parser.ParseFile(token.NewFileSet(), "", text, 0); err == nil {
				return true
			}
		}
		at := strings.LastIndex(strings.TrimRight(head, "\n"), "\n")
		if head == "" {
			return false
		}
		head, rest = head[:at+1], head[at+1:]+rest
	}
}

// isImportable reports whether a folder is a package that users of any module can import.
func isImportable(folder string) bool {
	parts := strings.Split(filepath.ToSlash(folder), "/")
	for _, part := range parts {
		if part == "internal" {
			return false
		}
	}
	return folder != "." && parts[0] != "examples" && parts[0] != "tools"
}

// shown is what examples name: "folder Name".
type shown map[string]bool

// made reports whether examples call a function of the package, or a method of one of its
// types, that returns the type.
func (s shown) made(folder, name string, files []*ast.File) bool {
	for _, f := range files {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Type.Results == nil || !s[folder+" "+fn.Name.Name] {
				continue
			}
			for _, result := range fn.Type.Results.List {
				if baseName(result.Type) == name {
					return true
				}
			}
		}
	}
	return false
}

func shownNames(t *testing.T) shown {
	t.Helper()
	all := shown{}
	fset := token.NewFileSet()
	require.NoError(t, filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && file != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			return err
		}
		all.addFile(f, filepath.ToSlash(filepath.Dir(file)), strings.HasPrefix(name, "example"))
		return nil
	}))
	return all
}

const modulePath = "github.com/apiroutes/apiroutes/"

// addFile adds what the Examples of a file name; whole is whether all of it is shown.
func (s shown) addFile(f *ast.File, folder string, whole bool) {
	imports := map[string]string{} // folders of this repository by the name in the file
	for _, spec := range f.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !strings.HasPrefix(target, modulePath) {
			continue
		}
		target = strings.TrimPrefix(target, modulePath)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = target
	}
	for _, decl := range f.Decls {
		fn, isFunc := decl.(*ast.FuncDecl)
		example := isFunc && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Example")
		if example {
			first, _, _ := strings.Cut(strings.TrimPrefix(fn.Name.Name, "Example"), "_")
			s[folder+" "+first] = true
		}
		if !example && !whole {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := selector.X.(*ast.Ident); ok && imports[x.Name] != "" {
					s[imports[x.Name]+" "+selector.Sel.Name] = true
				}
			}
			return true
		})
	}
}
