// Package growth measures what many endpoints cost: to build, to register, to
// document and to ship. It writes programs with as many endpoints as asked, each
// with types of its own, builds them and runs them.
package growth

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Toolkit is one way of declaring endpoints.
type Toolkit struct {
	Name     string
	endpoint string // the types and the handler of endpoint {{.}}, and the function that adds it
	imports  string // of a package of endpoints
	api      string // the type that endpoints are added to
	main     string // the program; {{.Packages}} are its packages of endpoints
}

// perPackage is how many endpoints stand in one package: projects of that size
// are not one package either.
const perPackage = 100

// write puts a program with n endpoints into dir, below the module's root.
func (k Toolkit) write(dir, modulePath string, n int) error {
	var packages []string
	for first := 0; first < n; first += perPackage {
		name := fmt.Sprintf("part%d", first/perPackage)
		packages = append(packages, name)
		if err := k.writePackage(filepath.Join(dir, name), name, first, min(first+perPackage, n)); err != nil {
			return err
		}
	}
	text, err := fill(k.main, map[string]any{"Packages": packages, "Path": modulePath + "/" + filepath.Base(dir)})
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "main.go"), text)
}

func (k Toolkit) writePackage(dir, name string, first, end int) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\nimport (\n%s)\n\n", name, k.imports)
	for i := first; i < end; i++ {
		text, err := fill(k.endpoint, i)
		if err != nil {
			return err
		}
		b.Write(text)
	}
	fmt.Fprintf(&b, "func Add(api %s) {\n", k.api)
	for i := first; i < end; i++ {
		fmt.Fprintf(&b, "\tadd%d(api)\n", i)
	}
	b.WriteString("}\n")
	return writeFile(filepath.Join(dir, name+".go"), b.Bytes())
}

// touch changes every package of endpoints below dir, so that the next build
// compiles them again; nothing else is compiled again.
func touch(dir, mark string) error {
	files, err := filepath.Glob(filepath.Join(dir, "part*", "*.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		body, _, _ := strings.Cut(string(text), "\n// built ")
		if err := os.WriteFile(file, []byte(body+"\n// built "+mark+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func fill(text string, data any) ([]byte, error) {
	t, err := template.New("source").Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, data)
	return b.Bytes(), err
}

func writeFile(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}
