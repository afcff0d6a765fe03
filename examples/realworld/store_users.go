package main

import (
	"context"
	"database/sql"
	"errors"

	"golang.org/x/crypto/bcrypt"
)

// User is somebody who has registered.
type User struct {
	ID              int64
	Username, Email string
	Bio, Image      *string
}

// Profile is a user as others see it.
type Profile struct {
	Username  string  `json:"username"`
	Bio       *string `json:"bio"`
	Image     *string `json:"image"`
	Following bool    `json:"following"`
}

// AddUser keeps a new user. It fails with Taken or TooLong.
func (s *Store) AddUser(ctx context.Context, username, email, password string) (User, error) {
	u := User{Username: username, Email: email}
	hash, err := hashed(password)
	if err != nil {
		return User{}, err
	}
	err = s.db.QueryRowContext(ctx, `INSERT INTO users (username, email, hash) VALUES (?, ?, ?) RETURNING id`,
		u.Username, u.Email, hash).Scan(&u.ID)
	return u, known("user", err)
}

// SaveUser keeps what has changed of a user, and a password unless it is "". It fails with
// Taken or TooLong.
func (s *Store) SaveUser(ctx context.Context, u User, password string) error {
	hash := "" // stays
	if password != "" {
		var err error
		if hash, err = hashed(password); err != nil {
			return err
		}
	}
	_, err := s.db.ExecContext(ctx, `UPDATE users SET username = ?, email = ?, bio = ?, image = ?,
		hash = coalesce(nullif(?, ''), hash) WHERE id = ?`, u.Username, u.Email, u.Bio, u.Image, hash, u.ID)
	return known("user", err)
}

// SignIn returns the user with an email address and a password, or fails with Invalid. It
// takes as long where nobody has the address.
func (s *Store) SignIn(ctx context.Context, email, password string) (User, error) {
	id, hash := int64(0), nobodysHash
	err := s.db.QueryRowContext(ctx, `SELECT id, hash FROM users WHERE email = ?`, email).Scan(&id, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return User{}, err
	}
	if bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil || id == 0 {
		return User{}, Error{"credentials", Invalid}
	}
	return s.User(ctx, id)
}

// nobodysHash is that of a password which nobody has.
const nobodysHash = "$2a$10$8jmXnutto7tPhyMKjCjT9eZCvs6PFQfKKZBHH2ZfYpNwjU5Mxe/.W"

func hashed(password string) (string, error) {
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if errors.Is(err, bcrypt.ErrPasswordTooLong) {
		return "", Error{"password", TooLong}
	}
	return string(h), err
}

// User returns a user, or fails with Missing.
func (s *Store) User(ctx context.Context, id int64) (u User, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT id, username, email, bio, image FROM users WHERE id = ?`, id).
		Scan(&u.ID, &u.Username, &u.Email, &u.Bio, &u.Image)
	return u, known("user", err)
}

// Profile returns a user as viewer sees it, or fails with Missing. A viewer of 0 is nobody.
func (s *Store) Profile(ctx context.Context, username string, viewer int64) (p Profile, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT username, bio, image,
		EXISTS (SELECT 1 FROM follows WHERE followed = users.id AND follower = ?) FROM users WHERE username = ?`, viewer, username).
		Scan(&p.Username, &p.Bio, &p.Image, &p.Following)
	return p, known("profile", err)
}

// Follow has follower follow a user, or no longer, and returns that user's profile. It
// fails with Missing.
func (s *Store) Follow(ctx context.Context, follower int64, username string, follow bool) (Profile, error) {
	query := `INSERT OR IGNORE INTO follows (follower, followed) SELECT ?, id FROM users WHERE username = ?`
	if !follow {
		query = `DELETE FROM follows WHERE follower = ? AND followed = (SELECT id FROM users WHERE username = ?)`
	}
	if _, err := s.db.ExecContext(ctx, query, follower, username); err != nil {
		return Profile{}, err
	}
	return s.Profile(ctx, username, follower)
}
