package typed_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// on declares an endpoint that takes a Req and answers nothing.
func on[Req any](pattern string, opts ...typed.Option) func(*typed.API) {
	return func(api *typed.API) {
		typed.Handle(api, pattern, func(_ context.Context, _ Req, res *typed.Response[typed.None]) (typed.Answer, error) {
			return res.End()
		}, opts...)
	}
}

func TestRefusedDeclarations(t *testing.T) {
	type none = typed.None
	tests := []struct {
		name     string
		register func(*typed.API)
		want     []string
	}{
		{"pattern without a method", on[none]("/users"), []string{"typed: /users: "}},
		{"host", on[none]("GET example.com/users"), []string{"GET example.com/users"}},
		{"trailing slash", on[none]("GET /users/"), []string{"/users"}},
		{"path name only in the pattern", on[none]("GET /users/{id}"), []string{"id"}},
		{"path name only in the struct", on[struct {
			ID int `path:"id"`
		}]("GET /users"), []string{"field ID"}},
		{"typo in a source tag", on[struct {
			ID    int `path:"id"`
			Limit int `qurey:"limit"`
		}]("GET /users/{id}"), []string{"field Limit"}},
		{"two sources", on[struct {
			ID int `path:"id" query:"id"`
		}]("GET /users/{id}"), []string{"field ID"}},
		{"parameter type", on[struct {
			C chan int `query:"c"`
		}]("GET /users"), []string{"field C"}},
		{"bad default", on[struct {
			L int `query:"l" default:"x"`
		}]("GET /users"), []string{"field L"}},
		{"default against its own rule", on[struct {
			L int `query:"l" default:"200" validate:"max=100"`
		}]("GET /users"), []string{"field L", `default "200"`, "max"}},
		{"JSON members on GET", on[address]("GET /users"), []string{"GET /users"}},
		{"pointer request", on[*address]("POST /users"), []string{"POST /users"}},
		{"channel in the body", on[struct {
			C chan int `json:"c"`
		}]("POST /users"), []string{"POST /users"}},
		{"unknown rule", on[struct {
			A string `json:"a" validate:"requierd"`
		}]("POST /users"), []string{"field A", "requierd"}},
		{"status out of range", on[none]("GET /users", typed.Status(99)), []string{"status 99"}},
		{"Fails with a success", on[none]("GET /users", typed.Fails(200)), []string{"Fails"}},
		{"MaxBody", on[none]("GET /users", typed.MaxBody(0)), []string{"MaxBody"}},
		{"nil middleware", on[none]("GET /users", typed.Use(nil)), []string{"Use"}},
		{"nil option", on[none]("GET /users", nil), []string{"option is nil"}},
		{"nil handler", func(api *typed.API) { typed.Get[none, string]("/users").Handle(api, nil) }, []string{"handler is nil"}},
		{"payload that JSON cannot hold", func(api *typed.API) {
			typed.Handle(api, "GET /x", func(_ context.Context, _ none, res *typed.Response[chan int]) (typed.Answer, error) { return res.End() })
		}, []string{"GET /x"}},
		{"outcome set with a status twice", func(api *typed.API) {
			typed.Handle(api, "GET /x", func(_ context.Context, _ none, out *struct {
				A typed.Empty `status:"404"`
				B typed.Empty `status:"404"`
			}) (typed.Answer, error) {
				return out.A.End()
			})
		}, []string{"field B", "404"}},
		{"same pattern", func(api *typed.API) { on[none]("GET /a")(api); on[none]("GET /a", typed.OperationID("b"))(api) }, []string{"typed: GET /a"}},
		{"overlapping patterns", func(api *typed.API) {
			on[struct {
				ID string `path:"id"`
			}]("GET /a/{id}/x")(api)
			on[struct {
				ID string `path:"id"`
			}]("GET /a/b/{id}")(api)
		}, []string{"/a/{id}/x", "/a/b/{id}"}},
		{"same operation id", func(api *typed.API) {
			on[none]("GET /a", typed.OperationID("x"))(api)
			on[none]("GET /b", typed.OperationID("x"))(api)
		}, []string{"GET /b", "GET /a", `"x"`, "typed.OperationID"}},
		{"several mistakes at once", on[struct {
			ID    int    `path:"id"`
			Limit int    `qurey:"limit"`
			Name  string `query:"name" validate:"requierd"`
			Sort  int    `query:"sort" default:"x"`
		}]("GET /users/{user}", typed.Fails(7)), []string{"field Limit", "field Name", "field Sort", "Fails", "user"}},
		{"mistakes beside the pattern's", on[struct {
			ID    int `path:"id"`
			Limit int `qurey:"limit"`
		}]("/users", typed.Fails(7)), []string{"write GET /users", "field Limit", "Fails"}},
		{"mistakes beside a conflict", func(api *typed.API) {
			on[none]("GET /a")(api)
			on[struct {
				Limit int `query:"limit" default:"x"`
			}]("GET /a", typed.OperationID("b"))(api)
		}, []string{"same requests as GET /a", "field Limit"}},
		{"mistakes beside a default against its rule", func(api *typed.API) {
			typed.Handle(api, "GET /x", func(_ context.Context, _ struct {
				L int `query:"l" default:"200" validate:"max=100"`
			}, res *typed.Response[chan int]) (typed.Answer, error) {
				return res.End()
			}, typed.Status(99, 1000))
		}, []string{"field L", "status 99 ", "status 1000 ", "chan"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			message := refused(t, tt.register)
			t.Log(message)
			for _, want := range tt.want {
				if !strings.Contains(message, want) {
					t.Errorf("the panic does not say %q", want)
				}
			}
		})
	}
}

