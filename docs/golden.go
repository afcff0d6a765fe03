package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/hook"
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
// ) or with GOLDEN_UPDATE=1 in its environment. The options are those of the API's first
// [Mount], unless one Options is given here.
func Golden(t TB, api *typed.API, path string, opts ...*Options) {
	t.Helper()
	o, _ := (*hook.Documents(api)).(*Options)
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

// maxChanges is how many changes are told one by one.
const maxChanges = 50

// changes says in words how one document differs from another, both JSON.
func changes(before, after []byte) []string {
	old, err := decode(before)
	if err != nil {
		return []string{"the file is no JSON: " + err.Error()}
	}
	now, err := decode(after)
	if err != nil {
		return []string{err.Error()}
	}
	c := &comparison{}
	c.compare(nil, old, now)
	if len(c.lines) == 0 {
		return []string{"only the order or the white space differs"}
	}
	if extra := len(c.lines) - maxChanges; extra > 0 {
		c.lines = append(c.lines[:maxChanges], fmt.Sprintf("and %d more", extra))
	}
	return c.lines
}

func decode(doc []byte) (value any, err error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}

type comparison struct{ lines []string }

func (c *comparison) compare(at []string, old, now any) {
	if reflect.DeepEqual(old, now) {
		return
	}
	oldObject, isObject := old.(map[string]any)
	newObject, stillObject := now.(map[string]any)
	if isObject && stillObject {
		c.objects(at, oldObject, newObject)
		return
	}
	oldList, isList := old.([]any)
	newList, stillList := now.([]any)
	if isList && stillList {
		c.lists(at, oldList, newList)
		return
	}
	c.say(at, "was %s, is %s", short(old), short(now))
}

func (c *comparison) objects(at []string, old, now map[string]any) {
	names := make([]string, 0, len(old)+len(now))
	for name := range old {
		names = append(names, name)
	}
	for name := range now {
		if _, ok := old[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		below := append(at[:len(at):len(at)], name)
		was, had := old[name]
		is, has := now[name]
		switch {
		case !had:
			c.added(below, is)
		case !has:
			c.say(below, "was removed")
		default:
			c.compare(below, was, is)
		}
	}
}

// lists compares lists of things with a name by it, sets of words as sets, and any
// other by position.
func (c *comparison) lists(at []string, old, now []any) {
	if named(old) && named(now) {
		c.objects(at, byName(old), byName(now))
		return
	}
	if len(at) > 0 && (at[len(at)-1] == "required" || at[len(at)-1] == "enum" || at[len(at)-1] == "type" || at[len(at)-1] == "tags") {
		for _, v := range now {
			if !slices.ContainsFunc(old, func(o any) bool { return reflect.DeepEqual(o, v) }) {
				c.say(at, "has %s now", short(v))
			}
		}
		for _, v := range old {
			if !slices.ContainsFunc(now, func(n any) bool { return reflect.DeepEqual(n, v) }) {
				c.say(at, "no longer has %s", short(v))
			}
		}
		return
	}
	for i := range max(len(old), len(now)) {
		below := append(at[:len(at):len(at)], fmt.Sprint(i+1))
		switch {
		case i >= len(old):
			c.added(below, now[i])
		case i >= len(now):
			c.say(below, "was removed")
		default:
			c.compare(below, old[i], now[i])
		}
	}
}

func named(list []any) bool {
	seen := map[string]bool{}
	for _, v := range list {
		o, _ := v.(map[string]any)
		name, ok := o["name"].(string)
		if !ok || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

func byName(list []any) map[string]any {
	out := map[string]any{}
	for _, v := range list {
		o := v.(map[string]any)
		out[o["name"].(string)] = o
	}
	return out
}

// added tells the value of something new when it is no more than a word.
func (c *comparison) added(at []string, v any) {
	switch v.(type) {
	case map[string]any, []any:
		c.say(at, "was added")
	default:
		c.say(at, "is %s now", short(v))
	}
}

func (c *comparison) say(at []string, format string, args ...any) {
	c.lines = append(c.lines, place(at)+": "+fmt.Sprintf(format, args...))
}

// place names a part of the document as its readers do: GET /users, schema User.
func place(at []string) string {
	var words []string
	switch {
	case len(at) >= 3 && at[0] == "paths":
		words, at = []string{strings.ToUpper(at[2]) + " " + at[1]}, at[3:]
	case len(at) == 2 && at[0] == "paths":
		return "path " + at[1]
	case len(at) >= 3 && at[0] == "components":
		words, at = []string{strings.TrimSuffix(at[1], "s") + " " + at[2]}, at[3:]
	case len(at) == 0:
		return "the document"
	}
	for i := 0; i < len(at); i++ {
		if at[i] == "properties" && i+1 < len(at) {
			i++
			words = append(words, "property "+at[i])
			continue
		}
		words = append(words, at[i])
	}
	return strings.Join(words, ", ")
}

func short(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(text) > 80 {
		return string(text[:77]) + "..."
	}
	return string(text)
}
