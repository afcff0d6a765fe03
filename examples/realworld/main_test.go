package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/examples/internal/smoke"
	"github.com/apiroutes/apiroutes/typed"
)

var _ = flag.Bool("update", false, "rewrite openapi.json")

func TestMain(m *testing.M) { smoke.Main(m, main) }

func memory(t *testing.T) (*typed.API, *Store) {
	t.Helper()
	store, err := Open("")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return newAPI(store, []byte("a secret of the test")), store
}

func TestDocument(t *testing.T) {
	api, _ := memory(t)
	require.NoError(t, api.Check())
	docs.Golden(t, api, "openapi.json", about())
}

type step struct {
	who    string // whose token is sent; "": nobody's
	method string
	target string
	body   string
	status int
	want   map[string]string // JSON by pointer; "": it is absent
}

type wants = map[string]string

// The specification's facts, one after another. Every answer and every accepted body is
// held against the document.
var steps = slices.Concat([]step{
	// Who registers is signed in; names and addresses are unique, and nothing is blank.
	{"", "POST", "/users", `{"user":{"username":"ada","email":"ada@example.com","password":"secret-1"}}`, 201,
		wants{"/user/username": `"ada"`, "/user/email": `"ada@example.com"`, "/user/bio": `null`, "/user/image": `null`}},
	{"", "POST", "/users", `{"user":{"username":"bob","email":"bob@example.com","password":"secret-2"}}`, 201, wants{"/user/username": `"bob"`}},
	{"", "POST", "/users", `{"user":{"username":"ada","email":"new@example.com","password":"x"}}`, 409, wants{"/errors/username/0": `"has already been taken"`}},
	{"", "POST", "/users", `{"user":{"username":"new","email":"ada@example.com","password":"x"}}`, 409, wants{"/errors/email/0": `"has already been taken"`}},
	{"", "POST", "/users", `{"user":{"username":"","email":"a@example.com","password":"x"}}`, 422, wants{"/errors/username/0": `"can't be blank"`}},
	{"", "POST", "/users", `{"user":{"username":"x","email":"","password":"x"}}`, 422, wants{"/errors/email/0": `"can't be blank"`}},
	{"", "POST", "/users", `{"user":{"username":"x","email":"a@example.com"}}`, 422, wants{"/errors/password/0": `"can't be blank"`}},
	{"", "POST", "/users", `{"user":{"username":"x","email":"a@example.com","password":"` + strings.Repeat("x", 73) + `"}}`, 422, wants{"/errors/password/0": `"is too long (maximum is 72 bytes)"`}},
	{"", "POST", "/users", `{"user":null}`, 422, wants{"/errors/user/0": `"must not be null"`}},
	{"", "POST", "/users", `{"user":`, 400, wants{"/errors/body/0": `"ends before the JSON value does"`}},
	{"", "POST", "/users/login", `{"user":{"email":"ada@example.com","password":"secret-1"}}`, 200, wants{"/user/username": `"ada"`}},
	{"", "POST", "/users/login", `{"user":{"email":"ada@example.com","password":"secret-2"}}`, 401, wants{"/errors/credentials/0": `"invalid"`}},
	{"", "POST", "/users/login", `{"user":{"email":"nobody@example.com","password":"x"}}`, 401, wants{"/errors/credentials/0": `"invalid"`}},
	{"", "POST", "/users/login", `{"user":{"email":"","password":"x"}}`, 422, wants{"/errors/email/0": `"can't be blank"`}},
	{"", "POST", "/users/login", `{"user":{"email":"ada@example.com","password":""}}`, 422, wants{"/errors/password/0": `"can't be blank"`}},

	// The account: what is absent stays, null and "" remove bio and image, and nothing else is null.
	{"ada", "GET", "/user", "", 200, wants{"/user/username": `"ada"`}},
	{"ada", "PUT", "/user", `{"user":{"bio":"Countess"}}`, 200, wants{"/user/bio": `"Countess"`, "/user/image": `null`, "/user/username": `"ada"`}},
	{"ada", "PUT", "/user", `{"user":{"image":"https://example.com/ada.png"}}`, 200, wants{"/user/bio": `"Countess"`, "/user/image": `"https://example.com/ada.png"`}},
	{"ada", "PUT", "/user", `{"user":{"bio":"","image":null}}`, 200, wants{"/user/bio": `null`, "/user/image": `null`}},
	{"ada", "GET", "/user", "", 200, wants{"/user/bio": `null`, "/user/image": `null`}},
	{"ada", "PUT", "/user", `{"user":{"username":""}}`, 422, wants{"/errors/username/0": `"can't be blank"`}},
	{"ada", "PUT", "/user", `{"user":{"username":null}}`, 422, wants{"/errors/username/0": `"must not be null"`}},
	{"ada", "PUT", "/user", `{"user":{"email":""}}`, 422, wants{"/errors/email/0": `"can't be blank"`}},
	{"ada", "PUT", "/user", `{"user":{"email":null}}`, 422, wants{"/errors/email/0": `"must not be null"`}},
	{"ada", "PUT", "/user", `{"user":{"username":"bob"}}`, 409, wants{"/errors/username/0": `"has already been taken"`}},
	{"ada", "PUT", "/user", `{"user":{"username":"ada2","email":"ada2@example.com","password":"secret-3"}}`, 200, wants{"/user/username": `"ada2"`}},
	{"", "POST", "/users/login", `{"user":{"email":"ada2@example.com","password":"secret-3"}}`, 200, wants{"/user/email": `"ada2@example.com"`}},
	{"ada", "PUT", "/user", `{"user":{"username":"ada"}}`, 200, wants{"/user/username": `"ada"`}},

	// Profiles.
	{"", "GET", "/profiles/ada", "", 200, wants{"/profile/username": `"ada"`, "/profile/bio": `null`, "/profile/image": `null`, "/profile/following": `false`}},
	{"bob", "GET", "/profiles/ada", "", 200, wants{"/profile/following": `false`}},
	{"bob", "POST", "/profiles/ada/follow", "", 200, wants{"/profile/following": `true`}},
	{"bob", "POST", "/profiles/ada/follow", "", 200, wants{"/profile/following": `true`}},
	{"bob", "GET", "/profiles/ada", "", 200, wants{"/profile/following": `true`}},
	{"bob", "DELETE", "/profiles/ada/follow", "", 200, wants{"/profile/following": `false`}},
	{"bob", "GET", "/profiles/ada", "", 200, wants{"/profile/following": `false`}},
	{"", "GET", "/profiles/nobody", "", 404, wants{"/errors/profile/0": `"not found"`}},
	{"bob", "POST", "/profiles/nobody/follow", "", 404, wants{"/errors/profile/0": `"not found"`}},
	{"bob", "DELETE", "/profiles/nobody/follow", "", 404, wants{"/errors/profile/0": `"not found"`}},

	// Articles: tags keep their order, titles need not be unique, and lists have no bodies.
	{"ada", "POST", "/articles", `{"article":{"title":"Notes on the Engine","description":"How it counts","body":"Bernoulli","tagList":["engines","algebra"]}}`, 201,
		wants{"/article/slug": `"notes-on-the-engine"`, "/article/body": `"Bernoulli"`, "/article/tagList": `["engines","algebra"]`, "/article/favorited": `false`,
			"/article/favoritesCount": `0`, "/article/author/username": `"ada"`, "/article/author/following": `false`}},
	{"ada", "POST", "/articles", `{"article":{"title":"","description":"x","body":"x"}}`, 422, wants{"/errors/title/0": `"can't be blank"`}},
	{"ada", "POST", "/articles", `{"article":{"title":"x","description":"","body":"x"}}`, 422, wants{"/errors/description/0": `"can't be blank"`}},
	{"ada", "POST", "/articles", `{"article":{"title":"x","description":"x","body":""}}`, 422, wants{"/errors/body/0": `"can't be blank"`}},
	{"ada", "POST", "/articles", `{"article":{"title":"x","description":"x","body":"x","tagList":null}}`, 422, wants{"/errors/tagList/0": `"must not be null"`}},
	{"ada", "POST", "/articles", `{"article":{"title":"x","description":"x","body":"x","tagList":["a",""]}}`, 422, wants{"/errors/tagList/0": `"can't be blank"`}},
	{"bob", "POST", "/articles", `{"article":{"title":"Notes, on the: ENGINE!","description":"x","body":"x"}}`, 201, wants{"/article/tagList": `[]`}},
	{"bob", "POST", "/articles", `{"article":{"title":"Feed","description":"x","body":"x"}}`, 201, wants{"/article/author/username": `"bob"`}},
	{"", "GET", "/articles/notes-on-the-engine", "", 200, wants{"/article/title": `"Notes on the Engine"`, "/article/body": `"Bernoulli"`}},
	{"bob", "GET", "/articles/notes-on-the-engine", "", 200, wants{"/article/favorited": `false`}},
	{"", "GET", "/articles/no-such", "", 404, wants{"/errors/article/0": `"not found"`}},
	{"", "GET", "/articles", "", 200, wants{"/articlesCount": `3`, "/articles/0/title": `"Feed"`, "/articles/2/slug": `"notes-on-the-engine"`, "/articles/2/body": ""}},
	{"bob", "GET", "/articles?author=ada", "", 200, wants{"/articlesCount": `1`, "/articles/0/author/username": `"ada"`, "/articles/1": ""}},
	{"", "GET", "/articles?tag=algebra", "", 200, wants{"/articlesCount": `1`, "/articles/0/tagList": `["engines","algebra"]`}},
	{"", "GET", "/articles?limit=1", "", 200, wants{"/articlesCount": `3`, "/articles/0/title": `"Feed"`, "/articles/1": ""}},
	{"", "GET", "/articles?limit=1&offset=2", "", 200, wants{"/articlesCount": `3`, "/articles/0/slug": `"notes-on-the-engine"`, "/articles/1": ""}},
	{"", "GET", "/articles?limit=0&offset=-1", "", 422, wants{"/errors/limit/0": `"must be at least 1"`, "/errors/offset/0": `"must be at least 0"`}},
	{"", "GET", "/tags", "", 200, wants{"/tags": `["algebra","engines"]`}},

	// Only its author changes an article, and what is absent stays.
	{"bob", "PUT", "/articles/notes-on-the-engine", `{"article":{"body":"mine"}}`, 403, wants{"/errors/article/0": `"forbidden"`}},
	{"ada", "PUT", "/articles/notes-on-the-engine", `{"article":{"body":"Numbers"}}`, 200,
		wants{"/article/body": `"Numbers"`, "/article/title": `"Notes on the Engine"`, "/article/tagList": `["engines","algebra"]`, "/article/slug": `"notes-on-the-engine"`}},
	{"ada", "PUT", "/articles/notes-on-the-engine", `{"article":{"tagList":null}}`, 422, wants{"/errors/tagList/0": `"must not be null"`}},
	{"ada", "PUT", "/articles/notes-on-the-engine", `{"article":{"title":""}}`, 422, wants{"/errors/title/0": `"can't be blank"`}},
	{"ada", "PUT", "/articles/notes-on-the-engine", `{"article":{"tagList":[]}}`, 200, wants{"/article/tagList": `[]`, "/article/body": `"Numbers"`}},
	{"ada", "PUT", "/articles/notes-on-the-engine", `{"article":{"title":"Sketch"}}`, 200, wants{"/article/slug": `"sketch"`}},
	{"", "GET", "/articles/notes-on-the-engine", "", 404, wants{"/errors/article/0": `"not found"`}},
	{"ada", "PUT", "/articles/no-such", `{"article":{"body":"x"}}`, 404, wants{"/errors/article/0": `"not found"`}},

	// Favorites.
	{"bob", "POST", "/articles/sketch/favorite", "", 200, wants{"/article/favorited": `true`, "/article/favoritesCount": `1`}},
	{"bob", "POST", "/articles/sketch/favorite", "", 200, wants{"/article/favoritesCount": `1`}},
	{"", "GET", "/articles/sketch", "", 200, wants{"/article/favorited": `false`, "/article/favoritesCount": `1`}},
	{"", "GET", "/articles?favorited=bob", "", 200, wants{"/articlesCount": `1`, "/articles/0/slug": `"sketch"`}},
	{"bob", "DELETE", "/articles/sketch/favorite", "", 200, wants{"/article/favorited": `false`, "/article/favoritesCount": `0`}},
	{"bob", "POST", "/articles/no-such/favorite", "", 404, wants{"/errors/article/0": `"not found"`}},
	{"bob", "DELETE", "/articles/no-such/favorite", "", 404, wants{"/errors/article/0": `"not found"`}},

	// The feed has what those write whom one follows.
	{"bob", "GET", "/articles/feed", "", 200, wants{"/articlesCount": `0`, "/articles": `[]`}},
	{"bob", "POST", "/profiles/ada/follow", "", 200, wants{"/profile/following": `true`}},
	{"ada", "POST", "/articles", `{"article":{"title":"Second","description":"x","body":"x"}}`, 201, wants{"/article/slug": `"second"`}},
	{"bob", "GET", "/articles/feed?limit=1", "", 200, wants{"/articlesCount": `2`, "/articles/0/slug": `"second"`, "/articles/0/author/following": `true`, "/articles/1": ""}},
	{"bob", "GET", "/articles/feed?limit=1&offset=1", "", 200, wants{"/articles/0/slug": `"sketch"`, "/articles/0/body": ""}},

	// Comments.
	{"bob", "POST", "/articles/sketch/comments", `{"comment":{"body":"Splendid"}}`, 201, wants{"/comment/id": `1`, "/comment/body": `"Splendid"`, "/comment/author/username": `"bob"`}},
	{"ada", "POST", "/articles/sketch/comments", `{"comment":{"body":"Thank you"}}`, 201, wants{"/comment/id": `2`}},
	{"", "GET", "/articles/sketch/comments", "", 200, wants{"/comments/0/body": `"Splendid"`, "/comments/1/id": `2`}},
	{"bob", "GET", "/articles/sketch/comments", "", 200, wants{"/comments/1/author/following": `true`}},
	{"bob", "POST", "/articles/sketch/comments", `{"comment":{"body":""}}`, 422, wants{"/errors/body/0": `"can't be blank"`}},
	{"bob", "POST", "/articles/no-such/comments", `{"comment":{"body":"x"}}`, 404, wants{"/errors/article/0": `"not found"`}},
	{"", "GET", "/articles/no-such/comments", "", 404, wants{"/errors/article/0": `"not found"`}},
	{"bob", "DELETE", "/articles/sketch/comments/2", "", 403, wants{"/errors/comment/0": `"forbidden"`}},
	{"bob", "DELETE", "/articles/sketch/comments/99", "", 404, wants{"/errors/comment/0": `"not found"`}},
	{"bob", "DELETE", "/articles/no-such/comments/1", "", 404, wants{"/errors/article/0": `"not found"`}},
	{"bob", "DELETE", "/articles/second/comments/1", "", 404, wants{"/errors/comment/0": `"not found"`}},
	{"bob", "DELETE", "/articles/sketch/comments/1", "", 204, nil},
	{"", "GET", "/articles/sketch/comments", "", 200, wants{"/comments/0/id": `2`, "/comments/1": ""}},

	// What is removed is gone, with its comments.
	{"bob", "DELETE", "/articles/sketch", "", 403, wants{"/errors/article/0": `"forbidden"`}},
	{"ada", "DELETE", "/articles/sketch", "", 204, nil},
	{"ada", "DELETE", "/articles/sketch", "", 404, wants{"/errors/article/0": `"not found"`}},
	{"", "GET", "/articles/sketch", "", 404, wants{"/errors/article/0": `"not found"`}},
}, unsigned())

