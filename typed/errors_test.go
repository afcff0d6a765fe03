package typed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

func TestHandlerErrors(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	fail := func(name string, err error) {
		typed.Handle(api, "GET /"+name, func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			res.Header("X-Failed", "1").Cookie(&http.Cookie{Name: "a", Value: "b"})
			a, _ := res.JSON("not this")
			return a, err
		})
	}
	fail("plain", errors.New("secret"))
	fail("problem", respond.NotFound("There is no user 7."))
	fail("wrapped", fmt.Errorf("a: %w", errors.Join(io.EOF, respond.Conflict("Taken."))))
	fail("hidden", respond.Unavailable("secret").Because(io.ErrUnexpectedEOF))
	fail("exposed", respond.Unavailable("Back at noon.").Expose())
	fail("nan", nil)
	for _, tt := range []struct {
		path   string
		status int
		body   string
		report int
	}{
		{"/plain", 500, `{"title":"Internal Server Error","status":500}`, 1},
		{"/problem", 404, `{"title":"Not Found","status":404,"detail":"There is no user 7."}`, 0},
		{"/wrapped", 409, `{"title":"Conflict","status":409,"detail":"Taken."}`, 0},
		{"/hidden", 503, `{"title":"Service Unavailable","status":503}`, 1},
		{"/exposed", 503, `{"title":"Service Unavailable","status":503,"detail":"Back at noon."}`, 1},
	} {
		before := rec.len()
		w := do(api, "GET", tt.path, "")
		require.Equal(t, tt.status, w.Code, tt.path)
		require.Equal(t, tt.body, w.Body.String())
		require.Equal(t, tt.report, rec.len()-before, tt.path)
		require.Empty(t, w.Header().Get("X-Failed")+w.Header().Get("Set-Cookie"), "the failed answer's header is gone")
	}
	require.Contains(t, rec.String(), "secret")
	require.ErrorIs(t, rec.errs[1], io.ErrUnexpectedEOF)
}

func TestProgrammingErrorsAreReported(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	var foreign typed.Response[string]
	type out struct {
		OK typed.Reply[string] `status:"200"`
	}
	var foreignSet out
	typed.Handle(api, "GET /zero", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		return typed.Answer{}, nil
	})
	typed.Handle(api, "GET /foreign", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		return foreign.JSON("x")
	})
	typed.Handle(api, "GET /foreignreply", func(context.Context, typed.None, *out) (typed.Answer, error) { return foreignSet.OK.JSON("x") })
	typed.Handle(api, "GET /status", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Status(418).JSON("x")
	})
	typed.Handle(api, "GET /nan", func(_ context.Context, _ typed.None, res *typed.Response[float64]) (typed.Answer, error) {
		return res.Header("X-A", "1").JSON(math.NaN())
	})
	typed.Handle(api, "GET /nilmap", func(_ context.Context, _ typed.None, res *typed.Response[map[string]int]) (typed.Answer, error) {
		return res.JSON(nil)
	})
	for path, want := range map[string]string{
		"/zero":         "typed: GET /zero: the handler returned the zero Answer",
		"/foreign":      "was not made by the Response or outcome set of this request",
		"/foreignreply": "typed: GET /foreignreply: the Answer was not made by",
		"/status":       "status 418 is not declared: add it with typed.Status",
		"/nan":          "the payload cannot be encoded",
	} {
		w := do(api, "GET", path, "")
		require.Equal(t, 500, w.Code, path)
		require.Equal(t, `{"title":"Internal Server Error","status":500}`, w.Body.String())
		require.Empty(t, w.Header().Get("X-A"))
		require.Contains(t, rec.String(), want)
	}
	w := do(api, "GET", "/nilmap", "")
	require.Equal(t, "{}", w.Body.String())
}

func TestPanics(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	typed.Handle(api, "GET /error", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic(io.EOF) })
	typed.Handle(api, "GET /nil", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic(nil) })
	typed.Handle(api, "GET /abort", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		panic(http.ErrAbortHandler)
	})
	typed.Handle(api, "GET /halfway", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("abc"), brokenReader{}))
	})
	require.Equal(t, 500, do(api, "GET", "/error", "").Code)
	p, ok := errors.AsType[*typed.PanicError](rec.errs[0])
	require.True(t, ok)
	require.ErrorIs(t, p, io.EOF)
	require.Contains(t, string(p.Stack), "errors_test.go")
	require.Equal(t, "panic: EOF", p.Error())
	require.Equal(t, 500, do(api, "GET", "/nil", "").Code)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(api, "GET", "/abort", "") })
	require.Equal(t, 2, rec.len(), "an abort is no error")

	srv := httptest.NewServer(api)
	defer srv.Close()
	res, err := http.Get(srv.URL + "/halfway")
	require.NoError(t, err)
	defer res.Body.Close()
	_, err = io.ReadAll(res.Body)
	require.Error(t, err, "half an answer must not pass for a whole one")
	require.Contains(t, rec.String(), "the disk is gone")
}

func TestOnInvalid(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on, OnInvalid: func(ctx context.Context, p *respond.Problem) (typed.Answer, error) {
		switch typed.HTTPRequest(ctx).Header.Get("X-Want") {
		case "problem":
			return typed.Fail(p)
		case "zero":
			return typed.Answer{}, nil
		}
		var page typed.Response[respond.HTML]
		return page.Status(p.Status).Send("<p>" + respond.HTML(p.Errors[0].Name) + "</p>")
	}})
	typed.Handle(api, "POST /form", func(_ context.Context, in form, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Name)
	})
	post := func(want string) *httptest.ResponseRecorder {
		return do(api, "POST", "/form", "name=", "Content-Type", "application/x-www-form-urlencoded", "X-Want", want)
	}
	w := post("")
	require.Equal(t, 422, w.Code)
	require.Equal(t, "<p>name</p>", w.Body.String())
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, 422, post("problem").Code)
	require.Zero(t, rec.len())
	require.Equal(t, 500, post("zero").Code)
	require.Equal(t, 1, rec.len())
}

// A nil *Problem in an error is an error: the report says what happened.
func TestNilProblem(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	typed.Handle(api, "GET /", typed.Func(func(context.Context, typed.None) (string, error) {
		var p *respond.Problem
		return "fine", p
	}))
	w := do(api, "GET", "/", "")
	require.Equal(t, 500, w.Code)
	checkProblem(t, 500, w.Body.Bytes())
	require.Equal(t, 1, rec.len())
	require.Contains(t, rec.String(), "nil *respond.Problem")
}
