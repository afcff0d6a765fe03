package main

import (
	"context"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

//go:embed pages.html
var pagesHTML string

// policy shows every state within a minute: fresh for ten seconds, then stale.
func policy(tags ...string) typed.Option {
	return typed.Cache(pagecache.Policy{
		TTL: 10 * time.Second, StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour, Tags: tags,
	})
}

type OnePost struct {
	ID int `path:"id"`
}

type EditPost struct {
	ID    int    `path:"id"`
	Title string `form:"title" validate:"required,max=100"`
	Body  string `form:"body" validate:"required,max=5000"`
}

// Watch is what a browser sends: where its page ends, and where its last connection did.
type Watch struct {
	After int `query:"after"`
	Last  int `header:"Last-Event-ID"`
}

// The endpoints that others link to, and revalidate.
var (
	home     = typed.Get[typed.None, respond.HTML]("/", policy("posts"))
	postPage = typed.Get[OnePost, respond.HTML]("/posts/{id}", policy("posts", "post:{id}"), typed.Fails(http.StatusNotFound))
	postJSON = typed.Get[OnePost, Post]("/api/posts/{id}", policy("posts", "post:{id}"), typed.Fails(http.StatusNotFound))
)

// Blog answers from its posts.
type Blog struct {
	posts     *Posts
	templates *template.Template
}

// newAPI declares the blog. With a secret, it has a webhook as well.
func newAPI(posts *Posts, pages *pagecache.Cache, secret string) *typed.API {
	b := &Blog{posts, template.Must(template.New("").Parse(pagesHTML))}
	api := typed.New("A small blog", "1.0.0", &typed.Options{Pages: pages})
	api.Use(showCache)
	home.Handle(api, b.home)
	postPage.Handle(api, b.post)
	postJSON.Handle(api, b.json)
	typed.Handle(api, "GET /posts/{id}/edit", b.edit, typed.Fails(http.StatusNotFound))
	typed.Handle(api, "GET /changes", b.changes)
	typed.Handle(api, "POST /posts/{id}", b.save, typed.Status(http.StatusSeeOther), typed.Fails(http.StatusNotFound))
	if secret != "" {
		typed.Handle(api, "POST /hooks/pages", pagecache.Hook(secret), typed.Fails(400, 401, 409, 413, 422, 503))
	}
	return api
}

// view is what the templates take.
type view struct {
	Post     Post
	Posts    []Post
	Change   int // the last one that the page shows
	Rendered string
}

func (b *Blog) render(name string, v view) (respond.HTML, error) {
	v.Rendered = time.Now().Format("15:04:05.000")
	var page strings.Builder
	err := b.templates.ExecuteTemplate(&page, name, v)
	return respond.HTML(page.String()), err
}

func (b *Blog) home(_ context.Context, _ typed.None, res *typed.Response[respond.HTML]) (typed.Answer, error) {
	posts, err := b.posts.list()
	if err != nil {
		return typed.Fail(err)
	}
	page, err := b.render("home", view{Posts: posts, Change: lastChange(posts)})
	if err != nil {
		return typed.Fail(err)
	}
	return res.Send(page)
}

func (b *Blog) post(_ context.Context, in OnePost, res *typed.Response[respond.HTML]) (typed.Answer, error) {
	return b.show("post", in.ID, res)
}

// edit is not cached: it shows what is stored now.
func (b *Blog) edit(_ context.Context, in OnePost, res *typed.Response[respond.HTML]) (typed.Answer, error) {
	return b.show("edit", in.ID, res)
}

func (b *Blog) show(name string, id int, res *typed.Response[respond.HTML]) (typed.Answer, error) {
	p, ok, err := b.posts.get(id)
	if err != nil {
		return typed.Fail(err)
	}
	if !ok {
		return typed.Fail(respond.NotFound("There is no such post."))
	}
	page, err := b.render(name, view{Post: p})
	if err != nil {
		return typed.Fail(err)
	}
	return res.Send(page)
}

func (b *Blog) json(_ context.Context, in OnePost, res *typed.Response[Post]) (typed.Answer, error) {
	p, ok, err := b.posts.get(in.ID)
	if err != nil {
		return typed.Fail(err)
	}
	if !ok {
		return typed.Fail(respond.NotFound("There is no such post."))
	}
	return res.JSON(p)
}

// save stores the post, renders every page that shows it, and sends the browser to one
// that is new already.
func (b *Blog) save(ctx context.Context, in EditPost, res *typed.Response[typed.None]) (typed.Answer, error) {
	ok, err := b.posts.save(Post{ID: in.ID, Title: in.Title, Body: in.Body})
	if err != nil {
		return typed.Fail(err)
	}
	if !ok {
		return typed.Fail(respond.NotFound("There is no such post."))
	}
	one := OnePost{ID: in.ID}
	if err := res.Revalidate(ctx, postPage.Path(one), postJSON.Path(one), home.Path(typed.None{})); err != nil {
		return typed.Fail(err)
	}
	b.posts.announce() // after Revalidate: who is told finds the new pages
	return res.Redirect(postPage.Path(one))
}

// changes sends each post that is saved, for as long as the page is open. What was saved
// between the page's rendering and now comes first, also when the browser connects again.
func (b *Blog) changes(ctx context.Context, in Watch, res *typed.Response[typed.Events[Post]]) (typed.Answer, error) {
	return res.Send(func(yield func(typed.Event[Post], error) bool) {
		last := max(in.After, in.Last)
		for {
			posts, saved, err := b.posts.since(last)
			if err != nil {
				yield(typed.Event[Post]{}, err)
				return
			}
			for _, p := range posts {
				if !yield(typed.Event[Post]{ID: strconv.Itoa(p.Change), Name: "saved", Data: p}, nil) {
					return
				}
				last = p.Change
			}
			select {
			case <-saved:
			case <-ctx.Done():
				return
			}
		}
	})
}

// showCache repeats what the cache did where a script can read it.
func showCache(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&timed{w}, r)
	})
}

type timed struct{ http.ResponseWriter }

func (t *timed) WriteHeader(status int) {
	h := t.Header()
	if state := h.Get("X-Cache"); state != "" {
		if age := h.Get("Age"); age != "" {
			state += ", " + age + " s old"
		}
		h.Set("Server-Timing", `cache;desc="`+state+`"`)
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *timed) Unwrap() http.ResponseWriter { return t.ResponseWriter }
