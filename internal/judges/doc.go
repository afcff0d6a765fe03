// Package judges holds the tests that need other people's tools: JSON Schema
// engines, OpenAPI linters and generators, a browser. It is a module of its own, so
// that users of the root module do not inherit what only these tests require.
//
// Tests whose tool is missing are skipped with the command that installs it, and fail
// where APIROUTES_JUDGES=1 says that all tools must be there, as in CI.
package judges
