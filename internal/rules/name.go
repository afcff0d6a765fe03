package rules

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"
)

// jsonName is the member name of a field, and whether the field is none because
// its own fields stand in its place, as json/v2 does it with embedded structs.
func jsonName(f reflect.StructField) (name string, inlined bool) {
	tag, tagged := f.Tag.Lookup("json")
	if tag == "-" {
		return f.Name, false
	}
	name, options := cutName(tag)
	structural := deref(f.Type).Kind() == reflect.Struct
	if name == "" && structural && (f.Anonymous || tagged && hasOption(options, "embed")) {
		return "", true
	}
	return cmp.Or(name, f.Name), false
}

// cutName takes the name off a json tag. json/v2 reads 'single quotes' as a Go
// string, so that a name may hold a comma.
func cutName(tag string) (name, options string) {
	if !strings.HasPrefix(tag, "'") {
		name, options, _ = strings.Cut(tag, ",")
		return name, options
	}
	for i := 1; i < len(tag); i++ {
		switch tag[i] {
		case '\\':
			i++
		case '\'':
			body := strings.ReplaceAll(strings.ReplaceAll(tag[1:i], `"`, `\"`), `\'`, `'`)
			if unquoted, err := strconv.Unquote(`"` + body + `"`); err == nil {
				return unquoted, strings.TrimPrefix(tag[i+1:], ",")
			}
			return tag[1:i], ""
		}
	}
	return tag, ""
}

func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}

// wireName is the name by which the client knows a field, wherever it comes from.
func wireName(f reflect.StructField) string {
	for _, source := range []string{"path", "query", "header", "cookie", "form"} {
		if name := f.Tag.Get(source); name != "" {
			return name
		}
	}
	name, _ := jsonName(f)
	return cmp.Or(name, f.Name)
}

// wirePath turns the Go path of a rule's parameter ("Page.Limit") into wire names;
// it gives back what it cannot follow.
func wirePath(t reflect.Type, path string) string {
	var out []string
	for name := range strings.SplitSeq(path, ".") {
		t = deref(t)
		if t.Kind() != reflect.Struct {
			return path
		}
		f, ok := t.FieldByName(name)
		if !ok {
			return path
		}
		if _, inlined := jsonName(f); !inlined {
			out = append(out, wireName(f))
		}
		t = f.Type
	}
	return strings.Join(out, ".")
}
