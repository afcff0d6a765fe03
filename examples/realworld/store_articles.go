package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
)

// Preview is an article as a list has it, seen by one user.
type Preview struct {
	Slug           string    `json:"slug"`
	Title          string    `json:"title"`
	Description    string    `json:"description"`
	TagList        []string  `json:"tagList"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
	Favorited      bool      `json:"favorited"`
	FavoritesCount int       `json:"favoritesCount"`
	Author         Profile   `json:"author"`
}

// Article is a whole article.
type Article struct {
	Preview
	Body string `json:"body"`
}

// Filter says which articles are wanted; what is zero does not matter.
type Filter struct {
	Tag, Author, Favorited string
	FollowedBy             int64 // of authors whom this user follows
	Page
}

const articleColumns = `
	a.slug, a.title, a.description, a.body, a.created, a.updated,
	(SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE article = a.id ORDER BY place)),
	(SELECT count(*) FROM favorites WHERE article = a.id),
	EXISTS (SELECT 1 FROM favorites WHERE article = a.id AND user = ?1),
	u.username, u.bio, u.image, EXISTS (SELECT 1 FROM follows WHERE followed = u.id AND follower = ?1)`

func scanArticle(scan func(...any) error) (a Article, err error) {
	var tags []byte
	err = scan(&a.Slug, &a.Title, &a.Description, &a.Body, moment{&a.CreatedAt}, moment{&a.UpdatedAt},
		&tags, &a.FavoritesCount, &a.Favorited, &a.Author.Username, &a.Author.Bio, &a.Author.Image, &a.Author.Following)
	if err == nil {
		err = json.Unmarshal(tags, &a.TagList)
	}
	return a, known("article", err)
}

// Article returns an article as viewer sees it, or Missing.
func (s *Store) Article(ctx context.Context, slug string, viewer int64) (Article, error) {
	return scanArticle(s.db.QueryRowContext(ctx, `SELECT `+articleColumns+`
		FROM articles a JOIN users u ON u.id = a.author WHERE a.slug = ?2`, viewer, slug).Scan)
}

// Articles returns the articles of a filter as viewer sees them, the newest first, and how
// many there are without its limit and offset.
func (s *Store) Articles(ctx context.Context, f Filter, viewer int64) (found []Preview, count int, err error) {
	const where = ` FROM articles a JOIN users u ON u.id = a.author WHERE ?1 = ?1
		AND (?2 = '' OR EXISTS (SELECT 1 FROM tags WHERE article = a.id AND tag = ?2))
		AND (?3 = '' OR u.username = ?3)
		AND (?4 = '' OR EXISTS (SELECT 1 FROM favorites f JOIN users x ON x.id = f.user WHERE f.article = a.id AND x.username = ?4))
		AND (?5 = 0 OR EXISTS (SELECT 1 FROM follows WHERE followed = a.author AND follower = ?5))`
	args := []any{viewer, f.Tag, f.Author, f.Favorited, f.FollowedBy}
	if err := s.db.QueryRowContext(ctx, `SELECT count(*)`+where, args...).Scan(&count); err != nil {
		return nil, 0, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+articleColumns+where+` ORDER BY a.id DESC LIMIT ?6 OFFSET ?7`,
		append(args, f.Limit, f.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		a, err := scanArticle(rows.Scan)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, a.Preview)
	}
	return found, count, rows.Err()
}

// AddArticle keeps an article of an author: its title, description, body and tags. The slug
// is made of the title.
func (s *Store) AddArticle(ctx context.Context, author int64, a Article) (Article, error) {
	slug, err := withSlug(a.Title, func(slug string) error {
		return s.inTx(ctx, func(tx *sql.Tx) error {
			var id int64
			at := now()
			err := tx.QueryRowContext(ctx, `INSERT INTO articles (slug, author, title, description, body, created, updated)
				VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, slug, author, a.Title, a.Description, a.Body, at, at).Scan(&id)
			if err != nil {
				return known("article", err)
			}
			return setTags(ctx, tx, id, a.TagList)
		})
	})
	if err != nil {
		return Article{}, err
	}
	return s.Article(ctx, slug, author)
}

