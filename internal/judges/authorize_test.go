package judges

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// provider signs everybody in, by the code flow with PKCE (RFC 6749, 4.1; RFC 7636) and on
// an origin of its own. Its token is the client's id and the scopes asked for.
type provider struct {
	mu         sync.Mutex
	challenges map[string]url.Values // what was asked for, by code
	faults     []string
}

func (p *provider) fault(w http.ResponseWriter, text string) {
	p.faults = append(p.faults, text)
	http.Error(w, text, http.StatusBadRequest)
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET /authorize":
		asked := r.URL.Query()
		if asked.Get("response_type") != "code" || asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") == "" {
			p.fault(w, "no code flow with PKCE: "+r.URL.RawQuery)
			return
		}
		p.challenges["the-code"] = asked
		back := asked.Get("redirect_uri") + "?" + url.Values{"code": {"the-code"}, "state": {asked.Get("state")}}.Encode()
		http.Redirect(w, r, back, http.StatusFound)
	case "OPTIONS /token":
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	case "POST /token":
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		asked := p.challenges[r.PostFormValue("code")]
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
			p.fault(w, "the verifier is not that of the challenge")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": asked.Get("client_id") + ":" + asked.Get("scope"), "token_type": "bearer"})
	default:
		p.fault(w, r.Method+" "+r.URL.Path)
	}
}

// credentials are what a request had of them.
type credentials struct {
	Authorization string `json:"authorization"`
	Header        string `json:"header"`
	Query         string `json:"query"`
	Cookie        string `json:"cookie"`
}

func told(ctx context.Context, _ typed.None, res *typed.Response[credentials]) (typed.Answer, error) {
	r := typed.HTTPRequest(ctx)
	out := credentials{Authorization: r.Header.Get("Authorization"), Header: r.Header.Get("X-Key"), Query: r.URL.Query().Get("key")}
	if c, err := r.Cookie("session"); err == nil {
		out.Cookie = c.Value
	}
	return res.JSON(out)
}

// sendAll signs in on a page and sends each of its operations. It returns the answers by
// path.
func sendAll(t *testing.T, url string, values map[string]any) map[string]string {
	t.Helper()
	input, err := json.Marshal(map[string]any{"executable": browser(t), "url": url, "values": values})
	require.NoError(t, err)
	text, err := node(t, input, "authorize.mjs")
	require.NoError(t, err, indent(text))
	var got struct {
		Messages, Cookies []string
		Answers           map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(text), &got), text)
	require.Empty(t, got.Messages, "the page complains on the console")
	require.Empty(t, got.Cookies, "a cookie that the page sent is gone")
	return got.Answers
}

// TestServersOfAnotherOrigin sends a request from the page to a server that its document
// names.
func TestServersOfAnotherOrigin(t *testing.T) {
	api := typed.New("Elsewhere", "1", nil)
	typed.Handle(api, "GET /none", told)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(elsewhere.Close)
	described := typed.New("Elsewhere", "1", nil)
	typed.Handle(described, "GET /none", told)
	docs.Mount(described, &docs.Options{Servers: []*openapi.Server{{URL: elsewhere.URL}}, JSONPath: "/v2/openapi.json", PagePath: "/v2/reference"})
	server := httptest.NewServer(described)
	t.Cleanup(server.Close)
	require.JSONEq(t, `{"authorization":"","header":"","query":"","cookie":""}`, sendAll(t, server.URL+"/v2/reference", map[string]any{})["/none"])
}

// TestAuthorize signs in on the page in every way that a document can name, and looks at
// what the API then gets.
func TestAuthorize(t *testing.T) {
	signIn := &provider{challenges: map[string]url.Values{}}
	login := httptest.NewServer(signIn)
	t.Cleanup(login.Close)
	flow := &openapi.OAuthFlow{AuthorizationURL: login.URL + "/authorize", TokenURL: login.URL + "/token"}
	flow.Scopes.Set("books", "Read books.")
	var flows openapi.Map[*openapi.OAuthFlow]
	flows.Set("authorizationCode", flow)
	schemes := map[string]*openapi.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer"},
		"basic":  {Type: "http", Scheme: "basic"},
		"header": {Type: "apiKey", In: "header", Name: "X-Key"},
		"query":  {Type: "apiKey", In: "query", Name: "key"},
		"cookie": {Type: "apiKey", In: "cookie", Name: "session"},
		"oauth":  {Type: "oauth2", Flows: flows},
	}
	api := typed.New("Credentials", "1", &typed.Options{BasePath: "/api/v1"})
	for name := range schemes {
		typed.Handle(api, "GET /"+name, told, typed.Security(name))
	}
	typed.Handle(api, "GET /none", told)
	docs.Mount(api, &docs.Options{SecuritySchemes: schemes})
	server := httptest.NewServer(http.StripPrefix("/behind/proxy", api))
	t.Cleanup(server.Close)

	got := sendAll(t, server.URL+"/behind/proxy/api/v1/docs", map[string]any{
		"bearer": map[string]any{"": "the-token"},
		"basic":  map[string]any{"[name=username]": "ada", "[name=password]": "secret"},
		"header": map[string]any{"": "header-key"},
		"query":  map[string]any{"": "query-key"},
		"cookie": map[string]any{"": "cookie-key"},
		"oauth":  map[string]any{"[data-name=clientId]": "page", "scopes": []string{"books"}},
	})
	require.Empty(t, signIn.faults)
	for path, want := range map[string]credentials{
		"/bearer": {Authorization: "Bearer the-token"},
		"/basic":  {Authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:secret"))},
		"/header": {Header: "header-key"},
		"/query":  {Query: "query-key"},
		"/cookie": {Cookie: "cookie-key"},
		"/oauth":  {Authorization: "Bearer page:books"},
		"/none":   {},
	} {
		var have credentials
		require.NoError(t, json.Unmarshal([]byte(got[path]), &have), "%s: %q", path, got[path])
		require.Equal(t, want, have, path)
	}
}
