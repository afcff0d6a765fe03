package apiroutes_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/stretchr/testify/require"
)

// texts is where the sentences come from that a client, or a developer at start-up, can
// get: the packages whose string literals are sentences, and functions that gather
// sentences which are put together from pieces. A package that gets texts is added here.
var texts = []struct {
	folder string
	gather func(t *testing.T) []string // nil: its literals say all
}{
	{"internal/rules", func(t *testing.T) []string { return slices.Concat(brokenRules(t), []string{""}, badTags(t)) }},
	{"validate", nil},
	{"internal/bind", nil},
	{"internal/jsonx", nil},
	{"internal/answer", nil},
	{"internal/fault", nil},
	{"internal/pattern", nil},
	{"internal/schema", nil},
	{"internal/stream", nil},
	{"internal/syntax", nil},
	{"internal/upload", nil},
	{"internal/wire", nil},
	{"respond", nil},
	{"respond/pagecache", nil},
	{"typed", nil},
	{"typed/client", nil},
	{"docs", nil},
}

// TestTexts holds every sentence in one file, so that each is read when it changes: does it
// say what is wrong, where, and what to write instead, in plain English?
func TestTexts(t *testing.T) {
	packages := parsePackages(t)
	var b strings.Builder
	for _, from := range texts {
		parsed, ok := packages[filepath.FromSlash(from.folder)]
		require.True(t, ok, from.folder)
		fmt.Fprintf(&b, "# %s\n\n", from.folder)
		for _, text := range sentences(parsed.files) {
			b.WriteString(strconv.Quote(text) + "\n")
		}
		if from.gather != nil {
			fmt.Fprintf(&b, "\n# %s: put together\n\n%s\n", from.folder, strings.Join(from.gather(t), "\n"))
		}
		b.WriteString("\n")
	}
	golden := filepath.Join("testdata", "texts.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "-update rewrites it: read what changed")
}

// sentences are the string literals with at least two words, sorted. Those of imports,
// struct tags, and calls that make regular expressions or sets of words are none.
func sentences(files []*ast.File) []string {
	var out []string
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				return false
			case *ast.BasicLit:
				if n.Kind != token.STRING {
					return false
				}
				if text, err := strconv.Unquote(n.Value); err == nil && isSentence(text) {
					out = append(out, text)
				}
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isSentence reports whether a literal has a blank beside a letter, on one line.
func isSentence(text string) bool {
	if strings.ContainsAny(text, "\n\t") {
		return false
	}
	at := strings.IndexByte(text, ' ')
	isPattern := strings.HasPrefix(text, "^") || strings.HasPrefix(text, "[")
	isCodes := len(text) > 40 && strings.ToUpper(text) == text // of countries and currencies
	return at >= 0 && !isPattern && !isCodes && strings.IndexFunc(text, unicode.IsLetter) >= 0 && len(strings.TrimSpace(text)) > 2
}

// brokenRules are the failures of every rule on each kind of value that it can stand on.
func brokenRules(t *testing.T) []string {
	params := map[string]string{
		"datetime": "=2006-01-02T15:04:05Z07:00", "oneof": "=1 2", "noneof": "=0 1", "oneofci": "=red 'dark green'", "noneofci": "='' red",
		"postcode_iso3166_alpha2": "=DE", "eq_ignore_case": "=a b", "ne_ignore_case": "=", "containsrune": "=é", "excludesrune": "=é", "spicedb": "=permission", "unique": "=Name",
	}
	values := []any{"", "é,é", 0, uint(0), 2.5, false, []byte{1}, []string{"a", "a"}, map[string]int{"a": 1, "b": 1}, time.Unix(0, 0),
		time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Minute, (*string)(nil), []struct{ Name string }{{"a"}, {"a"}}}
	found := map[string]string{} // the first rule of each sentence
	for _, name := range rules.Builtins() {
		some := []string{"", "=1", "=3", "=0", "=false", "=O", "=O x"}
		if tag, _ := rules.Builtin(name); params[name] != "" {
			some = []string{params[name]}
		} else if tag.Param == rules.TextParam {
			some = []string{"=a", "=a b"}
		}
		for _, param := range some {
			for _, value := range values {
				if text, ok := broken(t, name+param, value); ok && found[text] == "" {
					found[text] = fmt.Sprintf("%s on %T: %s", name+param, value, text)
				}
			}
		}
	}
	for _, name := range []string{"iscolor", "country_code", "eu_country_code", "uuid|email"} {
		text, ok := broken(t, name, "é")
		require.True(t, ok, name)
		found[text] = name + " on string: " + text
	}
	return slices.Sorted(maps.Values(found))
}

// badTags are the faults of tags, each on a field V beside a field O.
func badTags(t *testing.T) []string {
	type pair struct{ A, b string }
	str, num, list, structure := reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[[]string](), reflect.TypeOf(pair{b: ""})
	anything, bytes := reflect.TypeFor[any](), reflect.TypeFor[[]any]()
	ruled := reflect.SliceOf(reflect.StructOf([]reflect.StructField{{Name: "A", Type: str, Tag: `validate:"required"`}}))
	var out []string
	for _, c := range []struct {
		typ  reflect.Type
		tags string // one a line
	}{
		{str, "emial\nfrobnicate\nmin=1, max=2\nmin=1,\nemail|\nomitempty|email\nmin\nmin=abc\nemail=x\neq\noneof=\noneof=a,b\ncontains=\ncontains=a,b\ncontainsrune=ab\n" +
			"datetime=Mon, 02 Jan\ndatetime=yyyy\npostcode_iso3166_alpha2=de\nspicedb=x\ndive\nkeys\nkeys,min=1,endkeys\ndive,keys,min=1\nendkeys\nfile\nport\nomitempty,required\nrequired,required\n" +
			"omitempty,required_if=O x\nrequired,isdefault\nomitempty,isdefault\nisdefault,min=3\nmin=5,max=3\nlt=0\noneof=red,max=2\nipv4,ipv6\neqfield=V\neqfield=W\neqfield=\nrequired_with=\n" +
			"required_with=W\nrequired_if=O\nrequired_if=O x O y\neqfield=O.A\nrequired_if=O[0] x\neqfield=O[0"},
		{num, "min=abc\nemail\noneof=1 02\neqfield=O\nmin=5,max=3\nunique"},
		{reflect.TypeFor[int8](), "min=300\noneof=300"},
		{reflect.TypeFor[float64](), "lt=NaN\noneof=1.5"},
		{reflect.TypeFor[bool](), "eq=maybe\nrequired,eq=false\nmin=1"},
		{reflect.TypeFor[time.Duration](), "min=x"},
		{reflect.TypeFor[time.Time](), "gt=3\ngt,lt"},
		{list, "dive,keys,min=1,endkeys\nunique=A\nomitnil,required\nomitzero,max=0"},
		{reflect.TypeFor[map[string]pair](), "unique=A"},
		{reflect.SliceOf(structure), "unique=b\nunique=C"},
		{bytes, "unique"},
		{structure, "gt=0\nvalidateFn\nstructonly,required"},
		{ruled, "\nmin=1"},
		{anything, "min=1"},
		{reflect.TypeFor[*string](), "required_if=O x,min=3\nomitnil,required"},
		{reflect.TypeFor[chan int](), "email"},
	} {
		for tag := range strings.SplitSeq(c.tags, "\n") {
			typ := reflect.StructOf([]reflect.StructField{
				{Name: "V", Type: c.typ, Tag: reflect.StructTag(`validate:"` + tag + `"`)},
				{Name: "O", Type: str},
			})
			_, faults := rules.New(&rules.Options{Logger: slog.New(slog.DiscardHandler)}).Compile(typ)
			require.NotEmpty(t, faults, "%s on %v", tag, c.typ)
			for _, f := range faults {
				out = append(out, f.String())
			}
		}
	}
	return out
}

// broken is the failure of one value under one tag, which is false where the tag does not
// stand on such a value, or the value keeps it.
func broken(t *testing.T, tag string, value any) (string, bool) {
	t.Helper()
	typ := reflect.StructOf([]reflect.StructField{
		{Name: "V", Type: reflect.TypeOf(value), Tag: reflect.StructTag(`json:"v" validate:"` + tag + `"`)},
		{Name: "O", Type: reflect.TypeFor[string](), Tag: `json:"other"`},
	})
	checker, faults := rules.New(&rules.Options{Logger: slog.New(slog.DiscardHandler)}).Compile(typ)
	if len(faults) > 0 {
		return "", false
	}
	v := reflect.New(typ)
	v.Elem().Field(0).Set(reflect.ValueOf(value))
	v.Elem().Field(1).SetString("x")
	failures, ok := errors.AsType[*rules.Failures](checker.Check(context.Background(), v.Interface()))
	if !ok {
		return "", false
	}
	return failures.List[0].Message, true
}
