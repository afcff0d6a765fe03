package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// answering is a server that answers everything with this.
func answering(t *testing.T, opts *client.Options, h http.HandlerFunc) *client.Client {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return client.New(srv.URL, opts)
}

func writing(status int, mediaType, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if mediaType != "" {
			w.Header().Set("Content-Type", mediaType)
		} else {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, content)
	}
}

// cut writes half of what it declares.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"id":1`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"name":"`)
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
			return
		}
	}
}

// Whatever a server answers that the endpoint does not declare is an UnexpectedAnswer that
// names the endpoint and the fault.
func TestLyingServer(t *testing.T) {
	const ok = `{"id":1,"name":"Ada"}`
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		opts  client.Options
		want  string
	}{
		{"no type", writing(200, "", ok), client.Options{}, `answered 200, and the endpoint declares application/json for this status`},
		{"another type", writing(200, "text/html", ok), client.Options{}, `answered 200 with "text/html", and the endpoint declares application/json for this status`},
		{"no type at all", writing(200, "json", ok), client.Options{}, `answered 200 with "json", which is no media type`},
		{"another status", writing(201, "application/json", ok), client.Options{}, `answered 201 with "application/json", which the endpoint does not declare`},
		{"an error page", writing(502, "text/html", "<h1>Bad Gateway</h1>"), client.Options{}, `answered 502 with "text/html", which the endpoint does not declare`},
		{"no content", writing(204, "", ""), client.Options{}, `answered 204, which the endpoint does not declare`},
		{"empty", writing(200, "application/json", ""), client.Options{}, `and its content does not fit: it `},
		{"half a body", cut, client.Options{}, `and its content broke off: unexpected EOF`},
		{"half of JSON", writing(200, "application/json", ok[:10]), client.Options{}, `and its content does not fit: it `},
		{"endless", endless, client.Options{}, `and its content is larger than 10485760 bytes: see Options.MaxAnswer`},
		{"too large", writing(200, "application/json", ok), client.Options{MaxAnswer: int64(len(ok)) - 1}, `and its content is larger than 20 bytes`},
		{"a wrong type", writing(200, "application/json", `{"id":"1"}`), client.Options{}, `and its content does not fit: /id must be`},
		{"null", writing(200, "application/json", `null`), client.Options{}, `and its content does not fit: it must not be null`},
		{"a null member", writing(200, "application/json", `{"id":null}`), client.Options{}, `/id must`},
		{"two values", writing(200, "application/json", ok+ok), client.Options{}, `and its content does not fit: it `},
		{"a name twice", writing(200, "application/json", `{"id":1,"id":2}`), client.Options{}, `/id `},
		{"another case", writing(200, "application/json", `{"ID":1,"name":"Ada"}`), client.Options{Strict: true}, `/ID `},
		{"an unknown member", writing(200, "application/json", `{"id":1,"name":"Ada","x":1}`), client.Options{Strict: true}, `/x `},
		{"invalid UTF-8", writing(200, "application/json", "{\"name\":\"\xff\"}"), client.Options{}, `does not fit: /name `},
		{"deep", writing(200, "application/json", strings.Repeat("[", 20_000)), client.Options{}, `does not fit: `},
		{"a problem with 200", writing(200, "application/problem+json", `{"title":"no"}`), client.Options{}, `answered 200 with "application/problem+json"`},
		{"a problem that is none", writing(404, "application/problem+json", `[1]`), client.Options{}, `and its content is no problem: it must be`},
		{"a problem that is null", writing(404, "application/problem+json", `null`), client.Options{}, `and its content is no problem: it must not be null`},
		{"half a problem", writing(404, "application/problem+json", `{"title":`), client.Options{}, `and its content is no problem: it `},
		{"a problem with a name twice", writing(404, "application/problem+json", `{"title":"a","title":"b"}`), client.Options{}, `and its content is no problem: /title`},
		{"a content coding", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			writing(200, "application/json", ok)(w, r)
		}, client.Options{}, `has a content coding that was not asked for`},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, client.Options{}, `answered 302 with "text/html; charset=utf-8", which the endpoint does not declare`},
		{"a redirect to no URL", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "%")
			w.WriteHeader(http.StatusFound)
		}, client.Options{}, `answered 302, which the endpoint does not declare`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := answering(t, &tt.opts, tt.serve)
			got, err := client.Call(t.Context(), c, endGet, getUser{ID: 1, Fields: []string{"id"}})
			require.Zero(t, got)
			unexpected, is := errors.AsType[*client.UnexpectedAnswer](err)
			require.True(t, is, "%v", err)
			require.Equal(t, "GET /users/{id}", unexpected.Endpoint)
			require.NotZero(t, unexpected.Status)
			require.LessOrEqual(t, len(unexpected.Body), 1<<10)
			require.ErrorContains(t, err, "client: GET /users/{id}: answered ")
			require.ErrorContains(t, err, tt.want)

			_, err = client.Do(t.Context(), c, endGet, getUser{ID: 1, Fields: []string{"id"}})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// A read that fails is found by errors.Is.
