package bind

import (
	"fmt"
	"net/textproto"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// param takes a field that is read from text, tag being what the tag of its source says.
func (c *compiler) param(f *Field, tag string) {
	comma, ok := c.readTag(f, tag)
	if t := indirect(f.Type); ok && f.Source == Query && isParameters(t) && t != urlType {
		c.deepObject(f, t)
		return
	}
	p, ok := c.newParam(f, comma, ok)
	if !ok {
		if f.Source == Path {
			c.claimed = append(c.claimed, f.Name)
		}
		return
	}
	c.plan.fields = append(c.plan.fields, p.Field)
}

// newParam makes the param of a field whose tag was read, well or not.
func (c *compiler) newParam(f *Field, comma, ok bool) (*param, bool) {
	key, named := c.checkName(f)
	p := &param{Field: *f, key: key, bit: len(c.params)}
	if typed := c.checkType(p, comma); !ok || !named || !typed || !c.unique(f, key) {
		return nil, false
	}
	c.checkDefault(p)
	c.params = append(c.params, p)
	return p, true
}

// readTag takes the name and the options of a source tag apart. Whether lists are split
// at commas is returned, since that is judged with the type.
func (c *compiler) readTag(f *Field, tag string) (comma, ok bool) {
	f.Name, tag, _ = strings.Cut(tag, ",")
	for tag != "" {
		var option string
		option, tag = cutOption(tag)
		name, value, valued := strings.Cut(option, ":")
		switch {
		case name == "comma" && !valued:
			comma = true
		case name == "deepObject" && !valued && indirect(f.Type).Kind() == reflect.Struct:
			// It is what a struct is without the option, too.
		case name == "format" && value != "":
			f.Format = unquote(value)
		default:
			c.fault(f.Path, fmt.Sprintf("the %s tag has the option %q, and there are only comma and format, as in format:DateOnly", tagNames[f.Source], option),
				fmt.Sprintf(`write %s:"%s"`, tagNames[f.Source], f.Name))
			return false, false
		}
	}
	return comma, true
}

// deepObject takes a field whose fields are parameters of their own, filter[name]=x.
func (c *compiler) deepObject(f *Field, t reflect.Type) {
	if _, ok := c.checkName(f); !ok {
		return
	}
	if f.HasDefault {
		c.fault(f.Path, "a struct has no default", "move the default to its fields")
		return
	}
	f.Style = DeepObject
	faults := len(c.faults)
	for i := range t.NumField() {
		field := t.Field(i)
		tags := readTags(field.Tag)
		at := f.Path + "." + field.Name
		if !field.IsExported() {
			c.source(&field, &tags, at)
			continue
		}
		if tags.values[tagJSON] == "-" {
			continue
		}
		m := Field{
			Source: Query, HasDefault: tags.has(tagDefault), Path: at,
			Index: append(slices.Clone(f.Index), i), Type: field.Type, Tag: field.Tag,
		}
		if c.deepMember(f, &m, &tags) {
			f.Members = append(f.Members, m)
		}
	}
	if len(f.Members) == 0 && len(c.faults) == faults {
		c.fault(f.Path, fmt.Sprintf("the struct %s has no field that a query parameter could fill", t), "export its fields")
		return
	}
	c.plan.fields = append(c.plan.fields, *f)
}

// deepMember takes a field of f, a DeepObject. It is called by its query or json tag,
// or else as in Go.
func (c *compiler) deepMember(f, m *Field, tags *fieldTags) bool {
	ok := true
	switch {
	case tags.problem != "":
		c.fault(m.Path, tags.problem, tags.fix)
		return false
	case tags.has(int(Query)):
		if _, ok = c.readTag(m, tags.values[Query]); !ok {
			return false
		}
	default:
		for option := tags.values[tagJSON]; option != ""; {
			var word string
			word, option = cutOption(option)
			if format, formatted := strings.CutPrefix(word, "format:"); formatted {
				m.Format = unquote(format)
			}
		}
		m.Name, _, _ = strings.Cut(tags.values[tagJSON], ",")
	}
	if m.Name == "" {
		m.Name = m.goName()
	}
	switch {
	case m.Name == "-":
		c.fault(m.Path, `the query tag says "-", which would be a name like any other`, `write json:"-" in its place to leave the field out`)
		return false
	case strings.ContainsAny(m.Name, "[]"):
		c.fault(m.Path, fmt.Sprintf("the name %q has a bracket", m.Name), "write the name alone")
		return false
	case m.Type.Kind() == reflect.Slice || isParameters(indirect(m.Type)):
		c.fault(m.Path, "a field of a struct in the query is one value: OpenAPI says nothing of lists and structs there", "make it a query parameter of its own")
		return false
	case m.HasDefault && f.Type.Kind() == reflect.Pointer:
		c.fault(m.Path, "the struct is absent as a whole, and then has no default", "drop the default tag, or take the struct without a pointer")
		return false
	}
	m.Name = f.Name + "[" + m.Name + "]"
	p, ok := c.newParam(m, false, ok)
	if ok {
		*m = p.Field
	}
	return ok
}

// distribute puts the parameters where binding looks for them.
func (c *compiler) distribute() {
	var query, form []*param
	plan := c.plan
	for _, p := range c.params {
		switch p.Source {
		case Path:
			plan.path = append(plan.path, p)
		case Query:
			query = append(query, p)
		case Header:
			plan.headers = append(plan.headers, p)
		case Cookie:
			plan.cookies = append(plan.cookies, p)
		case Form:
			form = append(form, p)
		}
		if p.HasDefault {
			plan.defaults = append(plan.defaults, p)
		}
	}
	plan.query, plan.form = newTable(query), newTable(form)
}

// checkName returns the form of the name that it is looked up by.
func (c *compiler) checkName(f *Field) (key string, ok bool) {
	tag := tagNames[f.Source]
	switch {
	case f.Name == "":
		c.fault(f.Path, fmt.Sprintf("the %s tag is empty", tag), fmt.Sprintf(`write the name, like %s:"%s"`, tag, strings.ToLower(f.goName())))
		return "", false
	case f.Name == "-":
		c.fault(f.Path, fmt.Sprintf(`the %s tag says "-", which would be a name like any other`, tag), `write json:"-" in its place to leave the field out`)
		return "", false
	case strings.ContainsFunc(f.Name, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\uFFFD' }):
		c.fault(f.Path, fmt.Sprintf("the name in the %s tag has a space or a control character", tag), "write the name alone")
		return "", false
	}
	switch f.Source {
	case Path:
		if !c.anyPath && !slices.Contains(c.options.PathNames, f.Name) {
			c.fault(f.Path, fmt.Sprintf("the path has no {%s}", f.Name), "add the wildcard to the pattern, or name one that is there")
			return "", false
		}
	case Header:
		return c.checkHeader(f)
	case Cookie:
		if !syntax.IsToken(f.Name) {
			c.fault(f.Path, fmt.Sprintf("%q is not a name of a cookie", f.Name), "write a name like session")
			return "", false
		}
	}
	return f.Name, true
}

// checkHeader refuses the fields that servers take out of the header.
func (c *compiler) checkHeader(f *Field) (key string, ok bool) {
	key = textproto.CanonicalMIMEHeaderKey(f.Name)
	switch {
	case !syntax.IsToken(f.Name):
		c.fault(f.Path, fmt.Sprintf("%q is not a name of a header field", f.Name), "write a name like X-Trace")
	case key == "Host":
		c.fault(f.Path, "the Host field is part of the request's address and never among its header fields", "read typed.HTTPRequest(ctx).Host")
	case key == "Transfer-Encoding":
		c.fault(f.Path, "the server takes Transfer-Encoding out of the header when it decodes the content", "drop the field")
	case key == "Trailer":
		c.fault(f.Path, "the server takes Trailer out of the header", "read typed.HTTPRequest(ctx).Trailer after the body")
	default:
		return key, true
	}
	return "", false
}

// checkType says how text becomes a value of the field's type.
func (c *compiler) checkType(p *param, comma bool) bool {
	t := p.Type
	if value, nullable, ok := presence.Of(indirect(t)); ok {
		return c.checkPresence(p, value, nullable, comma) && c.checkForm(p, value)
	}
	p.scalar = scalarOf(t)
	switch source := p.Source.noun(); {
	case p.scalar.kind != unsupported:
	case t.Kind() == reflect.Pointer:
		t, p.pointer = t.Elem(), true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && scalarOf(t.Elem()).kind != own:
		c.fault(p.Path, fmt.Sprintf("bytes cannot be read from a %s", source), `use a string, or body:"" for the bytes of the body`)
		return false
	case t.Kind() == reflect.Slice && (p.Source == Path || p.Source == Cookie):
		c.fault(p.Path, fmt.Sprintf("a %s has one value, not a list", source), "use a single value, or a query parameter")
		return false
	case t.Kind() == reflect.Slice:
		t, p.list = t.Elem(), true
	}
	if p.list || p.pointer {
		p.scalar = scalarOf(t)
	}
	if p.scalar.kind == unsupported {
		c.fault(p.Path, fmt.Sprintf("a %s cannot be read into a %s", p.Source.noun(), p.Type), "use a string, bool, number, time.Time, time.Duration, a type with UnmarshalText, a pointer to one of them, or a slice in query, header and form")
		return false
	}
	if comma {
		if !p.list || p.Source != Query {
			c.fault(p.Path, "the option comma is for lists in the query", "drop the option")
			return false
		}
		p.Style = Comma
	}
	return c.checkForm(p, t)
}

// isParameters reports whether t, in the query, is a struct whose fields are parameters.
func isParameters(t reflect.Type) bool {
	_, _, present := presence.Of(t)
	return t.Kind() == reflect.Struct && !present && scalarOf(t).kind == unsupported
}

// checkPresence says how text becomes a value of a presence type, around value.
func (c *compiler) checkPresence(p *param, value reflect.Type, nullable, comma bool) bool {
	name, source := presence.Name(indirect(p.Type)), p.Source.noun()
	scalarType := indirect(value)
	p.scalar, p.optional = scalarOf(scalarType), true
	var problem, fix string
	switch {
	case p.Source == Path:
		problem, fix = fmt.Sprintf("a path parameter is always there, and so is no %s", name), fmt.Sprintf("use %s", scalarType)
	case nullable:
		problem, fix = fmt.Sprintf("a %s is never null, and so is no %s", source, name), fmt.Sprintf("use typed.Optional of %s", scalarType)
	case p.Type.Kind() == reflect.Pointer:
		problem, fix = fmt.Sprintf("a pointer to a %s says twice that it may be absent", name), "drop the pointer"
	case value.Kind() == reflect.Pointer:
		problem, fix = fmt.Sprintf("a %s of a pointer says twice that it may be absent", name), fmt.Sprintf("use typed.Optional of %s", scalarType)
	case value.Kind() == reflect.Slice && p.scalar.kind == unsupported:
		problem, fix = fmt.Sprintf("a list that was not sent is empty, and so is no %s", name), fmt.Sprintf("use %s", value)
	case isParameters(value) && p.Source == Query:
		problem, fix = fmt.Sprintf("a struct in the query is no %s", name), fmt.Sprintf("use *%s, which is nil when none of its parameters is sent", value)
	case p.scalar.kind == unsupported:
		problem, fix = fmt.Sprintf("a %s cannot be read into a %s of %s", source, name, value), "use an Optional of a string, bool, number, time.Time, time.Duration or a type with UnmarshalText"
	case comma:
		problem, fix = "the option comma is for lists in the query", "drop the option"
	default:
		return true
	}
	c.fault(p.Path, problem, fix)
	return false
}

// checkForm chooses among the forms that the text of a scalar of type t may have.
func (c *compiler) checkForm(p *param, t reflect.Type) bool {
	sc := &p.scalar
	switch {
	case p.Format != "":
		form, err := newJSONForm(t, p.Format)
		if err != nil || sc.kind != instant && sc.kind != duration {
			c.fault(p.Path, fmt.Sprintf("the format %s does not fit the type %s", p.Format, t), "write a format of a json tag for time.Time or time.Duration, such as format:DateOnly, format:'2006-01-02T15:04' or format:sec")
			return false
		}
		sc.kind, sc.more = formatted, form
	case sc.kind == instant && p.Source == Header && slices.Contains(dateFields, p.key):
		if p.list {
			c.fault(p.Path, fmt.Sprintf("%s has one value, not a list", p.key), "use time.Time")
			return false
		}
		sc.kind, p.Format = httpDate, HTTPDate
	case sc.kind == instant && p.key == "If-Range":
		c.fault(p.Path, "If-Range may hold an entity tag in place of a date", "use a string")
		return false
	case sc.kind == boolean && p.Source == Form:
		sc.kind = checkbox
	case sc.kind == own:
		sc.more = &jsonForm{detail: syntax.WrongText(t)}
	}
	p.skips, p.joins = p.EmptyIsAbsent(), p.joiner()
	return true
}

// dateFields are the header fields whose value is an HTTP-date (RFC 9110, RFC 9111, RFC 7089).
var dateFields = []string{"Accept-Datetime", "Date", "Expires", "If-Modified-Since", "If-Unmodified-Since", "Last-Modified"}

// singletons are header fields of requests that have one value, which may hold commas, so
// that lines of them are not to be joined (RFC 9110, 5.3 and 5.5).
var singletons = []string{
	"Access-Control-Request-Method", "Age", "Authorization", "Content-Length", "Content-Location", "Content-Range", "Content-Type",
	"Etag", "From", "Idempotency-Key", "If-Range", "Location", "Max-Forwards", "Origin", "Proxy-Authorization", "Range", "Referer", "Retry-After",
	"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-Websocket-Key", "Server", "User-Agent",
}

// joiner is what joins several lines of the header field to one text, before a space; 0
// where they are not to be joined.
func (p *param) joiner() byte {
	switch {
	case p.Source != Header || p.list || p.scalar.kind != text:
	case p.key == "Cookie": // RFC 9113, 8.2.3
		return ';'
	case !slices.Contains(singletons, p.key) && !slices.Contains(dateFields, p.key):
		return ','
	}
	return 0
}

// checkDefault parses the default, as a request without the parameter will.
func (c *compiler) checkDefault(p *param) {
	if !p.HasDefault {
		return
	}
	if p.optional {
		c.fault(p.Path, noDefault, noDefaultFix)
		return
	}
	if p.Source == Path {
		c.fault(p.Path, "a path parameter is never absent, so that its default is never used", "drop the default tag")
		return
	}
	written := p.Default()
	p.absent = &absent{texts: splitDefault(written, p.list)}
	// A struct of the field alone stands for the request.
	trial := *p
	trial.Index = []int{0}
	root := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "V", Type: p.Type}})).Elem()
	for _, s := range p.absent.texts {
		if v := trial.set(root, s); v != fits {
			_, detail := p.scalar.explain(v)
			c.fault(p.Path, fmt.Sprintf("the default %q does not fit: it %s", written, detail), "change the default or the type")
			return
		}
	}
	p.absent.written, p.FillsZero = trial.texts(root), root.IsZero()
	if zeroFails := c.options.ZeroFails; zeroFails != nil {
		p.absent.zero = zeroFails(reflect.StructField{Name: p.goName(), Type: p.Type, Tag: p.Tag})
	}
}

// What is wrong with the default of a presence type.
const (
	noDefault    = "an Optional or a Nullable with a default would never be absent"
	noDefaultFix = "drop the default tag, and let the handler say what stands for an absent value, as in.Field.Or(20) does"
)

// urlType reads no text, and its fields are no parameters.
var urlType = reflect.TypeFor[url.URL]()

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
