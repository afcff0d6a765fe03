package upload_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/upload"
)

// stored reads the one part of a body into a store.
func stored(s *upload.Store, head, content string, rules upload.Rules) (upload.File, error) {
	r := upload.NewReader(strings.NewReader("--XX\r\nContent-Disposition: form-data; "+head+"\r\n\r\n"+content+"\r\n--XX--"), "XX", 10<<20)
	p, err := r.Next()
	if err != nil {
		return upload.File{}, err
	}
	return s.Read(r, p, rules)
}

func TestStore(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	png := func(media string) bool { return media == "image/png" }
	large := strings.Repeat("x", 200_000)
	for name, tt := range map[string]struct {
		head, content string
		rules         upload.Rules
		status        int // 0: it is taken
	}{
		"in memory":           {"name=a; filename=b", "x", upload.Rules{}, 0},
		"64 KiB in memory":    {"name=a; filename=b", large[:64<<10], upload.Rules{}, 0},
		"on the disk":         {"name=a; filename=b", large, upload.Rules{MaxSize: 200_000}, 0},
		"a byte more":         {"name=a; filename=b", large, upload.Rules{MaxSize: 199_999}, 413},
		"too large in memory": {"name=a", "xx", upload.Rules{MaxSize: 1}, 413},
		"another type":        {"name=a", large, upload.Rules{Takes: png, Accept: "image/png"}, 415},
		"that type":           {"name=a", "\x89PNG\r\n\x1a\n", upload.Rules{Takes: png}, 0},
	} {
		var s upload.Store
		f, err := stored(&s, tt.head, tt.content, tt.rules)
		if tt.status != 0 {
			var fault *upload.Error
			require.ErrorAs(t, err, &fault, name)
			require.Equal(t, tt.status, fault.Status, name)
			require.NotEmpty(t, fault.Error())
			s.Close()
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, int64(len(tt.content)), f.Size(), name)
		require.False(t, f.IsAbsent())
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, tt.content, string(content), name)
		require.NoError(t, r.Close())
		s.Close()
	}
	var s upload.Store
	f, err := stored(&s, `name=a; filename=""`, "", upload.Rules{})
	require.NoError(t, err)
	require.True(t, f.IsAbsent())
	require.Zero(t, f.Name()+f.Type())
	require.Zero(t, f.Size())
	_, err = f.Open()
	require.Error(t, err)
	for range upload.MaxFiles {
		_, err = stored(&s, "name=a; filename=b", "1", upload.Rules{})
		require.NoError(t, err)
	}
	var fault *upload.Error
	_, err = stored(&s, "name=a; filename=b", "1", upload.Rules{})
	require.ErrorAs(t, err, &fault)
	require.Equal(t, 422, fault.Status)
	s.Close()

	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	_, err = stored(new(upload.Store), "name=a; filename=b", large, upload.Rules{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReaderRefuses(t *testing.T) {
	for body, status := range map[string]int{
		"": 400, "--XX": 400, "--YY--": 400, "--XX\r\n\r\n1\r\n--XX--": 400,
		"--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XX--":                                        400,
		"--XX\r\nContent-Disposition: form-data; name\r\n\r\n1\r\n--XX--":                                           400,
		"--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--XX--":                                 400,
		"--XX\r\nContent-Disposition: form-data; name=a; filename=b; filename=c\r\n\r\n1\r\n--XX--":                 400,
		"--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--XX--":                                       400,
		"--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--XX--":    415,
		"--XX\r\nContent-Disposition: form-data; name=a\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n1\r\n--XX--": 413,
		"--XX\r\nContent-Disposition: form-data; name=a\r\nX: " + strings.Repeat("x", 1e6) + "\r\n\r\n1\r\n--XX--":  413,
		strings.Repeat("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", 1001) + "--XX--":              422,
	} {
		_, _, err := read(strings.NewReader(body), 2<<20)
		var fault *upload.Error
		require.ErrorAs(t, err, &fault, body[:min(len(body), 200)])
		require.Equal(t, status, fault.Status, body[:min(len(body), 200)])
		require.True(t, fault.Cause == nil || errors.Is(err, fault.Cause))
	}
	for boundary, ok := range map[string]bool{"a": true, "a b": true, "a ": false, "": false, `"`: false, strings.Repeat("x", 70): true, strings.Repeat("x", 71): false} {
		_, err := upload.Boundary(map[string]string{"boundary": boundary})
		require.Equal(t, ok, err == nil, boundary)
	}
}

// seeking hides ReadAt.
type seeking struct{ io.ReadSeeker }

type brokenSeeker struct{ io.ReadSeeker }

func (brokenSeeker) Seek(int64, int) (int64, error) { return 0, os.ErrClosed }

func TestNew(t *testing.T) {
	f := upload.New("a/b", seeking{strings.NewReader("text")})
	require.Equal(t, "b text/plain", f.Name()+" "+f.Type())
	r, err := f.Open()
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "text", string(content))
	_, err = upload.New("a", brokenSeeker{}).Open()
	require.ErrorIs(t, err, os.ErrClosed)
}
