package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
	mu     sync.Mutex
	file   string
	shared bool // other processes write to the file
	all    []Post
}

// openPosts reads the posts from a file, or begins with three. An empty name is no file.
// A shared file stands for the database that the machines of a real blog share: it is read
// whenever a post is asked for.
func openPosts(file string, shared bool) (*Posts, error) {
	p := &Posts{file: file, shared: shared, all: []Post{
		{1, "Hello", "This page was rendered once. Reload it: nothing is rendered again."},
		{2, "Ten seconds later", "Reload after ten seconds: the old page comes at once, and a new one is rendered behind it."},
		{3, "Edit me", "Save a change, and the pages that show it are rendered before you are sent back."},
	}}
	return p, p.read()
}

// read replaces the posts by those of the file, if there is one.
func (p *Posts) read() error {
	if p.file == "" {
		return nil
	}
	b, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return cmp.Or(err, json.Unmarshal(b, &p.all))
}

// refresh reads what other processes may have written.
func (p *Posts) refresh() error {
	if !p.shared {
		return nil
	}
	return p.read()
}

func (p *Posts) list() ([]Post, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.refresh()
	return append([]Post(nil), p.all...), err
}

func (p *Posts) get(id int) (Post, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.refresh(); err != nil || id < 1 || id > len(p.all) {
		return Post{}, false, err
	}
	return p.all[id-1], true, nil
}

// save replaces a post; false: there is none with its ID.
func (p *Posts) save(post Post) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.refresh(); err != nil {
		return false, err
	}
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
	// Another process never reads half of it.
	part, err := os.CreateTemp(filepath.Dir(p.file), "posts-*")
	if err != nil {
		return true, err
	}
	_, err = part.Write(b)
	if err = cmp.Or(err, part.Close()); err != nil {
		return true, err
	}
	return true, os.Rename(part.Name(), p.file)
}
