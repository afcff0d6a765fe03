package typed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// signIn is how an endpoint finds out who is asking: the field of its request type with
// an auth tag.
type signIn struct {
	field    bind.Field
	optional bool // the field is a pointer
	schemes  []*scheme
	scopes   []string
}

// readAuth reads the auth tag of the request type, if it has one.
func (c *compilation) readAuth() {
	e := c.endpoint
	if e.binding == nil {
		return
	}
	fields := e.binding.Fields()
	isAuth := func(f bind.Field) bool { return f.Source == bind.Auth }
	at := slices.IndexFunc(fields, isAuth)
	if at < 0 {
		return
	}
	f := fields[at]
	if next := slices.IndexFunc(fields[at+1:], isAuth); next >= 0 {
		c.refuseField(fields[at+1+next].Path, "a second field asks who the client is, beside "+f.Path, "name all schemes that will do in one tag, auth:\"a,b\"")
	}
	in := &signIn{field: f}
	principal := f.Type
	if principal.Kind() == reflect.Pointer {
		in.optional, principal = true, principal.Elem()
	}
	for name := range strings.SplitSeq(f.Name, ",") {
		name = strings.TrimSpace(name)
		s := c.api.scheme(name)
		switch {
		case s == nil && len(c.api.schemes) == 0:
			c.refuseField(f.Path, fmt.Sprintf("the scheme %q is not known: the API has none", name), "list it in Options.Schemes, with typed.Bearer for instance (typed.HTTP and Decode have no schemes)")
		case s == nil:
			c.refuseField(f.Path, fmt.Sprintf("the scheme %q is not known", name), "list it in Options.Schemes, or write one of "+strings.Join(c.api.schemeNames(), ", "))
		case s.principal != principal:
			c.refuseField(f.Path, fmt.Sprintf("the scheme %q gives a %s", name, s.principal), fmt.Sprintf("make the field a %s, or a *%s where signing in is optional", s.principal, s.principal))
		case slices.Contains(in.schemes, s):
			c.refuseField(f.Path, fmt.Sprintf("the scheme %q is named twice", name), "name it once")
		default:
			in.schemes = append(in.schemes, s)
		}
	}
	in.scopes = strings.FieldsFunc(f.Tag.Get("scopes"), func(r rune) bool { return r == ' ' || r == ',' })
	if len(in.scopes) > 0 && !reflect.PointerTo(principal).Implements(reflect.TypeFor[scoped]()) {
		c.refuseField(f.Path, fmt.Sprintf("scopes are asked of a %s, which cannot tell whether it has them", principal), "give it a method HasScope(string) bool")
	}
	for _, tag := range []string{"validate", "default"} {
		if _, has := f.Tag.Lookup(tag); has {
			c.refuseField(f.Path, "the tag "+tag+" does nothing on a field that asks who the client is", "drop it")
		}
	}
	if c.settings.cache != nil && !c.settings.cache.BypassAuthorization {
		c.refuseField(f.Path, "a cached page is everybody's, and cannot depend on who is asking", "drop the field or the option Cache, or set Policy.BypassAuthorization")
	}
	if c.settings.cache != nil && c.settings.cache.BypassAuthorization {
		for _, s := range in.schemes {
			if s.kind == keyScheme && !(s.in == "header" && strings.EqualFold(s.key, "Authorization")) {
				c.refuseField(f.Path, fmt.Sprintf("Policy.BypassAuthorization looks at Authorization, and the scheme %q reads the %s %s", s.name, s.keyPlace(), s.key), "name only schemes that read Authorization, or drop the option Cache")
			}
		}
	}
	e.signIn = in
}

// scoped is a principal that has scopes.
type scoped interface{ HasScope(scope string) bool }

// asked is the signIn as the document has it.
func (in *signIn) asked() []SecurityRequirement {
	var asked []SecurityRequirement
	for _, s := range in.schemes {
		asked = append(asked, SecurityRequirement{Scheme: s.name, Scopes: in.scopes})
	}
	return asked
}

// readsCookie reports whether a browser sends a credential by itself.
func (in *signIn) readsCookie() bool {
	return in != nil && slices.ContainsFunc(in.schemes, func(s *scheme) bool { return s.in == "cookie" || s.kind == funcScheme })
}