// ChangeArticle changes title, description, body and tags of an article that author has
// written; another title is another slug. It fails with Missing or Foreign.
func (s *Store) ChangeArticle(ctx context.Context, slug string, author int64, change func(*Article)) (Article, error) {
	if err := s.owned(ctx, "article", `SELECT author FROM articles WHERE slug = ?`, author, slug); err != nil {
		return Article{}, err
	}
	old, err := s.Article(ctx, slug, author)
	if err != nil {
		return Article{}, err
	}
	a := old
	change(&a)
	save := func(slug string) error {
		return s.inTx(ctx, func(tx *sql.Tx) error {
			var id int64
			err := tx.QueryRowContext(ctx, `UPDATE articles SET slug = ?, title = ?, description = ?, body = ?, updated = max(?, updated + 1)
				WHERE slug = ? RETURNING id`, slug, a.Title, a.Description, a.Body, now(), old.Slug).Scan(&id)
			if err != nil {
				return known("article", err)
			}
			return setTags(ctx, tx, id, a.TagList)
		})
	}
	if a.Title == old.Title {
		err = save(slug)
	} else {
		slug, err = withSlug(a.Title, save)
	}
	if err != nil {
		return Article{}, err
	}
	return s.Article(ctx, slug, author)
}

// owned fails unless author is what a query finds.
func (s *Store) owned(ctx context.Context, what, query string, author int64, args ...any) error {
	var of int64
	if err := s.db.QueryRowContext(ctx, query, args...).Scan(&of); err != nil {
		return known(what, err)
	}
	if of != author {
		return Error{what, Foreign}
	}
	return nil
}

func setTags(ctx context.Context, tx *sql.Tx, article int64, tags []string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM tags WHERE article = ?`, article); err != nil {
		return err
	}
	for i, tag := range tags {
		if _, err := tx.ExecContext(ctx, `INSERT INTO tags (article, place, tag) VALUES (?, ?, ?)`, article, i, tag); err != nil {
			return err
		}
	}
	return nil
}

// RemoveArticle removes an article that author has written, and all that belongs to it. It
// fails with Missing or Foreign.
func (s *Store) RemoveArticle(ctx context.Context, slug string, author int64) error {
	if err := s.owned(ctx, "article", `SELECT author FROM articles WHERE slug = ?`, author, slug); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, `DELETE FROM articles WHERE slug = ?`, slug)
	return err
}

// Favorite marks an article as one that a user likes, or no longer. It fails with Missing.
func (s *Store) Favorite(ctx context.Context, user int64, slug string, like bool) (Article, error) {
	query := `INSERT OR IGNORE INTO favorites (user, article) SELECT ?, id FROM articles WHERE slug = ?`
	if !like {
		query = `DELETE FROM favorites WHERE user = ? AND article = (SELECT id FROM articles WHERE slug = ?)`
	}
	if _, err := s.db.ExecContext(ctx, query, user, slug); err != nil {
		return Article{}, err
	}
	return s.Article(ctx, slug, user)
}

// Tags returns the tags of all articles, the most frequent first.
func (s *Store) Tags(ctx context.Context) (tags []string, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT tag FROM tags GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var tag string
		if err := rows.Scan(&tag); err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	return tags, rows.Err()
}

// withSlug calls keep with the slug of a title, and with another if that is taken.
func withSlug(title string, keep func(slug string) error) (string, error) {
	slug := strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-"), "-")
	if slug == "" || slug == "feed" { // GET /articles/feed is not an article
		slug = "article-" + rand.Text()[:8]
	}
	err := keep(slug)
	if errors.Is(err, Error{"slug", Taken}) {
		slug += "-" + strings.ToLower(rand.Text()[:8])
		err = keep(slug)
	}
	return slug, err
}