// unsigned are the requests of which each needs a token.
func unsigned() (steps []step) {
	for _, request := range []string{"GET /user", "PUT /user", "POST /profiles/ada/follow", "DELETE /profiles/ada/follow", "GET /articles/feed",
		"POST /articles", "PUT /articles/x", "DELETE /articles/x", "POST /articles/x/favorite", "DELETE /articles/x/favorite",
		"POST /articles/x/comments", "DELETE /articles/x/comments/1"} {
		method, target, _ := strings.Cut(request, " ")
		steps = append(steps, step{"", method, target, "", 401, wants{"/errors/token/0": `"is missing"`}})
	}
	return steps
}

func TestSpecification(t *testing.T) {
	api, _ := memory(t)
	j := newJudge(t, api)
	tokens := map[string]string{}
	for _, s := range steps {
		name := fmt.Sprintf("%s %s %s as %q", s.method, s.target, s.body, s.who)
		a := j.send(t, s.method, s.target, tokens[s.who], s.body)
		require.Equal(t, s.status, a.status, "%s: %s", name, a.body)
		for pointer, want := range s.want {
			require.Equal(t, want, at(t, a.body, pointer), "%s: %s in %s", name, pointer, a.body)
		}
		if s.method == "POST" && s.target == "/users" && s.status == 201 {
			tokens[strings.Trim(at(t, a.body, "/user/username"), `"`)] = strings.Trim(at(t, a.body, "/user/token"), `"`)
		}
	}
	for op := range api.Operations() {
		if !op.Hidden {
			done := []int{op.Outcomes[0].Status}
			if op.Authenticate && !op.Optional {
				done = append(done, 401)
			}
			for _, status := range append(done, op.Fails...) {
				require.True(t, j.called[fmt.Sprint(op.Method, " ", op.Path, " ", status)], "no step has %s %s answer %d", op.Method, op.Path, status)
			}
		}
	}
	t.Logf("%d requests, %d contents held against the document", len(steps), j.held)
}

