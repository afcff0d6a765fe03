package jsonx

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tagOptions is what the json tag of one struct field says.
type tagOptions struct {
	name       string // the member's name: the tag's, else the field's
	tagged     bool   // there is a tag
	named      bool   // the tag gave the name
	embed      bool
	omitZero   bool
	omitEmpty  bool
	quoted     bool // ",string"
	ignoreCase bool
	strictCase bool
	format     string
}

// parseTag reads the json tag of f by the grammar of json v2: a name, then options
// that are identifiers, two of which (case and format) take a value after a colon.
// Options that json v2 does not know are ignored, as it ignores them. Fields that
// are no members (`json:"-"`, unexported ones) report skip.
func parseTag(f *reflect.StructField) (o tagOptions, skip bool, err error) {
	tag, tagged := f.Tag.Lookup("json")
	o.tagged = tagged
	if tag == "-" {
		return o, true, nil
	}
	if !f.IsExported() && !f.Anonymous {
		if tagged {
			return o, true, fmt.Errorf("the field %s has a json tag but is not exported", f.Name)
		}
		return o, true, nil
	}
	o.name = f.Name
	if tag != "" && tag[0] != ',' {
		end := 0
		for end < len(tag) && tag[end] != ',' && tag[end] != '\\' && tag[end] != '\'' && tag[end] != '"' && tag[end] != '`' {
			end++
		}
		if end == 0 || (end < len(tag) && tag[end] != ',') {
			return o, false, fmt.Errorf("the json tag of field %s is malformed: a name cannot hold quotes or backslashes", f.Name)
		}
		if o.name, o.named = tag[:end], true; !utf8.ValidString(o.name) {
			return o, false, fmt.Errorf("the json name of field %s is not valid UTF-8", f.Name)
		}
		tag = tag[end:]
	}
	return o, false, o.parseOptions(f.Name, tag)
}

// parseOptions reads the options of a tag, rest starting at the first comma.
func (o *tagOptions) parseOptions(field, rest string) error {
	var few [4]string
	seen := few[:0]
	for rest != "" {
		if rest[0] != ',' || len(rest) == 1 {
			return fmt.Errorf("the json tag of field %s is malformed: expected an option after a comma", field)
		}
		option, tail, err := cutOption(rest[1:], false)
		if err != nil {
			return fmt.Errorf("the json tag of field %s is malformed: %w", field, err)
		}
		if slices.Contains(seen, option) {
			return fmt.Errorf("the json tag of field %s repeats the option %s", field, option)
		}
		if slices.Contains(seen, "format") {
			return fmt.Errorf("the json tag of field %s must give format last", field)
		}
		seen, rest = append(seen, option), tail
		if option == "case" || option == "format" {
			if rest == "" || rest[0] != ':' {
				return fmt.Errorf("the option %s in the json tag of field %s has no value", option, field)
			}
			var value string
			if value, rest, err = cutOption(rest[1:], option == "format"); err != nil || value == "" {
				return fmt.Errorf("the option %s in the json tag of field %s has a malformed value", option, field)
			}
			if err := o.set(field, option, value); err != nil {
				return err
			}
			continue
		}
		if err := o.set(field, option, ""); err != nil {
			return err
		}
	}
	return nil
}

// set records one option.
func (o *tagOptions) set(field, option, value string) error {
	switch option {
	case "embed":
		o.embed = true
	case "omitzero":
		o.omitZero = true
	case "omitempty":
		o.omitEmpty = true
	case "string":
		o.quoted = true
	case "format":
		o.format = value
	case "case":
		switch value {
		case "ignore":
			o.ignoreCase = true
		case "strict":
			o.strictCase = true
		default:
			return fmt.Errorf("the json tag of field %s says case:%s: write case:ignore or case:strict", field, value)
		}
	default:
		// json v2 refuses lookalikes of its own options and ignores all others.
		switch meant := strings.ReplaceAll(strings.ToLower(option), "_", ""); meant {
		case "case", "embed", "omitzero", "omitempty", "string", "format":
			return fmt.Errorf("the json tag of field %s says %s: write %s", field, option, meant)
		}
	}
	return nil
}

// cutOption splits s after its first option, which is an identifier or, where quoted
// is allowed, a text in single quotes.
func cutOption(s string, quoted bool) (option, rest string, err error) {
	if first, _ := utf8.DecodeRuneInString(s); first == '_' || unicode.IsLetter(first) {
		rest = strings.TrimLeftFunc(s, func(r rune) bool {
			return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
		})
		return s[:len(s)-len(rest)], rest, nil
	}
	if !quoted || s == "" || s[0] != '\'' {
		return "", "", fmt.Errorf("an option starts with a letter")
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			text := strings.ReplaceAll(s[1:i], `\'`, `'`)
			option, err = strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
			return option, s[i+1:], err
		}
	}
	return "", "", fmt.Errorf("a quote is not closed")
}