// authenticate finds out who is asking and stores it in the field of in, a *Req.
func (b *base) authenticate(ex wire.Exchange, in any) error {
	e := b.endpoint
	field := reflect.ValueOf(in).Elem().FieldByIndex(e.signIn.field.Index)
	var who any // a *P; nil: nobody
	var failure credentialFailure
	var err error
	if id := e.askedBefore(ex); id != nil {
		who, failure, err = id.ask()
		if who != nil && !e.signIn.optional {
			field.Set(reflect.ValueOf(who).Elem())
		}
	} else {
		var dst any
		if !e.signIn.optional {
			dst = field.Addr().Interface()
		}
		who, failure, err = b.identify(ex, dst)
	}
	if err == nil && failure.status == 0 && who == nil && !e.signIn.optional {
		err = errNobody
	}
	if err != nil || failure.status != 0 {
		return b.refuseCredential(ex, failure, err)
	}
	if who != nil && e.signIn.optional {
		field.Set(reflect.ValueOf(who))
	}
	b.signed().who = who
	return nil
}

// askedBefore is who is asking where middleware has asked already; nil where none has.
func (e *endpoint) askedBefore(ex wire.Exchange) *identity {
	if e.chain == nil && e.api.chain == nil {
		return nil // and the contexts of a server need not be searched
	}
	if id, ok := ex.Context().Value(identityKey{}).(*identity); ok && id.endpoint == e && id.asked.Load() {
		return id
	}
	return nil
}

// errNobody guards against letting in a request that nobody vouches for.
var errNobody = errors.New("no scheme has said who is asking")

// credentialFailure is why a request is not let in.
type credentialFailure struct {
	status int     // 401 or 403; 0: it is let in, or an error says more
	scheme *scheme // that found the credential; nil: none did
	detail string
}

// identify asks the schemes in turn. The first that finds a credential decides. who is a
// *P: dst unless that is nil; it is nil for nobody.
func (b *base) identify(req wire.Request, dst any) (who any, f credentialFailure, err error) {
	in := b.endpoint.signIn
	for _, s := range in.schemes {
		credential, found, err := s.find(req)
		if err != nil {
			return nil, credentialFailure{http.StatusUnauthorized, s, "The credentials are " + err.Error() + "."}, nil //nolint:nilerr // what is wrong with a credential is the client's, and told
		}
		if !found {
			continue
		}
		if dst == nil {
			dst = s.verifier.room()
		}
		found, err = b.verify(s, credential, req, dst)
		if err != nil {
			return nil, credentialFailure{scheme: s}, err
		}
		if !found {
			continue
		}
		for _, scope := range in.scopes {
			if !dst.(scoped).HasScope(scope) {
				return nil, credentialFailure{http.StatusForbidden, s, "The credentials do not allow this: the scope " + strings.Join(in.scopes, " ") + " is needed."}, nil
			}
		}
		return dst, credentialFailure{}, nil
	}
	if in.optional {
		return nil, credentialFailure{}, nil
	}
	return nil, credentialFailure{http.StatusUnauthorized, nil, "The request has no credentials: send those that WWW-Authenticate asks for."}, nil
}

// verify calls the verify function of a scheme, within the time that the API has set. One
// that is left behind when its time is over must not see req any more, which belongs to
// the pipeline.
func (b *base) verify(s *scheme, credential string, req wire.Request, dst any) (found bool, err error) {
	var r *http.Request
	if s.kind == funcScheme {
		r = req.HTTPRequest()
	}
	timeout := b.endpoint.api.timeout
	if timeout == 0 {
		return s.verifier.verify(b, credential, r, dst)
	}
	ctx, cancel := context.WithTimeout(b, timeout)
	defer cancel()
	result := new(bool)
	_, err = b.await(timeout, func() (a Answer, err error) {
		*result, err = s.verifier.verify(ctx, credential, r, dst)
		return a, err
	})
	if err != nil {
		return false, err // and result may still be written
	}
	return *result, nil
}

// refuseCredential answers with 401, 403, or what verify said.
func (b *base) refuseCredential(ex wire.Exchange, f credentialFailure, err error) error {
	in := b.endpoint.signIn
	if err != nil {
		p, ok := errors.AsType[*respond.Problem](err)
		if !ok || p == nil || isPanic(err) || p.Status < 400 || p.Status > 499 {
			return err
		}
		if p.Status == http.StatusUnauthorized {
			in.challenge(ex, f.scheme)
		}
		return &refused{p}
	}
	if f.status == http.StatusForbidden {
		ex.AddHeader("Www-Authenticate", f.scheme.challenge+`, error="insufficient_scope", scope="`+strings.Join(in.scopes, " ")+`"`)
		return &refused{respond.Forbidden("%s", f.detail)}
	}
	in.challenge(ex, f.scheme)
	return &refused{respond.Unauthorized("%s", f.detail)}
}

