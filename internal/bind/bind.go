package bind

import (
	"net/textproto"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/upload"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// binding is the work on one request. It lives on the stack.
type binding struct {
	plan *Plan
	root reflect.Value // the request value, settable
	failures
	seen  set // parameters that were present
	twice set // scalar parameters that were given again
	files *upload.Store
}

// Bind is [Plan.BindFiles] for plans that take no files.
func (p *Plan) Bind(req wire.Request, pathValues []string, dst any) *respond.Problem {
	_, problem := p.BindFiles(req, pathValues, dst)
	return problem
}

// BindFiles reads a request into dst, a pointer to a zero request value. pathValues are
// the decoded values of the pattern's wildcards in order. A nil problem means that everything
// was bound, defaults included; dst has not been validated. After a problem dst is
// not to be used. A problem of 500 is not the client's fault and is to be reported.
//
// The files of a multipart body are in the store, to be closed when the request is over;
// nil: there are none.
func (p *Plan) BindFiles(req wire.Request, pathValues []string, dst any) (*upload.Store, *respond.Problem) {
	b := binding{plan: p, root: reflect.ValueOf(dst).Elem()}
	if len(p.pointers) > 0 {
		b.allocate()
	}
	for i, param := range p.path {
		if i < len(pathValues) {
			b.bind(param, pathValues[i])
		}
	}
	if query := req.RawQuery(); query != "" && (len(p.query.params) > 0 || p.strictQuery) {
		if problem := b.bindPairs(query, &p.query, Query); problem != nil {
			return nil, problem
		}
	}
	for _, param := range p.headers {
		if lines := req.Header(param.key); len(lines) > 0 {
			b.bindHeader(param, lines)
		}
	}
	if len(p.cookies) > 0 {
		b.bindCookies(req.Header("Cookie"))
	}
	if len(b.list) > 0 {
		if problem := b.malformed(); problem != nil {
			return nil, problem
		}
	}
	if p.body.kind != NoBody {
		if problem := b.bindBody(req, dst); problem != nil {
			return nil, problem
		}
	}
	if len(b.list) > 0 {
		return nil, Invalid(b.list, b.truncated)
	}
	for _, param := range p.defaults {
		if !b.seen.add(param.bit) {
			param.setDefault(b.root)
		}
	}
	return b.files, nil
}

// Nothing reports whether there is nothing to bind, not even a default. Of a request
// without a query such a plan refuses none.
func (p *Plan) Nothing() bool { return p.nothing }

// allocate sets the embedded pointers.
func (b *binding) allocate() {
	for _, ptr := range b.plan.pointers {
		b.root.FieldByIndex(ptr.index).Set(reflect.New(ptr.elem))
	}
}

// bind gives one text to a parameter.
func (b *binding) bind(p *param, s string) {
	if s == "" && p.skips {
		return
	}
	if b.seen.add(p.bit) && !p.list {
		if !b.twice.add(p.bit) {
			b.fail(p, "repeated", "must be given only once")
		}
		return
	}
	if v := p.set(b.root, s); v != fits {
		rule, detail := p.scalar.explain(v)
		if p.list && p.Style == Plain && p.Source != Header && strings.Contains(s, ",") {
			detail += "; each value of the list is given as a parameter of its own"
		}
		b.fail(p, rule, detail)
	}
}

func (b *binding) fail(p *param, rule, detail string) {
	b.add(respond.FieldError{In: p.Source.String(), Name: p.Name, Rule: rule, Detail: detail})
}

// malformed is a problem where a parameter is not even UTF-8: that is malformed
// syntax, whatever else is wrong.
func (b *binding) malformed() *respond.Problem {
	for _, f := range b.list {
		if f.Rule == "utf8" {
			return badRequest("The request is not valid UTF-8.", f)
		}
	}
	return nil
}

// bindPairs reads name=value pairs joined by '&', a query or a form. Pairs that are not
// declared are skipped, also where they are malformed: clients and proxies add theirs.
func (b *binding) bindPairs(text string, names *table, in Source) *respond.Problem {
	strict := in == Query && b.plan.strictQuery
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, problem := decode(name)
		p := names.find(name)
		switch {
		case problem != "" && strict:
			return malformedPair(in, "", problem)
		case problem != "" || p == nil && (!strict || slices.Contains(b.plan.queryKeys, name)):
			continue
		case p == nil:
			b.add(respond.FieldError{In: in.String(), Name: name, Rule: "unknown", Detail: "is not a parameter of this endpoint"})
			continue
		case p.Style == Comma:
			problem = b.bindCommas(p, value)
		default:
			if value, problem = decode(value); problem == "" {
				b.bind(p, value)
			}
		}
		if problem != "" {
			return malformedPair(in, p.Name, problem)
		}
	}
	return nil
}