// What is saved has a later time than before, and keeps the time at which it was made.
func TestTimes(t *testing.T) {
	api, store := memory(t)
	u, err := store.AddUser(t.Context(), "ada", "ada@example.com", "secret")
	require.NoError(t, err)
	token, err := Tokens{[]byte("a secret of the test"), store}.sign(u.ID)
	require.NoError(t, err)
	j := newJudge(t, api)
	made := j.send(t, "POST", "/articles", token, `{"article":{"title":"a","description":"b","body":"c"}}`).body
	saved := j.send(t, "PUT", "/articles/a", token, `{"article":{"body":"d"}}`).body
	require.Equal(t, at(t, made, "/article/createdAt"), at(t, made, "/article/updatedAt"))
	require.Equal(t, at(t, made, "/article/createdAt"), at(t, saved, "/article/createdAt"))
	require.NotEqual(t, at(t, made, "/article/updatedAt"), at(t, saved, "/article/updatedAt"))
}

// A token that is not ours is refused, whatever is wrong with it.
func TestTokens(t *testing.T) {
	api, store := memory(t)
	u, err := store.AddUser(t.Context(), "ada", "ada@example.com", "secret")
	require.NoError(t, err)
	sign := func(method jwt.SigningMethod, key any, subject string, life time.Duration) string {
		s, err := jwt.NewWithClaims(method, jwt.RegisteredClaims{Subject: subject, ExpiresAt: jwt.NewNumericDate(time.Now().Add(life))}).SignedString(key)
		require.NoError(t, err)
		return s
	}
	secret, subject := []byte("a secret of the test"), fmt.Sprint(u.ID)
	j := newJudge(t, api)
	require.Equal(t, 200, j.send(t, "GET", "/user", sign(jwt.SigningMethodHS256, secret, subject, time.Hour), "").status)
	for name, token := range map[string]string{
		"of another secret": sign(jwt.SigningMethodHS256, []byte("another"), subject, time.Hour),
		"expired":           sign(jwt.SigningMethodHS256, secret, subject, -time.Hour),
		"of nobody":         sign(jwt.SigningMethodHS256, secret, "99", time.Hour),
		"without a user":    sign(jwt.SigningMethodHS256, secret, "x", time.Hour),
		"unsigned":          sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, subject, time.Hour),
		"of another method": sign(jwt.SigningMethodHS512, secret, subject, time.Hour),
		"no token":          "x",
	} {
		for _, target := range []string{"/user", "/profiles/ada"} { // the second may be asked by nobody
			a := j.send(t, "GET", target, token, "")
			require.Equal(t, 401, a.status, name)
			require.Equal(t, `"is invalid"`, at(t, a.body, "/errors/token/0"), name)
			require.Equal(t, `Token realm="Conduit", error="invalid_token"`, a.header.Get("WWW-Authenticate"), name)
		}
	}
	require.Equal(t, 401, j.send(t, "GET", "/user", "", "", "Authorization", "Bearer x").status, "another scheme is none")
}

