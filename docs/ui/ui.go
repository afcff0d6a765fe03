// Package ui is the documentation page: one HTML file that holds the renderer, its
// styles and its settings, and loads nothing but openapi.json from the directory it
// is served from.
//
//	w.Header().Set("Content-Type", "text/html; charset=utf-8")
//	w.Header().Set("Content-Encoding", "gzip")
//	w.Header().Set("Content-Security-Policy", ui.Policy)
//	w.Write(ui.Page())
//
// The page is made from a pinned npm version of Swagger UI, whose integrity hash is
// checked, by go generate. docs/guide/openapi.md says why it is this renderer.
package ui

import (
	_ "embed"
	"slices"
	"strings"
)

//go:generate go run ./vendorui

// page is the page, compressed at build time: it does not depend on the API that it
// shows.
//
//go:embed page.html.gz
var page []byte

// Page returns the page, compressed by gzip. It must not be modified.
func Page() []byte { return page }

// Document is where the page finds the document that it shows, as its meta element named
// document says: beside the page. Whoever serves the document elsewhere replaces the
// content of that element.
const Document = "openapi.json"

// Policy is the Content-Security-Policy under which the page works. It allows the
// page's own script and styles by their hashes and requests to the page's own origin,
// and nothing else: no eval, no other origin, no frames around it.
const Policy = policy + policyEnd

const (
	policy = "default-src 'none'; " +
		"script-src " + scriptHashes + "; " +
		"style-src " + styleHashes + "; " +
		"img-src data:; " +
		"connect-src 'self'"
	policyEnd = "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// PolicyWith is [Policy] with more origins, "https://api.example.org", that the page may
// send requests to: servers of the API and those that give out tokens.
func PolicyWith(origins ...string) string {
	return strings.Join(slices.Concat([]string{policy}, origins), " ") + policyEnd
}

// redirect is the page to which an OAuth provider returns.
//
//go:embed oauth2-redirect.html
var redirect []byte

// RedirectPage returns the page to which an OAuth provider sends the browser back after
// a sign-in that the page started. It hands the answer over to the page and closes. It
// must not be modified.
func RedirectPage() []byte { return redirect }

// RedirectPolicy is the Content-Security-Policy of that page: its own script, and nothing else.
const RedirectPolicy = "default-src 'none'; script-src " + redirectHashes + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
