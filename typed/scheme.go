package typed

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/textproto"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// Scheme is a way in which a client shows who it is, and what becomes of it: a function
// verifies the credential and gives the principal, a P. [Options.Schemes] lists the
// schemes of an API; a request type asks for one by the tag auth:"name" on a field of
// type P, or *P where signing in is optional. Make one with [Bearer], [Basic], [APIKey]
// or [SchemeFunc]; New refuses the zero Scheme.
//
// A verify function runs once for each request, before parameters and body are read. It
// may be called from several goroutines at once. Its ctx is the handler's, with
// [Options.Timeout] if there is one. A [respond.Problem] that it returns is the answer
// (a 401 gets a WWW-Authenticate field); any other error is a 500 that is reported and
// not shown: a database that is down does not tell a client that its token is wrong. It
// is not called for a request without a credential.
type Scheme struct{ s *scheme }

// scheme is a Scheme whose P is forgotten.
type scheme struct {
	name      string
	kind      schemeKind
	in, key   string // of an API key: header, query or cookie, and its name there
	prefix    string // of the Authorization field
	realm     string // "": the API's title
	described *openapi.SecurityScheme
	verifier  verifier
	missing   bool         // the verify function is nil
	principal reflect.Type // P
	faults    []string     // what is wrong with its declaration
	challenge string       // its WWW-Authenticate, without an error
}

// keyPlace names where an API key stands.
func (s *scheme) keyPlace() string {
	if s.in == "query" {
		return "query parameter"
	}
	return s.in
}

type schemeKind uint8

const (
	bearerScheme schemeKind = iota
	basicScheme
	keyScheme
	funcScheme
)

// verifier is a verify function whose type is forgotten.
type verifier interface {
	// verify stores the principal in dst, a *P. found is false where there was no
	// credential, which only a SchemeFunc finds out by itself: it alone is given r.
	verify(ctx context.Context, credential string, r *http.Request, dst any) (found bool, err error)
	// room is a new *P.
	room() any
}

// verify is a [verifier] for principals of type P.
type verify[P any] func(ctx context.Context, credential string, r *http.Request) (who P, found bool, err error)

func (v verify[P]) verify(ctx context.Context, credential string, r *http.Request, dst any) (bool, error) {
	who, found, err := v(ctx, credential, r)
	if err == nil && found {
		*dst.(*P) = who
	}
	return found, err
}
func (v verify[P]) room() any { return new(P) }

// ofToken verifies what is one text.
func ofToken[P any](f func(context.Context, string) (P, error)) verify[P] {
	return func(ctx context.Context, credential string, _ *http.Request) (P, bool, error) {
		who, err := f(ctx, credential)
		return who, true, err
	}
}

// Bearer is the scheme of RFC 6750: Authorization: Bearer, and a token of the letters,
// digits and marks that it allows (its section 2.1), which verify gets. Another scheme
// in Authorization is no credential. Two Authorization fields, and a token of other
// characters, are 401.
func Bearer[P any](name string, verify func(ctx context.Context, token string) (P, error), opts ...SchemeOption) Scheme {
	return newScheme(scheme{name: name, kind: bearerScheme, prefix: "Bearer", missing: verify == nil, principal: reflect.TypeFor[P](), verifier: ofToken(verify)}, opts)
}

// Basic is the scheme of RFC 7617: a user, which has no colon, and a password, both in
// UTF-8. What is not base64 of such a pair is 401. It is for connections under TLS.
func Basic[P any](name string, verify func(ctx context.Context, user, password string) (P, error), opts ...SchemeOption) Scheme {
	pair := ofToken(func(ctx context.Context, credential string) (P, error) {
		user, password, _ := strings.Cut(credential, ":")
		return verify(ctx, user, password)
	})
	return newScheme(scheme{name: name, kind: basicScheme, prefix: "Basic", missing: verify == nil, principal: reflect.TypeFor[P](), verifier: pair}, opts)
}

// APIKey is a key in a header field, a query parameter or a cookie: in is "header",
// "query" or "cookie", and key its name there. A key that is given twice in a header or
// query is 401; of two cookies the first counts (RFC 6265). A key in the query is warned
// about, because logs and Referer fields keep it. [Keys] makes a verify function.
func APIKey[P any](name, in, key string, verify func(ctx context.Context, key string) (P, error), opts ...SchemeOption) Scheme {
	return newScheme(scheme{name: name, kind: keyScheme, in: in, key: key, missing: verify == nil, principal: reflect.TypeFor[P](), verifier: ofToken(verify)}, opts)
}

