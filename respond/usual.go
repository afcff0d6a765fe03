package respond

import (
	"net/http"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// What most answers are is the payload as JSON with the default status, and nothing
// else said. Such an answer is recognised by one pointer, and needs no more of a
// [Rendering] than its buffer.

// RenderUsual is [Plan.Render] for a usual answer; it is not ok for any other, and has
// then done nothing. The content is in the buffer of r, which stays empty otherwise.
func (p *Plan) RenderUsual(r *Rendering, from Origin, a *Answer) (content []byte, ok bool, err error) {
	if p.usual == nil || a.state != p.usual || a.from != from.response || a.body == nil {
		return nil, false, nil
	}
	content, err = p.usual.binding.payload.encode(r.buffer(), a.body)
	if err != nil {
		return nil, true, unencodable(err)
	}
	if cap(content) <= keepBuffer {
		r.buf = content
	}
	return content, true, nil
}

// WriteUsual is [Rendering.Write] for the content of a usual answer.
func (p *Plan) WriteUsual(ex wire.Exchange, content []byte, etags *ETags) {
	status, method := int(p.usual.binding.status), ex.Method()
	if etags != nil && isConditional(status, method) && etags.match(ex, content) {
		_ = ex.Send(http.StatusNotModified, nil) // the client is gone: there is nobody left to tell
		return
	}
	ex.SetContent(typeJSON, int64(len(content)))
	if method == http.MethodHead {
		content = nil
	}
	_ = ex.Send(status, content)
}

// isConditional reports whether If-None-Match can make the answer a 304.
func isConditional(status int, method string) bool {
	return status == http.StatusOK && (method == http.MethodGet || method == http.MethodHead)
}

// match sets the entity tag of content, and reports whether the client has it already.
func (e *ETags) match(ex wire.Exchange, content []byte) bool {
	t := e.of(content)
	ex.SetHeader("Etag", t.line[:])
	lines := ex.Header("If-None-Match")
	return len(lines) > 0 && matchesETag(lines, t.line[0])
}
