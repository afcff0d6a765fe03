package judges

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// sound is a WAV file of half an hour, 16 bits, one channel, 8000 Hz: more than a browser
// reads before it is asked to.
func sound() []byte {
	const samples = 30 * 60 * 8000
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+2*samples))
	b.WriteString("WAVEfmt ")
	_ = binary.Write(&b, binary.LittleEndian, struct {
		Size             uint32
		Format, Channels uint16
		Rate, PerSecond  uint32
		PerSample, Bits  uint16
	}{16, 1, 1, 8000, 16000, 2, 16})
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(2*samples))
	data := make([]byte, 2*samples)
	for i := range data {
		data[i] = byte(i % 251)
	}
	return append(b.Bytes(), data...)
}

// A form with two files arrives from a browser, by itself and by fetch; a download goes on
// in the middle; a <video> is wound forward.
func TestFilesInABrowser(t *testing.T) {
	executable := browser(t)
	type form struct {
		Title string       `form:"title"`
		Files []typed.File `form:"file" maxsize:"1MB"`
	}
	content := sound()
	api := typed.New("Files", "1", nil)
	typed.Handle(api, "GET /{$}", typed.Func(func(context.Context, typed.None) (respond.HTML, error) {
		return `<!doctype html><form action=/files method=post enctype=multipart/form-data><input name=title><input name=file type=file multiple><button>Send</button></form>`, nil
	}))
	typed.Handle(api, "GET /sound", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{ETag: `"v1"`, Body: bytes.NewReader(content)}, nil
	}), typed.Produces("audio/*"))
	typed.Handle(api, "POST /files", func(_ context.Context, in form, res *typed.Response[string]) (typed.Answer, error) {
		said := in.Title
		for _, f := range in.Files {
			r, err := f.Open()
			if err != nil {
				return typed.Fail(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				return typed.Fail(err)
			}
			said += fmt.Sprintf(" %s %s %d %d", f.Name(), f.Type(), f.Size(), bytes.Count(text, []byte("x")))
		}
		return res.Send(said)
	})
	srv := httptest.NewServer(api)
	defer srv.Close()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "ä \"1\".txt"), filepath.Join(dir, "2.png")
	require.NoError(t, os.WriteFile(first, []byte(strings.Repeat("x", 100_000)), 0o600))
	require.NoError(t, os.WriteFile(second, []byte("\x89PNG\r\n\x1a\n"), 0o600))
	input, err := json.Marshal(map[string]any{"executable": executable, "url": srv.URL, "files": []string{first, second}})
	require.NoError(t, err)
	text, err := node(t, input, "files.mjs")
	require.NoError(t, err, indent(text))
	var out struct {
		Fetched, Posted, Resumed string
		Sought                   int
		Ranges                   []string
	}
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	const want = `Fär ä %221%22.txt text/plain 100000 100000 2.png image/png 8 0` // browsers write quotes so
	require.Equal(t, want, out.Fetched)
	require.Equal(t, want, out.Posted)
	require.Equal(t, "206 bytes 500000-28800043/28800044 true", out.Resumed)
	require.Equal(t, 1500, out.Sought)
	t.Logf("ranges that the browser asked for: %q", out.Ranges)
	require.Greater(t, len(out.Ranges), 1, "the browser winds forward by a range")
	from, _, _ := strings.Cut(strings.TrimPrefix(out.Ranges[len(out.Ranges)-1], "bytes="), "-")
	start, err := strconv.Atoi(from)
	require.NoError(t, err)
	require.Greater(t, start, 10_000_000)
}
