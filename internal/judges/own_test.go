package judges

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// formats are the names that JSON Schema 2020-12 or OpenAPI's format registry define.
var formats = strings.Fields(`date-time date time duration email idn-email hostname ipv4 ipv6 uri uri-reference iri uuid regex json-pointer
	int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double byte binary password`)

// nesting names patterns with a repetition in a repetition, whose inner one begins or ends
// at a character that the other cannot match, so that there is one way to match. All
// of them run in linear time on the attacks of patterns.mjs.
var nesting = []string{
	`(?:ns|us|`,          // a duration: each number ends at its unit
	`0-9a-zA-Z-]`,        // semver: identifiers end at a dot
	`mongodb`,            // hosts and options end at a comma or an ampersand
	`^[a-zA-Z0-9][a-zA-`, // fqdn: labels end at a dot
}

// TestOwnAssertions looks for what no linter does, in the documents and in the schemas
// of all rows.
func TestOwnAssertions(t *testing.T) {
	all := judged(t)
	api := typed.New("rows", "1", nil)
	for i, r := range slices.Concat(rows(), stringRows(), typeRows()) {
		r.handle(api, fmt.Sprintf("/r%d", i))
	}
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	all["rows"], err = doc.JSON()
	require.NoError(t, err)
	patterns := map[string]bool{}
	schemas := 0
	for name, text := range all {
		var tree any
		require.NoError(t, json.Unmarshal(text, &tree))
		walk(tree, "", func(at string, s map[string]any) {
			schemas++
			checkSchema(t, name+at, s)
			if p, ok := s["pattern"].(string); ok {
				patterns[p] = true
			}
		})
	}
	require.NotEmpty(t, patterns)
	for p := range patterns {
		parsed, err := syntax.Parse(p, syntax.Perl)
		require.NoError(t, err, "Go reads %s", p)
		if repeats(parsed, 0) > 1 && !slices.ContainsFunc(nesting, func(part string) bool { return strings.Contains(p, part) }) {
			t.Errorf("a repetition in a repetition: %s", p)
		}
		for _, part := range []string{`(?=`, `(?!`, `(?<`, `\d`, `\w`, `\s`, `\b`} {
			require.NotContains(t, strings.ReplaceAll(p, `\\`, ""), part, "engines differ on it")
		}
	}
	t.Logf("%d schemas, %d patterns", schemas, len(patterns))
	t.Run("ecma262", func(t *testing.T) {
		list := make([]string, 0, len(patterns))
		for p := range patterns {
			list = append(list, p)
		}
		input, err := json.Marshal(list)
		require.NoError(t, err)
		out, err := node(t, input, "patterns.mjs")
		require.NoError(t, err, indent(out))
		t.Log(strings.TrimSpace(out))
	})
}

// walk calls visit for each object of a document that could be a schema.
func walk(v any, at string, visit func(string, map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for name, inner := range v {
			if name == "example" || name == "examples" || name == "default" || name == "enum" || name == "const" {
				continue
			}
			walk(inner, at+"/"+name, visit)
		}
	case []any:
		for i, inner := range v {
			walk(inner, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

func checkSchema(t *testing.T, at string, s map[string]any) {
	t.Helper()
	for _, pair := range [][2]string{{"minimum", "maximum"}, {"exclusiveMinimum", "exclusiveMaximum"}, {"minimum", "exclusiveMaximum"}, {"exclusiveMinimum", "maximum"}, {"minLength", "maxLength"}, {"minItems", "maxItems"}, {"minProperties", "maxProperties"}} {
		least, okLeast := number(s[pair[0]])
		most, okMost := number(s[pair[1]])
		if okLeast && okMost && least.Cmp(most) > 0 {
			t.Errorf("%s: %s is above %s", at, pair[0], pair[1])
		}
	}
	if properties, ok := s["properties"].(map[string]any); ok {
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, there := properties[fmt.Sprint(name)]; !there {
				t.Errorf("%s: %v is required and no property", at, name)
			}
		}
	}
	if format, ok := s["format"].(string); ok && !slices.Contains(formats, format) {
		t.Errorf("%s: nobody knows the format %s", at, format)
	}
	if ref, ok := s["$ref"].(string); ok && !strings.HasPrefix(ref, "#/components/") {
		t.Errorf("%s: the reference %q leads nowhere", at, ref)
	}
}

func number(v any) (*big.Float, bool) {
	n, ok := v.(float64)
	return big.NewFloat(n), ok
}

// repeats is how deep unbounded repetitions stand in each other.
func repeats(re *syntax.Regexp, depth int) int {
	if re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && re.Max < 0 {
		depth++
	}
	deepest := depth
	for _, sub := range re.Sub {
		deepest = max(deepest, repeats(sub, depth))
	}
	return deepest
}
