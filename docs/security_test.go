package docs_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

func TestSecurity(t *testing.T) {
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /open", answer[typed.None, typed.None])
	typed.Handle(api, "GET /closed", answer[typed.None, typed.None], typed.Security("token"), typed.Security("login", "read", "write"))
	flows := openapi.Map[*openapi.OAuthFlow]{}
	flow := &openapi.OAuthFlow{AuthorizationURL: "https://example.org/authorize", TokenURL: "https://example.org/token"}
	flow.Scopes.Set("read", "Look at things.")
	flows.Set("authorizationCode", flow)
	opts := &docs.Options{SecuritySchemes: map[string]*openapi.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "From /login."},
		"login": {Type: "oauth2", Flows: flows},
		"key":   {Type: "apiKey", In: "header", Name: "X-Key"},
		"other": {Type: "openIdConnect", OpenIDConnectURL: "https://example.org/.well-known/openid-configuration"},
	}}
	for _, older := range []bool{false, true} {
		opts.OpenAPI30 = older
		doc, err := docs.OpenAPI(api, opts)
		require.NoError(t, err)
		out, err := doc.JSON()
		require.NoError(t, err)
		require.Contains(t, string(out), `"securitySchemes":{`+
			`"key":{"type":"apiKey","name":"X-Key","in":"header"},`+
			`"login":{"type":"oauth2","flows":{"authorizationCode":{"authorizationUrl":"https://example.org/authorize","tokenUrl":"https://example.org/token","scopes":{"read":"Look at things."}}}},`+
			`"other":{"type":"openIdConnect","openIdConnectUrl":"https://example.org/.well-known/openid-configuration"},`+
			`"token":{"type":"http","description":"From /login.","scheme":"bearer","bearerFormat":"JWT"}}`)
		require.Contains(t, string(out), `"security":[{"token":[]},{"login":["read","write"]}]`)
		require.Contains(t, string(out), `},"security":[],"tags":`, "none is asked of the others")
		item, _ := doc.Paths.Get("/open")
		open, _ := item.Operations.Get("get")
		require.Nil(t, open.Security)
	}
}

func TestSecurityOfAllEndpoints(t *testing.T) {
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[typed.None, typed.None])
	opts := &docs.Options{
		SecuritySchemes: map[string]*openapi.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}},
		Security:        []typed.SecurityRequirement{{Scheme: "token"}},
	}
	doc, err := docs.OpenAPI(api, opts)
	require.NoError(t, err)
	out, err := doc.JSON()
	require.NoError(t, err)
	require.Contains(t, string(out), `},"security":[{"token":[]}],"tags":`)
	opts.SecuritySchemes = nil
	_, err = docs.OpenAPI(api, opts)
	require.EqualError(t, err, `docs: Options.Security: there is no security scheme "token": add it to Options.SecuritySchemes`)
}

func TestSecurityWithoutAScheme(t *testing.T) {
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[typed.None, typed.None], typed.Security("tokn"))
	typed.Handle(api, "GET /b", answer[typed.None, typed.None], typed.Security("tokn"))
	typed.Handle(api, "GET /c", answer[typed.None, typed.None], typed.Security("token"), typed.Hidden())
	_, err := docs.OpenAPI(api, nil)
	require.EqualError(t, err, `docs: GET /a: there is no security scheme "tokn": add it to Options.SecuritySchemes`+"\n"+
		`GET /b: there is no security scheme "tokn": add it to Options.SecuritySchemes`)
	require.Panics(t, func() { docs.Mount(api, nil) })
}

// TestSecurityAlternatives is what an endpoint may ask of a client, and how 3.0 and 3.1 say it.
func TestSecurityAlternatives(t *testing.T) {
	schemes := map[string]*openapi.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer"}, "key": {Type: "apiKey", In: "header", Name: "X-Key"},
		"login": {Type: "openIdConnect", OpenIDConnectURL: "https://example.org/.well-known/openid-configuration"},
	}
	for _, c := range []struct {
		name string
		opts []typed.Option
		all  []typed.SecurityRequirement // docs.Options.Security
		want string                      // "": not written
		old  string                      // in 3.0, where it is another
	}{
		{"nothing said", nil, nil, "", ""},
		{"public", []typed.Option{typed.Public()}, []typed.SecurityRequirement{{Scheme: "token"}}, `[]`, ""},
		{"optional", []typed.Option{typed.Security("token"), typed.SecurityOptional()}, nil, `[{},{"token":[]}]`, ""},
		{"optional where all ask", []typed.Option{typed.SecurityOptional()}, []typed.SecurityRequirement{{Scheme: "token"}, {Scheme: "key"}}, `[{},{"token":[]},{"key":[]}]`, ""},
		{"all at once", []typed.Option{typed.SecurityAll("token", "key")}, nil, `[{"token":[],"key":[]}]`, ""},
		{"all or one", []typed.Option{typed.SecurityAll("token", "key"), typed.Security("login", "read")}, nil, `[{"token":[],"key":[]},{"login":["read"]}]`, ""},
		{"scopes of a bearer", []typed.Option{typed.Security("token", "read", "write"), typed.Description("Reads.")}, nil, `[{"token":["read","write"]}]`, `[{"token":[]}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := typed.New("A", "1", nil)
			typed.Handle(api, "GET /a", answer[typed.None, typed.None], c.opts...)
			for _, version := range []string{"3.0", "3.1"} {
				doc, err := docs.OpenAPI(api, &docs.Options{SecuritySchemes: schemes, Security: c.all, Version: version})
				require.NoError(t, err)
				text, err := json.Marshal(operation(t, doc, "get", "/a").Security)
				require.NoError(t, err)
				want := c.want
				if version == "3.0" && c.old != "" {
					want = c.old
					require.Equal(t, "Reads. Needs the scopes `read`, `write` of token.", operation(t, doc, "get", "/a").Description)
				}
				if want == "" {
					want = "null"
				}
				require.Equal(t, want, string(text))
			}
		})
	}
	for want, opts := range map[string][]typed.Option{
		"typed: GET /a: the option Public stands beside one that asks who the client is: drop one of them":                                                {typed.Public(), typed.Security("token")},
		"typed: GET /a: the option SecurityAll names no two schemes: give the names that they have in docs.Options.SecuritySchemes; for one use Security": {typed.SecurityAll("token")},
	} {
		require.PanicsWithValue(t, want, func() {
			typed.Handle(typed.New("A", "1", nil), "GET /a", answer[typed.None, typed.None], opts...)
		})
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[typed.None, typed.None], typed.SecurityAll("token", "kye"))
	_, err := docs.OpenAPI(api, &docs.Options{SecuritySchemes: schemes})
	require.EqualError(t, err, `docs: GET /a: there is no security scheme "kye": add it to Options.SecuritySchemes`)
}
