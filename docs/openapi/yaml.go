package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// yaml writes JSON as YAML in block style. Only keys that no version of YAML reads as
// anything but a string stand bare; every string value is double-quoted as in JSON,
// which YAML reads alike.
func yaml(doc []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	w := yamlWriter{dec: dec}
	if err := w.value(0, true); err != nil {
		return nil, fmt.Errorf("openapi: write YAML: %w", err)
	}
	return w.out.Bytes(), nil
}

type yamlWriter struct {
	dec *json.Decoder
	out bytes.Buffer
}

// value writes the next value. It begins on the line of its key or dash; own says that
// this line holds nothing of it yet, so that a block may begin right there.
func (w *yamlWriter) value(depth int, own bool) error {
	token, err := w.dec.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return w.scalar(token)
	}
	if !w.dec.More() {
		w.out.WriteString(map[json.Delim]string{'{': "{}\n", '[': "[]\n"}[open])
		_, err := w.dec.Token()
		return err
	}
	for first := true; w.dec.More(); first = false {
		if !first || !own {
			if first {
				w.out.WriteByte('\n')
			}
			w.out.WriteString(strings.Repeat("  ", depth))
		}
		if err := w.entry(open, depth); err != nil {
			return err
		}
	}
	_, err = w.dec.Token()
	return err
}

func (w *yamlWriter) entry(open json.Delim, depth int) error {
	if open == '[' {
		w.out.WriteString("- ")
		return w.value(depth+1, true)
	}
	key, err := w.dec.Token()
	if err != nil {
		return err
	}
	name := key.(string)
	if bareKey.MatchString(name) && !reserved(name) {
		w.out.WriteString(name)
	} else if err := w.quoted(name); err != nil {
		return err
	}
	w.out.WriteByte(':')
	return w.member(depth + 1)
}

// member writes a value behind its key: a scalar after a space, a block on lines of its own.
func (w *yamlWriter) member(depth int) error {
	mark := w.out.Len()
	w.out.WriteByte(' ')
	if err := w.value(depth, false); err != nil {
		return err
	}
	// A block has no space at the end of its key's line.
	if b := w.out.Bytes(); b[mark+1] == '\n' {
		copy(b[mark:], b[mark+1:])
		w.out.Truncate(w.out.Len() - 1)
	}
	return nil
}

func (w *yamlWriter) scalar(token json.Token) error {
	if s, ok := token.(string); ok {
		if err := w.quoted(s); err != nil {
			return err
		}
	} else if token == nil {
		w.out.WriteString("null")
	} else {
		fmt.Fprint(&w.out, token)
	}
	w.out.WriteByte('\n')
	return nil
}

func (w *yamlWriter) quoted(s string) error {
	var e encoder
	e.string(s)
	// YAML knows DEL and the C1 controls only escaped, and JSON writes them as they are.
	for _, r := range string(e.buf) {
		if r == 0x7F || (r >= 0x80 && r < 0xA0 && r != 0x85) || r == 0xFEFF || r == 0x85 {
			fmt.Fprintf(&w.out, `\u%04x`, r)
		} else {
			w.out.WriteRune(r)
		}
	}
	return e.err
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
