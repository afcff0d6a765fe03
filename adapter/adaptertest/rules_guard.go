package adaptertest

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// guardSchemes are schemes of every kind and every place of a credential.
func guardSchemes() []typed.Scheme {
	return append(visitorSchemes(),
		typed.Bearer("legacy", verifyVisitor, typed.Prefix("Token")),
		typed.APIKey("query", "query", "key", verifyVisitor),
		typed.SchemeFunc("func", func(ctx context.Context, r *http.Request) (visitor, bool, error) {
			name := r.Header.Get("X-Func")
			if name == "" {
				return visitor{}, false, nil
			}
			who, err := verifyVisitor(ctx, name)
			return who, true, err
		}, typed.Describe(openapi.SecurityScheme{Type: "http", Scheme: "custom"})))
}

// guarded handles an endpoint with a field of the request type Req, whose handler says
// who is asking. A principal that no verify function has made has no name.
func guarded[Req any](api *typed.API, path string, who func(Req) *visitor) {
	for _, method := range []string{"GET", "POST"} {
		typed.Handle(api, method+" "+path, typed.Func(func(_ context.Context, in Req) (seen, error) {
			if v := who(in); v != nil {
				return seen{"who": v.Name}, nil
			}
			return seen{"who": "nobody"}, nil
		}))
	}
}

// guards are the endpoints, by the list of schemes that they ask for.
var guards = []struct {
	schemes  string
	optional bool
	handle   func(api *typed.API, path string)
}{
	{"token", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"token"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"basic", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"basic"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"key", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"key"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"session", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"session"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"legacy", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"legacy"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"query", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"query"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"func", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"func"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"key,query", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"key,query"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"func,session,legacy,basic,token", false, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me visitor `auth:"func,session,legacy,basic,token"`
		}) *visitor {
			return &in.Me
		})
	}},
	{"token,key,session", true, func(a *typed.API, p string) {
		guarded(a, p, func(in struct {
			Me *visitor `auth:"token,key,session"`
		}) *visitor {
			return in.Me
		})
	}},
}

func guardAPI() *typed.API {
	api := typed.New("Guards", "1", &typed.Options{OnError: ignore, Schemes: guardSchemes()})
	for i, g := range guards {
		g.handle(api, fmt.Sprint("/guard/", i))
	}
	return api
}

// shown is what a request shows of one scheme: who the credential is of, "" where there is
// none, and "eve" where it is wrong.
type shown map[string]string

// drawCredentials draws a request's credentials.
func drawCredentials(rng *rand.Rand) (header []string, target string, s shown) {
	s = shown{}
	name := func() string { return []string{"ada", "bob", "eve"}[rng.IntN(3)] }
	if rng.IntN(3) == 0 {
		s["key"] = name()
		header = append(header, "X-Key: "+s["key"])
	}
	if rng.IntN(3) == 0 {
		s["session"] = name()
		header = append(header, "Cookie: a=b; sid="+s["session"])
	}
	if rng.IntN(3) == 0 {
		s["func"] = name()
		header = append(header, "X-Func: "+s["func"])
	}
	if rng.IntN(3) == 0 {
		s["query"] = name()
		target = "?key=" + s["query"]
	}
	who := name()
	switch rng.IntN(8) {
	case 0:
		s["token"] = who
		header = append(header, "Authorization: Bearer "+who)
	case 1:
		s["basic"] = who
		header = append(header, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(who+":x")))
	case 2:
		s["legacy"] = who
		header = append(header, "Authorization: token "+who)
	case 3:
		s["token"] = "eve"
		header = append(header, "Authorization: Bearer ada,bob")
	case 4:
		s["basic"] = "eve"
		header = append(header, "Authorization: Basic ada")
	case 5:
		header = append(header, "Authorization: "+[]string{"Digest x", "Bearer", "ada", ""}[rng.IntN(4)])
	}
	return header, target, s
}

// decide is the rule: the first scheme of the list that finds a credential decides.
func decide(schemes string, optional bool, s shown) (status int, who string) {
	for _, name := range strings.Split(schemes, ",") {
		switch s[name] {
		case "":
		case "eve":
			return http.StatusUnauthorized, ""
		default:
			return http.StatusOK, s[name]
		}
	}
	if optional {
		return http.StatusOK, "nobody"
	}
	return http.StatusUnauthorized, ""
}

// guardRules is that no handler with a principal runs without one.
func guardRules() []rule {
	return []rule{{"auth/no guard is forgotten", "An endpoint with a principal runs with the one that its schemes give, and never without.", func(b *bench) error {
		router, _ := b.start(guardAPI)
		rng, requests, let := rand.New(rand.NewPCG(1, 2)), 100, 0
		if os.Getenv("APIROUTES_PROOF") == "1" {
			requests *= 100
		}
		for range requests {
			i := rng.IntN(len(guards))
			header, query, s := drawCredentials(rng)
			method := []string{http.MethodGet, http.MethodPost}[rng.IntN(2)]
			q := send(method, fmt.Sprint("/guard/", i, query), "", header...)
			got, err := router.send(q)
			if err != nil {
				return err
			}
			status, who := decide(guards[i].schemes, guards[i].optional, s)
			w := wish{status: status}
			if status == http.StatusOK {
				w.body = said("who", who)
				let++
			}
			if err := w.check(q, got); err != nil {
				return fmt.Errorf("%s (optional: %t): %w", guards[i].schemes, guards[i].optional, err)
			}
		}
		b.t.Logf("%d requests, of which %d signed in", requests, let)
		return nil
	}}}
}
