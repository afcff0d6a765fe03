package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// Note is what the API answers with.
type Note struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// NewNote is the content of POST /notes.
type NewNote struct {
	Text string `json:"text" validate:"required,max=1000"`
}

// GetNote is the path of GET /notes/{id}.
type GetNote struct {
	ID int `path:"id" validate:"min=1"`
}

// ListNotes is the query of GET /notes.
type ListNotes struct {
	Limit int `query:"limit" default:"20" validate:"min=1,max=100"`
}

// Endpoints are declared apart from their handlers, so that others can link to them.
var (
	getNote   = typed.Get[GetNote, Note]("/notes/{id}", typed.Summary("One note"), typed.Tags("notes"), typed.Fails(http.StatusNotFound))
	listNotes = typed.Get[ListNotes, []Note]("/notes", typed.Summary("The notes"), typed.Tags("notes"))
	addNote   = typed.Post[NewNote, Note]("/notes", typed.Summary("Adds a note"), typed.Tags("notes"), typed.Status(http.StatusCreated))
)

// notes keeps notes in memory; replace it by a database.
type notes struct {
	mu  sync.Mutex
	all []Note
}

func (s *notes) get(_ context.Context, in GetNote) (Note, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ID > len(s.all) {
		return Note{}, respond.NotFound("There is no note %d.", in.ID)
	}
	return s.all[in.ID-1], nil
}

func (s *notes) list(_ context.Context, in ListNotes) ([]Note, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[:min(in.Limit, len(s.all))], nil
}

func (s *notes) add(_ context.Context, in NewNote, res *typed.Response[Note]) (typed.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := Note{ID: len(s.all) + 1, Text: in.Text}
	s.all = append(s.all, n)
	return res.Header("Location", getNote.Path(GetNote{ID: n.ID})).JSON(n)
}

func newAPI() *typed.API {
	api := typed.New("Notes", "1.0.0", nil)
	s := &notes{}
	getNote.Handle(api, typed.Func(s.get))
	listNotes.Handle(api, typed.Func(s.list))
	addNote.Handle(api, s.add)
	docs.Mount(api, about())
	return api
}

// about is what the document says beside the endpoints.
func about() *docs.Options {
	return &docs.Options{
		Description: "Notes that are kept in memory.",
		Contact:     &openapi.Contact{Name: "notes", URL: "https://example.com/notes"},
		License:     &openapi.License{Name: "MIT", Identifier: "MIT"},
		Servers:     []*openapi.Server{{URL: "/"}},
		Tags:        []*openapi.Tag{{Name: "notes", Description: "Write and read notes."}},
	}
}