func TestHalfABody(t *testing.T) {
	_, err := client.Call(t.Context(), answering(t, nil, cut), endGet, getUser{ID: 1, Fields: []string{"id"}})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// What is shown of an answer is bounded, and what is read of one that nobody needs.
func TestUnexpectedAnswer(t *testing.T) {
	c := answering(t, nil, writing(500, "text/plain", strings.Repeat("x", 5000)))
	_, err := client.Call(t.Context(), c, endGet, getUser{ID: 1, Fields: []string{"id"}})
	e, ok := errors.AsType[*client.UnexpectedAnswer](err)
	require.True(t, ok)
	require.Equal(t, strings.Repeat("x", 1024), string(e.Body))
	require.Equal(t, 500, e.Status)
	require.Equal(t, "text/plain", e.Type)
	require.Equal(t, "text/plain", e.Header.Get("Content-Type"))
	require.NotContains(t, err.Error(), "xx")
	require.NoError(t, errors.Unwrap(e))
}

// Servers grow: members that the type does not have are skipped.
func TestUnknownMembers(t *testing.T) {
	c := answering(t, nil, writing(200, "application/vnd.x+json", `{"id":1,"new":{"a":[1]},"name":"Ada"}`))
	got, err := client.Call(t.Context(), c, endGet, getUser{ID: 1, Fields: []string{"id"}})
	require.NoError(t, err)
	require.Equal(t, user{1, "Ada"}, got)
}

// A problem keeps all that RFC 9457 has, and ignores members of a wrong type.
func TestProblem(t *testing.T) {
	const content = `{"type":"https://example.com/p","title":"No","status":400,"detail":"d","instance":"/i",
		"errors":[{"in":"body","pointer":"/a","name":"n","rule":"max","param":"3","detail":"is too large","more":1}],
		"balance":30,"accounts":["a"],"exact":12345678901234567891}`
	_, err := client.Call(t.Context(), answering(t, nil, writing(403, "application/problem+json; charset=utf-8", content)), endGet, getUser{ID: 1, Fields: []string{"id"}})
	p, ok := errors.AsType[*respond.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, 403, p.Status)
	require.Equal(t, []string{"https://example.com/p", "No", "d", "/i"}, []string{p.Type, p.Title, p.Detail, p.Instance})
	require.Equal(t, []respond.FieldError{{In: "body", Pointer: "/a", Name: "n", Rule: "max", Param: "3", Detail: "is too large"}}, p.Errors)
	require.Equal(t, 30.0, p.Extensions["balance"])
	require.Equal(t, []any{"a"}, p.Extensions["accounts"])
	require.Equal(t, "12345678901234567891", fmt.Sprintf("%s", p.Extensions["exact"]))
	require.EqualError(t, err, `client: GET /users/{id}: 403 No: d; body "n" "/a": max`)

	_, err = client.Call(t.Context(), answering(t, nil, writing(500, "application/problem+json", `{"title":1,"detail":[],"errors":"x","status":"y"}`)), endGet, getUser{ID: 1, Fields: []string{"id"}})
	p, ok = errors.AsType[*respond.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, &respond.Problem{Status: 500}, p)
}

type failed struct {
	Error string `json:"error"`
	Code  int    `json:"code"`
}

var failedForm = typed.Errors("application/json", func(_ context.Context, p *respond.Problem) failed { return failed{p.Title, p.Status} })

// An API with a form of errors has failures in the place of problems.
func TestFailure(t *testing.T) {
	api := typed.New("Failing", "1", &typed.Options{Errors: failedForm})
	endFind.Handle(api, func(_ context.Context, in getUser, out *findUserOut) (typed.Answer, error) {
		if in.ID == 1 {
			return out.NotFound.JSON(missing{"gone"})
		}
		return typed.Fail(respond.NotFound("There is none."))
	})
	for name, c := range clients(t, api, &client.Options{Errors: failedForm}) {
		t.Run(name, func(t *testing.T) {
			_, err := client.Do(t.Context(), c, endFind, getUser{ID: 2})
			f, ok := errors.AsType[*client.Failure[failed]](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, failed{"Not Found", 404}, f.Body)
			require.Equal(t, 404, f.Status)
			require.Equal(t, "GET /found/{id}", f.Endpoint)
			require.NotEmpty(t, f.Header)
			require.ErrorContains(t, err, "client: GET /found/{id}: answered 404 with an error")
			require.Equal(t, err.Error(), f.Error())
			_, other := errors.AsType[*client.Failure[missing]](err)
			require.False(t, other)
			require.NotErrorAs(t, err, new(*respond.Problem))

			// The outcome has the status and the media type of an error, and is told apart by its members.
			a, err := client.Do(t.Context(), c, endFind, getUser{ID: 1})
			require.NoError(t, err)
			m, ok := a.Out.NotFound.Payload()
			require.True(t, ok)
			require.Equal(t, missing{"gone"}, m)
		})
	}

	c := answering(t, &client.Options{Errors: failedForm}, writing(500, "application/json", `{"error":1}`))
	_, err := client.Do(t.Context(), c, endFind, getUser{ID: 2})
	require.ErrorContains(t, err, "/error must be")
}

// Several outcomes of one status are told apart by their media types, and a text by JSON is
// the text.
func TestMediaTypes(t *testing.T) {
	type reports struct {
		CSV  typed.Reply[string]    `status:"200" type:"text/csv"`
		JSON typed.Reply[user]      `status:"200"`
		Raw  typed.Reply[[]byte]    `status:"200" type:"application/vnd.raw+json"`
		File typed.Reply[io.Reader] `status:"200" type:"application/pdf"`
		Old  typed.Reply[string]    `status:"200" type:"text/plain; charset=iso-8859-1"`
	}
	e := typed.Define[typed.None, reports]("GET /reports")
	for _, tt := range []struct {
		mediaType, content string
		want               func(*reports) (any, bool)
		payload            any
	}{
		{"text/csv; header=present", "a,b", func(r *reports) (any, bool) { v, ok := r.CSV.Payload(); return v, ok }, "a,b"},
		{"application/json", `{"id":1}`, func(r *reports) (any, bool) { v, ok := r.JSON.Payload(); return v, ok }, user{ID: 1}},
		{"application/vnd.raw+json", `"x"`, func(r *reports) (any, bool) { v, ok := r.Raw.Payload(); return v, ok }, []byte(`"x"`)},
	} {
		a, err := client.Do(t.Context(), answering(t, nil, writing(200, tt.mediaType, tt.content)), e, typed.None{})
		require.NoError(t, err)
		got, ok := tt.want(&a.Out)
		require.True(t, ok, tt.mediaType)
		require.Equal(t, tt.payload, got)
	}
	a, err := client.Do(t.Context(), answering(t, nil, writing(200, "application/pdf", "%PDF")), e, typed.None{})
	require.NoError(t, err)
	r, ok := a.Out.File.Payload()
	require.True(t, ok)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "%PDF", string(content))
	require.NoError(t, r.(io.Closer).Close())

	for _, tt := range []struct{ mediaType, content, want string }{
		{"text/plain", "plain", "plain"},
		{"text/plain; charset=utf-8", `"quoted"`, `"quoted"`},
		{"text/csv", "a,b", "a,b"},
		{"application/json", `"é\n"`, "é\n"},
		{"application/json", `{"raw":true}`, `{"raw":true}`}, // a handler that sends JSON of its own making
	} {
		got, err := client.Call(t.Context(), answering(t, nil, writing(200, tt.mediaType, tt.content)), endText, typed.None{})
		require.NoError(t, err)
		require.Equal(t, tt.want, got)
	}
	for _, tt := range []struct{ mediaType, content, want string }{
		{"text/plain; charset=iso-8859-1", "a", "in another charset than UTF-8"},
		{"text/plain", "\xff", "is not valid UTF-8"},
		{"application/json", `"\ud800"`, "does not fit"},
	} {
		_, err := client.Call(t.Context(), answering(t, nil, writing(200, tt.mediaType, tt.content)), endText, typed.None{})
		require.ErrorContains(t, err, tt.want)
	}
}

