package docs

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/docs/ui"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// Mount serves the document as JSON and as YAML, below the API's base path, the page that
// shows it, and beside the page the one to which an OAuth sign-in returns: /openapi.json,
// /openapi.yaml, /docs and /oauth2-redirect.html, or where the options say. They are
// Hidden from the document. opts may be nil. An API may have several documents, each
// with paths of its own.
//
// Call it after the last endpoint: it panics where a type of those handled so far has
// no schema, with what to write instead, and where an endpoint has one of its paths.
// Endpoints handled after Mount are in the document, which then is made once more. It is
// written and compressed once, when it is first asked for, and has an ETag.
func Mount(api *typed.API, opts *Options) {
	if opts == nil {
		opts = &Options{}
	}
	at, err := opts.paths()
	if err == nil {
		err = at.free(api)
	}
	s := &site{api: api, opts: opts}
	if err == nil {
		_, err = s.current(false)
	}
	if err != nil {
		panic("docs: Mount: " + strings.TrimPrefix(err.Error(), "docs: "))
	}
	if kept := hook.Documents(api); *kept == nil {
		*kept = opts // for Golden
	}
	hook.AddCheck(api, func() error { // with the endpoints that are handled later
		_, err := OpenAPI(api, opts)
		return err
	})
	if at.json != "" {
		handle(api, at.json, s.document(at.json, "application/json", (*openapi.Document).JSON))
	}
	if at.yaml != "" {
		handle(api, at.yaml, s.document(at.yaml, "application/yaml", (*openapi.Document).YAML))
	}
	if at.page != "" {
		handle(api, at.page, s.page(at))
		if handled(api, at.redirect) == nil {
			handle(api, at.redirect, sync.OnceValues(redirectFile))
		}
	}
}

// paths are where the files of one Mount are served. Empty: not at all.
type paths struct{ json, yaml, page, redirect string }

func (o *Options) paths() (paths, error) {
	at := paths{json: "/openapi.json", yaml: "/openapi.yaml", page: "/docs"}
	for _, p := range []struct {
		option, value string
		path          *string
	}{{"JSONPath", o.JSONPath, &at.json}, {"YAMLPath", o.YAMLPath, &at.yaml}, {"PagePath", o.PagePath, &at.page}} {
		switch {
		case p.value == "-":
			*p.path = ""
		case p.value == "":
		case p.value[0] != '/' || p.value == "/" || path.Clean(p.value) != p.value || strings.ContainsAny(p.value, "{}?#%\"") || (&url.URL{Path: p.value}).EscapedPath() != p.value:
			return at, fmt.Errorf(`docs: Options.%s is %q: write a plain path like "/v2/openapi.json", or "-" to serve none`, p.option, p.value)
		default:
			*p.path = p.value
		}
	}
	if at.json == "" {
		at.page = ""
	}
	if at.page != "" {
		at.redirect = path.Join(path.Dir(at.page), "oauth2-redirect.html")
	}
	return at, nil
}

// free refuses paths that an endpoint has already.
func (at paths) free(api *typed.API) error {
	for option, p := range map[string]string{"JSONPath": at.json, "YAMLPath": at.yaml, "PagePath": at.page, "PagePath, for its sign-in page,": at.redirect} {
		if op := handled(api, p); p != "" && op != nil && !(p == at.redirect && op.ID == operationID(p)) {
			return fmt.Errorf(`GET %s is handled already: give Options.%s another path, or "-" to serve none`, p, option)
		}
	}
	return nil
}

// handled is the operation that answers GET at a path; nil if there is none.
func handled(api *typed.API, path string) *typed.Operation {
	for op := range api.Operations() {
		if op.Method == http.MethodGet && op.Path == path {
			return op
		}
	}
	return nil
}

// operationID is that of a file, which no declared endpoint has by chance.
func operationID(path string) string {
	return "docs" + strings.NewReplacer("/", ":", ".", ":").Replace(path)
}

// fetch is a request for one of the files.
type fetch struct {
	AcceptEncoding []string `header:"Accept-Encoding"`
}

func handle(api *typed.API, path string, open func() (*file, error)) {
	typed.Handle(hook.Plain(api).(typed.Router), "GET "+path, func(_ context.Context, in fetch, res *typed.Response[[]byte]) (typed.Answer, error) {
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
	}, typed.Hidden(), typed.OperationID(operationID(path)))
}

// accepts reports whether a client takes gzip. Without the field it would take
// anything (RFC 9110, 12.5.3), but who does not ask may not be able to read it.
// What the field says of gzip prevails over what it says of any.
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
	doc   *openapi.Document // nil: never made
	count int               // of the endpoints in it
	final bool              // a request has come, after which no endpoint can
}

