// Package ui is the documentation page: one HTML file that holds the renderer, its
// styles and its settings, and loads nothing but openapi.json from the directory it
// is served from.
//
// The page is made from a pinned npm version of Swagger UI, whose integrity hash is
// checked, by go generate. docs/guide/openapi.md says why it is this renderer.
package ui

import _ "embed"

//go:generate go run ./vendorui

// page is the page, compressed at build time: it does not depend on the API that it
// shows.
//
//go:embed page.html.gz
var page []byte

// Page returns the page, compressed by gzip. It must not be modified.
func Page() []byte { return page }

// Policy is the Content-Security-Policy under which the page works. It allows the
// page's own script and styles by their hashes and requests to the page's own origin,
// and nothing else: no eval, no other origin, no frames around it.
const Policy = "default-src 'none'; " +
	"script-src " + scriptHashes + "; " +
	"style-src " + styleHashes + "; " +
	"img-src data:; " +
	"connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
