package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Error is what a Store answers beside the errors of its database.
type Error struct {
	What string // "article"
	Kind Kind
}

// Kind is what is wrong.
type Kind string

const (
	Missing Kind = "not found"
	Foreign Kind = "forbidden" // it is somebody else's
	Taken   Kind = "has already been taken"
	Invalid Kind = "invalid"
	TooLong Kind = "is too long (maximum is 72 bytes)" // bcrypt's limit for passwords
)

func (e Error) Error() string { return e.What + ": " + string(e.Kind) }

// Store keeps everything in SQLite. It knows nothing of HTTP.
type Store struct{ db *sql.DB }

const tables = `
CREATE TABLE IF NOT EXISTS users (
	id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
	hash TEXT NOT NULL, bio TEXT, image TEXT);
CREATE TABLE IF NOT EXISTS follows (
	follower INTEGER NOT NULL REFERENCES users, followed INTEGER NOT NULL REFERENCES users,
	PRIMARY KEY (follower, followed)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
	id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, author INTEGER NOT NULL REFERENCES users,
	title TEXT NOT NULL, description TEXT NOT NULL, body TEXT NOT NULL,
	created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS articles_by_author ON articles (author);
CREATE TABLE IF NOT EXISTS tags (
	article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE, place INTEGER NOT NULL, tag TEXT NOT NULL,
	PRIMARY KEY (article, place)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_tag ON tags (tag);
CREATE TABLE IF NOT EXISTS favorites (
	article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE, user INTEGER NOT NULL REFERENCES users,
	PRIMARY KEY (article, user)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS comments (
	id INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
	author INTEGER NOT NULL REFERENCES users, body TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS comments_by_article ON comments (article);
`

// Open opens the database in a file, which it makes if there is none; "" is in memory.
func Open(file string) (*Store, error) {
	options := url.Values{"_pragma": {"foreign_keys(1)", "busy_timeout(5000)", "journal_mode(WAL)"}, "_txlock": {"immediate"}}
	name := "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + options.Encode()
	if file == "" {
		name = "file::memory:?" + options.Encode()
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	if file == "" {
		db.SetMaxOpenConns(1) // each connection would have a database of its own
	}
	if _, err := db.Exec(tables); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
	}
	return &Store{db}, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// inTx runs f in a transaction, which ends without effect if f fails.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// known makes the store's errors of the database's; what is what was looked for.
func known(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return Error{what, Missing}
	}
	var failed *sqlite.Error
	if errors.As(err, &failed) && failed.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		for _, column := range []string{"username", "email", "slug"} {
			if strings.Contains(failed.Error(), "."+column) {
				return Error{column, Taken}
			}
		}
	}
	return err
}

// A moment is kept as microseconds since 1970.
type moment struct{ *time.Time }

func (m moment) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a moment is a %T", src)
	}
	*m.Time = time.UnixMicro(n).UTC()
	return nil
}

func now() int64 { return time.Now().UnixMicro() }
