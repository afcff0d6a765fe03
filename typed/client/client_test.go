package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type user struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type getUser struct {
	ID      int      `path:"id"`
	Verbose bool     `query:"verbose"`
	Fields  []string `query:"fields,comma" default:"id,name"`
	Trace   *string  `header:"X-Trace"`
	Session string   `cookie:"session"`
}

type missing struct {
	Message string `json:"message"`
}

type findUserOut struct {
	OK       typed.Reply[user]    `status:"200"`
	Gone     typed.Empty          `status:"410"`
	Moved    typed.Redirect       `status:"308"`
	NotFound typed.Reply[missing] `status:"404"`
}

type putUser struct {
	ID   int    `path:"id"`
	Name string `json:"name" validate:"required"`
	Age  *int   `json:"age"`
}

var (
	endGet  = typed.Get[getUser, user]("/users/{id}")
	endFind = typed.Define[getUser, findUserOut]("GET /found/{id}")
	endPut  = typed.Put[putUser, user]("/users/{id}")
	endText = typed.Get[typed.None, string]("/text")
	endRead = typed.Get[typed.None, io.Reader]("/read")
	endNone = typed.Delete[typed.None, typed.None]("/users")
)

func newAPI(seen *any) *typed.API {
	api := typed.New("Users", "1", &typed.Options{BasePath: "/v1"})
	endGet.Handle(api, func(_ context.Context, in getUser, res *typed.Response[user]) (typed.Answer, error) {
		*seen = in
		return res.Header("X-Got", "1").JSON(user{in.ID, in.Session})
	})
	endFind.Handle(api, func(_ context.Context, in getUser, out *findUserOut) (typed.Answer, error) {
		switch in.ID {
		case 1:
			return out.OK.JSON(user{1, "Ada"})
		case 2:
			return out.Gone.End()
		case 3:
			return out.Moved.To("/users/1")
		case 4:
			return out.NotFound.JSON(missing{"no such user"})
		case 5:
			return typed.Fail(respond.NotFound("There is none."))
		}
		return typed.Fail(errors.New("secret"))
	})
	endPut.Handle(api, func(_ context.Context, in putUser, res *typed.Response[user]) (typed.Answer, error) {
		*seen = in
		return res.JSON(user{in.ID, in.Name})
	})
	endText.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("é")
	})
	endRead.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(strings.NewReader("streamed"))
	})
	endNone.Handle(api, typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil }))
	return api
}

// clients are a client of an API through a socket and one without.
func clients(t *testing.T, api *typed.API, opts *client.Options) map[string]*client.Client {
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	return map[string]*client.Client{
		"socket": client.New(srv.URL+api.BasePath(), opts),
		"local":  client.Local(api, opts),
	}
}

func TestCall(t *testing.T) {
	var seen any
	for name, c := range clients(t, newAPI(&seen), nil) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			in := getUser{ID: 7, Verbose: true, Fields: []string{"a,b", "ü"}, Trace: new("t 1"), Session: "s"}
			got, err := client.Call(ctx, c, endGet, in)
			require.NoError(t, err)
			require.Equal(t, user{7, "s"}, got)
			require.Empty(t, cmp.Diff(any(in), seen))

			in = getUser{ID: -1, Fields: []string{}}
			_, err = client.Call(ctx, c, endGet, in)
			require.NoError(t, err)
			require.Empty(t, seen.(getUser).Fields)

			a, err := client.Do(ctx, c, endGet, getUser{ID: 3, Fields: []string{"x"}, Session: "q"})
			require.NoError(t, err)
			payload, ok := a.Out.Payload()
			require.True(t, ok)
			require.Equal(t, user{3, "q"}, payload)
			require.Equal(t, 200, a.Status)
			require.Equal(t, "1", a.Header.Get("X-Got"))

			put := putUser{ID: 2, Name: "Ada", Age: new(3)}
			got, err = client.Call(ctx, c, endPut, put)
			require.NoError(t, err)
			require.Equal(t, user{2, "Ada"}, got)
			require.Empty(t, cmp.Diff(any(put), seen))

			text, err := client.Call(ctx, c, endText, typed.None{})
			require.NoError(t, err)
			require.Equal(t, "é", text)

			r, err := client.Call(ctx, c, endRead, typed.None{})
			require.NoError(t, err)
			content, err := io.ReadAll(r)
			require.NoError(t, err)
			require.NoError(t, r.(io.Closer).Close())
			require.Equal(t, "streamed", string(content))

			_, err = client.Call(ctx, c, endNone, typed.None{})
			require.NoError(t, err)
		})
	}
}

// A set says which of its outcomes it was, and no other.
func TestDo(t *testing.T) {
	var seen any
	for name, c := range clients(t, newAPI(&seen), nil) {
		t.Run(name, func(t *testing.T) {
			for id := 1; id <= 4; id++ {
				a, err := client.Do(t.Context(), c, endFind, getUser{ID: id, Fields: []string{"id"}})
				require.NoError(t, err)
				u, ok := a.Out.OK.Payload()
				require.Equal(t, id == 1, ok)
				require.Equal(t, id == 2, a.Out.Gone.Answered())
				target, moved := a.Out.Moved.Target()
				require.Equal(t, id == 3, moved)
				m, gone := a.Out.NotFound.Payload()
				require.Equal(t, id == 4, gone)
				require.Equal(t, []int{200, 410, 308, 404}[id-1], a.Status)
				switch id {
				case 1:
					require.Equal(t, user{1, "Ada"}, u)
				case 3:
					require.Equal(t, "/users/1", target)
				case 4:
					require.Equal(t, missing{"no such user"}, m)
				}
			}
			_, err := client.Do(t.Context(), c, endFind, getUser{ID: 5})
			var p *respond.Problem
			require.ErrorAs(t, err, &p)
			require.Equal(t, 404, p.Status)
			require.Equal(t, "There is none.", p.Detail)
			require.ErrorContains(t, err, "client: GET /found/{id}: 404")

			_, err = client.Call(t.Context(), c, endPut, putUser{ID: 1})
			require.ErrorAs(t, err, &p)
			require.Equal(t, http.StatusUnprocessableEntity, p.Status)
			require.Equal(t, []respond.FieldError{{In: "body", Pointer: "/name", Rule: "required", Detail: p.Errors[0].Detail}}, p.Errors)
		})
	}
}
