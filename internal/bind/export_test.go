package bind

import (
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// ReadBody reads a body as Bind does and does nothing with it.
func (p *Plan) ReadBody(req wire.Request) int {
	var buf buffer
	defer buf.release()
	_ = buf.read(req, p.maxBody)
	return len(buf.bytes)
}

// LookupTag reads one of the tags that this package looks at.
func LookupTag(tag reflect.StructTag, name string) (string, bool) {
	t, at := readTags(tag), slices.Index(tagNames[:], name)
	return t.values[at], t.has(at)
}
