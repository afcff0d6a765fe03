package client

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/typed"
)

// Options sets up a [Client]. The zero value and nil are fine.
type Options struct {
	// HTTP sends the requests; it is copied, and the copy follows no redirects. nil: a
	// client of the default transport without a timeout, so that ctx alone ends a call.
	// [Local] does not use it.
	HTTP *http.Client

	// Header is sent with every request. A field that the request type has comes before it.
	Header http.Header

	// Credentials sign the requests of endpoints that declare a scheme of this name, by an
	// auth tag or the option typed.Security, and of no others. The function is called for
	// each request, concurrently; an error ends the call. A Basic credential is
	// "user:password". Of several schemes that will do, the first with a credential is used.
	Credentials map[string]func(ctx context.Context) (string, error)

	// Schemes are those of the API, by which the client knows where a credential goes.
	// Local takes them from the API. A scheme that is not in the list can have none.
	Schemes []typed.Scheme

	// Errors is the form in which the API answers problems; they are then a [Failure] of
	// the form's type. Local takes it from the API. The zero value: problems.
	Errors typed.ErrorForm

	// Retry says how often a request is repeated. The zero value: not at all.
	Retry Retry

	// MaxAnswer limits the content of an answer in bytes, inclusive, after it was
	// decompressed. Decoding may take 16 times as much memory. It does not limit streams,
	// which the caller reads. 0: 10 MiB.
	MaxAnswer int64

	// Strict refuses an answer with members that its type does not have. Without it they
	// are skipped: servers grow.
	Strict bool
}

// DefaultMaxAnswer is the limit of an answer where none was set: 10 MiB.
const DefaultMaxAnswer = 10 << 20

// Client calls the endpoints of one API. It is immutable and safe for concurrent use; make
// one with [New] or [Local]. The zero Client is not usable.
type Client struct {
	template *http.Request // what all requests begin as
	basePath string        // the escaped path of the API within its origin
	http     *http.Client
	local    *typed.API   // nil: by http
	handler  http.Handler // local, or what a test has around it

	header      http.Header
	credentials map[string]func(context.Context) (string, error)
	given       credential // by With
	schemes     []hook.Scheme
	errors      *errorForm // nil: problems
	retry       Retry
	maxAnswer   int64
	strict      bool
}

// New makes a Client of the API at baseURL, "https://api.example.com/v1": the URL below
// which its endpoints are. opts may be nil. It sends nothing. It panics on a URL that is
// not of this form, with a query or user information for instance.
func New(baseURL string, opts *Options) *Client {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(baseURL, "?#") {
		panic(`client: New: the base URL is no http or https URL without query and user information: write it like "https://api.example.com/v1"`)
	}
	c := newClient(opts)
	c.basePath = strings.TrimSuffix(u.EscapedPath(), "/")
	c.template = &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: u.Host, URL: &url.URL{Scheme: u.Scheme, Host: u.Host}}
	h := http.Client{}
	if opts != nil && opts.HTTP != nil {
		h = *opts.HTTP
	}
	h.Transport = unfollowed{h.Transport}
	c.http = &h
	if opts != nil {
		for _, s := range opts.Schemes {
			c.schemes = append(c.schemes, hook.SchemeOf(s))
		}
		c.errors = newErrorForm(hook.FormOfErrors(opts.Errors))
	}
	return c
}

// Local makes a Client that calls api in this process, without a socket: for tests, and
// for a service that runs inside another. A call runs the whole of the API, middleware
// included, on the goroutine of the caller, and returns when the API has answered; an
// answer that is streamed is made on a goroutine of its own. The handler's context ends
// with that of the call and has none of its values, as if it had come through a socket.
func Local(api *typed.API, opts ...*Options) *Client {
	var o *Options
	if len(opts) > 0 {
		o = opts[0]
	}
	c := newClient(o)
	c.local, c.handler = api, api
	c.template = &http.Request{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "localhost", URL: &url.URL{}, Body: http.NoBody, RemoteAddr: "127.0.0.1:0",
	}
	c.schemes = hook.Schemes(api)
	mediaType, payload, _ := hook.Errors(api)
	c.errors = newErrorForm(mediaType, payload)
	return c
}

