package bind_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/upload"
)

type sentUpload struct {
	Title string        `form:"title" default:"x"`
	Maybe *upload.File  `form:"maybe"`
	More  []upload.File `form:"more"`
	Meta  *any          `part:"meta"`
}

// multipartOf is the body for in.
func multipartOf(t *testing.T, in *sentUpload) (*bind.Multipart, error) {
	t.Helper()
	s, _, _ := sender[sentUpload](t, "POST /")
	content, err := s.Content(nil, in)
	if err != nil {
		return nil, err
	}
	require.True(t, strings.HasPrefix(content.MediaType, "multipart/form-data; boundary="))
	return content.Stream.(*bind.Multipart), nil
}

// A multipart body has the length that it says, however it is read.
func TestSendMultipart(t *testing.T) {
	in := &sentUpload{Title: "", More: []upload.File{upload.New(`a".txt`, strings.NewReader("A")), upload.New("", strings.NewReader("B"))}, Meta: new(any(1.5))}
	m, err := multipartOf(t, in)
	require.NoError(t, err)
	text, err := io.ReadAll(iotest.OneByteReader(m))
	require.NoError(t, err)
	require.Len(t, text, int(m.Length))
	for _, want := range []string{
		"form-data; name=\"title\"\r\n\r\n\r\n--", `name="more"; filename="a\".txt"` + "\r\nContent-Type: text/plain\r\n\r\nA\r\n--", `filename=""`,
		"name=\"meta\"\r\nContent-Type: application/json\r\n\r\n1.5\r\n--",
	} {
		require.Contains(t, string(text), want)
	}
	require.NoError(t, m.Close())

	m, err = multipartOf(t, in) // closed in the middle of a file
	require.NoError(t, err)
	_, err = m.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, m.Close())
	_, err = m.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

// What a multipart body cannot say is refused, and a file that cannot be read ends it.
func TestUnsaidMultipart(t *testing.T) {
	for want, in := range map[string]*sentUpload{
		"field Maybe: the form field maybe is a file that is absent, which reads as nil: give nil": {Title: "x", Maybe: new(upload.File)},
		"field More: the form field more has a file that is absent":                                {Title: "x", More: []upload.File{{}}},
		"field Title: the form field title is not valid UTF-8":                                     {Title: "\xff"},
		"field Meta: the part meta cannot be held by JSON":                                         {Meta: new(any(math.NaN()))},
		"field Meta: the part meta has a text that is not valid UTF-8":                             {Meta: new(any("\xff"))},
	} {
		_, err := multipartOf(t, in)
		require.ErrorContains(t, err, want)
	}
	errDisk := errors.New("the disk is gone")
	m, err := multipartOf(t, &sentUpload{Maybe: new(upload.New("a", unreadableFile{errDisk}))})
	require.NoError(t, err)
	_, err = io.ReadAll(m)
	require.ErrorIs(t, err, errDisk)
}

// unreadableFile is content that cannot be read.
type unreadableFile struct{ err error }

func (f unreadableFile) Read([]byte) (int, error)       { return 0, f.err }
func (f unreadableFile) Seek(int64, int) (int64, error) { return 0, f.err }
