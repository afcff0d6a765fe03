package main

import (
	"context"
	"errors"
	"time"
)

// Comment is a comment on an article.
type Comment struct {
	ID        int64     `json:"id"`
	Body      string    `json:"body"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Author    Profile   `json:"author"`
}

const commentQuery = `SELECT c.id, c.body, c.created, c.updated, u.username, u.bio, u.image,
	EXISTS (SELECT 1 FROM follows WHERE followed = u.id AND follower = ?)
	FROM comments c JOIN users u ON u.id = c.author JOIN articles a ON a.id = c.article `

func scanComment(scan func(...any) error) (c Comment, err error) {
	err = scan(&c.ID, &c.Body, moment{&c.CreatedAt}, moment{&c.UpdatedAt},
		&c.Author.Username, &c.Author.Bio, &c.Author.Image, &c.Author.Following)
	return c, known("comment", err)
}

// Comments returns the comments of an article as viewer sees them, the oldest first. It
// fails with Missing.
func (s *Store) Comments(ctx context.Context, slug string, viewer int64) (found []Comment, err error) {
	if _, err := s.Article(ctx, slug, viewer); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, commentQuery+`WHERE a.slug = ? ORDER BY c.id`, viewer, slug)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		c, err := scanComment(rows.Scan)
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// AddComment keeps a comment on an article. It fails with Missing.
func (s *Store) AddComment(ctx context.Context, author int64, slug, body string) (Comment, error) {
	var id int64
	at := now()
	err := s.db.QueryRowContext(ctx, `INSERT INTO comments (article, author, body, created, updated)
		SELECT id, ?, ?, ?, ? FROM articles WHERE slug = ? RETURNING id`, author, body, at, at, slug).Scan(&id)
	if err != nil {
		return Comment{}, known("article", err)
	}
	return scanComment(s.db.QueryRowContext(ctx, commentQuery+`WHERE c.id = ?`, author, id).Scan)
}

// RemoveComment removes a comment that author has written on an article. It fails with
// Missing or Foreign.
func (s *Store) RemoveComment(ctx context.Context, slug string, id, author int64) error {
	if _, err := s.Article(ctx, slug, author); err != nil {
		return err
	}
	err := s.owned(ctx, "comment", `SELECT c.author FROM comments c JOIN articles a ON a.id = c.article
		WHERE a.slug = ? AND c.id = ?`, author, slug, id)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, `DELETE FROM comments WHERE id = ?`, id)
	return err
}
