package typedtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// request is one request to an endpoint, in parts that can be changed and left out.
type request struct {
	op        *operation
	method    string
	arguments []argument
	value     any    // of the body
	hasBody   bool   // value is sent
	raw       []byte // in place of value, if not nil
	mediaType string
	query     string // beside the arguments, as it is
	header    http.Header
	as        []credential
	stranger  bool   // it should be refused for want of a credential
	broken    string // what makes it invalid, beside the values
}

// argument is what is sent of a parameter.
type argument struct {
	*param
	value any // as JSON; a map for a struct, a list for several
	text  *string
}

// credential is a scheme's, as it is sent.
type credential struct{ in, name, value string }

// clone is a copy whose parts can be replaced.
func (r *request) clone() *request {
	c := *r
	c.arguments, c.header = slices.Clone(r.arguments), r.header.Clone()
	return &c
}

// set replaces an argument, or adds it.
func (r *request) set(a argument) {
	i := slices.IndexFunc(r.arguments, func(have argument) bool { return have.param == a.param })
	if i < 0 {
		r.arguments = append(r.arguments, a)
	} else {
		r.arguments[i] = a
	}
}

// texts are the values of an argument as they are sent, each with its name.
func (a argument) texts() (names, texts []string) {
	if a.json {
		return []string{a.name}, []string{string(encode(a.value))}
	}
	switch v := a.value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			names, texts = append(names, a.name+"["+name+"]"), append(texts, plain(v[name]))
		}
		return names, texts
	case []any:
		for _, each := range v {
			names, texts = append(names, a.name), append(texts, plain(each))
		}
		if a.list != "" && len(texts) > 0 {
			names, texts = names[:1], []string{strings.Join(texts, a.list)}
		}
		return names, texts
	}
	if a.text != nil {
		return []string{a.name}, []string{*a.text}
	}
	return []string{a.name}, []string{plain(a.value)}
}

// plain is a value as parameters have it.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return ""
	}
	return string(encode(v))
}

