package docs

import (
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/bind"
)

// multipart is the content of a multipart body: texts as forms have them, files and JSON
// parts, with the media types of those that are not text.
func (w *writer) multipart(fields []bind.Field, allowUnknown bool) *openapi.MediaType {
	media := &openapi.MediaType{Schema: w.form(fields)}
	for i := range fields {
		f := &fields[i]
		switch {
		case f.Files != nil:
			s, required := w.files(f)
			media.Schema.Properties.Set(f.Name, s)
			if required {
				media.Schema.Required = append(media.Schema.Required, f.Name)
			}
			contentType := f.Files.Accept
			if contentType == "" {
				contentType = octets
			}
			media.Encoding.Set(f.Name, &openapi.Encoding{ContentType: contentType})
		case f.Source == bind.Part:
			t := f.Type
			if t.Kind() == reflect.Pointer {
				t = t.Elem()
			} else {
				media.Schema.Required = append(media.Schema.Required, f.Name)
			}
			s := w.schemas.Input(t, allowUnknown)
			if doc := f.Tag.Get("doc"); doc != "" {
				s = &openapi.Schema{AllOf: []*openapi.Schema{s}, Description: doc}
			}
			media.Schema.Properties.Set(f.Name, s)
			media.Encoding.Set(f.Name, &openapi.Encoding{ContentType: "application/json"})
		}
	}
	return media
}

// files is the schema of a field of files, and whether it has to be sent. No keyword says
// how large a file may be, so the description does, and an extension.
func (w *writer) files(f *bind.Field) (s *openapi.Schema, required bool) {
	list := f.Type.Kind() == reflect.Slice
	counted := w.asParameter(f, false) // texts in place of the files, which have no schema
	counted.Field.Type = reflect.TypeFor[string]()
	if list {
		counted.Field.Type = reflect.TypeFor[[]string]()
	}
	s, required = w.schemas.Parameter(counted)
	if list {
		s.Items = binary()
	} else {
		kept := s
		s = binary()
		s.Description, s.Deprecated = kept.Description, kept.Deprecated
	}
	if f.Files.MaxSize != "" {
		file := s
		if list {
			file = s.Items
		}
		file.Extensions.Set("x-max-bytes", f.Files.MaxBytes)
		if s.Description != "" {
			s.Description += "\n\n"
		}
		s.Description += "At most " + f.Files.MaxSize + "."
		if list {
			s.Description = s.Description[:len(s.Description)-1] + " each."
		}
	}
	return s, required
}