func newClient(opts *Options) *Client {
	if opts == nil {
		opts = &Options{}
	}
	c := &Client{
		header: opts.Header.Clone(), credentials: opts.Credentials,
		retry: opts.Retry, maxAnswer: opts.MaxAnswer, strict: opts.Strict,
	}
	if c.maxAnswer <= 0 {
		c.maxAnswer = DefaultMaxAnswer
	}
	c.maxAnswer = min(c.maxAnswer, math.MaxInt64-1) // one more byte is asked for
	return c
}

// Option changes one thing of a [Client.With].
type Option interface{ apply(*Client) }

type option func(*Client)

func (o option) apply(c *Client) { o(c) }

// With returns a copy of c that differs by the options.
func (c *Client) With(opts ...Option) *Client {
	copied := *c
	for _, o := range opts {
		if o != nil {
			o.apply(&copied)
		}
	}
	return &copied
}

// WithBearer signs with a token the requests of endpoints that declare a scheme whose
// credential stands in Authorization. It has the prefix of the scheme where that is known,
// and else "Bearer". It comes before Options.Credentials. "": no token.
func WithBearer(token string) Option {
	return option(func(c *Client) { c.given = credential{bearer: true, text: token} })
}

// WithBasic is the same with a user and a password (RFC 7617).
func WithBasic(user, password string) Option {
	return option(func(c *Client) { c.given = credential{basic: true, text: user + ":" + password, user: user} })
}

// WithHeader sends a header field with every request, in place of those of the same name.
// A field that the request type has comes before it. Beside WithBearer and WithBasic an
// Authorization of WithHeader counts only where those do not sign.
func WithHeader(name, value string) Option {
	return option(func(c *Client) {
		c.header = c.header.Clone()
		if c.header == nil {
			c.header = make(http.Header)
		}
		c.header.Set(name, value)
	})
}

// Retry says how often, and after what time, a request is sent again: one with the method
// GET, HEAD, PUT, DELETE or OPTIONS (RFC 9110, 9.2.2), whose content is no reader, where no
// answer came or its status is 429, 502, 503 or 504. It is never sent again after the
// context has ended, or where it would be sent after the context's deadline.
//
// The time between is drawn between zero and Base, twice Base, four times Base, and so on.
// Retry-After is added to it; where that is longer than Max, the answer is returned as it is.
type Retry struct {
	Tries int           // how often a request is sent at most; 0 and 1: once
	Base  time.Duration // 0: 100 ms
	Max   time.Duration // the longest wait; 0: 10 s
}

// addHeader adds what the options have given to the header of a request, if it is well-formed.
func (c *Client) addHeader(h http.Header) error {
	for name, values := range c.header {
		for _, value := range values {
			if !syntax.IsToken(name) || syntax.Trim(value) != value || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return &headerError{name}
			}
		}
		h[http.CanonicalHeaderKey(name)] = values[:len(values):len(values)]
	}
	return nil
}

// headerError does not hold the value, which may be a credential.
type headerError struct{ name string }

func (e *headerError) Error() string {
	return "the header field " + e.name + " of the client's options is malformed: names are letters, digits and hyphens, and values have no control characters and no white space around them"
}

// errorForm is what problems are answered with.
type errorForm struct {
	mediaType string
	payload   reflect.Type
	decoders  decoders
}

func newErrorForm(mediaType string, payload reflect.Type) *errorForm {
	if payload == nil {
		return nil
	}
	mediaType, _, _ = syntax.MediaType(mediaType)
	return &errorForm{mediaType: mediaType, payload: payload, decoders: decoders{typ: payload}}
}
