package judges

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// picture is a PNG of size by size points, at random, so that it is large.
func picture(t *testing.T, size int) []byte {
	t.Helper()
	points := image.NewGray(image.Rect(0, 0, size, size))
	rnd := rand.New(rand.NewPCG(uint64(size), 1))
	for i := range points.Pix {
		points.Pix[i] = byte(rnd.Uint32())
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, points))
	return b.Bytes()
}

// The gallery of examples/files works in a browser: two files are uploaded, by fetch and by
// the form alone, shown, and a download goes on in the middle.
func TestGallery(t *testing.T) {
	executable := browser(t)
	dir := t.TempDir()
	large, small := picture(t, 700), picture(t, 7)
	first, second := filepath.Join(dir, "grön.png"), filepath.Join(dir, "small.png")
	require.NoError(t, os.WriteFile(first, large, 0o600))
	require.NoError(t, os.WriteFile(second, small, 0o600))
	half := len(large) / 2
	program := build(t, "../../examples/files")
	for _, router := range []string{"nethttp", "fiber"} {
		t.Run(router, func(t *testing.T) {
			url := launch(t, program, "-router", router)
			input, err := json.Marshal(map[string]any{"executable": executable, "url": url, "files": []string{first, second}, "half": half})
			require.NoError(t, err)
			text, err := node(t, input, "gallery.mjs")
			require.NoError(t, err, indent(text))
			type sight struct {
				Messages, Pictures, Posted []string
				Resumed                    string
			}
			var got sight
			require.NoError(t, json.Unmarshal([]byte(text), &got), text)
			want := sight{
				Messages: []string{},
				Pictures: []string{"Två 700", "Två 7", "Två 700", "Två 7"},
				Posted:   []string{fmt.Sprintf("3 grön.png image/png %d", len(large)), fmt.Sprintf("4 small.png image/png %d", len(small))},
				Resumed:  fmt.Sprintf(`206 bytes %d-%d/%d attachment; filename="gr_n.png"; filename*=UTF-8''gr%%C3%%B6n.png true`, half, len(large)-1, len(large)),
			}
			require.Equal(t, want, got)
		})
	}
}
