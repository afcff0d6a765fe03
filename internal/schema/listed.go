package schema

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// listed is a rule that names the values.
func (r *ruler) listed(rule rules.Rule) (*openapi.Schema, bool) {
	not := strings.HasPrefix(rule.Name, "n")
	words := []string{rule.Param}
	if strings.Contains(rule.Name, "oneof") {
		words = splitWords(rule.Param)
	}
	switch {
	case strings.HasSuffix(rule.Name, "ci") || strings.HasSuffix(rule.Name, "_case"):
		if r.kind != stringKind {
			return nil, false
		}
		folded := make([]string, len(words))
		for i, word := range words {
			folded[i] = foldPattern(word)
		}
		return only(not, openapi.Schema{Pattern: "^(?:" + strings.Join(folded, "|") + ")$"}), true
	case r.kind == stringKind:
		values := make([]any, len(words))
		for i, word := range words {
			values[i] = word
		}
		return only(not, openapi.Schema{Enum: distinct(values)}), true
	case r.kind == wholeKind:
		// Words are compared with the number's own decimal text, so 07 is never met.
		values := []any{}
		for _, word := range words {
			if canonical(word) {
				values = append(values, openapi.Number(word))
			}
		}
		if len(values) == 0 {
			if not {
				return nil, true
			}
			return openapi.Never(), true
		}
		return only(not, openapi.Schema{Enum: distinct(values)}), true
	}
	return nil, false
}

var wordOrPhrase = regexp.MustCompile(`'[^']*'|\S+`)

// splitWords reads a list as validator does: at blanks, phrases in single quotes, every
// quote then dropped.
func splitWords(param string) []string {
	words := wordOrPhrase.FindAllString(param, -1)
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "'", "")
	}
	return words
}

// distinct drops repeated values, which an enum must not hold.
func distinct(values []any) []any {
	seen := map[any]bool{}
	var out []any
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// canonical reports whether a word is an integer as Go prints it.
func canonical(word string) bool {
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return strconv.FormatInt(n, 10) == word
	}
	n, err := strconv.ParseUint(word, 10, 64)
	return err == nil && strconv.FormatUint(n, 10) == word
}

// foldPattern matches a word in any case by Unicode simple folding, as
// strings.EqualFold compares: k also matches the Kelvin sign.
func foldPattern(word string) string {
	var out strings.Builder
	for _, r := range word {
		orbit := []rune{r}
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			orbit = append(orbit, next)
		}
		if len(orbit) == 1 {
			out.WriteString(quoteRune(r))
			continue
		}
		out.WriteByte('[')
		for _, each := range orbit {
			out.WriteRune(each)
		}
		out.WriteByte(']')
	}
	return out.String()
}

// quote makes a pattern that matches the text itself: valid in ECMA 262 with the u
// flag, which allows no escapes but those of syntax characters.
func quote(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteString(quoteRune(r))
	}
	return out.String()
}

func quoteRune(r rune) string {
	switch {
	case strings.ContainsRune(`^$\.*+?()[]{}|/`, r):
		return `\` + string(r)
	case r < 0x20 || r == 0x7F || r == 0x2028 || r == 0x2029:
		return unicodeEscape(r)
	}
	return string(r)
}

// classRune writes a rune within brackets.
func classRune(r rune) string {
	switch {
	case strings.ContainsRune(`\]^-[`, r):
		return `\` + string(r)
	case r < 0x20 || r == 0x7F || r == 0x2028 || r == 0x2029:
		return unicodeEscape(r)
	}
	return string(r)
}

func unicodeEscape(r rune) string {
	switch r {
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	}
	// Both ECMA 262 and Go know this form up to 0xFF; the separators beyond it stand bare.
	if r <= 0xFF {
		const digits = "0123456789ABCDEF"
		return `\x` + string(digits[r>>4]) + string(digits[r&15])
	}
	return string(r)
}

// set is the inside of a character class.
func set(chars string) string {
	var out strings.Builder
	for _, r := range chars {
		out.WriteString(classRune(r))
	}
	return out.String()
}

func numbers(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = openapi.Number(w)
	}
	return out
}

func strs(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}