// SchemeFunc is any other scheme: f looks for the credential and verifies it. found is
// false where the request has none. It needs [Describe] for the document, and under a
// router that is not built on net/http the request is converted for it.
func SchemeFunc[P any](name string, f func(ctx context.Context, r *http.Request) (who P, found bool, err error), opts ...SchemeOption) Scheme {
	own := verify[P](func(ctx context.Context, _ string, r *http.Request) (P, bool, error) { return f(ctx, r) })
	return newScheme(scheme{name: name, kind: funcScheme, missing: f == nil, principal: reflect.TypeFor[P](), verifier: own}, opts)
}

// SchemeOption says one thing about a [Scheme].
type SchemeOption interface{ applyScheme(*scheme) }

type schemeOption func(*scheme)

func (o schemeOption) applyScheme(s *scheme) { o(s) }

// Realm names what the credentials are for, in WWW-Authenticate (RFC 9110, 11.5). Without it
// the title of the API does, or "api" where that is not ASCII. A text that is not ASCII is refused.
func Realm(text string) SchemeOption { return schemeOption(func(s *scheme) { s.realm = text }) }

// Prefix has a [Bearer] read Authorization: Token … instead. The document calls such a
// scheme an API key in Authorization, since it is none of HTTP's own.
func Prefix(word string) SchemeOption {
	return schemeOption(func(s *scheme) {
		if s.kind != bearerScheme || !syntax.IsToken(word) {
			s.faults = append(s.faults, fmt.Sprintf("Prefix(%q) is for Bearer and names one word: write typed.Prefix(\"Token\")", word))
			return
		}
		s.prefix = word
	})
}

// Describe is what the document says of the scheme in place of what the kind of the
// scheme says: for OAuth2, OpenID Connect and every [SchemeFunc].
func Describe(description openapi.SecurityScheme) SchemeOption {
	return schemeOption(func(s *scheme) { s.described = &description })
}

func newScheme(s scheme, opts []SchemeOption) Scheme {
	for _, o := range opts {
		if o != nil {
			o.applyScheme(&s)
		}
	}
	return Scheme{&s}
}

// Keys makes the verify function of an [APIKey] or [Bearer] from a list of keys and who
// has them. Keys are compared by their SHA-256 sums, all of them and in constant time. A
// key that is not in the list is 401. The map may be changed afterwards: it is copied.
func Keys[P any](owners map[string]P) func(ctx context.Context, key string) (P, error) {
	type entry struct {
		sum   [sha256.Size]byte
		owner P
	}
	entries := make([]entry, 0, len(owners))
	for key, owner := range owners {
		entries = append(entries, entry{sha256.Sum256([]byte(key)), owner})
	}
	return func(_ context.Context, key string) (P, error) {
		sum, found := sha256.Sum256([]byte(key)), -1
		for i := range entries {
			same := subtle.ConstantTimeCompare(sum[:], entries[i].sum[:])
			found = subtle.ConstantTimeSelect(same, i, found)
		}
		if found < 0 {
			var nobody P
			return nobody, respond.Unauthorized("The key is not known.")
		}
		return entries[found].owner, nil
	}
}

// check completes the scheme with what only the API knows, and says what is wrong with it.
func (s *scheme) check(title string) []string {
	faults := s.faults
	refuse := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if s.name == "" {
		refuse("it has no name: give the one that auth tags and the document use")
	}
	if s.principal.Kind() == reflect.Pointer {
		refuse("its verify function gives a pointer, %s: give %s itself; a field of type %s makes signing in optional", s.principal, s.principal.Elem(), s.principal)
	}
	if s.missing {
		refuse("its verify function is nil: pass one")
	}
	if s.kind == keyScheme {
		switch {
		case s.in != "header" && s.in != "query" && s.in != "cookie":
			refuse(`it looks for its key in %q: say "header", "query" or "cookie"`, s.in)
		case s.key == "" || s.in != "query" && !syntax.IsToken(s.key):
			refuse("%q cannot be the name of a %s: use letters, digits and hyphens", s.key, s.in)
		case s.in == "query":
			slog.Warn("typed: a key in the query ends up in logs and Referer fields: use a header", "scheme", s.name, "parameter", s.key)
		}
		if s.in == "header" {
			s.key = textproto.CanonicalMIMEHeaderKey(s.key)
		}
	}
	if s.kind == funcScheme && s.described == nil {
		refuse("the document cannot tell what a SchemeFunc looks for: add typed.Describe")
	}
	beyondASCII := func(text string) bool {
		return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
	}
	switch {
	case beyondASCII(s.realm):
		refuse("its realm %q has a character that not every client reads: write it in ASCII", s.realm)
	case s.realm == "" && beyondASCII(title):
		s.realm = "api"
	case s.realm == "":
		s.realm = title
	}
	s.challenge = s.challengeName() + ` realm="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.realm) + `"`
	if s.kind == basicScheme {
		s.challenge += `, charset="UTF-8"`
	}
	return faults
}

