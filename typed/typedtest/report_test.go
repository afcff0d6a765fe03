package typedtest_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// curls are the requests that the printed commands send.
func curls(t *testing.T, report string) (all []*http.Request) {
	for line := range strings.Lines(report) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "curl ")
		if !ok {
			continue
		}
		words := shellWords(line)
		method, target, body := "GET", "", ""
		header := http.Header{}
		for i := 0; i < len(words); i++ {
			switch words[i] {
			case "-i":
			case "-I":
				method = "HEAD"
			case "-X":
				i++
				method = words[i]
			case "-H":
				i++
				name, value, _ := strings.Cut(words[i], ": ")
				header.Add(name, value)
			case "--data-binary":
				i++
				body = words[i]
			default:
				target = words[i]
			}
		}
		target, ok = strings.CutPrefix(target, "http://localhost:8080")
		require.True(t, ok, line)
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header = header
		all = append(all, r)
	}
	return all
}

// programs are the method, target, content and header of the requests that the printed Go
// code makes.
func programs(t *testing.T, report string) (all [][]string) {
	header := http.Header{}
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		_, request, ok := strings.Cut(line, "= httptest.NewRequest(")
		switch {
		case ok:
			header = http.Header{}
			words := append(literals(t, "f("+request), "") // without content
			all = append(all, []string{words[0], words[1], words[2], "{}"})
		case strings.HasPrefix(line, "r.Header.Set("):
			pair := literals(t, line)
			header.Set(pair[0], pair[1])
			text, _ := json.Marshal(header)
			all[len(all)-1][3] = string(text)
		}
	}
	return all
}

// literals are the texts in a Go expression.
func literals(t *testing.T, expression string) (all []string) {
	parsed, err := parser.ParseExpr(expression)
	require.NoError(t, err, expression)
	ast.Inspect(parsed, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok {
			text, err := strconv.Unquote(l.Value)
			require.NoError(t, err)
			all = append(all, text)
		}
		return true
	})
	return all
}

// shellWords splits a line at spaces, as a shell does.
func shellWords(line string) (words []string) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word := ""
		for line != "" && line[0] != ' ' {
			switch {
			case line[0] == '\'':
				quoted, rest, _ := strings.Cut(line[1:], "'")
				word, line = word+quoted, rest
			case strings.HasPrefix(line, "$'"):
				end := 2
				for line[end] != '\'' {
					if line[end] == '\\' {
						end++
					}
					end++
				}
				text, _ := strconv.Unquote(`"` + strings.NewReplacer(`"`, `\"`, `\'`, `'`).Replace(line[2:end]) + `"`)
				word, line = word+text, line[end+1:]
			case line[0] == '\\':
				word, line = word+line[1:2], line[2:]
			default:
				word, line = word+line[:1], line[1:]
			}
		}
		words = append(words, word)
	}
	return words
}