// encode writes JSON as most clients do.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// sayable reports whether a text can be sent in a part of a request, and arrives as it is.
func sayable(in, text, list string) bool {
	control := func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }
	switch in {
	case "path":
		return text != "" && text != "." && text != ".."
	case "header":
		return !strings.ContainsFunc(text, control) && strings.TrimSpace(text) == text && (list == "" || !strings.ContainsAny(text, `,"`))
	case "cookie":
		return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;\`, r) })
	case "query":
		return list == "" || !strings.Contains(text, list) && text != ""
	}
	return true
}

// target is the path and query, and what is sent beside them.
func (r *request) target() (path string, header http.Header, form []field) {
	path = r.op.Path
	header = r.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	var query, cookies []string
	for _, a := range r.arguments {
		names, texts := a.texts()
		if len(names) == 0 {
			continue
		}
		switch a.in {
		case "path":
			if escaped := url.PathEscape(texts[0]); a.rest {
				path = strings.Replace(path, "{"+a.name+"...}", strings.ReplaceAll(escaped, "%2F", "/"), 1)
			} else {
				path = strings.Replace(path, "{"+a.name+"}", escaped, 1)
			}
		case "header":
			header[http.CanonicalHeaderKey(a.name)] = texts
		case "cookie":
			cookies = append(cookies, a.name+"="+texts[0])
		default:
			for i := range names {
				if a.in == "form" {
					form = append(form, field{a.param, texts[i]})
				} else {
					value := url.QueryEscape(texts[i])
					if a.list != "" { // a comma that is escaped is part of an element
						value = strings.ReplaceAll(value, "%2C", a.list)
					}
					query = append(query, url.QueryEscape(names[i])+"="+value)
				}
			}
		}
	}
	for _, c := range r.as {
		switch c.in {
		case "query":
			query = append(query, url.QueryEscape(c.name)+"="+url.QueryEscape(c.value))
		case "cookie":
			cookies = append(cookies, c.name+"="+c.value)
		default:
			header.Set(c.name, c.value)
		}
	}
	if r.query != "" {
		query = append(query, r.query)
	}
	if len(cookies) > 0 {
		header.Set("Cookie", strings.Join(cookies, "; "))
	}
	path = r.op.suite.api.BasePath() + strings.TrimSuffix(path, "{$}")
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	return path, header, form
}

// field is one text, file or part of a form.
type field struct {
	*param
	text string
}

// content writes the body.
func (r *request) content(form []field) (content []byte, mediaType string) {
	b := r.op.body
	switch {
	case r.raw != nil:
		return r.raw, r.mediaType
	case b == nil || !r.hasBody:
		return nil, ""
	case b.kind == bind.FormBody:
		var parts []string
		for _, f := range form {
			parts = append(parts, url.QueryEscape(f.name)+"="+url.QueryEscape(f.text))
		}
		return []byte(strings.Join(parts, "&")), r.mediaType
	case b.kind == bind.MultipartBody:
		return multiparts(form)
	case b.kind == bind.LinesBody:
		list, _ := r.value.([]any)
		var lines []byte
		for _, item := range list {
			lines = append(append(lines, encode(item)...), '\n')
		}
		return lines, r.mediaType
	case b.kind == bind.RawBody || b.kind == bind.StreamBody:
		return []byte(plain(r.value)), r.mediaType
	}
	return encode(r.value), r.mediaType
}

// multiparts writes a body of parts.
func multiparts(form []field) ([]byte, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("typedtest")
	for _, f := range form {
		head := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + f.name + `"`}}
		switch {
		case f.json:
			head.Set("Content-Type", "application/json")
		case f.file != "":
			head.Set("Content-Disposition", head.Get("Content-Disposition")+`; filename="file"`)
			head.Set("Content-Type", "application/octet-stream")
		}
		part, _ := w.CreatePart(head)
		_, _ = io.WriteString(part, f.text)
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// exchange is a request that was sent, and its answer.
type exchange struct {
	*request
	target  string
	head    http.Header
	body    []byte
	answer  *answer
	comment string // for the report
}

// routes reports whether the router takes a request to its endpoint: a text in the path may
// be that of another.
func (r *request) routes() bool {
	target, _, _ := r.target()
	path, _, _ := strings.Cut(target, "?")
	routed, _ := hook.Routed(r.op.suite.api, r.op.Method, path).(*typed.Operation)
	return routed == r.op.Operation
}

// send sends a request.
func (r *request) send(ctx context.Context) *exchange {
	target, header, form := r.target()
	content, mediaType := r.content(form)
	if mediaType != "" {
		header.Set("Content-Type", mediaType)
	}
	return r.dispatch(ctx, target, header, content)
}

// dispatch has the API answer.
func (r *request) dispatch(ctx context.Context, target string, header http.Header, content []byte) (x *exchange) {
	x = &exchange{request: r, target: target, head: header, body: content, answer: &answer{head: http.Header{}}}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(x.answer.listen(ctx), r.method, "http://localhost:8080"+target, bytes.NewReader(content))
	if err != nil {
		x.answer.status = http.StatusBadRequest // as a server does
		return x
	}
	req.RequestURI, req.RemoteAddr, req.Header = target, "127.0.0.1:1", header.Clone()
	w := &recorder{head: http.Header{}, left: cancel}
	defer func() {
		if v := recover(); v == http.ErrAbortHandler {
			x.answer.cut = ctx.Err() == nil
			x.answer.none = !x.answer.cut && w.status == 0
		} else if v != nil {
			x.answer.panicked = v
		}
		w.WriteHeader(http.StatusOK)
		x.answer.status, x.answer.head, x.answer.content, x.answer.partial = w.status, w.sent, w.content.Bytes(), ctx.Err() != nil
	}()
	r.op.suite.api.ServeHTTP(w, req)
	return x
}

// recorder is the http.ResponseWriter of an exchange.
type recorder struct {
	head, sent http.Header
	status     int
	content    bytes.Buffer
	left       func()
}

func (w *recorder) Header() http.Header { return w.head }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.sent = status, w.head.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.content.Len()+len(p) > kept {
		w.left()
		return 0, io.ErrShortWrite
	}
	return w.content.Write(p)
}

func (w *recorder) FlushError() error { w.WriteHeader(http.StatusOK); return nil }

