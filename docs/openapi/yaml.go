package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// yaml writes compact JSON as YAML in block style. Only keys that no version of YAML
// reads as anything but a string stand bare; every string value is double-quoted as in
// JSON, which YAML reads alike.
func yaml(doc []byte) ([]byte, error) {
	var valid json.RawMessage
	if err := json.Unmarshal(doc, &valid); err != nil {
		return nil, fmt.Errorf("openapi: write YAML: %w", err)
	}
	w := yamlWriter{doc: doc, out: make([]byte, 0, len(doc)+len(doc)/2)}
	w.value(0, true)
	return w.out, nil
}

// yamlWriter reads a document that is known to be valid from its start to its end.
type yamlWriter struct {
	doc []byte // what is left of it
	out []byte
}

// value writes the next value. It begins on the line of its key or dash; fresh says that
// this line holds nothing of it yet, so that a block may begin right there.
func (w *yamlWriter) value(depth int, fresh bool) {
	open := w.doc[0]
	switch {
	case open == '"':
		w.quoted(w.text())
	case open != '{' && open != '[':
		end := bytes.IndexAny(w.doc, ",]}")
		if end < 0 {
			end = len(w.doc) // the document is this one value
		}
		w.out, w.doc = append(w.out, w.doc[:end]...), w.doc[end:]
	case w.empty():
		w.out, w.doc = append(w.out, w.doc[:2]...), w.doc[2:]
	default:
		w.block(open, depth, fresh)
		return
	}
	w.out = append(w.out, '\n')
}

// empty reports whether the object or list that comes next has nothing in it.
func (w *yamlWriter) empty() bool { return w.doc[1] == ']' || w.doc[1] == '}' }

func (w *yamlWriter) block(open byte, depth int, fresh bool) {
	for first := true; first || w.doc[0] == ','; first = false {
		w.doc = w.doc[1:] // the bracket, or the comma
		if first && !fresh {
			w.out = append(w.out, '\n')
		}
		if !first || !fresh {
			for range depth {
				w.out = append(w.out, "  "...)
			}
		}
		if open == '[' {
			w.out = append(w.out, "- "...)
			w.value(depth+1, true)
		} else {
			w.member(depth + 1)
		}
	}
	w.doc = w.doc[1:]
}

// member writes a key and its value: a scalar after a space, a block on lines of its own.
func (w *yamlWriter) member(depth int) {
	if name := w.text(); bareKey.Match(name) && !reserved(string(name)) {
		w.out = append(w.out, name...)
	} else {
		w.quoted(name)
	}
	w.out, w.doc = append(w.out, ':'), w.doc[1:]
	if scalar := w.doc[0] != '{' && w.doc[0] != '['; scalar || w.empty() {
		w.out = append(w.out, ' ')
	}
	w.value(depth, false)
}

// text takes the next string, as it is written between its quotes. Whatever a program
// left bare or escaped in values of its own becomes what JSON's encoder makes of it.
func (w *yamlWriter) text() []byte {
	end := 1
	for ; w.doc[end] != '"'; end++ {
		if w.doc[end] == '\\' {
			end++
		}
	}
	text := w.doc[1:end]
	if !syntax.IsVerbatim(text) {
		var s string
		_ = json.Unmarshal(w.doc[:end+1], &s) // it is valid
		text = syntax.AppendString(nil, s)
		text = text[1 : len(text)-1]
	}
	w.doc = w.doc[end+1:]
	return text
}

// quoted writes a string. YAML knows DEL, the C1 controls, U+2028, U+2029 (which end a line in
// YAML 1.1) and the byte order mark only escaped, and JSON writes them as they are.
func (w *yamlWriter) quoted(text []byte) {
	w.out = append(w.out, '"')
	for i := 0; i < len(text); {
		if c := text[i]; c < 0x7F {
			w.out = append(w.out, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == 0x7F || (r >= 0x80 && r < 0xA0) || r == 0x2028 || r == 0x2029 || r == 0xFEFF {
			w.out = fmt.Appendf(w.out, `\u%04x`, r)
		} else {
			w.out = append(w.out, text[i:i+size]...)
		}
		i += size
	}
	w.out = append(w.out, '"')
}

var bareKey = regexp.MustCompile(`^[A-Za-z_/$][A-Za-z0-9_/.$-]*$`)

// reserved reports whether YAML 1.1 reads the word as a boolean or as null.
func reserved(word string) bool {
	switch strings.ToLower(word) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}
