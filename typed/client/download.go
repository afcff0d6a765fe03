package client

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/apiroutes/apiroutes/respond"
)

// download is the content of an answer with what its head says of it.
func (in *reading) download() respond.Content {
	header := in.got.header
	content := respond.Content{Type: header.Get("Content-Type"), ETag: header.Get("ETag"), Body: &readOnce{ReadCloser: in.got.body}}
	if at, err := http.ParseTime(header.Get("Last-Modified")); err == nil {
		content.Modified = at
	}
	disposition, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	content.Attachment = disposition == "attachment"
	if err == nil {
		content.Name = params["filename"]
	}
	return content
}

// readOnce is content that comes from a connection.
type readOnce struct {
	io.ReadCloser
	at int64
}

func (r *readOnce) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.at += int64(n)
	return n, err
}

var errReadOnce = errors.New("client: the content comes from a connection and is read once: copy it to seek in it")

// Seek tells where the reading is, and goes nowhere else.
func (r *readOnce) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekCurrent && offset == 0 || whence == io.SeekStart && offset == r.at {
		return r.at, nil
	}
	return r.at, errReadOnce
}