// Pages of any origin may call, also what a form could send.
func TestCORS(t *testing.T) {
	api, _ := memory(t)
	j := newJudge(t, api)
	preflight := j.send(t, "OPTIONS", "/articles/x", "", "", "Origin", "https://frontend.example",
		"Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "authorization")
	require.Equal(t, 204, preflight.status)
	require.Equal(t, "*", preflight.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "DELETE", preflight.header.Get("Access-Control-Allow-Methods"))
	require.Equal(t, "authorization", preflight.header.Get("Access-Control-Allow-Headers"))
	asked := j.send(t, "DELETE", "/articles/x", "", "", "Origin", "https://frontend.example", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, 401, asked.status, "not 403: %s", asked.body)
	require.Equal(t, "*", asked.header.Get("Access-Control-Allow-Origin"))
}

// What is kept in a file is there after a restart, with tokens of the same secret.
func TestProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "conduit.db")
	t.Setenv("JWT_SECRET", "a secret of the test")
	var token string
	t.Run("first", func(t *testing.T) {
		a := smoke.Start(t, "-db", file).Do(t, "POST", "/api/users", `{"user":{"username":"ada","email":"ada@example.com","password":"secret"}}`)
		require.Equal(t, 201, a.Status, a.Body)
		token = strings.Trim(at(t, a.Body, "/user/token"), `"`)
	})
	t.Run("second", func(t *testing.T) {
		program := smoke.Start(t, "-db", file)
		a := program.Do(t, "GET", "/api/user", "", "Authorization", "Token "+token)
		require.Equal(t, 200, a.Status, a.Body)
		require.Contains(t, program.Do(t, "GET", "/api/docs", "").Body, "<html")
	})
}

// The backend is short, and little of it is about other things than the specification.
func TestSize(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	lines, around := 0, 0
	for _, name := range files {
		if strings.HasPrefix(name, "store") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		n := strings.Count(string(text), "\n")
		lines += n
		if name == "around.go" {
			_, code, _ := strings.Cut(string(text), "\n)\n") // after the imports
			for line := range strings.Lines(code) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
					around++
				}
			}
		}
	}
	require.LessOrEqual(t, lines, 480)
	require.LessOrEqual(t, around, 80)
	t.Logf("%d lines, of which %d are around the rest", lines, around)
}