// challenge asks for credentials in each of the endpoint's schemes (RFC 9110, 11.6.1).
// failed is the scheme whose credential was refused, if any; a bearer token is then
// called invalid (RFC 6750, 3.1).
func (in *signIn) challenge(ex wire.Exchange, failed *scheme) {
	for _, s := range in.schemes {
		text := s.challenge
		if s == failed && s.kind == bearerScheme {
			text += `, error="invalid_token"`
		}
		ex.AddHeader("Www-Authenticate", text)
	}
}

// Principal returns who is asking, as the auth field of the endpoint has it: for
// middleware, and for code that does not get the request. ok is false where the endpoint
// has no such field, its type is not a P, and where nobody signed in.
//
// Middleware may ask before the endpoint's turn: then the verify function runs at once,
// and not again. A failure is false there; the endpoint answers it. Middleware around a
// whole API can ask, since an API finds the endpoint first; what stands outside of the
// API cannot.
func Principal[P any](ctx context.Context) (who P, ok bool) {
	if p, is := principalOf(ctx).(*P); is && p != nil {
		return *p, true
	}
	return who, false
}

func principalOf(ctx context.Context) any {
	if b := baseOf(ctx); b != nil {
		if s := b.signed(); s != nil {
			return s.who
		}
		return nil
	}
	if id, ok := ctx.Value(identityKey{}).(*identity); ok {
		if who, failure, err := id.ask(); err == nil && failure.status == 0 {
			return who
		}
	}
	return nil
}

// identity is who is asking, for middleware that wants to know before the endpoint does.
// It is the context of the request that the middleware gets.
type identity struct {
	context.Context
	endpoint *endpoint
	request  *http.Request

	once    sync.Once
	asked   atomic.Bool
	who     any // *P; nil: nobody
	failure credentialFailure
	err     error
}

type identityKey struct{}

func (id *identity) Value(key any) any {
	switch key.(type) {
	case identityKey:
		return id
	case operationKey:
		return &id.endpoint.operation
	}
	return id.Context.Value(key)
}

// ask finds out, once.
func (id *identity) ask() (who any, f credentialFailure, err error) {
	id.once.Do(func() {
		id.asked.Store(true)
		id.err = errNobody // should verify panic
		b := &base{endpoint: id.endpoint, carried: netRequest{id.request}}
		id.who, id.failure, id.err = b.identify(&wire.NetHTTP{R: id.request}, nil)
	})
	return id.who, id.failure, id.err
}

// identified gives a request that goes to middleware of an endpoint with an auth field
// the means to answer [Principal].
func identified(req *http.Request, e *endpoint) *http.Request {
	if e == nil || e.signIn == nil {
		return req
	}
	if id, ok := req.Context().Value(identityKey{}).(*identity); ok && id.endpoint == e {
		return req
	}
	return req.WithContext(&identity{Context: req.Context(), endpoint: e, request: req})
}

// scheme is the scheme of a name; nil: there is none.
func (a *API) scheme(name string) *scheme {
	for _, s := range a.schemes {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (a *API) schemeNames() []string {
	names := make([]string, len(a.schemes))
	for i, s := range a.schemes {
		names[i] = s.name
	}
	return names
}

// addSchemes checks the schemes of an API and keeps them; New panics with what is wrong.
func (a *API) addSchemes(schemes []Scheme) {
	for _, scheme := range schemes {
		if scheme.s == nil {
			panic("typed: Options.Schemes has a zero Scheme: make one with Bearer, Basic, APIKey or SchemeFunc")
		}
		s := *scheme.s // which several APIs may use
		if faults := s.check(a.title); len(faults) > 0 {
			panic(fmt.Sprintf("typed: the scheme %q: %s", s.name, strings.Join(faults, fmt.Sprintf("\ntyped: the scheme %q: ", s.name))))
		}
		if a.scheme(s.name) != nil {
			panic(fmt.Sprintf("typed: Options.Schemes has %q twice: give one of them another name", s.name))
		}
		a.schemes = append(a.schemes, &s)
	}
}
