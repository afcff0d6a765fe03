package mcpadapter

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// DefaultMaxResult is the limit of a result where [Bridge] sets none: 256 KiB.
const DefaultMaxResult = 256 << 10

// Bridge says how the tools of a server call an API. The zero value is for tools that ask
// nobody who they are. It must not be changed after Add; its functions are called from
// several goroutines at once.
type Bridge struct {
	// Credentials gives the request that calls an endpoint what the session of the client
	// has: from.GetExtra() knows the header and the verified token of streamable HTTP, a
	// server on stdio has its environment. It sets Authorization, a key or a cookie in
	// to.Header, and nothing else has to be set. A [respond.Problem] that it returns is an
	// error of the tool; any other error is logged, and the model is told that the server
	// failed. A credential of the session that was made for another audience must not be
	// passed on. nil: endpoints that need to know who is asking are refused.
	Credentials func(ctx context.Context, from mcp.Request, to *http.Request) error

	// Visible reports whether a caller sees a tool. One that it does not see cannot be called
	// either. nil: every tool. In any case a caller does not see a tool whose endpoint would
	// refuse its credentials: the schemes of the API are asked, scopes included, once for each
	// tool and list; of scopes that only the document knows, the token of the session is.
	Visible func(ctx context.Context, from mcp.Request, tool string) bool

	// MaxResult limits the content of an answer in bytes, inclusive. A longer one is an error
	// of the tool. A result holds its JSON twice, structured and as text. 0: 256 KiB.
	MaxResult int

	// Docs are the options of the document that schemas are taken from, for types that only
	// Options.Types describes. nil: those of docs.Mount, if it was called before.
	Docs *docs.Options
}

// Add adds tools to a server by the zero [Bridge].
func Add(server *mcp.Server, api *typed.API, tools ...Tool) { new(Bridge).Add(server, api, tools...) }

// Add adds tools to a server, which call endpoints of api. Call it after the endpoints are
// handled and before the server serves. It panics with all that is wrong, a line each:
// "mcpadapter: tool get_user: GET /users/{id}: what is wrong: what to write instead". A tool
// that the server has under the same name from elsewhere is replaced, as mcp.Server.AddTool
// does.
func (b *Bridge) Add(server *mcp.Server, api *typed.API, tools ...Tool) {
	if server == nil || api == nil {
		panic("mcpadapter: Add was given a nil server or API: make them with mcp.NewServer and typed.New")
	}
	c := &compiler{bridge: b, api: api}
	var faults []string
	added := map[string]*tool{}
	var ready []*tool
	for _, t := range tools {
		made, wrong := c.compile(t)
		where := "mcpadapter: tool " + cmp.Or(t.name, `""`) + ": "
		if made.operation != nil {
			where += made.operation.Method + " " + made.operation.Path + ": "
		}
		if added[t.name] != nil {
			wrong = append(wrong, fault.Fault{Problem: "another tool has this name", Fix: "give each a name of its own"})
		}
		for _, f := range wrong {
			faults = append(faults, where+f.String())
		}
		added[t.name] = made
		ready = append(ready, made)
	}
	if len(faults) > 0 {
		panic(strings.Join(faults, "\n"))
	}
	for _, t := range ready {
		server.AddTool(t.definition, t.call)
	}
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			result, err := next(ctx, method, req)
			if list, ok := result.(*mcp.ListToolsResult); ok && err == nil {
				show(ctx, req, list, added)
			}
			return result, err
		}
	})
}

// show takes out of a list what the caller may not call. What is left depends on who
// asks, so no cache may give it to others.
func show(ctx context.Context, from mcp.Request, list *mcp.ListToolsResult, added map[string]*tool) {
	list.Tools = slices.DeleteFunc(list.Tools, func(listed *mcp.Tool) bool {
		t := added[listed.Name]
		if t == nil || t.definition != listed {
			return false
		}
		if t.bridge.Visible != nil || t.guarded {
			list.CacheScope = "private"
		}
		return !t.visible(ctx, from)
	})
}

// visible reports whether a caller may call the tool, as far as can be told without its
// arguments.
func (t *tool) visible(ctx context.Context, from mcp.Request) (visible bool) {
	defer func() {
		if v := recover(); v != nil {
			t.report(ctx, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	if t.bridge.Visible != nil && !t.bridge.Visible(ctx, from, t.definition.Name) {
		return false
	}
	if !t.guarded {
		return true
	}
	if !t.operation.Authenticate {
		return t.hasScopes(from)
	}
	r, err := http.NewRequestWithContext(ctx, t.operation.Method, "/", http.NoBody)
	if err == nil && t.bridge.Credentials != nil {
		err = t.bridge.Credentials(ctx, from, r)
	}
	if err != nil {
		_ = t.credentialProblem(ctx, err)
		return false
	}
	return hook.Admits(t.api, t.operation, r)
}

// hasScopes compares the scopes that the document asks for with those of the token of the
// session. Where the session has no token, only the API can know.
func (t *tool) hasScopes(from mcp.Request) bool {
	extra := from.GetExtra()
	if extra == nil || extra.TokenInfo == nil {
		return true
	}
	return slices.ContainsFunc(t.security, func(all openapi.SecurityRequirement) bool {
		for _, scopes := range all.All() {
			for _, scope := range scopes {
				if !slices.Contains(extra.TokenInfo.Scopes, scope) {
					return false
				}
			}
		}
		return true
	})
}

func (b *Bridge) maxResult() int {
	if b.MaxResult > 0 {
		return b.MaxResult
	}
	return DefaultMaxResult
}

// options are those of the document.
func (b *Bridge) options(api *typed.API) docs.Options {
	var opts docs.Options
	if mounted, ok := (*hook.Documents(api)).(*docs.Options); ok {
		opts = *mounted
	}
	if b.Docs != nil {
		opts = *b.Docs
	}
	opts.Version, opts.OpenAPI30, opts.Change = "", false, nil
	return opts
}
