package answer

import (
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Disposition is the value of Content-Disposition (RFC 6266): "" for content that is shown
// and has no name. The parameter filename has the name as far as every client understands
// it. Where that is not all of it, filename* has the whole name (RFC 8187), which clients
// prefer.
func Disposition(name string, attachment bool) string {
	name = syntax.Filename(name)
	kind := "inline"
	if attachment {
		kind = "attachment"
	}
	switch {
	case name == "" && !attachment:
		return ""
	case name == "":
		return kind
	}
	plain, whole := plainName(name)
	value := kind + `; filename="` + plain + `"`
	if !whole {
		value += "; filename*=UTF-8''" + string(syntax.AppendExtValue(nil, name))
	}
	return value
}

// plainName replaces what clients read differently in a quoted string: all beyond ASCII,
// quotes, backslashes, and percent signs, which some decode (RFC 6266, appendix D).
func plainName(name string) (plain string, whole bool) {
	whole = true
	plain = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			whole = false
			return '_'
		}
		return r
	}, name)
	return plain, whole
}
