package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// The endpoints as a client declares them: with the types of the server.
var (
	register      = typed.Post[Register, AccountBody]("/users", typed.Status(201))
	login         = typed.Post[Login, AccountBody]("/users/login")
	getAccount    = typed.Get[GetAccount, AccountBody]("/user")
	updateAccount = typed.Put[UpdateAccount, AccountBody]("/user")
	getProfile    = typed.Get[GetProfile, ProfileBody]("/profiles/{username}")
	follow        = typed.Post[Follow, ProfileBody]("/profiles/{username}/follow")
	unfollow      = typed.Delete[Follow, ProfileBody]("/profiles/{username}/follow")
	getTags       = typed.Get[typed.None, TagsBody]("/tags")
	listArticles  = typed.Get[ListArticles, ArticlesBody]("/articles")
	getFeed       = typed.Get[Feed, ArticlesBody]("/articles/feed")
	createArticle = typed.Post[CreateArticle, ArticleBody]("/articles", typed.Status(201))
	getArticle    = typed.Get[GetArticle, ArticleBody]("/articles/{slug}")
	updateArticle = typed.Put[UpdateArticle, ArticleBody]("/articles/{slug}")
	removeArticle = typed.Delete[TouchArticle, typed.None]("/articles/{slug}")
	favorite      = typed.Post[TouchArticle, ArticleBody]("/articles/{slug}/favorite")
	unfavorite    = typed.Delete[TouchArticle, ArticleBody]("/articles/{slug}/favorite")
	listComments  = typed.Get[GetArticle, CommentsBody]("/articles/{slug}/comments")
	addComment    = typed.Post[AddComment, CommentBody]("/articles/{slug}/comments", typed.Status(201))
	removeComment = typed.Delete[RemoveComment, typed.None]("/articles/{slug}/comments/{id}")
)

// must calls an endpoint and wants its answer.
func must[Req, T any](t *testing.T, c *client.Client, e *typed.Endpoint[Req, typed.Response[T]], in Req) T {
	t.Helper()
	out, err := client.Call(context.Background(), c, e, in)
	require.NoError(t, err)
	return out
}

// refused calls an endpoint and wants a failure.
func refused[Req, T any](t *testing.T, c *client.Client, e *typed.Endpoint[Req, typed.Response[T]], in Req, status int, about, what string) {
	t.Helper()
	_, err := client.Call(context.Background(), c, e, in)
	f, ok := errors.AsType[*client.Failure[Failure]](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, status, f.Status)
	require.Equal(t, Failure{map[string][]string{about: {what}}}, f.Body)
}

// A user's day, through the typed client.
func TestClient(t *testing.T) {
	api, _ := memory(t)
	j := newJudge(t, api)
	api.Use(j.watch(t))
	stranger := client.Local(api)

	join := func(name string) *client.Client {
		var in Register
		in.User.Username, in.User.Email, in.User.Password = name, name+"@example.com", "secret of "+name
		account := must(t, stranger, register, in).User
		require.Equal(t, name, account.Username)
		in.User.Email = "another@example.com"
		refused(t, stranger, register, in, 409, "username", "has already been taken")
		return stranger.With(client.WithBearer(account.Token))
	}
	ada, bob := join("ada"), join("bob")
	var in Login
	in.User.Email, in.User.Password = "ada@example.com", "secret of ada"
	require.Equal(t, "ada", must(t, stranger, login, in).User.Username)
	in.User.Password = "guessed"
	refused(t, stranger, login, in, 401, "credentials", "invalid")
	refused(t, stranger, getAccount, GetAccount{}, 401, "token", "is missing")

	var change UpdateAccount
	change.User.Bio = typed.NullableOf("Countess")
	require.Equal(t, "Countess", *must(t, ada, updateAccount, change).User.Bio)
	require.Equal(t, "Countess", *must(t, ada, getAccount, GetAccount{}).User.Bio)
	change.User.Bio = typed.Null[string]()
	require.Nil(t, must(t, ada, updateAccount, change).User.Bio)
	change.User.Username = typed.Some("bob")
	refused(t, ada, updateAccount, change, 409, "username", "has already been taken")

	require.True(t, must(t, bob, follow, Follow{Username: "ada"}).Profile.Following)
	require.True(t, must(t, bob, getProfile, GetProfile{Username: "ada"}).Profile.Following)
	require.False(t, must(t, stranger, getProfile, GetProfile{Username: "ada"}).Profile.Following)
	refused(t, bob, follow, Follow{Username: "nobody"}, 404, "profile", "not found")

	var made CreateArticle
	made.Article.Title, made.Article.Description, made.Article.Body = "Notes on the Engine", "How it counts", "Bernoulli"
	made.Article.TagList = []string{"engines", "algebra"}
	article := must(t, ada, createArticle, made).Article
	require.Equal(t, "notes-on-the-engine", article.Slug)
	one := TouchArticle{Slug: article.Slug}
	if diff := cmp.Diff(article, must(t, ada, getArticle, GetArticle{Slug: article.Slug}).Article); diff != "" {
		t.Error(diff)
	}
	require.Equal(t, []string{"algebra", "engines"}, must(t, stranger, getTags, typed.None{}).Tags)
	require.Equal(t, 1, must(t, stranger, listArticles, ListArticles{Tag: "algebra", Author: "ada", Page: Page{Limit: 5}}).ArticlesCount)
	require.Equal(t, 1, must(t, bob, getFeed, Feed{Page: Page{Limit: 5}}).ArticlesCount)
	require.Equal(t, 0, must(t, ada, getFeed, Feed{Page: Page{Limit: 5}}).ArticlesCount)

	changed := UpdateArticle{TouchArticle: one}
	changed.Article.Body = typed.Some("Numbers")
	refused(t, bob, updateArticle, changed, 403, "article", "forbidden")
	require.Equal(t, "Numbers", must(t, ada, updateArticle, changed).Article.Body)
	changed.Article.Title = typed.Some("")
	refused(t, ada, updateArticle, changed, 422, "title", "can't be blank")

	require.Equal(t, 1, must(t, bob, favorite, one).Article.FavoritesCount)
	require.Equal(t, 1, must(t, stranger, listArticles, ListArticles{Favorited: "bob", Page: Page{Limit: 5}}).ArticlesCount)
	require.Equal(t, 0, must(t, bob, unfavorite, one).Article.FavoritesCount)
	refused(t, bob, favorite, TouchArticle{Slug: "no-such"}, 404, "article", "not found")

	said := AddComment{TouchArticle: one}
	said.Comment.Body = "Splendid"
	comment := must(t, bob, addComment, said).Comment
	require.Equal(t, []Comment{comment}, must(t, bob, listComments, GetArticle{Slug: article.Slug}).Comments)
	refused(t, ada, removeComment, RemoveComment{one, comment.ID}, 403, "comment", "forbidden")
	must(t, bob, removeComment, RemoveComment{one, comment.ID})
	refused(t, bob, removeComment, RemoveComment{one, comment.ID}, 404, "comment", "not found")

	require.False(t, must(t, bob, unfollow, Follow{Username: "ada"}).Profile.Following)
	refused(t, bob, removeArticle, one, 403, "article", "forbidden")
	must(t, ada, removeArticle, one)
	refused(t, stranger, getArticle, GetArticle{Slug: article.Slug}, 404, "article", "not found")

	for op := range api.Operations() {
		if done := fmt.Sprint(op.Method, " ", op.Path, " ", op.Outcomes[0].Status); !op.Hidden && !j.called[done] {
			t.Errorf("no call was answered as %s", done)
		}
	}
	t.Logf("%d contents held against the document", j.held)
}
