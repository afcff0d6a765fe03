package typedtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// follow asks what follows from an answer that nothing is wrong with by itself; nil: all of
// it is so.
func (e *explorer) follow(x *exchange) *finding {
	if x.answer.status >= 400 || x.answer.partial {
		return nil
	}
	if x.answer.status < 300 || x.answer.head.Get("Location") != "" {
		if f := e.followLinks(x); f != nil {
			return f
		}
	}
	if x.answer.status >= 300 || x.broken != "" || x.stranger {
		return nil
	}
	switch x.method {
	case http.MethodGet:
		if f := e.followCache(x); f != nil {
			return f
		}
		return e.followHead(x)
	case http.MethodDelete:
		return e.followDelete(x)
	case http.MethodPut:
		return e.followPut(x)
	}
	return nil
}

// again sends the same request once more.
func (e *explorer) again(x *exchange, method, comment string) *exchange {
	r := x.request.clone()
	r.method = method
	next := r.dispatch(e.ctx, x.target, x.head, x.body)
	next.comment = comment
	e.noteETag(next)
	return next
}

// follows is a finding that an exchange and one or more after it show.
func (x *exchange) follows(kind, text string, then ...*exchange) *finding {
	return &finding{kind: kind, text: text, steps: append([]*exchange{x}, then...)}
}

// differing are the header fields in which two answers differ, beside those that say when
// an answer was made and where it comes from.
func differing(a, b *answer) []string {
	names := map[string]bool{}
	for _, head := range []http.Header{a.head, b.head} {
		for name := range head {
			names[name] = true
		}
	}
	for _, name := range []string{"Age", "Cache-Status", "Date", "Expires", "X-Cache", "Server-Timing", "Set-Cookie"} {
		delete(names, name)
	}
	var out []string
	for name := range names {
		had, has := a.head[name], b.head[name]
		if name == "Content-Length" && (had == nil || has == nil) {
			continue // HEAD may leave it out (RFC 9110, 9.3.2)
		}
		if !slices.Equal(had, has) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// without are the names that are not among others.
func without(names, others []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(others, name) })
}

// followHead compares HEAD with GET (RFC 9110, 9.3.2).
func (e *explorer) followHead(x *exchange) *finding {
	if x.op.isStream() {
		return nil
	}
	head := e.again(x, http.MethodHead, "")
	a, b := x.answer, head.answer
	wrong := differing(a, b)
	if a.status == b.status && len(wrong) == 0 || b.status == http.StatusTooManyRequests {
		return nil
	}
	// What differs from one GET to the next says nothing.
	get := e.again(x, http.MethodGet, "")
	wrong = without(wrong, differing(a, get.answer))
	if get.answer.status != a.status || a.status == b.status && len(wrong) == 0 {
		return nil
	}
	text := fmt.Sprintf("answers HEAD with %d, and GET with %d", b.status, a.status)
	if a.status == b.status {
		text = "answers HEAD with another header than GET: " + strings.Join(wrong, ", ")
	}
	return x.follows("head", text, head)
}

// followCache compares a cached answer with the one that was rendered for it.
func (e *explorer) followCache(x *exchange) *finding {
	if x.answer.head.Get("X-Cache") != "MISS" {
		return nil
	}
	hit := e.again(x, http.MethodGet, "")
	if hit.answer.head.Get("X-Cache") != "HIT" {
		return nil
	}
	a, b := x.answer, hit.answer
	wrong, same := differing(a, b), bytes.Equal(a.content, b.content)
	if a.status == b.status && len(wrong) == 0 && same {
		return nil
	}
	// What differs from one answer of the cache to the next says nothing of it.
	next := e.again(x, http.MethodGet, "").answer
	if next.head.Get("X-Cache") != "HIT" || next.status != b.status {
		return nil
	}
	switch wrong = without(wrong, differing(b, next)); {
	case a.status != b.status:
		return x.follows("cache", fmt.Sprintf("answers %d from its cache, and %d without", b.status, a.status), hit)
	case len(wrong) > 0:
		return x.follows("cache", "answers with another header from its cache: "+strings.Join(wrong, ", "), hit)
	case !same && bytes.Equal(b.content, next.content):
		return x.follows("cache", "answers with other content from its cache", hit)
	}
	return nil
}

// followDelete asks for what was deleted, where an endpoint would answer it.
func (e *explorer) followDelete(x *exchange) *finding {
	if !strings.HasSuffix(x.op.Path, "}") { // what is deleted in a collection may leave it empty
		return nil
	}
	path, _, _ := strings.Cut(x.target, "?")
	for _, get := range x.op.suite.operations {
		if get.Method != http.MethodGet || get.Path != x.op.Path || slices.ContainsFunc(get.params, func(p *param) bool { return p.required && p.in != "path" }) {
			continue
		}
		after := e.visit(x, get, path, "what was deleted")
		if after.answer.status < 400 {
			return x.follows("deleted", fmt.Sprintf("answers %d, and GET answers %d then: 404 or 410 is due", x.answer.status, after.answer.status), after)
		}
	}
	return nil
}

