package bind

import (
	"reflect"
	"strconv"
	"unicode/utf8"
)

// fieldTags are the struct tags of one field that this package looks at, read in one
// pass: with StructTag.Lookup each field's tag would be read once for each of them.
type fieldTags struct {
	values [tagJSON + 1]string
	found  uint16 // a bit for each
}

// The tags by their places: those of the sources first, in the order of Source.
const (
	tagDefault = int(Member)
	tagJSON    = tagDefault + 1

	sourceBits = 1<<Member - 1
)

// readTags finds what StructTag.Lookup finds.
func readTags(tag reflect.StructTag) (t fieldTags) {
	var seen uint16 // also those whose value is no Go string, which are not found
	for rest := string(tag); ; {
		name, quoted, after, ok := cutTag(rest)
		if !ok {
			return t
		}
		rest = after
		at := placeOf(name)
		if at < 0 || seen>>at&1 == 1 {
			continue
		}
		seen |= 1 << at
		if value, ok := unquote(quoted); ok {
			t.values[at] = value
			t.found |= 1 << at
		}
	}
}

// unquote spares plain values what strconv.Unquote does to any.
func unquote(quoted string) (string, bool) {
	inner := quoted[1 : len(quoted)-1]
	for i := range len(inner) {
		if c := inner[i]; c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			value, err := strconv.Unquote(quoted)
			return value, err == nil
		}
	}
	return inner, true
}

// cutTag cuts the first name:"value" off a struct tag.
func cutTag(tag string) (name, quoted, rest string, ok bool) {
	from := 0
	for from < len(tag) && tag[from] == ' ' {
		from++
	}
	colon := from
	for colon < len(tag) && isNameByte(tag[colon]) {
		colon++
	}
	if colon == from || colon+1 >= len(tag) || tag[colon] != ':' || tag[colon+1] != '"' {
		return "", "", "", false
	}
	name, tag = tag[from:colon], tag[colon+1:]
	for end := 1; end < len(tag); end++ {
		if tag[end] == '\\' {
			end++
		} else if tag[end] == '"' {
			return name, tag[:end+1], tag[end+1:], true
		}
	}
	return "", "", "", false
}

func isNameByte(c byte) bool { return c > ' ' && c != ':' && c != '"' && c != 0x7f }

func placeOf(name string) int {
	switch name {
	case "path":
		return int(Path)
	case "query":
		return int(Query)
	case "header":
		return int(Header)
	case "cookie":
		return int(Cookie)
	case "form":
		return int(Form)
	case "body":
		return int(Body)
	case "default":
		return tagDefault
	case "json":
		return tagJSON
	}
	return -1
}

// has reports whether the tag at a place was found.
func (t *fieldTags) has(at int) bool { return t.found>>at&1 == 1 }

// anySource reports whether any tag says where the field comes from.
func (t *fieldTags) anySource() bool { return t.found&sourceBits != 0 }