// A 304 is an answer to a conditional request, and to no other.
func TestNotModified(t *testing.T) {
	type conditional struct {
		ID   int    `path:"id"`
		ETag string `header:"If-None-Match"`
	}
	api := typed.New("Tags", "1", nil)
	e := typed.Get[conditional, user]("/users/{id}")
	e.Handle(api, typed.Func(func(_ context.Context, in conditional) (user, error) { return user{ID: in.ID}, nil }))
	for name, c := range clients(t, api, nil) {
		t.Run(name, func(t *testing.T) {
			a, err := client.Do(t.Context(), c, e, conditional{ID: 1})
			require.NoError(t, err)
			tag := a.Header.Get("ETag")
			require.NotEmpty(t, tag)
			a, err = client.Do(t.Context(), c, e, conditional{ID: 1, ETag: tag})
			require.NoError(t, err)
			require.Equal(t, 304, a.Status)
			_, ok := a.Out.Payload()
			require.False(t, ok)
			_, err = client.Call(t.Context(), c, e, conditional{ID: 1, ETag: tag})
			require.ErrorContains(t, err, "answered 304")
		})
	}
	_, err := client.Do(t.Context(), answering(t, nil, writing(304, "", "")), e, conditional{ID: 1})
	require.ErrorContains(t, err, "answered 304, which the endpoint does not declare")
}

