package typed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// Text tells a member that is absent from one that is null.
type Text struct {
	Sent  bool
	Value *string // nil: null
}

func (t *Text) UnmarshalJSON(data []byte) error {
	t.Sent = true
	return json.Unmarshal(data, &t.Value)
}

// ValidatorValue is what the rules of a field judge.
func (t Text) ValidatorValue() any { return t.Value }

// JSONSchema is for the document, which cannot look into UnmarshalJSON.
func (Text) JSONSchema() string { return `{"type": ["string", "null"]}` }

func Example_patch() {
	type Changes struct {
		Title *string `json:"title" validate:"omitempty,min=1,max=200"` // nil: leave it
		Note  Text    `json:"note" validate:"omitempty,max=1000"`       // null: remove it
	}
	type PatchBook struct {
		ID      int     `path:"id"`
		Changes Changes `body:""`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "PATCH /books/{id}", typed.Func(func(_ context.Context, in PatchBook) (string, error) {
		switch note := in.Changes.Note; {
		case !note.Sent:
			return "the note stays", nil
		case note.Value == nil:
			return "the note goes", nil
		default:
			return "the note is " + *note.Value, nil
		}
	}))

	show(api, "PATCH", "/books/1", `{"title":"Emma"}`)
	show(api, "PATCH", "/books/1", `{"note":null}`)
	show(api, "PATCH", "/books/1", `{"note":"a gift"}`)
	// Output:
	// 200 application/json; charset=utf-8
	// "the note stays"
	// 200 application/json; charset=utf-8
	// "the note goes"
	// 200 application/json; charset=utf-8
	// "the note is a gift"
}

func Example_upload() {
	type Upload struct {
		Title string       `form:"title" validate:"required,max=100"`
		Cover typed.File   `form:"cover" accept:"image/png,image/jpeg" maxsize:"5MB"`
		Texts []typed.File `form:"text" accept:"text/plain" maxsize:"1MB" validate:"min=1,max=3"`
	}
	api := typed.New("Files", "1.0.0", nil)
	typed.Handle(api, "POST /books", typed.Func(func(_ context.Context, in Upload) (string, error) {
		first, err := in.Texts[0].Open()
		if err != nil {
			return "", err
		}
		start := make([]byte, 8)
		if _, err := io.ReadFull(first, start); err != nil {
			return "", respond.BadRequest("A book has more than that.")
		}
		return fmt.Sprintf("%s: %s, %d bytes of %s: %s", in.Title, in.Texts[0].Name(), in.Texts[0].Size(), in.Texts[0].Type(), start), nil
	}))

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("title", "Emma")
	part, _ := form.CreateFormFile("text", "emma.txt")
	_, _ = part.Write([]byte("handsome, clever, and rich"))
	show(api, "POST", "/books", body.String()+"\r\n--"+form.Boundary()+"--", "Content-Type", form.FormDataContentType())

	part, _ = form.CreateFormFile("cover", "emma.png") // which is none
	_, _ = part.Write([]byte("<svg/>"))
	_ = form.Close()
	show(api, "POST", "/books", body.String(), "Content-Type", form.FormDataContentType())
	// Output:
	// 200 application/json; charset=utf-8
	// "Emma: emma.txt, 26 bytes of text/plain: handsome"
	// 415 application/problem+json
	// {"title":"Unsupported Media Type","status":415,"detail":"The request body has a part that is refused; see errors for details.","errors":[{"in":"form","name":"cover","rule":"accept","param":"image/png, image/jpeg","detail":"must be a file of type image/png, image/jpeg, by its content"}]}
}