// bindCommas reads a list from one value. Where elements may hold commas themselves,
// those are encoded; where they may not, clients that encode every comma are understood.
func (b *binding) bindCommas(p *param, value string) (problem string) {
	if b.seen.add(p.bit) {
		if !b.twice.add(p.bit) {
			b.fail(p, "repeated", "must be given only once, with commas between its values")
		}
		return ""
	}
	if !p.scalar.hasCommas() {
		if value, problem = decode(value); problem != "" {
			return problem
		}
	}
	for more := value != ""; more; {
		var element string
		element, value, more = strings.Cut(value, ",")
		if p.scalar.hasCommas() {
			if element, problem = decode(element); problem != "" {
				return problem
			}
		}
		b.bind(p, element)
	}
	return ""
}

// malformedPair is the problem of a declared parameter, or of one whose name cannot be
// told.
func malformedPair(in Source, name, problem string) *respond.Problem {
	detail := "The query is malformed."
	if in == Form {
		detail = "The form is malformed."
	}
	return badRequest(detail, respond.FieldError{In: in.String(), Name: name, Rule: "syntax", Detail: problem})
}

// decode decodes %XX and '+' in a name or value, as the URL standard does for
// application/x-www-form-urlencoded. The problem is a sentence, or "".
func decode(s string) (decoded, problem string) {
	literal := 0
	for literal < len(s) && isLiteral[s[literal]] {
		literal++
	}
	if literal == len(s) {
		return s, ""
	}
	if strings.Contains(s, ";") {
		return "", "must not have a semicolon: pairs are separated by &, and a semicolon in a value is written %3B"
	}
	text, err := url.QueryUnescape(s)
	switch {
	case err != nil:
		return "", "must have two hexadecimal digits after each %"
	case !utf8.ValidString(text):
		return "", "must be valid UTF-8"
	}
	return text, ""
}

// isLiteral are the bytes that decode takes as they are.
var isLiteral = func() (literal [256]bool) {
	for c := range utf8.RuneSelf {
		literal[c] = c != '%' && c != '+' && c != ';'
	}
	return literal
}()

// bindHeader reads the lines of a header field, of which there is at least one.
func (b *binding) bindHeader(p *param, lines []string) {
	if p.list {
		b.seen.add(p.bit) // a list without elements is not an absent one
		for _, line := range lines {
			for line != "" {
				var element string
				if element, line = syntax.CutElement(line); element != "" {
					b.bind(p, element)
				}
			}
		}
		return
	}
	if len(lines) > 1 && p.joins != 0 {
		lines = slices.Clone(lines)
		for i := range lines {
			lines[i] = strings.Trim(lines[i], " \t")
		}
		lines = []string{strings.Join(lines, string(p.joins)+" ")}
	}
	for _, line := range lines {
		b.bind(p, strings.Trim(line, " \t")) // optional white space (RFC 9110, 5.6.3)
	}
}

// bindCookies reads the Cookie field as net/http does: pairs that RFC 6265 does not
// allow are skipped, a value's quotes are removed. Of several cookies of one name the
// first counts, which is the one with the longest path (RFC 6265, section 5.4).
func (b *binding) bindCookies(lines []string) {
	cookies := table{params: b.plan.cookies}
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(textproto.TrimString(pair), "=")
			p := cookies.find(textproto.TrimString(name))
			if p == nil || b.seen.has(p.bit) {
				continue
			}
			if value, ok := cookieValue(value); ok {
				b.bind(p, value)
			}
		}
	}
}

func cookieValue(raw string) (string, bool) {
	if len(raw) > 1 && raw[0] == '"' && raw[len(raw)-1] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	for i := range len(raw) {
		if c := raw[i]; c < ' ' || c > '~' || c == '"' || c == ';' || c == '\\' {
			return "", false
		}
	}
	return raw, true
}

