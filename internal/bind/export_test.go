package bind

import "github.com/apiroutes/apiroutes/internal/wire"

// ReadBody reads a body as Bind does and does nothing with it.
func (p *Plan) ReadBody(req wire.Request) int {
	buf := buffers.Get().(*buffer)
	defer buf.release()
	_ = buf.read(req, p.maxBody)
	return len(buf.bytes)
}