// followPut repeats a PUT, whose effect is that of one (RFC 9110, 9.2.2).
func (e *explorer) followPut(x *exchange) *finding {
	next := e.again(x, http.MethodPut, "the same again")
	a, b := x.answer, next.answer
	switch {
	case b.status == http.StatusNotFound || b.status == http.StatusGone || b.status == http.StatusPreconditionFailed || b.status == http.StatusTooManyRequests:
		return nil // the first has moved it, or asked for a version
	case b.status >= 300:
		return x.follows("put", fmt.Sprintf("answers %d, and %d when the same is put again", a.status, b.status), next)
	case a.status != b.status || !isJSON(a.head.Get("Content-Type")):
		return nil
	}
	if was, is := shape(a.content), shape(b.content); was != is {
		return x.follows("put", "answers with another number or kind of members when the same is put again", next)
	}
	return nil
}

// shape is a JSON value without its texts and numbers: what a version or a time changes.
func shape(content []byte) string {
	var v any
	if json.Unmarshal(content, &v) != nil {
		return ""
	}
	return string(encode(shapeOf(v)))
}

func shapeOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, inner := range v {
			out[name] = shapeOf(inner)
		}
		return out
	case []any:
		out := []any{}
		for _, inner := range v {
			out = append(out, shapeOf(inner))
		}
		return out
	case string:
		return ""
	case float64:
		return 0
	}
	return v
}

// followLinks follows what an answer links to within the API: its Location, its Link fields
// (RFC 8288), and the paths among the members of its payload.
func (e *explorer) followLinks(x *exchange) *finding {
	for _, link := range x.links() {
		target, op := e.leadsTo(x, link.url)
		if target == "" || op == nil && !link.certain {
			continue
		}
		if x.answer.status < 400 && op != nil {
			e.learnLink(target)
		}
		if op == nil {
			op = x.op
		}
		after := e.visit(x, op, target, link.what)
		if s := after.answer.status; slices.Contains([]int{400, 404, 405, 410, 422}, s) {
			return x.follows("link", fmt.Sprintf("answers %d, and %s, %s, leads to a %d", x.answer.status, link.what, link.url, s), after)
		}
	}
	return nil
}

type link struct {
	what, url string
	certain   bool // it is a link, wherever it leads
}

// followed is how many links of one answer are followed.
const followed = 5

func (x *exchange) links() (all []link) {
	if location := x.answer.head.Get("Location"); location != "" {
		all = append(all, link{"its Location", location, x.answer.status < 300})
	}
	for _, field := range x.answer.head["Link"] {
		for _, part := range strings.Split(field, ",") {
			if target, _, ok := strings.Cut(strings.TrimSpace(part), ">"); ok && strings.HasPrefix(target, "<") {
				all = append(all, link{"its Link", target[1:], true})
			}
		}
	}
	if isJSON(x.answer.head.Get("Content-Type")) {
		if v, err := jsonschema.UnmarshalJSON(bytes.NewReader(x.answer.content)); err == nil {
			sent := string(x.body)
			walkTexts(v, "", func(at, text string) {
				if strings.HasPrefix(text, "/") && len(text) > 1 && !strings.Contains(sent, text) && len(all) < followed {
					all = append(all, link{"the path at " + at, text, false})
				}
			})
		}
	}
	return all
}

// walkTexts calls visit with each text of a JSON value and its JSON Pointer, in order.
func walkTexts(v any, at string, visit func(at, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			walkTexts(v[name], at+"/"+escape(name), visit)
		}
	case []any:
		for i, inner := range v[:min(len(v), followed)] {
			walkTexts(inner, fmt.Sprint(at, "/", i), visit)
		}
	case string:
		visit(at, v)
	}
}

// leadsTo is the path and query of a link within the API, and the endpoint that answers it;
// "" is a link to elsewhere.
func (e *explorer) leadsTo(x *exchange, to string) (string, *operation) {
	base := &url.URL{Scheme: "http", Host: "localhost:8080", Path: "/"}
	if u, err := url.Parse("http://localhost:8080" + x.target); err == nil {
		base = u
	}
	u, err := base.Parse(to)
	if err != nil || u.Host != base.Host || !strings.HasPrefix(u.Path, e.api.BasePath()) {
		return "", nil
	}
	routed, _ := hook.Routed(e.api, http.MethodGet, u.EscapedPath()).(*typed.Operation)
	return u.RequestURI(), e.byOperation[routed]
}

// visit sends a GET, as the client of x.
func (e *explorer) visit(x *exchange, op *operation, target, comment string) *exchange {
	r := &request{op: op, method: http.MethodGet, as: x.as}
	header := http.Header{}
	for _, c := range r.as {
		if c.in == "header" {
			header.Set(c.name, c.value)
		}
	}
	next := r.dispatch(e.ctx, target, header, nil)
	next.comment = comment
	return next
}
