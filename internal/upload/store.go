package upload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// maxMemory is how large a file may be to stay in memory.
const maxMemory = 64 << 10

// Store keeps the files of one request: small ones in memory, the others one after the
// other in one temporary file. The zero Store is empty.
type Store struct {
	files int
	temp  *os.File // nil: none
	end   int64    // of what is in temp
	path  string   // of temp, where it could not be removed while it is open
}

// Close removes what is on the disk. Files of the Store cannot be read any more.
func (s *Store) Close() {
	if s.temp == nil {
		return
	}
	_ = s.temp.Close() // nobody needs what is in it
	if s.path != "" {
		_ = os.Remove(s.path) // an operator finds it in the folder for temporary files
	}
}

// Rules are what one file has to keep.
type Rules struct {
	MaxSize int64             // bytes; 0: any
	Size    string            // MaxSize as it was declared
	Takes   func(string) bool // tells whether it may have a media type; nil: any
	Accept  string            // the media types as they were declared
}

// Read reads the part that r has found into a File. An absent one has no name and no
// bytes, which is what a browser sends where nothing was chosen.
func (s *Store) Read(r *Reader, p Part, rules Rules) (File, error) {
	if r.buffer == nil {
		r.buffer = make([]byte, maxMemory+1)
	}
	n, err := fill(r, r.buffer[:sniffed])
	if err != nil {
		return File{}, err
	}
	if n == 0 && p.Filename == "" {
		return File{}, nil
	}
	if s.files++; s.files > MaxFiles {
		return File{}, &Error{Status: http.StatusUnprocessableEntity, Name: p.Name, Rule: "files", Param: fmt.Sprint(MaxFiles), Detail: fmt.Sprintf("is one file too many: a request has at most %d", MaxFiles)}
	}
	mediaType := Sniff(r.buffer[:n])
	if rules.Takes != nil && !rules.Takes(mediaType) {
		return File{}, &Error{Status: http.StatusUnsupportedMediaType, Name: p.Name, Rule: "accept", Param: rules.Accept, Detail: "must be a file of type " + rules.Accept + ", by its content"}
	}
	if n == sniffed {
		more, err := fill(r, r.buffer[n:])
		if err != nil {
			return File{}, err
		}
		n += more
	}
	if rules.MaxSize > 0 && int64(n) > rules.MaxSize {
		return File{}, rules.tooLarge(p)
	}
	if n < len(r.buffer) {
		return small(p.Filename, bytes.Clone(r.buffer[:n])), nil
	}
	return s.spool(r, p, rules, mediaType)
}

// fill reads until buf is full or the part ends.
func fill(r *Reader, buf []byte) (n int, err error) {
	n, err = io.ReadFull(r, buf)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n, err
}

func (r *Rules) tooLarge(p Part) *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Name: p.Name, Rule: "maxsize", Param: r.Size, Detail: "must be a file of at most " + r.Size}
}

// spool writes a file that does not fit the full buffer of r to the disk.
func (s *Store) spool(r *Reader, p Part, rules Rules, mediaType string) (File, error) {
	if err := s.open(); err != nil {
		return File{}, diskFault(p, err)
	}
	start, buf := s.end, r.buffer
	for {
		n, err := s.temp.WriteAt(buf, s.end)
		s.end += int64(n)
		if err != nil {
			return File{}, diskFault(p, err)
		}
		n, err = fill(r, r.buffer)
		if err != nil {
			return File{}, err
		}
		size := s.end - start
		if rules.MaxSize > 0 && size+int64(n) > rules.MaxSize {
			return File{}, rules.tooLarge(p)
		}
		if n == 0 {
			return File{&data{name: p.Filename, mediaType: mediaType, size: size, content: io.NewSectionReader(s.temp, start, size)}}, nil
		}
		buf = r.buffer[:n]
	}
}

// open makes the temporary file, and removes its name at once where the system lets files
// go on without: then nothing is left behind even by a process that is killed.
func (s *Store) open() error {
	if s.temp != nil {
		return nil
	}
	f, err := os.CreateTemp("", "apiroutes-upload-*")
	if err != nil {
		return err
	}
	s.temp = f
	if err := os.Remove(f.Name()); err != nil {
		s.path = f.Name()
	}
	return nil
}

func diskFault(p Part, err error) *Error {
	return &Error{Status: http.StatusInternalServerError, Name: p.Name, Cause: errors.Join(errors.New("a file of the request cannot be stored"), err)}
}
