package docs

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// schemes lists the security schemes by name: those of the API, and those of the options,
// which replace them.
func (w *writer) schemes(api *typed.API, described map[string]*openapi.SecurityScheme) {
	all := map[string]*openapi.SecurityScheme{}
	if hook.SecuritySchemes != nil {
		for name, s := range hook.SecuritySchemes(api).(openapi.Map[*openapi.SecurityScheme]).All() {
			all[name] = s
		}
	}
	maps.Copy(all, described)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w.doc.Components.SecuritySchemes.Set(name, all[name])
	}
}

// operationSecurity is what an operation asks of a client; nil is what all ask.
func (w *writer) operationSecurity(op *typed.Operation) []openapi.SecurityRequirement {
	if op.Public {
		return []openapi.SecurityRequirement{} // written, in place of what all ask
	}
	out := w.security(op.Method+" "+op.Path, op.Security)
	if op.Optional {
		if out == nil {
			out = w.doc.Security
		}
		out = append([]openapi.SecurityRequirement{{}}, out...)
	}
	return out
}

// security is what is asked of a client: one of these. nil is nothing. where asks for it.
func (w *writer) security(where string, asked []typed.SecurityRequirement) []openapi.SecurityRequirement {
	var out []openapi.SecurityRequirement
	for _, s := range asked {
		var all openapi.SecurityRequirement
		for _, each := range append([]typed.SecurityRequirement{s}, s.And...) {
			if _, ok := w.doc.Components.SecuritySchemes.Get(each.Scheme); !ok {
				w.errs = append(w.errs, fmt.Errorf("%s: there is no security scheme %q: add it to Options.SecuritySchemes", where, each.Scheme))
			}
			all.Set(each.Scheme, append([]string{}, each.Scopes...)) // none is written [], not null
		}
		out = append(out, all)
	}
	return out
}

// asksForScopes reports whether a client may be refused for what its credentials allow.
func asksForScopes(asked []typed.SecurityRequirement) bool {
	return slices.ContainsFunc(asked, func(s typed.SecurityRequirement) bool { return len(s.Scopes) > 0 || asksForScopes(s.And) })
}
