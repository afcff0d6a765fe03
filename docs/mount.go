package docs

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/docs/ui"
	"github.com/apiroutes/apiroutes/typed"
)

// Mount serves the document at /openapi.json and /openapi.yaml, below the API's base
// path, and the page that shows it at /docs. They are Hidden from the document. opts may
// be nil.
//
// Call it after the last endpoint: it panics where a type of those handled so far has
// no schema, with what to write instead. Endpoints handled after Mount are in the
// document, which then is made once more. It is written and compressed once, when it is
// first asked for, and has an ETag.
func Mount(api *typed.API, opts *Options) {
	s := &site{api: api, opts: opts}
	if _, err := s.current(false); err != nil {
		panic("docs: Mount: " + strings.TrimPrefix(err.Error(), "docs: "))
	}
	handle(api, "GET /openapi.json", func() (*file, error) {
		now, err := s.current(true)
		if err != nil {
			return nil, err
		}
		return now.json()
	})
	handle(api, "GET /openapi.yaml", func() (*file, error) {
		now, err := s.current(true)
		if err != nil {
			return nil, err
		}
		return now.yaml()
	})
	page := sync.OnceValues(pageFile)
	handle(api, "GET /docs", page)
}

// fetch is a request for one of the files.
type fetch struct {
	AcceptEncoding []string `header:"Accept-Encoding"`
}

func handle(api *typed.API, pattern string, open func() (*file, error)) {
	typed.Handle(api, pattern, func(_ context.Context, in fetch, res *typed.Response[[]byte]) (typed.Answer, error) {
		f, err := open()
		if err != nil {
			return typed.Fail(err)
		}
		for _, h := range f.header {
			res.Header(h[0], h[1])
		}
		if accepts(in.AcceptEncoding) {
			return res.Header("Content-Encoding", "gzip").Header("ETag", f.etag+`-gzip"`).Send(f.packed)
		}
		return res.Header("ETag", f.etag+`"`).Send(f.plain)
	}, typed.Hidden(), typed.OperationID("docs"+strings.NewReplacer("GET /", ":", ".", ":").Replace(pattern)))
}

// accepts reports whether a client takes gzip. Without the field it would take
// anything (RFC 9110, 12.5.3), but who does not ask may not be able to read it.
// What is said of gzip itself prevails over what is said of any.
func accepts(encodings []string) bool {
	anything := false
	for _, e := range encodings {
		name, weight, _ := strings.Cut(strings.ToLower(e), ";")
		digits, small := strings.CutPrefix(strings.TrimSpace(weight), "q=0")
		wanted := !small || strings.Trim(digits, ".0") != ""
		switch strings.TrimSpace(name) {
		case "gzip":
			return wanted
		case "*":
			anything = wanted
		}
	}
	return anything
}

// site is the document of one API, as it is served.
type site struct {
	api  *typed.API
	opts *Options

	mu    sync.Mutex
	files *files // nil: never made
	count int    // of the endpoints in them
	final bool   // a request has come, after which no endpoint can
	base  string // the base path then: a router may tell its group's prefix later
}

// files are made of one document, each when it is first asked for: a program that is
// started for something else need not compress them.
type files struct{ json, yaml func() (*file, error) }

// current makes the document unless it has been made for these very endpoints, which
// are final when a request is being served.
func (s *site) current(serving bool) (*files, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	base := s.api.BasePath()
	if s.final && s.base == base {
		return s.files, nil
	}
	count := 0
	for op := range s.api.Operations() {
		if !op.Hidden {
			count++
		}
	}
	if s.files != nil && s.count == count && s.base == base {
		s.final = serving
		return s.files, nil
	}
	doc, err := OpenAPI(s.api, s.opts)
	if err != nil {
		return nil, err
	}
	s.files = &files{json: written(doc.JSON, "application/json"), yaml: written(doc.YAML, "application/yaml")}
	s.count, s.base, s.final = count, base, serving
	return s.files, nil
}

// written makes a file of a document in one of its languages, once.
func written(write func() ([]byte, error), media string) func() (*file, error) {
	return sync.OnceValues(func() (*file, error) {
		text, err := write()
		if err != nil {
			return nil, fmt.Errorf("docs: %w", err)
		}
		return newFile(text, pack(text), [2]string{"Content-Type", media}), nil
	})
}

// file is something served, in both encodings.
type file struct {
	plain, packed []byte
	etag          string // without the closing quote
	header        [][2]string
}

func newFile(plain, packed []byte, header ...[2]string) *file {
	sum := sha256.Sum256(plain)
	return &file{
		plain: plain, packed: packed, etag: `"` + hex.EncodeToString(sum[:12]),
		header: append(header,
			[2]string{"Cache-Control", "no-cache"},
			[2]string{"Vary", "Accept-Encoding"},
			[2]string{"X-Content-Type-Options", "nosniff"}),
	}
}

func pack(plain []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(plain) // a Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// pageFile unpacks the page for the few clients that need that, once.
func pageFile() (*file, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(ui.Page()))
	if err != nil {
		return nil, fmt.Errorf("docs: the page: %w", err)
	}
	plain, err := io.ReadAll(unzip)
	if err != nil {
		return nil, fmt.Errorf("docs: the page: %w", err)
	}
	return newFile(plain, ui.Page(),
		[2]string{"Content-Type", "text/html; charset=utf-8"},
		[2]string{"Content-Security-Policy", ui.Policy},
		[2]string{"Referrer-Policy", "no-referrer"}), nil
}
