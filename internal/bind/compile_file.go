package bind

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/upload"
)

// upfield is a field of a multipart body that is no text: a file, several, or a JSON part.
type upfield struct {
	Field
	list    bool
	pointer bool
	most    int            // of a list; -1: any number
	rules   upload.Rules   // of a file
	decoder *jsonx.Decoder // of a JSON part; nil: a file
}

// isFile reports whether a field of type t takes files.
func isFile(t reflect.Type) bool {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return upload.IsFile(t)
}

// sniffable are the media types that the first bytes of a file tell apart: those of
// http.DetectContentType, but for application/octet-stream, which is any other.
var sniffable = []string{
	"application/ogg", "application/pdf", "application/postscript", "application/vnd.ms-fontobject", "application/wasm",
	"application/x-gzip", "application/x-rar-compressed", "application/zip",
	"audio/aiff", "audio/basic", "audio/midi", "audio/mpeg", "audio/wave",
	"font/collection", "font/otf", "font/ttf", "font/woff", "font/woff2",
	"image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp", "image/x-icon",
	"text/html", "text/plain", "text/xml",
	"video/avi", "video/mp4", "video/webm",
	"audio/*", "font/*", "image/*", "video/*",
}

// sniffedAs are other names of media types, and what types look like that nothing tells
// from others.
var sniffedAs = map[string]string{
	"image/jpg": "image/jpeg", "image/vnd.microsoft.icon": "image/x-icon", "audio/wav": "audio/wave", "audio/mp3": "audio/mpeg",
	"audio/x-wav": "audio/wave", "application/gzip": "application/x-gzip", "application/xml": "text/xml", "application/rtf": "text/plain",
	"text/csv": "text/plain", "application/json": "text/plain", "text/markdown": "text/plain", "application/x-ndjson": "text/plain", "image/svg+xml": "text/xml or text/plain",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "application/zip",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "application/zip",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "application/zip",
}

// file takes a field of files, tag being what its form tag says.
func (c *compiler) file(f *Field, tag string) {
	u := &upfield{Field: *f, list: f.Type.Kind() == reflect.Slice, pointer: f.Type.Kind() == reflect.Pointer, most: -1}
	u.Name = tag
	key, ok := c.checkName(&u.Field)
	if !ok || !c.unique(&u.Field, key) {
		return
	}
	if f.HasDefault {
		c.fault(f.Path, "a file has no default", "drop the default tag")
		return
	}
	u.rules.Accept, u.rules.Takes = c.accept(f)
	u.rules.Size, u.rules.MaxSize = c.maxSize(f)
	u.Files = &Files{u.rules.Accept, u.rules.Size, u.rules.MaxSize}
	if u.list && c.options.MaxElements != nil {
		limits := c.options.MaxElements(reflect.StructField{Name: f.goName(), Type: f.Type, Tag: f.Tag})
		if len(limits) > 0 {
			u.most = limits[0]
		}
	}
	c.uploads = append(c.uploads, u)
	c.plan.fields = append(c.plan.fields, u.Field)
}

// accept reads the tag of that name.
func (c *compiler) accept(f *Field) (declared string, takes func(string) bool) {
	tag, ok := f.Tag.Lookup("accept")
	if !ok {
		return "", nil
	}
	var types []string
	for media := range strings.SplitSeq(tag, ",") {
		media = strings.ToLower(strings.TrimSpace(media))
		if slices.Contains(sniffable, media) {
			types = append(types, media)
			continue
		}
		fix := "write one of " + strings.Join(sniffable, ", ")
		if as, known := sniffedAs[media]; known {
			fix = "write " + as + ", as which it counts"
		}
		c.fault(f.Path, fmt.Sprintf("accept has %q, which the content of a file does not tell", media), fix)
		return "", nil
	}
	return strings.Join(types, ", "), func(media string) bool {
		return slices.ContainsFunc(types, func(t string) bool { return syntax.InRange(media, t) })
	}
}

// sizeUnits are those of maxsize, powers of 1000.
var sizeUnits = []struct {
	unit string
	size int64
}{{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

// maxSize reads the tag of that name; a number without a unit is of bytes.
func (c *compiler) maxSize(f *Field) (declared string, bytes int64) {
	tag, ok := f.Tag.Lookup("maxsize")
	if !ok {
		return "", 0
	}
	number, factor, unit := strings.TrimSpace(tag), int64(1), "bytes"
	for _, u := range sizeUnits {
		if digits, found := strings.CutSuffix(number, u.unit); found {
			number, factor = strings.TrimSpace(digits), u.size
			if factor > 1 {
				unit = u.unit
			}
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/4/factor {
		c.fault(f.Path, fmt.Sprintf("maxsize is %q", tag), `write a number of bytes, or one with kB, MB or GB, as in maxsize:"5MB"`)
		return "", 0
	}
	return fmt.Sprintf("%d %s", n, unit), n * factor
}

// jsonPart takes a field that is a JSON part, tag being what its part tag says.
func (c *compiler) jsonPart(f *Field, tag string) {
	u := &upfield{Field: *f, pointer: f.Type.Kind() == reflect.Pointer}
	u.Name = tag
	key, ok := c.checkName(&u.Field)
	file := isFile(f.Type)
	switch {
	case !ok || !c.unique(&u.Field, key):
		return
	case f.HasDefault:
		c.fault(f.Path, "default is for parameters, and this is a JSON part", "drop the default tag, and let a pointer tell absent from zero")
		return
	case file || isRaw(f.Type) || isStream(f.Type):
		c.fault(f.Path, "a part is JSON, and this type is not decoded from it", fmt.Sprintf(`take a typed.File, with form:"%s"`, tag))
		return
	}
	c.refuseDefaults(f.Type, f.Path)
	if u.decoder = c.decoder(f.Type, f.Path, c.decoding(f)); u.decoder == nil {
		return
	}
	c.uploads = append(c.uploads, u)
	c.plan.fields = append(c.plan.fields, u.Field)
}

// multipart makes the body of the fields that were collected.
func (c *compiler) multipart() {
	p := c.plan
	p.uploads = make(map[string]*upfield, len(c.uploads))
	var files int64
	for _, u := range c.uploads {
		p.uploads[u.Name] = u
		n := int64(1)
		if u.list {
			n = upload.MaxFiles
			if u.most >= 0 && u.most < upload.MaxFiles {
				n = int64(u.most)
			}
		}
		files += min(n*u.rules.MaxSize, math.MaxInt64/4)
		files = min(files, math.MaxInt64/4)
	}
	switch {
	case !c.options.MaxBodySet:
		p.maxBody += files
	case p.maxBody < files:
		c.fault("", fmt.Sprintf("the option MaxBody allows %d bytes, and the files of the request may have %d", p.maxBody, files), "raise MaxBody, or drop it: it is made to fit the maxsize of each file")
	}
}

// misplaced refuses the tags of files beside any other type.
func (c *compiler) misplaced(f *Field, tags *fieldTags) {
	for at := tagAccept; at <= tagMaxSize; at++ {
		if tags.has(at) {
			c.fault(f.Path, fmt.Sprintf("the tag %s is for files, and this is a %s", tagNames[at], f.Type), "make it a typed.File, or drop the tag")
		}
	}
}

// refuseFile refuses a file where JSON or text would be read into it.
func (c *compiler) refuseFile(f *Field) {
	c.fault(f.Path, fmt.Sprintf("a file cannot be read from a %s", f.Source.noun()), `write form:"name": files come in multipart/form-data`)
}
