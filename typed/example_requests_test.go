package typed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
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
		Type string    `header:"Content-Type" validate:"startswith=multipart/form-data"`
		Body io.Reader `body:""`
	}
	api := typed.New("Files", "1.0.0", nil)
	typed.Handle(api, "POST /files", typed.Func(func(_ context.Context, in Upload) (string, error) {
		_, params, err := mime.ParseMediaType(in.Type)
		if err != nil {
			return "", respond.BadRequest("The Content-Type is malformed.")
		}
		form, err := multipart.NewReader(in.Body, params["boundary"]).ReadForm(1 << 20)
		if err != nil {
			return "", respond.BadRequest("The form is malformed.").Because(err)
		}
		defer func() { _ = form.RemoveAll() }()
		file := form.File["file"]
		if len(file) != 1 {
			return "", &respond.Problem{Status: 422, Errors: []respond.FieldError{
				{In: "form", Name: "file", Rule: "required", Detail: "is required"},
			}}
		}
		return fmt.Sprint(file[0].Filename, ", bytes: ", file[0].Size), nil
	}), typed.MaxBody(10<<20))

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "emma.txt")
	_, _ = part.Write([]byte("handsome, clever, and rich"))
	_ = form.Close()
	show(api, "POST", "/files", body.String(), "Content-Type", form.FormDataContentType())
	show(api, "POST", "/files", `{}`)
	// Output:
	// 200 application/json; charset=utf-8
	// "emma.txt, bytes: 26"
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"header","name":"Content-Type","rule":"startswith","param":"multipart/form-data","detail":"must start with multipart/form-data"}]}
}