// Call has no value to return where the answer has none.
func TestNoPayload(t *testing.T) {
	e := typed.Get[typed.None, user]("/maybe", typed.Status(200, 204, 303))
	for _, status := range []int{204, 303} {
		c := answering(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(status)
		})
		_, err := client.Call(t.Context(), c, e, typed.None{})
		require.ErrorContains(t, err, "client: GET /maybe: answered "+strconv.Itoa(status)+", which has no payload: call the endpoint with client.Do")
		a, err := client.Do(t.Context(), c, e, typed.None{})
		require.NoError(t, err)
		require.Equal(t, "/x", a.Header.Get("Location"))
		_, ok := a.Out.Payload()
		require.False(t, ok)
	}
	_, err := client.Do(t.Context(), answering(t, nil, writing(308, "", "")), endFind, getUser{ID: 1, Fields: []string{"id"}})
	require.ErrorContains(t, err, "which is a redirect without a Location")
	_, err = client.Do(t.Context(), answering(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[")
		w.WriteHeader(http.StatusPermanentRedirect)
	}), endFind, getUser{ID: 1, Fields: []string{"id"}})
	require.ErrorContains(t, err, "which is a redirect whose Location is no URL")
	unexpected, ok := errors.AsType[*client.UnexpectedAnswer](err)
	require.True(t, ok)
	require.Equal(t, "http://[", unexpected.Header.Get("Location"))
	_, err = client.Do(t.Context(), answering(t, nil, writing(410, "text/html", "gone")), endFind, getUser{ID: 1, Fields: []string{"id"}})
	require.ErrorContains(t, err, "and the endpoint declares no content for this status")
}
