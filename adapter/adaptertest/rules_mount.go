package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

// mounts is where an API is on its router, and what its options say.
func mounts() []rule {
	rules := []rule{
		{"mount/own route", "The router's own routes are its own.", func(b *bench) error {
			got, err := b.router.send(get(OwnPath))
			return errors.Join(err, wish{200, []string{Header + ": seen"}, "own"}.check(get(OwnPath), got))
		}},
		{"mount/own route, other method", "The API does not answer for the router's own routes.", func(b *bench) error {
			got, err := b.router.send(send("DELETE", OwnPath, ""))
			if err == nil && got.status != 405 && got.status != 404 {
				err = same("status", got.status, 405)
			}
			return err
		}},
		optioned("mount/base path", "An API with a base path gets it in full.", typed.Options{BasePath: "/api/v1"},
			get("/api/v1/u/a%2Fb"), wish{200, nil, said("id", "a/b")}),
		optioned("mount/base path in URLs", "URL has the base path.", typed.Options{BasePath: "/api/v1"},
			get("/api/v1/url/7"), wish{200, nil, `"/api/v1/url/7"`}),
		optioned("mount/base path root", "The root of an API is its base path.", typed.Options{BasePath: "/api/v1"},
			get("/api/v1"), wish{200, nil, said("route", "root")}),
		optioned("mount/base path root with slash", "The root of an API is its base path with a slash, too.", typed.Options{BasePath: "/api/v1"},
			get("/api/v1/"), wish{200, nil, said("route", "root")}),
		optioned("mount/base path rest", "A {name...} below a base path takes what follows.", typed.Options{BasePath: "/api/v1"},
			get("/api/v1/f/a/b"), wish{200, nil, said("path", "a/b")}),
		optioned("mount/base path missing", "Without its base path an endpoint is not found.", typed.Options{BasePath: "/api/v1"},
			get("/u/42"), wish{status: 404}),
		optioned("option/MaxBody", "Options.MaxBody limits bodies.", typed.Options{MaxBody: 20},
			send("PUT", "/mixed/7", `{"name":"0123456789"}`, asJSON), wish{413, []string{errorType}, ""}),
		optioned("option/OnInvalid", "OnInvalid answers what was refused.", typed.Options{OnInvalid: htmlProblem},
			get("/n/x"), wish{422, []string{"Content-Type: text/html; charset=utf-8"}, ""}),
		optioned("option/Timeout", "A handler that takes too long is answered for with 503, and its context ends.", typed.Options{Timeout: 50 * time.Millisecond},
			get("/wait"), wish{503, []string{errorType}, ""}),
		optioned("option/Timeout not reached", "A Timeout does not change other answers.", typed.Options{Timeout: time.Minute},
			send("PUT", "/mixed/7", `{"name":"Ada"}`, asJSON), wish{200, nil, "~Name:Ada"}),
		optioned("option/Timeout and stream", "A stream begins within the Timeout and goes on after it.", typed.Options{Timeout: time.Minute},
			get("/chunks"), wish{200, nil, "one two three"}),
		{"option/Use", "The API's middleware sees every request, also those that no endpoint answers.", func(b *bench) error {
			router, reference := b.start(func() *typed.API {
				s := newSite(&typed.Options{OnError: ignore})
				s.api.Use(outer, func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						w.Header().Add("X-Order", "inner")
						next.ServeHTTP(w, r)
					})
				})
				return s.api
			})
			for _, q := range []query{
				get("/u/a%2Fb"), send("POST", "/u/42", ""), get("/n/x"), send("HEAD", "/u/42", ""), get("/value"), get("/error"), get("/panic"), get("/abort"),
				send("PUT", "/mixed/7", `{"name":"Ada"}`, asJSON), send("OPTIONS", "/u/1", ""), get("/many"), get("/tagged", `If-None-Match: "v1"`),
				get("/chunks"), get("/sized"), get("/large?n=100000"), get("/wrapped/7"), get("/breaks"), get("/request/7"), send("PUT", "/u/1", ""),
			} {
				if _, err := compare(router, reference, q); err != nil {
					return err
				}
			}
			return nil
		}},
		{"mount/closed", "Once an API is mounted, no endpoint can be handled: it would not be routed.", func(b *bench) (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = nil
				}
			}()
			typed.Handle(b.site.api, "GET /late", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
			return errors.New("no panic of a Handle that comes too late")
		}},
		{"mount/nothing", "An API without endpoints can be mounted, and answers nothing.", func(b *bench) error {
			router, reference := b.start(func() *typed.API { return typed.New("Empty", "1", nil) })
			for _, server := range []Server{router, reference} {
				got, err := server.send(get("/u/42"))
				if err := errors.Join(err, same("status", got.status, 404)); err != nil {
					return err
				}
			}
			return nil
		}},
	}
	return append(rules, groups()...)
}

