package bind

import (
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

func (b *binding) bindHeaders(req wire.Request) {
	for _, p := range b.plan.headers {
		lines := req.Header(p.key)
		if !p.list {
			for _, line := range lines {
				b.bind(p, syntax.Trim(line))
			}
			continue
		}
		if len(lines) > 0 {
			b.seen.add(p.bit) // a list without elements is not an absent one
		}
		for _, line := range lines {
			for line != "" {
				var element string
				if element, line = syntax.CutElement(line); element != "" {
					b.bind(p, element)
				}
			}
		}
	}
}