// param is a field that is read from text: from path, query, header, cookie or form.
type param struct {
	Field
	key      string // how the name is looked up: header names in canonical form
	bit      int    // its place in the sets of parameters seen
	scalar   scalar
	list     bool
	pointer  bool
	optional bool    // an Optional of package typed
	skips    bool    // an empty text is no value
	joins    byte    // what several lines of a header field are joined with; 0 for not at all
	absent   *absent // nil without a default
}

// absent is what a request without the parameter binds, its default.
type absent struct {
	texts   []string // one unless list
	written []string // the same, as append writes the values
	zero    bool     // a zero value is refused, so that one to be sent means the default
}

// at returns the field of a request, and makes the structs that pointers on the way
// lack.
func (f *Field) at(root reflect.Value) reflect.Value {
	v := root.Field(f.Index[0])
	for _, i := range f.Index[1:] {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// set reads one text into the field; a list grows by it.
func (p *param) set(root reflect.Value, s string) verdict {
	v := p.at(root)
	switch {
	case p.list:
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v = v.Index(n)
	case p.pointer:
		ptr := reflect.New(v.Type().Elem())
		v.Set(ptr)
		v = ptr.Elem()
	case p.optional:
		presence.SetState(v, presence.Present)
		v = presence.Value(v)
	}
	return p.scalar.parse(v, s)
}

// setDefault gives the field its default. The texts are parsed again, because a handler may
// change what it was given.
func (p *param) setDefault(root reflect.Value) {
	for _, s := range p.absent.texts {
		p.set(root, s)
	}
}

// texts are what set would have to be given to make the field's value; nil where the
// field, or one on the way to it, is a nil pointer.
func (p *param) texts(root reflect.Value) []string {
	v, ok := p.within(root)
	switch {
	case !ok:
		return nil
	case p.list:
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = string(p.scalar.append(nil, v.Index(i)))
		}
		return texts
	case p.pointer && v.IsNil():
		return nil
	case p.pointer:
		v = v.Elem()
	case p.optional && presence.StateOf(v) != presence.Present:
		return nil
	case p.optional:
		sent := reflect.New(v.Type()).Elem() // v need not be addressable
		sent.Set(v)
		v = presence.Value(sent)
	}
	return []string{string(p.scalar.append(nil, v))}
}

// impliedBy reports whether a request without the parameter binds the same value, whose
// texts are given, or the default in place of a zero that would be refused.
func (p *param) impliedBy(root reflect.Value, texts []string) bool {
	if p.HasDefault {
		v, ok := p.within(root)
		return slices.Equal(texts, p.absent.written) || p.absent.zero && ok && (v.IsZero() || p.list && v.Len() == 0)
	}
	return len(texts) == 0 || !p.list && root.FieldByIndex(p.Index).IsZero()
}

// splitDefault splits a list's default at its commas.
func splitDefault(s string, list bool) []string {
	if !list {
		return []string{s}
	}
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// table finds parameters by name. A short list beats a map up to about eight names.
type table struct {
	params []*param
	byName map[string]*param
}

const fewNames = 8

func newTable(params []*param) table {
	t := table{params: params}
	if len(params) > fewNames {
		t.byName = make(map[string]*param, len(params))
		for _, p := range params {
			t.byName[p.key] = p
		}
	}
	return t
}

func (t *table) find(key string) *param {
	if t.byName != nil {
		return t.byName[key]
	}
	for _, p := range t.params {
		if p.key == key {
			return p
		}
	}
	return nil
}

// set of parameters, by their bit.
type set struct {
	first uint64
	more  []uint64
}

func (s *set) has(bit int) bool {
	if bit < 64 {
		return s.first>>bit&1 == 1
	}
	word := bit/64 - 1
	return word < len(s.more) && s.more[word]>>(bit%64)&1 == 1
}

// add reports whether the parameter was in the set before.
func (s *set) add(bit int) (before bool) {
	word := &s.first
	if bit >= 64 {
		for len(s.more) < bit/64 {
			s.more = append(s.more, 0)
		}
		word = &s.more[bit/64-1]
	}
	before = *word>>(bit%64)&1 == 1
	*word |= 1 << (bit % 64)
	return before
}