// outer is middleware around a whole API, where nothing is routed yet.
func outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Outer", r.Method+" "+r.URL.Path)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), wrapKey{}, "by the outer middleware")))
	})
}

// optioned is a case of an API with options of its own.
func optioned(name, says string, opts typed.Options, q query, w wish) rule {
	return rule{name, says, func(b *bench) error {
		opts.OnError = ignore
		router, reference := b.start(func() *typed.API { return newSite(&opts).api })
		got, err := compare(router, reference, q)
		if w.status == http.StatusNotFound && w.body == "" && got.status == w.status {
			return nil // whose 404 it is depends on the router
		}
		if err != nil {
			return err
		}
		return w.check(q, got)
	}}
}

func groups() []rule {
	grouped := func(name, says string, opts *typed.Options, q query, w wish) rule {
		return rule{name, says, func(b *bench) error {
			if b.suite.group == nil {
				b.t.Skip("the router has no groups")
			}
			router := b.suite.group("/group/v2", newSite(opts).api)
			defer router.Close()
			got, err := router.send(q)
			if err != nil {
				return err
			}
			return w.check(q, got)
		}}
	}
	return []rule{
		grouped("group/path", "In a group the paths are below its prefix.", nil, get("/group/v2/u/a%2Fb"), wish{200, []string{Header + ": seen"}, said("id", "a/b")}),
		grouped("group/URL", "The prefix of a group becomes the base path.", nil, get("/group/v2/url/7"), wish{200, nil, `"/group/v2/url/7"`}),
		grouped("group/root", "The root of an API in a group is the group.", nil, get("/group/v2"), wish{200, nil, said("route", "root")}),
		grouped("group/root with slash", "The root of an API in a group is the group with a slash, too.", nil, get("/group/v2/"), wish{200, nil, said("route", "root")}),
		grouped("group/rest", "A {name...} in a group takes what follows.", nil, get("/group/v2/f/a/b"), wish{200, nil, said("path", "a/b")}),
		grouped("group/405", "Allow is complete in a group.", nil, send("POST", "/group/v2/u/1", ""), wish{405, []string{"Allow: DELETE, GET, HEAD, OPTIONS, PURGE, PUT"}, ""}),
		grouped("group/outside", "Outside its group an API is not served.", nil, get("/u/1"), wish{status: 404}),
		grouped("group/own route", "Routes outside the group are the router's.", nil, get(OwnPath), wish{200, nil, "own"}),
		{"group/second prefix", "A second, different prefix is refused.", func(b *bench) error {
			if b.suite.group == nil {
				b.t.Skip("the router has no groups")
			}
			s := newSite(nil)
			first := b.suite.group("/group/v2", s.api)
			defer first.Close()
			if got, err := first.send(get("/group/v2/u/1")); err != nil || got.status != http.StatusOK {
				return fmt.Errorf("the first prefix: %d, %w", got.status, err)
			}
			refused, why := b.refuses("/group/v3", s.api)
			if !refused {
				return errors.New("it was served below both")
			}
			if why != "" && !strings.Contains(why, "/group/v3") {
				return fmt.Errorf("the refusal does not name the prefix: %s", why)
			}
			return same("base path", s.api.BasePath(), "/group/v2")
		}},
	}
}

// refuses reports whether the router refuses a prefix: with a panic when the API is
// mounted, or, where the router learns of the prefix late, by not answering there.
func (b *bench) refuses(prefix string, api *typed.API) (refused bool, why string) {
	defer func() {
		if v := recover(); v != nil {
			refused, why = true, fmt.Sprint(v)
		}
	}()
	second := b.suite.group(prefix, api)
	defer second.Close()
	got, err := second.send(get(prefix + "/u/1"))
	return err == nil && got.status != http.StatusOK, ""
}
