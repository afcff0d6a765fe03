package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

// contentText is what /content answers.
const contentText = "0123456789abcdefghij"

func (s *site) handleContent() {
	modified := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	typed.Handle(s.api, "GET /content", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		body := strings.NewReader(contentText)
		return typed.Content{
			Name: "naïve.txt", Type: "text/plain", Modified: modified, ETag: `"v1"`, Attachment: true,
			Body: struct {
				io.ReadSeeker
				io.Closer
			}{body, &source{closed: s.closed}},
		}, nil
	}))
	typed.Handle(s.api, "GET /content/page", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{Body: strings.NewReader("<html><p>é")}, nil
	}))
	typed.Handle(s.api, "GET /content/empty", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{Type: "text/plain"}, nil
	}))
	typed.Handle(s.api, "GET /content/large", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{Type: "application/x-large", Body: strings.NewReader(strings.Repeat("0123456789", 1<<17))}, nil
	}))
	typed.Handle(s.api, "GET /content/breaks", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{Type: "text/plain", Body: struct {
			io.Reader
			io.Seeker
		}{&source{read: func([]byte) (int, error) { return 0, errSecret }}, strings.NewReader(contentText)}}, nil
	}))
}

// contents is typed.Content: ranges and conditional requests.
func contents() []rule {
	const path = "/content"
	whole := []string{"Content-Length: 20", "Accept-Ranges: bytes", `Etag: "v1"`, "Last-Modified: Sat, 31 Jan 2026 12:00:00 GMT"}
	return []rule{
		ask("content/whole", "A Content says its length, version and name.", get(path),
			wish{200, append([]string{`Content-Disposition: attachment; filename="na_ve.txt"; filename*=UTF-8''na%C3%AFve.txt`}, whole...), contentText}),
		ask("content/HEAD", "HEAD of a Content has its length.", send("HEAD", path, ""), wish{200, whole, ""}),
		ask("content/range", "A range is a part of it.", get(path, "Range: bytes=10-12"), wish{206, []string{"Content-Range: bytes 10-12/20", "Content-Length: 3"}, "abc"}),
		ask("content/rest", "A download goes on where it was cut.", get(path, "Range: bytes=18-", `If-Range: "v1"`), wish{206, []string{"Content-Range: bytes 18-19/20"}, "ij"}),
		ask("content/another version", "A download does not go on in another version.", get(path, "Range: bytes=18-", `If-Range: "v0"`), wish{200, whole, contentText}),
		ask("content/HEAD of a range", "HEAD of a range has its head.", send("HEAD", path, "", "Range: bytes=10-12"), wish{206, []string{"Content-Range: bytes 10-12/20", "Content-Length: 3"}, ""}),
		ask("content/not satisfiable", "A range beyond the end is a 416.", get(path, "Range: bytes=20-"), wish{416, []string{"Content-Range: bytes */20", "Content-Type: application/problem+json"}, ""}),
		ask("content/the last none", "The last 0 bytes are none.", get(path, "Range: bytes=-0"), wish{status: 416}),
		ask("content/backwards", "A range backwards is a 416.", get(path, "Range: bytes=5-2"), wish{status: 416}),
		ask("content/another unit", "A unit that nobody knows is no range.", get(path, "Range: lines=1-2"), wish{200, nil, contentText}),
		ask("content/a thousand ranges", "Too many ranges are the whole.", get(path, "Range: bytes=0-0"+strings.Repeat(",1-1", 999)), wish{200, nil, contentText}),
		ask("content/not modified", "A client that has it is told so.", get(path, `If-None-Match: "v1"`, "Range: bytes=0-1"), wish{status: 304}),
		ask("content/not modified since", "A client that knows its date is told so.", get(path, "If-Modified-Since: Sat, 31 Jan 2026 12:00:00 GMT"), wish{status: 304}),
		ask("content/precondition", "A client that asks for another version is refused.", get(path, `If-Match: "v0"`), wish{status: 412}),
		ask("content/sandbox", "A page that is shown has no rights.", get("/content/page"), wish{200, []string{"Content-Security-Policy: sandbox", "X-Content-Type-Options: nosniff"}, "<html><p>é"}),
		ask("content/empty", "A Content may be empty.", get("/content/empty", "Range: bytes=0-"), wish{200, []string{"Content-Length: 0"}, ""}),
		ask("content/large", "A large Content comes whole.", get("/content/large"), wish{200, []string{"Content-Length: 1310720"}, strings.Repeat("0123456789", 1<<17)}),
		ask("content/end of a large one", "The end of a large Content is sent alone.", get("/content/large", "Range: bytes=-4"), wish{206, []string{"Content-Range: bytes 1310716-1310719/1310720"}, "6789"}),
		{"content/several ranges", "Several ranges are one multipart answer.", severalRanges},
		{"content/cut", "A Content that breaks cuts the connection.", func(b *bench) error {
			got, err := b.router.send(get("/content/breaks"))
			return errors.Join(err, same("truncated", got.status == 0 || got.truncated, true))
		}},
		{"content/closed", "The body of a Content is closed once, whatever is sent of it.", func(b *bench) error {
			for _, field := range []string{"Range: bytes=0-1", "Range: bytes=99-", `If-None-Match: "v1"`} {
				for len(b.site.closed) > 0 {
					<-b.site.closed // of the cases before
				}
				if _, err := b.router.send(get(path, field)); err != nil {
					return err
				}
				if _, err := await("Close after "+field, b.site.closed); err != nil {
					return err
				}
				if err := same("further calls of Close after "+field, len(b.site.closed), 0); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

func severalRanges(b *bench) error {
	got, err := b.router.send(get("/content", "Range: bytes=0-1,-2"))
	if err != nil {
		return err
	}
	if got.status != http.StatusPartialContent || int64(len(got.body)) != got.length {
		return fmt.Errorf("%d with %d bytes, declared are %d", got.status, len(got.body), got.length)
	}
	_, params, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	parts := multipart.NewReader(strings.NewReader(got.body), params["boundary"])
	var said strings.Builder
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		fmt.Fprintf(&said, "%s %s %s;", part.Header.Get("Content-Range"), part.Header.Get("Content-Type"), text)
	}
	return same("parts", said.String(), "bytes 0-1/20 text/plain 01;bytes 18-19/20 text/plain ij;")
}
