package mcpadapter

import (
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/typed"
)

// Tool is an endpoint under the name by which a model calls it. Make one with [Expose].
type Tool struct {
	endpoint    any // *typed.Endpoint; nil: none was given
	name        string
	description string
	anonymous   bool
	annotations *mcp.ToolAnnotations // in place of those that the method gives
}

// ToolOption says one thing about a [Tool].
type ToolOption interface{ apply(*Tool) }

type toolOption func(*Tool)

func (o toolOption) apply(t *Tool) { o(t) }

// Expose makes a tool of an endpoint. A model chooses tools by their names and
// descriptions: write what the tool is for and when to use it, not how its endpoint works.
// A name is 1 to 128 letters, digits, '_', '-' and '.'. [Add] checks all of it.
func Expose[Req, Out any](endpoint *typed.Endpoint[Req, Out], name, description string, opts ...ToolOption) Tool {
	t := Tool{name: name, description: description}
	if endpoint != nil {
		t.endpoint = endpoint
	}
	for _, o := range opts {
		if o != nil {
			o.apply(&t)
		}
	}
	return t
}

// Anonymous says that everybody who reaches the server may call the tool. A tool whose
// endpoint asks nobody who they are is refused without it.
func Anonymous() ToolOption { return toolOption(func(t *Tool) { t.anonymous = true }) }

// Annotate says what a tool does to its environment, in place of what its method says: GET
// reads only; PUT, PATCH and DELETE may destroy; PUT and DELETE may be repeated; of POST
// nothing is known. A POST that only searches is &mcp.ToolAnnotations{ReadOnlyHint: true}.
// Clients ask their users before they call what is not read-only.
func Annotate(hints mcp.ToolAnnotations) ToolOption {
	return toolOption(func(t *Tool) { t.annotations = &hints })
}

// checkName says what is wrong with the name of a tool; "" is nothing.
func checkName(name string) string {
	allowed := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-' || r == '.'
	}
	if name == "" || len(name) > 128 || strings.ContainsFunc(name, func(r rune) bool { return !allowed(r) }) {
		return fmt.Sprintf("%q is no name of a tool", name)
	}
	return ""
}

// hints are the annotations that a method gives (RFC 9110, 9.2).
func hints(method string) *mcp.ToolAnnotations {
	switch method {
	case "GET", "HEAD":
		return &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: new(false)}
	case "PUT", "DELETE":
		return &mcp.ToolAnnotations{IdempotentHint: true, DestructiveHint: new(true)}
	case "PATCH":
		return &mcp.ToolAnnotations{DestructiveHint: new(true)}
	}
	return &mcp.ToolAnnotations{}
}
