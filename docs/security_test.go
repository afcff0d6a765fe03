package docs_test

import (
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
