package bind

import (
	"reflect"
	"strconv"
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
		if value, err := strconv.Unquote(quoted); err == nil {
			t.values[at] = value
			t.found |= 1 << at
		}
	}
}

// cutTag cuts the first name:"value" off a struct tag.
func cutTag(tag string) (name, quoted, rest string, ok bool) {
	for tag != "" && tag[0] == ' ' {
		tag = tag[1:]
	}
	i := 0
	for i < len(tag) && tag[i] > ' ' && tag[i] != ':' && tag[i] != '"' && tag[i] != 0x7f {
		i++
	}
	if i == 0 || i+1 >= len(tag) || tag[i] != ':' || tag[i+1] != '"' {
		return "", "", "", false
	}
	name, tag = tag[:i], tag[i+1:]
	for i = 1; i < len(tag) && tag[i] != '"'; i++ {
		if tag[i] == '\\' {
			i++
		}
	}
	if i >= len(tag) {
		return "", "", "", false
	}
	return name, tag[:i+1], tag[i+1:], true
}

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
