package mcpadapter

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/respond"
)

// maxParameters bounds what the arguments of a call may have beside a body, in bytes.
const maxParameters = 64 << 10

// member is a member of a JSON object, its value not decoded.
type member struct {
	name  string
	value jsontext.Value
}

// membersOf are the members of an object in their order. It is not ok for what is no object,
// has a name twice, or is not UTF-8.
func membersOf(object []byte) (members []member, ok bool) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if open, err := dec.ReadToken(); err != nil || open.Kind() != '{' {
		return nil, false
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil || name.Kind() != '"' {
			return nil, false
		}
		m := member{name: name.String()}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, false
		}
		m.value = value.Clone()
		members = append(members, m)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, false
	}
	_, err := dec.ReadToken()
	return members, err == io.EOF
}

// elementsOf are the elements of an array that is known to be valid.
func elementsOf(array jsontext.Value) (elements []jsontext.Value) {
	dec := jsontext.NewDecoder(bytes.NewReader(array))
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return nil
		}
		elements = append(elements, v.Clone())
	}
	return elements
}

// request makes a request of the arguments of a call. The error says what is wrong with
// them: what the API would not see, or not as it was meant.
func (t *tool) request(ctx context.Context, arguments []byte) (*http.Request, *respond.Problem) {
	if limit := t.operation.MaxBody + maxParameters; int64(len(arguments)) > limit {
		return nil, &respond.Problem{Status: http.StatusRequestEntityTooLarge, Detail: "The arguments are too large."}
	}
	if len(bytes.TrimSpace(arguments)) == 0 || string(bytes.TrimSpace(arguments)) == "null" {
		arguments = []byte("{}")
	}
	members, ok := membersOf(arguments)
	if !ok {
		return nil, respond.BadRequest("The arguments are no object of JSON in UTF-8 that has each name once.")
	}
	p := t.sort(members)
	if len(p.failures) > 0 {
		return nil, &respond.Problem{
			Status: http.StatusUnprocessableEntity, Detail: "The arguments are invalid; see errors for details.",
			Errors: p.failures[:min(len(p.failures), 100)],
		}
	}
	return t.send(ctx, p)
}

// parts are the arguments of a call, sorted by where they go.
type parts struct {
	path     map[string]string
	query    []pair
	form     []pair
	body     []byte // JSON; nil: none
	failures []respond.FieldError
}

func (t *tool) sort(members []member) *parts {
	p := &parts{path: map[string]string{}}
	for _, m := range members {
		a, known := t.arguments[m.name]
		switch {
		case known:
			p.take(a, m.value)
		case t.body == memberBody:
			p.body = append(p.body, ","[:min(1, len(p.body))]...)
			p.body = append(syntax.AppendString(p.body, m.name), ':')
			p.body = append(p.body, m.value...)
		case t.body == wholeBody && m.name == bodyName:
			p.body = m.value
		default:
			p.failures = append(p.failures, respond.FieldError{Name: shorten(m.name), Rule: "unknown", Detail: "is not an argument of this tool"})
		}
	}
	for _, name := range t.pattern.Names() {
		if _, ok := p.path[name]; !ok && len(p.failures) == 0 {
			p.failures = append(p.failures, respond.FieldError{In: "path", Name: name, Rule: "required", Detail: "is required"})
		}
	}
	if t.body == memberBody && (p.body != nil || !t.optional) {
		p.body = append(append([]byte{'{'}, p.body...), '}')
	}
	return p
}

func (p *parts) take(a *argument, v jsontext.Value) {
	pairs := a.pairs(v, &p.failures)
	switch a.source {
	case bind.Path:
		if len(pairs) == 1 {
			p.path[a.name] = pairs[0].values[0]
		}
	case bind.Form:
		p.form = append(p.form, pairs...)
	default:
		p.query = append(p.query, pairs...)
	}
}

// send makes the request. It is one for the endpoint of the tool: a value of the path that
// leads to another endpoint, or to none, is refused.
func (t *tool) send(ctx context.Context, p *parts) (*http.Request, *respond.Problem) {
	var values []string
	var failures []respond.FieldError
	for _, name := range t.pattern.Names() {
		values = append(values, p.path[name])
		failures = append(failures, respond.FieldError{In: "path", Name: name, Rule: "path", Detail: "has a value that leads to nothing"})
	}
	escaped := string(t.pattern.Append([]byte(t.api.BasePath()), values))
	path, err := url.PathUnescape(escaped)
	if err != nil || hook.Routed(t.api, t.operation.Method, escaped) != any(t.operation) {
		return nil, &respond.Problem{Status: http.StatusNotFound, Detail: "There is nothing for these arguments.", Errors: failures}
	}
	body := p.body
	if t.body == encodedForm {
		body = appendPairs(nil, p.form)
	}
	r, err := http.NewRequestWithContext(ctx, t.operation.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, &respond.Problem{Status: http.StatusInternalServerError}
	}
	r.URL = &url.URL{Path: path, RawPath: escaped, RawQuery: string(appendPairs(nil, p.query))}
	r.RequestURI, r.Host = r.URL.RequestURI(), "localhost"
	if body == nil && t.body != encodedForm {
		r.Body, r.ContentLength, r.GetBody = http.NoBody, 0, nil
		return r, nil
	}
	r.Header.Set("Content-Type", t.mediaType)
	return r, nil
}

// shorten bounds what of a client's names is sent back.
func shorten(name string) string {
	if len(name) <= 100 {
		return name
	}
	return strings.ToValidUTF8(name[:100], "")
}
