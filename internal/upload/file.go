// Package upload reads multipart/form-data (RFC 7578): its framing, its bounds, the names
// of its parts, and the files in it, which are kept in memory or in a temporary file.
// typed.File is a [File] of this package in an exported dress.
package upload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// File is one file of a request. The zero File is absent. Copies are the same file.
type File struct{ data *data }

// data is never changed once it is made.
type data struct {
	name      string
	mediaType string
	size      int64
	content   io.ReaderAt
	err       error // why it cannot be opened
}

var fileType = reflect.TypeFor[File]()

// IsFile reports whether t is File under any name.
func IsFile(t reflect.Type) bool { return t.Kind() == reflect.Struct && t.ConvertibleTo(fileType) }

// Of is the File in v, a value of a type that [IsFile] knows.
func Of(v reflect.Value) File { return v.Convert(fileType).Interface().(File) }

// New makes a File of content that is at hand already: see typed.NewFile.
func New(name string, content io.ReadSeeker) File {
	d := &data{name: syntax.Filename(name)}
	size, err := content.Seek(0, io.SeekEnd)
	if err != nil {
		d.err = fmt.Errorf("typed: the content of a file cannot be measured: %w", err)
		return File{d}
	}
	at, ok := content.(io.ReaderAt)
	if !ok {
		at = &seeker{src: content}
	}
	d.size, d.content = size, at
	head := make([]byte, min(size, sniffed))
	if n, err := at.ReadAt(head, 0); n < len(head) {
		d.err = fmt.Errorf("typed: the content of a file cannot be read: %w", err)
		return File{d}
	}
	d.mediaType = Sniff(head)
	return File{d}
}

// small makes a File of content that stays in memory.
func small(name string, content []byte) File {
	return File{&data{name: name, mediaType: Sniff(content), size: int64(len(content)), content: bytes.NewReader(content)}}
}

// IsAbsent reports whether nothing was sent.
func (f File) IsAbsent() bool { return f.data == nil }

// Name is typed.File.Name.
func (f File) Name() string {
	if f.data == nil {
		return ""
	}
	return f.data.name
}

// Size is typed.File.Size.
func (f File) Size() int64 {
	if f.data == nil {
		return 0
	}
	return f.data.size
}

// Type is typed.File.Type.
func (f File) Type() string {
	if f.data == nil {
		return ""
	}
	return f.data.mediaType
}

var errAbsent = errors.New("typed: there is no file: the request has none of this name")

// Open is typed.File.Open.
func (f File) Open() (io.ReadSeekCloser, error) {
	switch {
	case f.data == nil:
		return nil, errAbsent
	case f.data.err != nil:
		return nil, f.data.err
	}
	return opened{io.NewSectionReader(f.data.content, 0, f.data.size)}, nil
}

// opened has nothing to close: its memory or temporary file ends with the request.
type opened struct{ *io.SectionReader }

func (opened) Close() error { return nil }

// seeker reads at any place of what can only seek.
type seeker struct {
	mu  sync.Mutex
	src io.ReadSeeker
}

func (s *seeker) ReadAt(p []byte, offset int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.src.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s.src, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

// sniffed is how many bytes of a file tell its type.
const sniffed = 512

// Sniff is the media type of content, without parameters, by its first bytes (WHATWG MIME
// Sniffing, as net/http does it): application/octet-stream where they say nothing.
func Sniff(content []byte) string {
	mediaType, _, _ := strings.Cut(http.DetectContentType(content), ";")
	return mediaType
}
