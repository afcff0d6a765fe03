// Realworld is the backend of the RealWorld specification, a blog that many people write:
// users who sign in, follow each other, and write, like and comment articles.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/rs/cors"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

func newAPI(store *Store, secret []byte) *typed.API {
	tokens := Tokens{secret, store}
	anyOrigin := http.NewCrossOriginProtection()
	anyOrigin.AddInsecureBypassPattern("/") // no browser sends a token by itself, as it does cookies
	api := typed.New("Conduit", "1.0.0", &typed.Options{
		BasePath:    "/api",
		Schemes:     []typed.Scheme{typed.Bearer("Token", tokens.verify, typed.Prefix("Token"))},
		Errors:      typed.Errors("application/json", failure),
		Message:     wording,
		CrossOrigin: anyOrigin,
	})
	api.Observe(logged)
	api.Use(cors.AllowAll().Handler)

	users, articles := api.Group("", typed.Tags("users")), api.Group("", typed.Tags("articles"))
	u, a := Users{store, tokens}, Articles{store}
	typed.Handle(users, "POST /users", handle(u.register), typed.Status(201), typed.Fails(409, 422))
	typed.Handle(users, "POST /users/login", handle(u.login), typed.Fails(401))
	typed.Handle(users, "GET /user", handle(u.get))
	typed.Handle(users, "PUT /user", handle(u.update), typed.Fails(409, 422))
	profile := users.Group("/profiles/{username}", typed.Fails(404))
	typed.Handle(profile, "GET /", handle(u.profile))
	typed.Handle(profile, "POST /follow", handle(u.follow))
	typed.Handle(profile, "DELETE /follow", handle(u.unfollow))
	typed.Handle(articles, "GET /tags", handle(a.tags))
	typed.Handle(articles, "GET /articles", handle(a.list))
	typed.Handle(articles, "GET /articles/feed", handle(a.feed))
	typed.Handle(articles, "POST /articles", handle(a.create), typed.Status(201))
	article := articles.Group("/articles/{slug}", typed.Fails(404))
	typed.Handle(article, "GET /", handle(a.get))
	typed.Handle(article, "PUT /", handle(a.update), typed.Fails(403))
	typed.Handle(article, "DELETE /", handle(a.remove), typed.Fails(403))
	typed.Handle(article, "POST /favorite", handle(a.favorite))
	typed.Handle(article, "DELETE /favorite", handle(a.unfavorite))
	typed.Handle(article, "GET /comments", handle(a.comments))
	typed.Handle(article, "POST /comments", handle(a.comment), typed.Status(201))
	typed.Handle(article, "DELETE /comments/{id}", handle(a.removeComment), typed.Fails(403))
	docs.Mount(api, about())
	return api
}

func about() *docs.Options {
	return &docs.Options{
		Description: "A blog that many people write: the backend of the RealWorld specification.",
		Contact:     &openapi.Contact{Name: "apiroutes", URL: "https://github.com/apiroutes/apiroutes"},
		License:     &openapi.License{Name: "MIT", Identifier: "MIT"},
		Servers:     []*openapi.Server{{URL: "."}},
		Tags:        []*openapi.Tag{{Name: "users", Description: "Accounts and profiles."}, {Name: "articles", Description: "Articles and comments."}},
	}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	file := flag.String("db", "", "file of the database; empty: in memory")
	flag.Parse()
	store, err := Open(*file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf(`Listening on %[1]s. Try:

  curl -i http://%[1]s/api/users -H 'Content-Type: application/json' -d '{"user":{"username":"ada","email":"ada@example.com","password":"a password"}}'
  curl -i http://%[1]s/api/user -H 'Authorization: Token THE-TOKEN-OF-THAT-ANSWER'
  curl -i http://%[1]s/api/articles

or open http://%[1]s/api/docs in a browser.

`, *addr)
	secret := []byte(cmp.Or(os.Getenv("JWT_SECRET"), rand.Text())) // without one, tokens end with the program
	err = typed.Serve(context.Background(), *addr, newAPI(store, secret))
	if err := cmp.Or(err, store.Close()); err != nil {
		log.Fatal(err)
	}
}
