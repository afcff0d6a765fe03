package openapi

// SecurityRequirement names schemes and the scopes needed of each.
type SecurityRequirement = Map[[]string]

// SecurityScheme is a way in which a client says who it is.
type SecurityScheme struct {
	Type             string // "http", "apiKey", "oauth2" or "openIdConnect"
	Description      string // CommonMark
	Name             string // apiKey: of the header, query parameter or cookie
	In               string // apiKey: "query", "header" or "cookie"
	Scheme           string // http: "basic", "bearer" or another of its registry
	BearerFormat     string // http: a hint, "JWT"
	Flows            Map[*OAuthFlow]
	OpenIDConnectURL string
}

// OAuthFlow is a flow of OAuth 2. In Flows it is named "authorizationCode",
// "clientCredentials", "implicit" or "password".
type OAuthFlow struct {
	AuthorizationURL, TokenURL, RefreshURL string

	Scopes Map[string] // what each allows, by name
}

func (s *SecurityScheme) encode(e *encoder) {
	e.begin()
	e.text("type", s.Type)
	e.text("description", s.Description)
	e.text("name", s.Name)
	e.text("in", s.In)
	e.text("scheme", s.Scheme)
	e.text("bearerFormat", s.BearerFormat)
	entries(e, "flows", s.Flows)
	e.text("openIdConnectUrl", s.OpenIDConnectURL)
	e.end()
}

func (f *OAuthFlow) encode(e *encoder) {
	e.begin()
	e.text("authorizationUrl", f.AuthorizationURL)
	e.text("tokenUrl", f.TokenURL)
	e.text("refreshUrl", f.RefreshURL)
	e.keyword("scopes")
	f.Scopes.encode(e)
	e.end()
}
