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
// uses it, or, if it is a type, by one that calls a function whose result it is. A field or
// method is shown by an Example, of its package or with an import of it, that has its name.
// Methods that interfaces ask for are exempt: see interfaceMethods. What a file
// example_test.go or example_name_test.go declares beside its Examples counts: it is what
// they work with.
func TestExportedHasExamples(t *testing.T) {
	shown := shownNames(t)
	packages := parsePackages(t)
	asked := interfaceMethods(packages)
	names, members := 0, 0
	for folder, parsed := range packages {
		if !isImportable(folder) || parsed.files[0].Name.Name == "main" {
			continue
		}
		for _, f := range parsed.files {
			for _, decl := range f.Decls {
				for _, e := range exportedBy(decl) {
					if _, member, ok := strings.Cut(e.name, "."); ok {
						members++
						_, isMethod := decl.(*ast.FuncDecl)
						if !shown[folder+" ."+member] && !(isMethod && asked.of(folder, member)) {
							t.Errorf("%s: no example names %s: add it to the Example of its type, or of what it is used with, where one sees what it is for", folder, e.name)
						}
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
	require.NotZero(t, members)
	t.Logf("%d exported names, %d fields and methods", names, members)
}

// methods is what interfaces ask for: "folder Name", of the standard library " Name".
type methods map[string]bool

// interfaceMethods lists the methods that need no example where a type has them: those that
// fmt, errors and encoding/json call, and nobody by name, and those of the interfaces that
// packages here export, which are shown with the interface.
func interfaceMethods(packages map[string]parsedPackage) methods {
	asked := methods{}
	for _, name := range []string{
		"Error", "Unwrap", "Is", "As", "String", "IsZero",
		"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
	} {
		asked[" "+name] = true
	}
	for folder, parsed := range packages {
		for _, f := range parsed.files {
			ast.Inspect(f, func(n ast.Node) bool {
				spec, _ := n.(*ast.TypeSpec)
				if spec == nil || !spec.Name.IsExported() {
					return true
				}
				if i, ok := spec.Type.(*ast.InterfaceType); ok {
					for _, method := range i.Methods.List {
						for _, name := range method.Names {
							asked[folder+" "+name.Name] = true
						}
					}
				}
				return false
			})
		}
	}
	return asked
}

// of reports whether an interface of the standard library, or of a package above the
// folder, has the method: pagecache.Store is for the stores below pagecache.
func (m methods) of(folder, name string) bool {
	found := m[" "+name]
	for above := path.Dir(folder); above != "."; above = path.Dir(above) {
		found = found || m[above+" "+name]
	}
	return found
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

// shown is what examples name: "folder Name", and "folder .Name" of a field or method.
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
	imports := map[string]string{} // folders of this repository by the name in the file; "": another's
	for _, spec := range f.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		target, own := strings.CutPrefix(target, modulePath)
		if !own {
			target = ""
		}
		imports[name] = target
	}
	isImport := func(name string) bool { _, ok := imports[name]; return ok }
	member := func(name string) {
		s[folder+" ."+name] = true
		for _, imported := range imports {
			s[imported+" ."+name] = true
		}
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
		if isFunc && fn.Recv != nil { // of a type that implements an interface
			member(fn.Name.Name)
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				x, _ := n.X.(*ast.Ident)
				if x == nil || !isImport(x.Name) {
					member(n.Sel.Name)
				} else {
					s[imports[x.Name]+" "+n.Sel.Name] = true
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok {
					member(key.Name)
				}
			}
			return true
		})
	}
}
