package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type person struct{ Name string }

func knows(_ context.Context, credential string) (person, error) {
	if !strings.HasPrefix(credential, "ada") {
		return person{}, respond.Unauthorized("Who?")
	}
	return person{credential}, nil
}

var schemes = []typed.Scheme{
	typed.Bearer("token", knows, typed.Prefix("Token")),
	typed.Basic("password", func(ctx context.Context, user, password string) (person, error) { return knows(ctx, user+"/"+password) }),
	typed.APIKey("header", "header", "x-key", knows),
	typed.APIKey("query", "query", "k&y", knows),
	typed.APIKey("cookie", "cookie", "key", knows),
	typed.SchemeFunc("func", func(_ context.Context, r *http.Request) (person, bool, error) { return person{}, false, nil }, typed.Describe(openapi.SecurityScheme{Type: "mutualTLS"})),
}

func signed[Req any](api *typed.API, name string, who func(Req) string) *typed.Endpoint[Req, typed.Response[string]] {
	return typed.Handle(api, "GET /"+name, typed.Func(func(_ context.Context, in Req) (string, error) { return who(in), nil }))
}

func newSignedAPI() (*typed.API, map[string]func(context.Context, *client.Client) (string, error)) {
	api := typed.New("Signed", "1", &typed.Options{Schemes: schemes})
	calls := map[string]func(context.Context, *client.Client) (string, error){}
	type byToken struct {
		Who person `auth:"token"`
	}
	type byPassword struct {
		Who person `auth:"password"`
	}
	type byHeader struct {
		Who person `auth:"header"`
	}
	type byQuery struct {
		Who person `auth:"query"`
		Q   string `query:"q"`
	}
	type byCookie struct {
		Who person `auth:"cookie"`
		C   string `cookie:"c"`
	}
	type byFunc struct {
		Who *person `auth:"func"`
	}
	type byAny struct {
		Who *person `auth:"token, header"`
	}
	type own struct {
		Who  *person `auth:"token"`
		Text string  `header:"Authorization"`
	}
	add(calls, "token", signed(api, "token", func(in byToken) string { return in.Who.Name }), byToken{})
	add(calls, "password", signed(api, "password", func(in byPassword) string { return in.Who.Name }), byPassword{})
	add(calls, "header", signed(api, "header", func(in byHeader) string { return in.Who.Name }), byHeader{})
	add(calls, "query", signed(api, "query", func(in byQuery) string { return in.Who.Name + "," + in.Q }), byQuery{Q: "x"})
	add(calls, "cookie", signed(api, "cookie", func(in byCookie) string { return in.Who.Name + "," + in.C }), byCookie{C: "x"})
	add(calls, "func", signed(api, "func", func(byFunc) string { return "" }), byFunc{})
	add(calls, "any", signed(api, "any", func(in byAny) string {
		if in.Who == nil {
			return "nobody"
		}
		return in.Who.Name
	}), byAny{})
	add(calls, "own", signed(api, "own", func(in own) string { return in.Text }), own{Text: "Token ada-own"})
	add(calls, "open", typed.Handle(api, "GET /open", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
		r := typed.HTTPRequest(ctx)
		return r.Header.Get("Authorization") + r.Header.Get("X-Key") + r.Header.Get("X-Team"), nil
	})), typed.None{})
	return api, calls
}

func add[Req any](calls map[string]func(context.Context, *client.Client) (string, error), name string, e *typed.Endpoint[Req, typed.Response[string]], in Req) {
	calls[name] = func(ctx context.Context, c *client.Client) (string, error) { return client.Call(ctx, c, e, in) }
}

func fixed(text string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return text, nil }
}

// Credentials sign the endpoints that declare their scheme, and no others.
func TestCredentials(t *testing.T) {
	api, calls := newSignedAPI()
	credentials := map[string]func(context.Context) (string, error){
		"token": fixed("ada-1"), "password": fixed("ada:a:b"), "header": fixed("ada-2"), "query": fixed("ada &3"), "cookie": fixed("ada-4"),
	}
	for name, c := range clients(t, api, &client.Options{Credentials: credentials, Schemes: schemes}) {
		t.Run(name, func(t *testing.T) {
			for call, want := range map[string]string{
				"token": "ada-1", "password": "ada/a:b", "header": "ada-2", "query": "ada &3,x", "cookie": "ada-4,x",
				"any": "ada-1", "own": "Token ada-own", "open": "", "func": "",
			} {
				got, err := calls[call](t.Context(), c)
				require.NoError(t, err, call)
				require.Equal(t, want, got, call)
			}
		})
	}
}

