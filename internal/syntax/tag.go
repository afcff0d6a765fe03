package syntax

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// tagKeys are the keys of struct tags that this module reads, the most frequent first.
var tagKeys = []string{"json", "validate", "path", "query", "doc", "example", "header", "cookie", "form", "part", "body", "auth", "default", "status", "accept", "maxsize", "scopes", "deprecated"}

// LookupTag finds what reflect.StructTag.Lookup finds. Types are read field by field when
// they are registered, and reflect takes twice the time.
func LookupTag(tag reflect.StructTag, key string) (value string, ok bool) {
	for rest := string(tag); ; {
		found, quoted, after, ok := CutTag(rest)
		switch {
		case !ok:
			return "", false
		case found == key:
			return UnquoteTag(quoted)
		}
		rest = after
	}
}

// UnquoteTag is the value that stands quoted in a struct tag, which must be a Go string.
func UnquoteTag(quoted string) (value string, ok bool) {
	for i := range len(quoted) {
		if c := quoted[i]; c == '\\' || c-' ' > '~'-' ' { // is escaped, or not plain ASCII
			value, err := strconv.Unquote(quoted)
			return value, err == nil
		}
	}
	return quoted[1 : len(quoted)-1], true
}

// CutTag cuts the first key:"value" pair off a struct tag, with its quotes. It is not
// ok where there is none, or none that reflect.StructTag would find.
func CutTag(tag string) (key, quoted, rest string, ok bool) {
	for tag != "" && tag[0] == ' ' {
		tag = tag[1:]
	}
	colon := 0
	for colon < len(tag) && tag[colon] > ' ' && tag[colon] != ':' && tag[colon] != '"' && tag[colon] != 0x7f {
		colon++
	}
	if colon == 0 || colon+1 >= len(tag) || tag[colon] != ':' || tag[colon+1] != '"' {
		return "", "", tag, false
	}
	for end := colon + 2; ; end++ {
		n := strings.IndexByte(tag[end:], '"')
		if n < 0 {
			return "", "", tag, false
		}
		if end += n; tag[end-1] != '\\' || !isEscaped(tag[colon+2:end]) {
			return tag[:colon], tag[colon+1 : end+1], tag[end+1:], true
		}
	}
}

// isEscaped reports whether what follows s is escaped: by an odd number of backslashes.
func isEscaped(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

// ReadTag calls found with the key:"value" pairs of a struct tag, the values in their
// quotes, and says what Go's reflect package skips without a word: a tag that is not a
// list of pairs, a key that is given twice, and a key that is nearly one that this module
// reads. The problem is empty where there is none.
func ReadTag(tag reflect.StructTag, found func(key, quoted string)) (problem, fix string) {
	seen := 0 // a bit for each of tagKeys
	for rest := string(tag); ; {
		key, quoted, after, ok := CutTag(rest)
		if !ok && after != "" && problem == "" {
			problem, fix = fmt.Sprintf("the struct tag is malformed from %q on, and what follows is ignored", after), `write pairs like json:"name", with no space within a pair and one space between them`
		}
		if !ok {
			return problem, fix
		}
		switch at := slices.Index(tagKeys, key); {
		case problem != "":
		case at >= 0 && seen>>at&1 == 1:
			problem, fix = fmt.Sprintf("the struct tag has %s twice, and the second is ignored", key), "keep one of them"
		case at >= 0:
			seen |= 1 << at
		case strings.ContainsAny(key, ",;"):
			problem, fix = fmt.Sprintf("the struct tag has %q where one pair ends and the next begins, so that %s is ignored", key[:1], strings.TrimLeft(key, ",;")), "separate the pairs by a space alone"
		default:
			if meant := misspelled(key); meant != "" {
				problem, fix = fmt.Sprintf("the tag %s is not known", key), "write "+meant
			}
		}
		found(key, quoted)
		rest = after
	}
}

// misspelled is the key of tagKeys that is probably meant by key, which is none of them, or "".
func misspelled(key string) string {
	lower := strings.ToLower(key)
	for _, meant := range tagKeys {
		few := 0 // edits; short keys are too near to those of other modules, as bson is to json
		switch {
		case len(meant) >= 7:
			few = 2
		case len(meant) >= 5:
			few = 1
		}
		if lower == meant || few > 0 && Distance(lower, meant) <= few || len(lower) == len(meant) && sameLetters(lower, meant) {
			return meant
		}
	}
	return ""
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// Distance is how many bytes have to be put in, left out or replaced, or neighbours
// swapped, to get from a to b.
func Distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
