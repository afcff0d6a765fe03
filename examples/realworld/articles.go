package main

import (
	"context"

	"github.com/apiroutes/apiroutes/typed"
)

// Page says which part of a list is wanted.
type Page struct {
	Limit  int `query:"limit" default:"20" validate:"min=1,max=100"`
	Offset int `query:"offset" validate:"min=0,max=1000000000"`
}

type ListArticles struct {
	Me        *User  `auth:"Token"`
	Tag       string `query:"tag"`
	Author    string `query:"author"`
	Favorited string `query:"favorited" doc:"by the user of this name"`
	Page
}

type Feed struct {
	Me User `auth:"Token"`
	Page
}

type GetArticle struct {
	Me   *User  `auth:"Token"`
	Slug string `path:"slug"`
}

// TouchArticle is what only a user may do to an article.
type TouchArticle struct {
	Me   User   `auth:"Token"`
	Slug string `path:"slug"`
}

type CreateArticle struct {
	Me      User `auth:"Token"`
	Article struct {
		Title       string   `json:"title" validate:"required,max=200"`
		Description string   `json:"description" validate:"required"`
		Body        string   `json:"body" validate:"required"`
		TagList     []string `json:"tagList" validate:"max=50,dive,required,max=50"`
	} `json:"article"`
}

// UpdateArticle changes what is sent; what is absent stays.
type UpdateArticle struct {
	TouchArticle
	Article struct {
		Title       typed.Optional[string]   `json:"title" validate:"min=1,max=200"`
		Description typed.Optional[string]   `json:"description" validate:"min=1"`
		Body        typed.Optional[string]   `json:"body" validate:"min=1"`
		TagList     typed.Optional[[]string] `json:"tagList" validate:"max=50,dive,required,max=50"`
	} `json:"article"`
}

type AddComment struct {
	TouchArticle
	Comment struct {
		Body string `json:"body" validate:"required"`
	} `json:"comment"`
}

type RemoveComment struct {
	TouchArticle
	ID int64 `path:"id"`
}

type ArticleBody struct {
	Article Article `json:"article"`
}

type ArticlesBody struct {
	Articles      []Preview `json:"articles"`
	ArticlesCount int       `json:"articlesCount" doc:"without limit and offset"`
}

type TagsBody struct {
	Tags []string `json:"tags"`
}

type CommentBody struct {
	Comment Comment `json:"comment"`
}

type CommentsBody struct {
	Comments []Comment `json:"comments"`
}

// Articles handles what is about articles and their comments.
type Articles struct{ store *Store }

func (h Articles) list(ctx context.Context, in ListArticles) (ArticlesBody, error) {
	wanted := Filter{Tag: in.Tag, Author: in.Author, Favorited: in.Favorited, Page: in.Page}
	found, count, err := h.store.Articles(ctx, wanted, in.Me.viewer())
	return ArticlesBody{found, count}, err
}

func (h Articles) feed(ctx context.Context, in Feed) (ArticlesBody, error) {
	found, count, err := h.store.Articles(ctx, Filter{FollowedBy: in.Me.ID, Page: in.Page}, in.Me.ID)
	return ArticlesBody{found, count}, err
}

func (h Articles) get(ctx context.Context, in GetArticle) (ArticleBody, error) {
	a, err := h.store.Article(ctx, in.Slug, in.Me.viewer())
	return ArticleBody{a}, err
}

func (h Articles) create(ctx context.Context, in CreateArticle) (ArticleBody, error) {
	a := Article{Body: in.Article.Body}
	a.Title, a.Description, a.TagList = in.Article.Title, in.Article.Description, in.Article.TagList
	a, err := h.store.AddArticle(ctx, in.Me.ID, a)
	return ArticleBody{a}, err
}

func (h Articles) update(ctx context.Context, in UpdateArticle) (ArticleBody, error) {
	a, err := h.store.ChangeArticle(ctx, in.Slug, in.Me.ID, func(a *Article) {
		a.Title = in.Article.Title.Or(a.Title)
		a.Description = in.Article.Description.Or(a.Description)
		a.Body = in.Article.Body.Or(a.Body)
		a.TagList = in.Article.TagList.Or(a.TagList)
	})
	return ArticleBody{a}, err
}

func (h Articles) remove(ctx context.Context, in TouchArticle) (typed.None, error) {
	return typed.None{}, h.store.RemoveArticle(ctx, in.Slug, in.Me.ID)
}

func (h Articles) favorite(ctx context.Context, in TouchArticle) (ArticleBody, error) {
	a, err := h.store.Favorite(ctx, in.Me.ID, in.Slug, true)
	return ArticleBody{a}, err
}

func (h Articles) unfavorite(ctx context.Context, in TouchArticle) (ArticleBody, error) {
	a, err := h.store.Favorite(ctx, in.Me.ID, in.Slug, false)
	return ArticleBody{a}, err
}

func (h Articles) tags(ctx context.Context, _ typed.None) (TagsBody, error) {
	tags, err := h.store.Tags(ctx)
	return TagsBody{tags}, err
}

func (h Articles) comments(ctx context.Context, in GetArticle) (CommentsBody, error) {
	found, err := h.store.Comments(ctx, in.Slug, in.Me.viewer())
	return CommentsBody{found}, err
}

func (h Articles) comment(ctx context.Context, in AddComment) (CommentBody, error) {
	c, err := h.store.AddComment(ctx, in.Me.ID, in.Slug, in.Comment.Body)
	return CommentBody{c}, err
}

func (h Articles) removeComment(ctx context.Context, in RemoveComment) (typed.None, error) {
	return typed.None{}, h.store.RemoveComment(ctx, in.Slug, in.ID, in.Me.ID)
}