// With makes copies; a token goes where a token is asked for.
func TestWith(t *testing.T) {
	api, calls := newSignedAPI()
	for name, c := range clients(t, api, &client.Options{Schemes: schemes}) {
		t.Run(name, func(t *testing.T) {
			ada := c.With(client.WithBearer("ada-5"), client.WithHeader("x-team", "red"), nil)
			for call, want := range map[string]string{"token": "ada-5", "any": "ada-5", "open": "red"} {
				got, err := calls[call](t.Context(), ada)
				require.NoError(t, err)
				require.Equal(t, want, got, call)
			}
			for _, call := range []string{"password", "header"} {
				_, err := calls[call](t.Context(), ada)
				require.ErrorContains(t, err, "401", call)
			}
			got, err := calls["password"](t.Context(), c.With(client.WithBasic("ada", "p:w")))
			require.NoError(t, err)
			require.Equal(t, "ada/p:w", got)

			got, err = calls["any"](t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, "nobody", got)
			got, err = calls["any"](t.Context(), ada.With(client.WithBearer("")))
			require.NoError(t, err)
			require.Equal(t, "nobody", got)
			got, err = calls["open"](t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, "", got)
		})
	}
	srv := clients(t, api, nil)["socket"] // which knows no schemes
	_, err := calls["token"](t.Context(), srv.With(client.WithBearer("ada")))
	require.ErrorContains(t, err, "401") // the prefix is Token, and Bearer was sent
	got, err := calls["password"](t.Context(), srv.With(client.WithBasic("ada", "x")))
	require.NoError(t, err)
	require.Equal(t, "ada/x", got)
}

// What cannot be a credential is not sent, and stands in no error.
func TestWrongCredentials(t *testing.T) {
	api, calls := newSignedAPI()
	errVault := errors.New("the vault is closed")
	for _, tt := range []struct {
		call string
		c    *client.Client
		want string
	}{
		{"token", client.Local(api).With(client.WithBearer("se cret")), `the credential of the scheme "token" is no token`},
		{"token", client.Local(api).With(client.WithBearer("secret\n")), `has a control character`},
		{"password", client.Local(api).With(client.WithBasic("sec:ret", "x")), "the user of WithBasic has a colon"},
		{"password", client.Local(api, &client.Options{Credentials: map[string]func(context.Context) (string, error){"password": fixed("secret")}}), `is no user and password`},
		{"header", client.Local(api, &client.Options{Credentials: map[string]func(context.Context) (string, error){"header": fixed(" secret")}}), `has white space around it`},
		{"cookie", client.Local(api, &client.Options{Credentials: map[string]func(context.Context) (string, error){"cookie": fixed("sec;ret")}}), `is no value of a cookie`},
		{"func", client.Local(api, &client.Options{Credentials: map[string]func(context.Context) (string, error){"func": fixed("secret")}}), `only its function knows`},
		{"token", client.Local(api, &client.Options{Credentials: map[string]func(context.Context) (string, error){"token": func(context.Context) (string, error) { return "secret", errVault }}}), `the credential of the scheme "token": the vault is closed`},
		{"token", client.New("http://127.0.0.1:1", &client.Options{Credentials: map[string]func(context.Context) (string, error){"token": fixed("secret")}}), `list the scheme in Options.Schemes`},
		{"open", client.Local(api).With(client.WithHeader("X-A", "secret\r\nX-B: c")), "the header field X-A of the client's options is malformed"},
		{"open", client.Local(api, &client.Options{Header: http.Header{"a b": {"secret"}}}), "the header field a b of the client's options is malformed"},
	} {
		_, err := calls[tt.call](t.Context(), tt.c)
		require.ErrorContains(t, err, tt.want)
		require.ErrorContains(t, err, "client: GET /"+tt.call+": ")
		require.NotContains(t, err.Error(), "secret")
	}
	// The URL of a transport's error has no query, in which a key may stand.
	c := client.New("http://127.0.0.1:1", &client.Options{Schemes: schemes, Credentials: map[string]func(context.Context) (string, error){"query": fixed("secret")}})
	_, err := calls["query"](t.Context(), c)
	require.ErrorContains(t, err, `client: GET /query: Get "http://127.0.0.1:1/query": `)
	require.NotContains(t, err.Error(), "secret")
}

// An endpoint may name its scheme by option alone.
func TestSecurityOption(t *testing.T) {
	e := typed.Get[typed.None, string]("/", typed.Security("token"), typed.SecurityAll("a", "b"))
	var sent string
	c := answering(t, nil, func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		writing(200, "text/plain", "")(w, r)
	})
	_, err := client.Call(t.Context(), c.With(client.WithBearer("t0ken")), e, typed.None{})
	require.NoError(t, err)
	require.Equal(t, "Bearer t0ken", sent)
}