// current makes the document unless it has been made of these very endpoints, which
// are final when a request is being served.
func (s *site) current(serving bool) (*openapi.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.final {
		return s.doc, nil
	}
	count := 0
	for op := range s.api.Operations() {
		if !op.Hidden {
			count++
		}
	}
	if s.doc != nil && s.count == count {
		s.final = serving
		return s.doc, nil
	}
	doc, err := OpenAPI(s.api, s.opts)
	if err != nil {
		return nil, err
	}
	s.doc, s.count, s.final = doc, count, serving
	return doc, nil
}

// document is the file of the document at a path, made when it is first asked for: a
// program that is started for something else need not compress it. It is made again if
// the API has another base path then, which a router may tell late.
func (s *site) document(at, media string, write func(*openapi.Document) ([]byte, error)) func() (*file, error) {
	var mu sync.Mutex
	var made *file
	var base string
	return func() (*file, error) {
		mu.Lock()
		defer mu.Unlock()
		now := s.api.BasePath()
		if made != nil && base == now {
			return made, nil
		}
		current, err := s.current(true)
		if err != nil {
			return nil, err
		}
		doc := *current
		if s.opts.Servers == nil {
			doc.Servers = []*openapi.Server{{URL: relative(path.Dir(at), "/")}}
			if now != "" {
				doc.Servers = append(doc.Servers, &openapi.Server{URL: now})
			}
		}
		text, err := write(&doc)
		if err != nil {
			return nil, fmt.Errorf("docs: %w", err)
		}
		made, base = newFile(text, pack(text), [2]string{"Content-Type", media}), now
		return made, nil
	}
}

// relative is the reference that leads from a directory to a path below the root: "." and
// "../openapi.json".
func relative(from, to string) string {
	here := strings.FieldsFunc(from, func(r rune) bool { return r == '/' })
	there := strings.FieldsFunc(to, func(r rune) bool { return r == '/' })
	for len(here) > 0 && len(there) > 1 && here[0] == there[0] {
		here, there = here[1:], there[1:]
	}
	up := make([]string, len(here))
	for i := range up {
		up[i] = ".."
	}
	return cmp.Or(strings.Join(append(up, there...), "/"), ".")
}

// page is the file of the page, which is the embedded one unless the document is not
// beside it as openapi.json.
func (s *site) page(at paths) func() (*file, error) {
	return sync.OnceValues(func() (*file, error) {
		doc, err := s.current(true)
		if err != nil {
			return nil, err
		}
		return pageFile(relative(path.Dir(at.page), at.json), connections(doc))
	})
}

// connections are the origins beside its own to which the page sends requests: those of
// the servers, and those that give out tokens.
func connections(doc *openapi.Document) []string {
	var urls []string
	for _, s := range doc.Servers {
		urls = append(urls, s.URL)
	}
	for _, scheme := range doc.Components.SecuritySchemes.All() {
		urls = append(urls, scheme.OpenIDConnectURL)
		for _, flow := range scheme.Flows.All() {
			urls = append(urls, flow.TokenURL, flow.RefreshURL)
		}
	}
	var origins []string
	for _, each := range urls {
		u, err := url.Parse(each)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || !plainHost.MatchString(u.Host) {
			continue
		}
		if origin := u.Scheme + "://" + u.Host; !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}

// plainHost is a host that can stand in a policy (CSP 3, 2.3.1); it may not have a mark
// that ends a directive or a header.
var plainHost = regexp.MustCompile(`^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?$`)

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

// pageFile is the page that shows the document at a reference and may send requests to
// origins beside its own. It is unpacked for the few clients that need that.
func pageFile(document string, origins []string) (*file, error) {
	plain, err := unpack(ui.Page())
	if err != nil {
		return nil, fmt.Errorf("docs: the page: %w", err)
	}
	packed := ui.Page()
	if document != ui.Document {
		plain = bytes.Replace(plain, []byte(`content="`+ui.Document+`"`), []byte(`content="`+html.EscapeString(document)+`"`), 1)
		packed = pack(plain)
	}
	return newFile(plain, packed,
		[2]string{"Content-Type", "text/html; charset=utf-8"},
		[2]string{"Content-Security-Policy", ui.PolicyWith(origins...)},
		[2]string{"Referrer-Policy", "no-referrer"}), nil
}

func unpack(packed []byte) ([]byte, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzip)
}

// redirectFile is the page to which an OAuth provider sends the browser back.
func redirectFile() (*file, error) {
	plain := ui.RedirectPage()
	return newFile(plain, pack(plain),
		[2]string{"Content-Type", "text/html; charset=utf-8"},
		[2]string{"Content-Security-Policy", ui.RedirectPolicy},
		[2]string{"Referrer-Policy", "no-referrer"}), nil
}
