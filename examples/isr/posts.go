package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
)

// Post is one entry of the blog.
type Post struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// Posts keeps the posts in memory, and in a file if it has one.
type Posts struct {
	mu   sync.Mutex
	file string
	all  []Post
}

// openPosts reads the posts from a file, or begins with three. An empty name is no file.
func openPosts(file string) (*Posts, error) {
	p := &Posts{file: file, all: []Post{
		{1, "Hello", "This page was rendered once. Reload it: nothing is rendered again."},
		{2, "Ten seconds later", "Reload after ten seconds: the old page comes at once, and a new one is rendered behind it."},
		{3, "Edit me", "Save a change, and the pages that show it are rendered before you are sent back."},
	}}
	if file == "" {
		return p, nil
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	return p, cmp.Or(err, json.Unmarshal(b, &p.all))
}

func (p *Posts) list() []Post {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Post(nil), p.all...)
}

func (p *Posts) get(id int) (Post, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id < 1 || id > len(p.all) {
		return Post{}, false
	}
	return p.all[id-1], true
}

// save replaces a post; false: there is none with its ID.
func (p *Posts) save(post Post) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if post.ID < 1 || post.ID > len(p.all) {
		return false, nil
	}
	p.all[post.ID-1] = post
	if p.file == "" {
		return true, nil
	}
	b, err := json.MarshalIndent(p.all, "", "  ")
	if err != nil {
		return true, err
	}
	return true, os.WriteFile(p.file, b, 0o600)
}
