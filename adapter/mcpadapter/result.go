package mcpadapter

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/respond"
)

// result is what the client gets of an answer.
func (t *tool) result(r *http.Request, w *recorder) *mcp.CallToolResult {
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	mediaType, _, _ := syntax.MediaType(w.header.Get("Content-Type"))
	body := w.body.Bytes()
	if status >= http.StatusBadRequest {
		return failed(t.describeFailure(status, mediaType, body))
	}
	head := strings.TrimSpace(fmt.Sprintf("%d %s", status, syntax.StatusText(status)))
	if location := w.header.Get("Location"); location != "" {
		head += "\nLocation: " + location
	}
	switch {
	case len(body) == 0:
		if t.structured {
			return failed("The server answered without the content that it declares.")
		}
		return plain(&mcp.TextContent{Text: head})
	case syntax.IsJSON(mediaType) && json.Valid(body):
		out := plain(&mcp.TextContent{Text: string(body)})
		if t.structured || body[0] == '{' {
			out.StructuredContent = json.RawMessage(body)
		}
		if t.wrapped {
			out.StructuredContent = json.RawMessage(slices.Concat([]byte(`{"`+resultName+`":`), body, []byte("}")))
		}
		return out
	case t.structured:
		return failed("The server answered with other content than it declares.")
	case strings.HasPrefix(mediaType, "image/"):
		return plain(&mcp.ImageContent{Data: body, MIMEType: mediaType})
	case strings.HasPrefix(mediaType, "audio/"):
		return plain(&mcp.AudioContent{Data: body, MIMEType: mediaType})
	case isText(mediaType):
		return plain(&mcp.TextContent{Text: strings.ToValidUTF8(string(body), "\uFFFD")})
	}
	return plain(&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: r.URL.RequestURI(), MIMEType: mediaType, Blob: body}})
}

func isText(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || syntax.IsJSON(mediaType) || strings.HasSuffix(mediaType, "+xml") ||
		slices.Contains([]string{"application/xml", "application/yaml", "application/x-ndjson", "application/jsonl"}, mediaType)
}

func plain(content mcp.Content) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{content}}
}

// failed is an error of the tool, which a model reads and may mend. It has no structured
// content, since that would have to fit the output schema.
func failed(text string) *mcp.CallToolResult {
	out := plain(&mcp.TextContent{Text: text})
	out.IsError = true
	return out
}

// problem is what is read of an answer with a problem (RFC 9457).
type problem struct {
	Title     string       `json:"title"`
	Detail    string       `json:"detail"`
	Errors    []fieldError `json:"errors"`
	Truncated bool         `json:"truncated"`
}

type fieldError struct{ In, Pointer, Name, Detail string }

// refused is the error of a tool for a problem that arises before the API is asked.
func (t *tool) refused(p *respond.Problem) *mcp.CallToolResult {
	out := problem{Title: p.Title, Detail: p.Detail}
	for _, e := range p.Errors {
		out.Errors = append(out.Errors, fieldError{e.In, e.Pointer, e.Name, e.Detail})
	}
	return failed(t.sentences(p.Status, out))
}

// describeFailure says in words what an answer from 400 on means.
func (t *tool) describeFailure(status int, mediaType string, body []byte) string {
	var p problem
	if mediaType == "application/problem+json" && json.Unmarshal(body, &p) == nil {
		return t.sentences(status, p) + extensions(body)
	}
	text := fmt.Sprintf("%d %s", status, syntax.StatusText(status))
	if isText(mediaType) && len(body) > 0 {
		text += "\n" + strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return text
}

// sentences are the head of a problem and a line for each argument at fault: its place, a
// JSON Pointer into the arguments, and what is wrong.
func (t *tool) sentences(status int, p problem) string {
	var b strings.Builder
	title := p.Title
	if title == "" {
		title = syntax.StatusText(status)
	}
	fmt.Fprintf(&b, "%d %s", status, title)
	if p.Detail != "" {
		b.WriteString(": " + p.Detail)
	}
	for _, e := range p.Errors {
		b.WriteString("\n" + t.place(e) + ": " + e.Detail)
	}
	if p.Truncated {
		b.WriteString("\nMore is wrong than this says.")
	}
	return b.String()
}

// place is where the value is that an entry of a problem is about.
func (t *tool) place(e fieldError) string {
	switch {
	case e.In == "body" && t.body == wholeBody:
		return "/" + bodyName + e.Pointer
	case e.In == "body" && e.Pointer == "":
		return "the arguments"
	case e.In == "body":
		return e.Pointer
	case e.In == "header" || e.In == "cookie":
		return e.In + " " + e.Name // no argument, so the program is at fault
	}
	name, inner, nested := strings.Cut(e.Name, "[")
	if _, known := t.arguments[e.Name]; known || !nested {
		return string(syntax.AppendPointer(nil, e.Name))
	}
	return string(syntax.AppendPointer(syntax.AppendPointer(nil, name), strings.TrimSuffix(inner, "]")))
}

// extensions are the members that a problem has beside the usual ones, as JSON.
func extensions(body []byte) string {
	members, ok := membersOf(body)
	if !ok {
		return ""
	}
	var out []byte
	for _, m := range members {
		switch m.name {
		case "type", "title", "status", "detail", "instance", "errors", "truncated":
			continue
		}
		out = append(syntax.AppendString(append(out, ","[:min(1, len(out))]...), m.name), ':')
		out = append(out, m.value...)
	}
	if out == nil {
		return ""
	}
	return "\n{" + string(out) + "}"
}
