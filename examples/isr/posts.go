package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Post is one entry of the blog.
type Post struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
	// Change is the number of the change that made the post what it is; 0: none has.
	Change int `json:"change"`
}

// Posts keeps the posts in memory, and in a file if it has one.
type Posts struct {
	mu     sync.Mutex
	file   string
	shared bool // other processes write to the file
	all    []Post
	saved  chan struct{} // closed by announce
}

// openPosts reads the posts from a file, or begins with three. An empty name is no file.
// A shared file stands for the database that the machines of a real blog share: it is read
// whenever a post is asked for.
func openPosts(file string, shared bool) (*Posts, error) {
	p := &Posts{file: file, shared: shared, saved: make(chan struct{}), all: []Post{
		{ID: 1, Title: "Hello", Body: "This page was rendered once. Reload it: nothing is rendered again."},
		{ID: 2, Title: "Ten seconds later", Body: "Reload after ten seconds: the old page comes at once, and a new one is rendered behind it."},
		{ID: 3, Title: "Edit me", Body: "Save a change, and the pages that show it are rendered before you are sent back."},
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

// lastChange is the number of the last change that posts show.
func lastChange(posts []Post) int {
	last := 0
	for _, post := range posts {
		last = max(last, post.Change)
	}
	return last
}

// since returns the posts that were saved after a change, in that order, and a channel
// that is closed when announce is called.
func (p *Posts) since(change int) ([]Post, <-chan struct{}, error) {
	p.mu.Lock()
	saved := p.saved
	p.mu.Unlock()
	posts, err := p.list()
	posts = slices.DeleteFunc(posts, func(post Post) bool { return post.Change <= change })
	slices.SortFunc(posts, func(a, b Post) int { return a.Change - b.Change })
	return posts, saved, err
}

// announce wakes those who wait for a post to be saved, in this process alone.
func (p *Posts) announce() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.saved)
	p.saved = make(chan struct{})
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
	post.Change = lastChange(p.all) + 1
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
