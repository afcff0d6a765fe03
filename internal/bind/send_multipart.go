package bind

import (
	"crypto/rand"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/upload"
)

// compileParts makes the encoders of the JSON parts of a multipart body.
func (s *Sender) compileParts() error {
	s.parts = make(map[string]jsonx.Encoder)
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		if f.Source != Part {
			continue
		}
		encode, err := jsonx.NewEncoder(f.Type)
		if err != nil {
			return fault.Fault{Field: f.Path, Problem: err.Error(), Fix: "use a type that JSON can hold"}
		}
		s.parts[f.Name] = encode
	}
	return nil
}

// Multipart is the content of a multipart/form-data request (RFC 7578). Its files are
// opened one after the other, while it is read.
type Multipart struct {
	Length int64 // of all, in bytes

	boundary string
	pieces   []piece
	open     io.ReadCloser // of the first piece
}

// piece is bytes, or a file.
type piece struct {
	text string
	file upload.File
	is   bool // a file
}

func (m *Multipart) text(s string) {
	m.pieces = append(m.pieces, piece{text: s})
	m.Length += int64(len(s))
}

// part begins a part; more is what its head has beside its name.
func (m *Multipart) part(name, more string) {
	m.text("--" + m.boundary + "\r\nContent-Disposition: form-data; name=\"" + quoted.Replace(name) + `"` + more + "\r\n\r\n")
}

// quoted writes a name or a file name as a quoted string (RFC 9110, 5.6.4).
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (m *Multipart) file(name string, f upload.File) {
	m.part(name, `; filename="`+quoted.Replace(f.Name())+"\"\r\nContent-Type: "+f.Type())
	m.pieces = append(m.pieces, piece{file: f, is: true})
	m.Length += f.Size()
	m.text("\r\n")
}

// Read reads one piece after the other.
func (m *Multipart) Read(p []byte) (int, error) {
	for len(m.pieces) > 0 {
		if m.open == nil {
			if err := m.begin(&m.pieces[0]); err != nil {
				return 0, err
			}
		}
		n, err := m.open.Read(p)
		if err == io.EOF {
			_ = m.open.Close() // what was read was read
			m.open, m.pieces, err = nil, m.pieces[1:], nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.EOF
}

func (m *Multipart) begin(p *piece) error {
	if !p.is {
		m.open = io.NopCloser(strings.NewReader(p.text))
		return nil
	}
	src, err := p.file.Open()
	if err != nil {
		return fmt.Errorf("the file %q: %w", p.file.Name(), err)
	}
	m.open = src
	return nil
}

// Close closes the file that is being read.
func (m *Multipart) Close() error {
	if m.open == nil {
		return nil
	}
	err := m.open.Close()
	m.open, m.pieces = nil, nil
	return err
}

// multipart makes the parts in the order of their fields.
func (s *Sender) multipart(root reflect.Value) (*Multipart, error) {
	m := &Multipart{boundary: rand.Text()}
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		var err error
		switch {
		case f.Source == Part:
			err = s.jsonPart(m, f, root)
		case f.Files != nil:
			err = f.appendFiles(m, root)
		case f.Source == Form:
			err = s.plan.form.find(f.Name).appendParts(m, root)
		}
		if err != nil {
			return nil, err
		}
	}
	m.text("--" + m.boundary + "--\r\n")
	return m, nil
}

// appendParts adds a part for each text of the parameter.
func (p *param) appendParts(m *Multipart, root reflect.Value) error {
	texts := p.texts(root)
	if err := p.check(root, texts); err != nil {
		return err
	}
	if p.impliedBy(root, texts) {
		return nil
	}
	for _, text := range texts {
		m.part(p.Name, "")
		m.text(text + "\r\n")
	}
	return nil
}

// appendFiles adds a part for each file.
func (f *Field) appendFiles(m *Multipart, root reflect.Value) error {
	v, ok := f.within(root)
	if !ok {
		return nil
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			file := upload.Of(v.Index(i))
			if file.IsAbsent() || file.Name() == "" && file.Size() == 0 {
				return f.unsaid("has a file that is absent")
			}
			m.file(f.Name, file)
		}
		return nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch file := upload.Of(v); {
	case !file.IsAbsent() && (file.Name() != "" || file.Size() > 0):
		m.file(f.Name, file)
	case f.Type.Kind() == reflect.Pointer:
		return f.unsaid("is a file that is absent, which reads as nil: give nil")
	}
	return nil
}

func (s *Sender) jsonPart(m *Multipart, f *Field, root reflect.Value) error {
	v, ok := f.within(root)
	if !ok || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	text, err := s.parts[f.Name](nil, v.Addr().Interface())
	if err != nil {
		return f.unsaid("cannot be held by JSON: " + err.Error())
	}
	if strings.Contains(string(text), "\uFFFD") && !validTexts(v, 0) {
		return f.unsaid("has a text that is not valid UTF-8")
	}
	m.part(f.Name, "\r\nContent-Type: "+jsonMedia)
	m.text(string(text) + "\r\n")
	return nil
}
