package typedtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// report is a finding as a test prints it.
func (e *explorer) report(r *request, f *finding, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "typedtest: %s %s\n", r.op.name(), f.text)
	for i, x := range f.steps {
		if x.comment != "" {
			fmt.Fprintf(&b, "  # %s\n", x.comment)
		}
		fmt.Fprintf(&b, "  %s\n", x.curl())
		if i == len(f.steps)-1 {
			fmt.Fprintf(&b, "%s\n", x.answer)
		}
	}
	b.WriteString("  in Go:\n")
	for i, x := range f.steps {
		b.WriteString(x.goCode(i == 0))
	}
	if f.once {
		b.WriteString("  sent once more, it does not show: it depends on what was sent before\n")
	}
	fmt.Fprintf(&b, "  the run: &typedtest.Options{Seed: %d, Case: %d}", e.seed, n)
	return b.String()
}

// header are the fields that an exchange has sent, in order.
func (x *exchange) header(each func(name, value string)) {
	for _, name := range slices.Sorted(maps.Keys(x.head)) {
		for _, value := range x.head[name] {
			each(name, value)
		}
	}
}

// curl is the command that sends the request.
func (x *exchange) curl() string {
	command := "curl -i"
	switch {
	case x.method == http.MethodHead:
		command += " -I"
	case x.method != http.MethodGet || len(x.body) > 0:
		command += " -X " + x.method
	}
	command += " " + quote("http://localhost:8080"+x.target)
	x.header(func(name, value string) { command += " -H " + quote(name+": "+value) })
	if len(x.body) > 0 {
		if len(x.body) > shown {
			return command + fmt.Sprintf(" --data-binary @- # %d bytes: see below", len(x.body))
		}
		command += " --data-binary " + quote(string(x.body))
	}
	return command
}

// shown is how much content is printed.
const shown = 8 << 10

// quote writes a word for a shell: $'…' where a plain one cannot hold it.
func quote(text string) string {
	plain := utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
	if plain {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}

// goCode is the program text that sends the request to api.
func (x *exchange) goCode(first bool) string {
	var b strings.Builder
	set := "="
	if first {
		set = ":="
	}
	content := "nil"
	switch {
	case len(x.body) > shown:
		content = fmt.Sprintf("strings.NewReader(%s + strings.Repeat(%q, %d))", literal(string(x.body[:200])), x.body[len(x.body)-1:], len(x.body)-200)
	case len(x.body) > 0:
		content = "strings.NewReader(" + literal(string(x.body)) + ")"
	}
	fmt.Fprintf(&b, "    r %s httptest.NewRequest(%q, %q, %s)\n", set, x.method, x.target, content)
	x.header(func(name, value string) { fmt.Fprintf(&b, "    r.Header.Set(%q, %s)\n", name, literal(value)) })
	fmt.Fprintf(&b, "    w %s httptest.NewRecorder()\n    api.ServeHTTP(w, r)\n", set)
	return b.String()
}

func literal(text string) string {
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}