// challengeName is what WWW-Authenticate calls the scheme. HTTP has no name for keys; the
// field must not be missing from a 401 (RFC 9110, 11.6.1).
func (s *scheme) challengeName() string {
	if s.prefix != "" {
		return s.prefix
	}
	return "ApiKey"
}

// describe is the scheme in the document.
func (s *scheme) describe() *openapi.SecurityScheme {
	switch {
	case s.described != nil:
		described := *s.described
		return &described
	case s.kind == keyScheme:
		return &openapi.SecurityScheme{Type: "apiKey", In: s.in, Name: s.key}
	case s.kind == basicScheme:
		return &openapi.SecurityScheme{Type: "http", Scheme: "basic"}
	case !strings.EqualFold(s.prefix, "Bearer"):
		return &openapi.SecurityScheme{Type: "apiKey", In: "header", Name: "Authorization",
			Description: "Send `Authorization: " + s.prefix + " ` and the token."}
	default:
		return &openapi.SecurityScheme{Type: "http", Scheme: "bearer"}
	}
}

var (
	errTwice     = errors.New("given twice")
	errMalformed = errors.New("malformed")
)

// find returns the credential of a request; it is not found where there is none. The
// error says that there is one which cannot be right.
func (s *scheme) find(req wire.Request) (credential string, found bool, err error) {
	switch {
	case s.kind == funcScheme:
		return "", true, nil // it finds out itself
	case s.prefix != "":
		credential, found, err = s.fromAuthorization(req.Header("Authorization"))
	case s.in == "header":
		credential, found, err = one(req.Header(s.key))
	case s.in == "query":
		credential, found, err = fromQuery(req.RawQuery(), s.key)
	default:
		credential, found = fromCookies(req.Header("Cookie"), s.key)
	}
	if found && err == nil && s.kind != bearerScheme && !isText(credential) { // a token has less
		err = errMalformed
	}
	return credential, found, err
}

// isText reports whether s is UTF-8 without control characters.
func isText(s string) bool {
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	return ascii || !strings.ContainsRune(s, utf8.RuneError)
}

func one(lines []string) (string, bool, error) {
	switch {
	case len(lines) > 1:
		return "", true, errTwice
	case len(lines) == 0 || lines[0] == "":
		return "", false, nil
	default:
		return lines[0], true, nil
	}
}

func (s *scheme) fromAuthorization(lines []string) (string, bool, error) {
	text, found, err := one(lines)
	if !found || err != nil {
		return "", found, err
	}
	n := len(s.prefix)
	if len(text) <= n || text[n] != ' ' || text[:n] != s.prefix && !strings.EqualFold(text[:n], s.prefix) {
		return "", false, nil
	}
	rest := syntax.Trim(text[n:])
	if rest == "" {
		return "", false, nil
	}
	if s.kind == bearerScheme {
		if !isToken68(rest) {
			return "", true, errMalformed
		}
		return rest, true, nil
	}
	pair, err := base64.StdEncoding.DecodeString(rest)
	if err != nil || !strings.Contains(string(pair), ":") {
		return "", true, errMalformed
	}
	return string(pair), true, nil
}

// isToken68 is the b64token of RFC 6750, 2.1.
func isToken68(s string) bool {
	s = strings.TrimRight(s, "=")
	allowed := byte(1)
	for i := range len(s) { // without a branch: letters are random, and this is done for each request
		allowed &= token68[s[i]]
	}
	return s != "" && allowed == 1
}

// token68 has 1 for each character of a token.
var token68 = func() (allowed [256]byte) {
	for _, c := range []byte("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		allowed[c] = 1
	}
	return allowed
}()

func fromQuery(query, key string) (value string, found bool, err error) {
	for pair := range strings.SplitSeq(query, "&") {
		name, text, _ := strings.Cut(pair, "=")
		if name, nerr := url.QueryUnescape(name); nerr != nil || name != key {
			continue
		}
		if found {
			return "", true, errTwice
		}
		if value, err = url.QueryUnescape(text); err != nil {
			return "", true, errMalformed
		}
		found = value != ""
	}
	return value, found, nil
}

func fromCookies(lines []string, key string) (string, bool) {
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(syntax.Trim(pair), "=")
			if name != key {
				continue
			}
			if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			return value, value != ""
		}
	}
	return "", false
}
