package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFilename is how many bytes the names of files may have on most file systems.
const maxFilename = 255

// Filename makes the name of a file fit to be shown, sent and stored: what follows the last
// slash or backslash, without control characters, invalid UTF-8 and the marks that turn
// the direction of text, with which "gpj.exe" can be shown as "exe.jpg"; at most 255
// bytes, of which the extension is kept. The names "." and ".." are none, and "" is the
// name of nothing.
func Filename(name string) string {
	if cut := strings.LastIndexAny(name, `/\`); cut >= 0 {
		name = name[cut+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if name == "." || name == ".." {
		return ""
	}
	if len(name) <= maxFilename {
		return name
	}
	extension := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 16 {
		name, extension = name[:dot], name[dot:]
	}
	end := maxFilename - len(extension)
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.TrimSpace(name[:end] + extension)
}