func TestDeclaringChecksNothing(t *testing.T) {
	e := typed.Define[*int, int]("not a pattern", nil)
	require.NotNil(t, e)
	require.Panics(t, func() { e.Path(nil) })
	require.Panics(t, func() { e.Path(nil) }, "the second time as well")
	require.Panics(t, func() { typed.Define[chan int, int]("GET /x").Path(nil) })
}

func TestOperations(t *testing.T) {
	api := typed.New("Shop", "2.0.0", nil)
	typed.Define[getUser, struct {
		OK       typed.Reply[userView] `status:"200" doc:"the user"`
		NotFound typed.Empty           `status:"404"`
	}]("GET /users/{id}", typed.Summary("S"), typed.Description("D"), typed.Tags("a", "b"), typed.Deprecated(), typed.Hidden(), typed.Fails(409)).
		Handle(api, func(context.Context, getUser, *struct {
			OK       typed.Reply[userView] `status:"200" doc:"the user"`
			NotFound typed.Empty           `status:"404"`
		}) (typed.Answer, error) {
			return typed.Fail(nil)
		})
	typed.Handle(api, "POST /a-b/{x}/c_d", func(_ context.Context, _ struct {
		X string `path:"x"`
		A int    `json:"a"`
	}, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	}, typed.MaxBody(5), typed.AllowUnknownFields())
	typed.Handle(api, "GET /", hello)
	type view struct {
		Method, Path, ID, Summary, Description string
		Tags                                   []string
		Deprecated, Hidden, AllowUnknown       bool
		Statuses, Fails                        []int
		MaxBody                                int64
		Fields                                 int
	}
	var got []view
	for op := range api.Operations() {
		v := view{op.Method, op.Path, op.ID, op.Summary, op.Description, op.Tags, op.Deprecated, op.Hidden, op.AllowUnknown, nil, op.Fails, op.MaxBody, len(hook.Binding(op).(*bind.Plan).Fields())}
		for _, o := range op.Outcomes {
			v.Statuses = append(v.Statuses, o.Status)
		}
		got = append(got, v)
	}
	want := []view{
		{"GET", "/users/{id}", "getUsersById", "S", "D", []string{"a", "b"}, true, true, false, []int{200, 404}, []int{409}, typed.DefaultMaxBody, 3},
		{"POST", "/a-b/{x}/c_d", "postABByXCD", "", "", nil, false, false, true, []int{204}, nil, 5, 2},
		{"GET", "/", "get", "", "", nil, false, false, false, []int{200}, nil, typed.DefaultMaxBody, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for range api.Operations() {
		break
	}
	require.Equal(t, []string{"Shop", "2.0.0"}, []string{api.Title(), api.Version()})
	require.NotNil(t, api.Validator())
}

func TestSecurityIsDeclared(t *testing.T) {
	api := typed.New("Shop", "1", nil)
	typed.Handle(api, "GET /", hello, typed.Security("token"), typed.Security("login", "read", "write"))
	for op := range api.Operations() {
		require.Equal(t, []typed.SecurityRequirement{{Scheme: "token"}, {Scheme: "login", Scopes: []string{"read", "write"}}}, op.Security)
	}
	require.PanicsWithValue(t, "typed: GET /a: the option Security names no scheme: give the name that it has in docs.Options.SecuritySchemes",
		func() { typed.Handle(api, "GET /a", hello, typed.Security("")) })
}

func TestMethods(t *testing.T) {
	api := typed.New("Test", "1", nil)
	h := func(_ context.Context, _ struct {
		ID string `path:"id"`
	}, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	}
	type in = struct {
		ID string `path:"id"`
	}
	typed.Get[in, typed.None]("/{id}").Handle(api, h)
	typed.Post[in, typed.None]("/{id}").Handle(api, h)
	typed.Put[in, typed.None]("/{id}").Handle(api, h)
	typed.Patch[in, typed.None]("/{id}").Handle(api, h)
	e := typed.Delete[in, typed.None]("/{id}")
	e.Handle(api, h)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		require.Equal(t, http.StatusNoContent, do(api, method, "/x", "").Code, method)
	}
	require.Equal(t, "/a%2Fb%20c", e.Path(in{"a/b c"}))
	require.Equal(t, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", do(api, "OPTIONS", "/x", "").Header().Get("Allow"))
}
