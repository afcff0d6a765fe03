package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// credential is what WithBearer or WithBasic were given.
type credential struct {
	bearer, basic bool
	text          string // a token, or user:password
	user          string
}

// sign adds the credential of an endpoint that declares a scheme. What the request type has
// for the same place comes later, and before it.
func (c *Client) sign(ctx context.Context, p *plan, req *http.Request) error {
	if len(p.schemes) == 0 {
		return nil
	}
	if c.given.bearer && c.given.text != "" || c.given.basic {
		if s, ok := c.takes(p, c.given.basic); ok {
			if c.given.basic && strings.Contains(c.given.user, ":") {
				return errors.New("the user of WithBasic has a colon, which ends it")
			}
			return place(req, s, c.given.text)
		}
	}
	for _, name := range p.schemes {
		find, ok := c.credentials[name]
		if !ok || find == nil {
			continue
		}
		s, known := c.scheme(name)
		switch {
		case !known:
			return fmt.Errorf("where the credential of the scheme %q goes is not known: list the scheme in Options.Schemes", name)
		case s.Prefix == "" && s.In == "":
			return fmt.Errorf("where the credential of the scheme %q goes only its function knows: send it with WithHeader", name)
		}
		text, err := find(ctx)
		if err != nil {
			return fmt.Errorf("the credential of the scheme %q: %w", name, err)
		}
		return place(req, s, text)
	}
	return nil
}

// takes finds the scheme that takes what With was given: the first of its kind, or an
// unknown one.
func (c *Client) takes(p *plan, basic bool) (hook.Scheme, bool) {
	var unknown *hook.Scheme
	for _, name := range p.schemes {
		s, known := c.scheme(name)
		if known && s.Prefix != "" && s.Basic == basic {
			return s, true
		}
		if !known && unknown == nil {
			unknown = &hook.Scheme{Name: name, Prefix: "Bearer", Basic: basic}
			if basic {
				unknown.Prefix = "Basic"
			}
		}
	}
	if unknown != nil {
		return *unknown, true
	}
	return hook.Scheme{}, false
}

func (c *Client) scheme(name string) (hook.Scheme, bool) {
	for _, s := range c.schemes {
		if s.Name == name {
			return s, true
		}
	}
	return hook.Scheme{}, false
}

// place puts a credential where its scheme has it. No error holds the credential.
func place(req *http.Request, s hook.Scheme, text string) error {
	refuse := func(problem string) error {
		return fmt.Errorf("the credential of the scheme %q %s", s.Name, problem)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return refuse("has a control character, or is not valid UTF-8")
	}
	switch {
	case s.Prefix != "":
		if s.Basic {
			if !strings.Contains(text, ":") {
				return refuse(`is no user and password: write "user:password"`)
			}
			text = base64.StdEncoding.EncodeToString([]byte(text))
		} else if text == "" || strings.ContainsAny(text, " ,\"\t") {
			return refuse("is no token: it is empty, or has white space, a comma or a quote")
		}
		req.Header["Authorization"] = []string{s.Prefix + " " + text}
	case s.In == "header":
		if syntax.Trim(text) != text || text == "" {
			return refuse("is empty, or has white space around it")
		}
		req.Header[http.CanonicalHeaderKey(s.Key)] = []string{text}
	case s.In == "query":
		query := []byte(req.URL.RawQuery)
		if len(query) > 0 {
			query = append(query, '&')
		}
		query = syntax.AppendQuery(query, s.Key)
		req.URL.RawQuery = string(syntax.AppendQuery(append(query, '='), text))
	default:
		if strings.ContainsAny(text, " \",;\\") || text == "" {
			return refuse("is no value of a cookie (RFC 6265, 4.1.1)")
		}
		req.Header["Cookie"] = []string{strings.Join(append(req.Header["Cookie"], s.Key+"="+text), "; ")}
	}
	return nil
}