// drawn is a word that a drawn text has, by which a problem that repeats it is known.
var drawn = regexp.MustCompile(`zq[a-z]{6}`)

// words are the words of drawn texts that a request has sent.
func (x *exchange) words() []string {
	target, _ := url.QueryUnescape(x.target)
	text := target + string(x.body)
	for _, values := range x.head {
		text += strings.Join(values, " ")
	}
	return drawn.FindAllString(text, -1)
}

// verdict is what a request is.
type verdict int

const (
	valid   verdict = iota
	open            // the API may take it or refuse it
	invalid         // it must be refused
)

var integer, number = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)$`), regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)

// verdict judges a request by the document, and says why it is invalid.
func (r *request) verdict() (verdict, string) {
	if r.broken != "" {
		return invalid, r.broken
	}
	result := valid
	for _, p := range r.op.params {
		at := slices.IndexFunc(r.arguments, func(a argument) bool { return a.param == p })
		if at < 0 {
			if p.required && (p.in != "form" || r.hasBody) {
				return invalid, fmt.Sprintf("the %s parameter %s is missing", p.in, p.name)
			}
			continue
		}
		v, reason := r.op.suite.judgeArgument(r.arguments[at])
		if v == invalid {
			return v, fmt.Sprintf("the %s parameter %s: %s", p.in, p.name, reason)
		}
		result = max(result, v)
	}
	b := r.op.body
	switch {
	case b == nil || r.raw != nil:
	case !r.hasBody && b.required:
		return invalid, "there is no content"
	case b.kind == bind.LinesBody:
		for _, row := range asList(r.value) {
			if r.op.suite.check(b.item, row) != nil {
				result = open // the handler says what becomes of a row that is refused
			}
		}
	case !r.hasBody || b.kind != bind.JSONBody:
	default:
		if err := r.op.suite.check(b.schema, r.value); err != nil {
			return invalid, "the content: " + why(err)
		}
	}
	return result, ""
}

// judgeArgument judges one parameter.
func (s *suite) judgeArgument(a argument) (verdict, string) {
	if a.file != "" {
		return open, ""
	}
	if a.text == nil {
		if err := s.check(a.schema, a.value); err != nil {
			return invalid, why(err)
		}
		return valid, ""
	}
	text, kinds := *a.text, s.kinds(a.schema.node, 0)
	candidates := []any{text}
	lax := false
	if kinds["integer"] || kinds["number"] {
		_, err := strconv.ParseFloat(text, 64)
		_, err2 := strconv.ParseInt(text, 0, 64)
		lax = lax || err == nil || err2 == nil
		if integer.MatchString(text) || kinds["number"] && number.MatchString(text) {
			candidates, lax = append(candidates, json.Number(text)), false
		}
	}
	if kinds["boolean"] {
		switch text {
		case "true", "false":
			candidates = append(candidates, text == "true")
		case "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False", "on", "":
			lax = true
		}
	}
	if kinds["array"] || kinds["object"] {
		lax = true
	}
	var refused error
	for _, candidate := range candidates {
		if refused = s.check(a.schema, candidate); refused == nil {
			return valid, ""
		}
	}
	if lax || text == "" && !kinds["string"] && a.in != "path" {
		return open, ""
	}
	return invalid, why(refused)
}

// kinds are the JSON types that a schema may allow.
func (s *suite) kinds(node any, depth int) map[string]bool {
	out := map[string]bool{}
	object, _ := s.resolve(node).(map[string]any)
	switch t := object["type"].(type) {
	case string:
		out[t] = true
	case []any:
		for _, each := range t {
			out[each.(string)] = true
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf", "allOf"} {
		list, _ := object[keyword].([]any)
		for _, each := range list {
			if depth < 5 {
				maps.Copy(out, s.kinds(each, depth+1))
			}
		}
	}
	return out
}

// place is the credential of a scheme as a client sends it.
func place(s hook.Scheme, text string) credential {
	switch {
	case s.Basic:
		return credential{"header", "Authorization", s.Prefix + " " + base64.StdEncoding.EncodeToString([]byte(text))}
	case s.Prefix != "":
		return credential{"header", "Authorization", s.Prefix + " " + text}
	}
	return credential{s.In, s.Key, text}
}
