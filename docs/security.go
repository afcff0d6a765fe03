package docs

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// schemes lists the declared security schemes by name.
func (w *writer) schemes(declared map[string]*openapi.SecurityScheme) {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		w.doc.Components.SecuritySchemes.Set(name, declared[name])
	}
}

// security is what is asked of a client: one of these. nil is nothing. where asks for it.
func (w *writer) security(where string, asked []typed.SecurityRequirement) []openapi.SecurityRequirement {
	var out []openapi.SecurityRequirement
	for _, s := range asked {
		if _, ok := w.doc.Components.SecuritySchemes.Get(s.Scheme); !ok {
			w.errs = append(w.errs, fmt.Errorf("%s: there is no security scheme %q: add it to Options.SecuritySchemes", where, s.Scheme))
		}
		var r openapi.SecurityRequirement
		r.Set(s.Scheme, append([]string{}, s.Scopes...)) // none is written [], not null
		out = append(out, r)
	}
	return out
}
