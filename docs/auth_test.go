package docs_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

type member struct{ Name string }

func (member) HasScope(string) bool { return true }

func memberAPI() *typed.API {
	verify := func(context.Context, string) (member, error) { return member{}, nil }
	api := typed.New("Club", "1", &typed.Options{Schemes: []typed.Scheme{
		typed.Bearer("token", verify),
		typed.APIKey("key", "header", "X-Key", verify),
		typed.Bearer("legacy", verify, typed.Prefix("Token")),
		typed.Basic("basic", func(context.Context, string, string) (member, error) { return member{}, nil }),
	}})
	handle := func(context.Context) (string, error) { return "", nil }
	typed.Handle(api, "GET /one", typed.Func(func(ctx context.Context, _ struct {
		Me member `auth:"token"`
	}) (string, error) {
		return handle(ctx)
	}))
	typed.Handle(api, "GET /optional", typed.Func(func(ctx context.Context, _ struct {
		Me *member `auth:"token,key"`
	}) (string, error) {
		return handle(ctx)
	}))
	typed.Handle(api, "GET /scoped", typed.Func(func(ctx context.Context, _ struct {
		Me member `auth:"token" scopes:"club:read"`
	}) (string, error) {
		return handle(ctx)
	}))
	typed.Handle(api, "GET /public", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return handle(ctx) }), typed.Public())
	typed.Handle(api, "GET /both", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return handle(ctx) }), typed.SecurityAll("token", "key"), typed.SecurityOptional())
	typed.Handle(api, "GET /usual", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return handle(ctx) }))
	return api
}

// The document says from the types alone who may ask, and what is answered to others.
func TestSecurityFromTypes(t *testing.T) {
	for version, scopes := range map[string]string{"3.1": `["club:read"]`, "3.0": `[]`} {
		doc, err := docs.OpenAPI(memberAPI(), &docs.Options{
			Version: version, Security: []typed.SecurityRequirement{{Scheme: "basic"}},
			SecuritySchemes: map[string]*openapi.SecurityScheme{"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT"}},
		})
		require.NoError(t, err)
		text, err := doc.MarshalJSON()
		require.NoError(t, err)
		var got struct {
			Components struct{ SecuritySchemes map[string]json.RawMessage }
			Security   json.RawMessage
			Paths      map[string]map[string]struct {
				Description string
				Security    json.RawMessage
				Responses   map[string]json.RawMessage
			}
		}
		require.NoError(t, json.Unmarshal(text, &got))
		schemes := map[string]string{}
		for name, s := range got.Components.SecuritySchemes {
			schemes[name] = string(s)
		}
		if diff := cmp.Diff(map[string]string{
			"token":  `{"type":"http","scheme":"bearer","bearerFormat":"JWT"}`,
			"key":    `{"type":"apiKey","name":"X-Key","in":"header"}`,
			"legacy": "{\"type\":\"apiKey\",\"description\":\"Send `Authorization: Token ` and the token.\",\"name\":\"Authorization\",\"in\":\"header\"}",
			"basic":  `{"type":"http","scheme":"basic"}`,
		}, schemes); diff != "" {
			t.Error(diff)
		}
		require.JSONEq(t, `[{"basic":[]}]`, string(got.Security))
		for path, want := range map[string]string{
			"/one": `[{"token":[]}]`, "/optional": `[{},{"token":[]},{"key":[]}]`, "/scoped": `[{"token":` + scopes + `}]`,
			"/public": `[]`, "/both": `[{},{"token":[],"key":[]}]`,
		} {
			require.JSONEq(t, want, string(got.Paths[path]["get"].Security), path)
		}
		require.Nil(t, got.Paths["/usual"]["get"].Security)
		for path, codes := range map[string][]string{"/one": {"401"}, "/optional": {"401"}, "/scoped": {"401", "403"}, "/public": nil, "/usual": nil} {
			for _, code := range []string{"401", "403", "422"} {
				_, has := got.Paths[path]["get"].Responses[code]
				wanted := false
				for _, c := range codes {
					wanted = wanted || c == code
				}
				require.Equal(t, wanted, has, "%s %s", path, code)
			}
		}
		if version == "3.0" { // which has scopes of OAuth 2 and OpenID Connect alone
			require.Contains(t, got.Paths["/scoped"]["get"].Description, "club:read")
		}
	}
}
