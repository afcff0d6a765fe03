// Files is a gallery: pictures are uploaded by a form or by fetch, shown, downloaded in
// parts, and their list is exported as CSV and as lines of JSON, and imported again.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/examples/routers/serve"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

//go:embed gallery.html
var page respond.HTML

type Picture struct {
	ID    int    `json:"id"`
	Title string `json:"title" validate:"required,max=100"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Size  int64  `json:"size"`

	content []byte
	added   time.Time
}

type Upload struct {
	Title    string       `form:"title" validate:"required,max=100"`
	Pictures []typed.File `form:"picture" accept:"image/*,video/webm,video/mp4" maxsize:"10MB" validate:"min=1,max=5"`
}

type GetPicture struct {
	ID   int  `path:"id"`
	Save bool `query:"save"`
}

// Gallery keeps pictures in memory; a picture's ID is its place, counted from 1.
type Gallery struct {
	mu  sync.Mutex
	all []Picture
}

func (g *Gallery) list() []Picture {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.all)
}

func (g *Gallery) add(p Picture) Picture {
	g.mu.Lock()
	defer g.mu.Unlock()
	p.ID, p.added = len(g.all)+1, time.Now()
	g.all = append(g.all, p)
	return p
}

// Upload reads all files before it keeps the first: one that fails leaves none behind.
func (g *Gallery) Upload(_ context.Context, in Upload) ([]Picture, error) {
	var read []Picture
	for _, f := range in.Pictures {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		read = append(read, Picture{Title: in.Title, Name: f.Name(), Type: f.Type(), Size: f.Size(), content: content})
	}
	for i := range read {
		read[i] = g.add(read[i])
	}
	return read, nil
}

// Download answers the picture, or the part of it that the browser asks for.
func (g *Gallery) Download(_ context.Context, in GetPicture) (typed.Content, error) {
	all := g.list()
	if in.ID < 1 || in.ID > len(all) || all[in.ID-1].content == nil {
		return typed.Content{}, respond.NotFound("There is no such picture.")
	}
	p := all[in.ID-1]
	return typed.Content{
		Name: p.Name, Type: p.Type, Modified: p.added, ETag: fmt.Sprintf(`"%d-%d"`, p.ID, p.added.UnixNano()),
		Attachment: in.Save, Body: bytes.NewReader(p.content),
	}, nil
}

func (g *Gallery) CSV(context.Context, typed.None) (typed.Content, error) {
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write([]string{"id", "title", "name", "type", "size"})
	for _, p := range g.list() {
		_ = w.Write([]string{strconv.Itoa(p.ID), p.Title, p.Name, p.Type, strconv.FormatInt(p.Size, 10)})
	}
	w.Flush()
	return typed.Content{Name: "gallery.csv", Attachment: true, Body: bytes.NewReader(table.Bytes())}, w.Error()
}

func (g *Gallery) Export(_ context.Context, _ typed.None, res *typed.Response[typed.Lines[Picture]]) (typed.Answer, error) {
	return res.Send(func(yield func(Picture, error) bool) {
		for _, p := range g.list() {
			if !yield(p, nil) {
				return
			}
		}
	})
}

type Import struct {
	Pictures typed.Lines[Picture] `body:""`
}

// Import adds what it reads, until a line is wrong.
func (g *Gallery) Import(_ context.Context, in Import) (int, error) {
	n := 0
	for p, err := range in.Pictures {
		if err != nil {
			return n, err
		}
		p.content = nil
		g.add(p)
		n++
	}
	return n, nil
}

func newAPI() *typed.API {
	api, g := typed.New("Files", "1.0.0", nil), new(Gallery)
	typed.Handle(api, "GET /{$}", typed.Func(func(context.Context, typed.None) (respond.HTML, error) { return page, nil }), typed.Hidden())
	typed.Handle(api, "GET /pictures", typed.Func(func(context.Context, typed.None) ([]Picture, error) { return g.list(), nil }))
	typed.Handle(api, "POST /pictures", typed.Func(g.Upload), typed.Status(201))
	typed.Handle(api, "GET /pictures/{id}", typed.Func(g.Download), typed.Fails(404))
	typed.Handle(api, "GET /pictures.csv", typed.Func(g.CSV), typed.Produces("text/csv"))
	typed.Handle(api, "GET /pictures.ndjson", g.Export)
	typed.Handle(api, "POST /pictures.ndjson", typed.Func(g.Import))
	docs.Mount(api, nil)
	return api
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	router := flag.String("router", "nethttp", "what routes: "+serve.Names)
	flag.Parse()
	fmt.Printf("the gallery is on http://%s/, try:\n  curl -i http://%[1]s/pictures -F title=Cat -F picture=@cat.png\n", *addr)
	if err := serve.With(context.Background(), *router, *addr, newAPI()); err != nil {
		log.Fatal(err)
	}
}
