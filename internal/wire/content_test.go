package wire_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// whole is a request whose content is in memory.
type whole struct {
	wire.NetHTTP
	content string
}

func (w *whole) Content() ([]byte, bool) { return []byte(w.content), w.content != "" }

func TestContent(t *testing.T) {
	req := &whole{content: "all"}
	if content, ok := wire.Content(req); !ok || string(content) != "all" {
		t.Errorf("%q %v", content, ok)
	}
	if content, ok := wire.Content(&req.NetHTTP); ok || content != nil {
		t.Errorf("%q %v", content, ok)
	}
}
