package adaptertest

import (
	"context"
	"slices"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// visitor is who is asking.
type visitor struct {
	Name   string `json:"name" validate:"min=99"` // a rule that does not judge who is asking
	Scopes []string
}

func (v visitor) HasScope(scope string) bool { return slices.Contains(v.Scopes, scope) }

func verifyVisitor(_ context.Context, credential string) (visitor, error) {
	switch credential {
	case "ada":
		return visitor{Name: "ada", Scopes: []string{"write"}}, nil
	case "bob":
		return visitor{Name: "bob"}, nil
	case "down":
		return visitor{}, errSecret
	case "panic":
		panic("verify panics")
	}
	return visitor{}, respond.Unauthorized("Not valid.")
}

func visitorSchemes() []typed.Scheme {
	return []typed.Scheme{
		typed.Bearer("token", verifyVisitor),
		typed.Basic("basic", func(ctx context.Context, user, _ string) (visitor, error) { return verifyVisitor(ctx, user) }),
		typed.APIKey("key", "header", "X-Key", verifyVisitor),
		typed.APIKey("session", "cookie", "sid", verifyVisitor),
	}
}

func handleAuth(api *typed.API) {
	typed.Handle(api, "GET /auth/any/{n}", typed.Func(func(_ context.Context, in struct {
		Me visitor `auth:"token,basic,key"`
		N  int     `path:"n"`
	}) (seen, error) {
		return seen{"who": in.Me.Name}, nil
	}))
	typed.Handle(api, "GET /auth/optional", typed.Func(func(ctx context.Context, in struct {
		Me *visitor `auth:"token"`
	}) (seen, error) {
		if who, ok := typed.Principal[visitor](ctx); ok && in.Me != nil && who.Name == in.Me.Name {
			return seen{"who": in.Me.Name}, nil
		}
		return seen{"who": "nobody"}, nil
	}))
	typed.Handle(api, "POST /auth/scope", typed.Func(func(_ context.Context, in struct {
		Me   visitor `auth:"token" scopes:"write"`
		Body []byte  `body:""`
	}) (seen, error) {
		return seen{"who": in.Me.Name}, nil
	}))
	typed.Handle(api, "POST /auth/cookie", typed.Func(func(_ context.Context, in struct {
		Me visitor `auth:"session"`
	}) (seen, error) {
		return seen{"who": in.Me.Name}, nil
	}))
}

// signingIn is who is asking, as a field of the request type says.
func signingIn() []rule {
	ok := func(name string) wish { return wish{200, []string{jsonType}, said("who", name)} }
	no := func(status int, challenges ...string) wish {
		header := []string{errorType}
		for _, c := range challenges {
			header = append(header, "Www-Authenticate: "+c)
		}
		return wish{status, header, ""}
	}
	const bearer = `Bearer realm="Suite"`
	return append([]rule{
		ask("auth/bearer", "A token is verified and the principal bound.", get("/auth/any/1", "Authorization: Bearer ada"), ok("ada")),
		ask("auth/basic", "So are a user and a password.", get("/auth/any/1", "Authorization: Basic YWRhOng="), ok("ada")),
		ask("auth/key", "So is a key in a header field.", get("/auth/any/1", "X-Key: bob"), ok("bob")),
		ask("auth/first", "The first scheme of the tag that finds a credential decides.", get("/auth/any/1", "X-Key: bob", "Authorization: Bearer ada"), ok("ada")),
		ask("auth/none", "Without a credential the answer is 401, with a challenge.", get("/auth/any/1"), no(401, bearer)),
		ask("auth/foreign", "Another scheme in Authorization is no credential.", get("/auth/any/1", "Authorization: Digest x"), no(401, bearer)),
		ask("auth/wrong", "A token that is refused is called invalid (RFC 6750, 3.1).", get("/auth/any/1", "Authorization: Bearer eve"), no(401, bearer+`, error="invalid_token"`)),
		ask("auth/two lines", "Two Authorization fields are 401.", get("/auth/any/1", "Authorization: Bearer ada", "Authorization: Bearer ada"), no(401)),
		ask("auth/malformed", "A token of other characters than RFC 6750 allows is 401.", get("/auth/any/1", "Authorization: Bearer a,b"), no(401)),
		ask("auth/before parameters", "Strangers learn nothing of the parameters.", get("/auth/any/x"), no(401)),
		ask("auth/parameters", "Parameters are judged after it.", get("/auth/any/x", "Authorization: Bearer ada"), no(422)),
		ask("auth/error", "An error that is no problem is a 500 that does not show it.", get("/auth/any/1", "Authorization: Bearer down"), no(500)),
		ask("auth/panic", "So is a panic.", get("/auth/any/1", "Authorization: Bearer panic"), no(500)),
		ask("auth/optional", "A pointer makes signing in optional.", get("/auth/optional"), ok("nobody")),
		ask("auth/optional, somebody", "Who signs in is bound, and known to typed.Principal.", get("/auth/optional", "Authorization: Bearer bob"), ok("bob")),
		ask("auth/optional, wrong", "A wrong credential is 401 there too.", get("/auth/optional", "Authorization: Bearer eve"), no(401)),
		ask("auth/scope", "A principal with the scope may.", send("POST", "/auth/scope", "x", "Authorization: Bearer ada", "Content-Type: text/plain"), ok("ada")),
		ask("auth/no scope", "One without it gets 403.", send("POST", "/auth/scope", "x", "Authorization: Bearer bob", "Content-Type: text/plain"), no(403, bearer+`, error="insufficient_scope", scope="write"`)),
		ask("auth/cookie", "A session in a cookie is a credential.", send("POST", "/auth/cookie", "", "Cookie: sid=ada"), ok("ada")),
		ask("auth/cookie from elsewhere", "It does not work for pages of other origins.", send("POST", "/auth/cookie", "", "Cookie: sid=ada", "Sec-Fetch-Site: cross-site"), no(403)),
	}, guardRules()...)
}
