package bind

import (
	"fmt"
	"net/textproto"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// param takes a field that is read from text.
func (c *compiler) param(f *Field) {
	key, named := c.checkName(f)
	p, typed := c.paramOf(f, key)
	if !named || !typed || !c.unique(f, key) {
		if f.Source == Path {
			c.claimed = append(c.claimed, f.Name)
		}
		return
	}
	c.checkDefault(&p, f)
	p.bit = len(c.params)
	c.plan.fields = append(c.plan.fields, *f)
	c.params = append(c.params, p)
}

// paramRooms holds *[]param, for the parameters of a type while they are collected.
var paramRooms = sync.Pool{New: func() any {
	room := make([]param, 0, 16)
	return &room
}}

// settle puts the parameters where they stay, by their sources and beside their fields.
func (c *compiler) settle() {
	plan := c.plan
	plan.params = len(c.params)
	if plan.params == 0 {
		return
	}
	all := slices.Clone(c.params)
	next := 0
	for i := range plan.fields { // which stand where they are from now on
		if f := &plan.fields[i]; f.Source < Body {
			p := &all[next]
			p.Field, p.plain = f, !p.list && !p.pointer && len(f.Index) == 1
			next++
		}
	}
	lists := make([]*param, 0, len(all)) // those of all sources, one behind the other
	take := func(wanted func(*param) bool) []*param {
		start := len(lists)
		for i := range all {
			if wanted(&all[i]) {
				lists = append(lists, &all[i])
			}
		}
		return lists[start:len(lists):len(lists)]
	}
	of := func(s Source) []*param { return take(func(p *param) bool { return p.Source == s }) }
	plan.path, plan.headers, plan.cookies = of(Path), of(Header), of(Cookie)
	plan.query, plan.form = newTable(of(Query)), newTable(of(Form))
	plan.defaults = take(func(p *param) bool { return p.HasDefault })
}

// checkName returns the form of the name that it is looked up by.
func (c *compiler) checkName(f *Field) (key string, ok bool) {
	tag := tags[f.Source]
	switch {
	case f.Name == "":
		c.fault(f.Path, fmt.Sprintf("the %s tag is empty", tag), fmt.Sprintf(`write the name, like %s:"%s"`, tag, strings.ToLower(f.goName())))
		return "", false
	case strings.Contains(f.Name, ","):
		name, _, _ := strings.Cut(f.Name, ",")
		c.fault(f.Path, fmt.Sprintf("the %s tag has a comma, and there are no options", tag), fmt.Sprintf(`write %s:"%s"`, tag, name))
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
		key = textproto.CanonicalMIMEHeaderKey(f.Name)
		if !syntax.IsToken(f.Name) {
			c.fault(f.Path, fmt.Sprintf("%q is not a name of a header field", f.Name), "write a name like X-Trace")
			return "", false
		}
		if key == "Host" {
			c.fault(f.Path, "the Host field is part of the request's address and never among its header fields", "read typed.HTTPRequest(ctx).Host")
			return "", false
		}
		return key, true
	case Cookie:
		if !syntax.IsToken(f.Name) {
			c.fault(f.Path, fmt.Sprintf("%q is not a name of a cookie", f.Name), "write a name like session")
			return "", false
		}
	}
	return f.Name, true
}

// paramOf says how text becomes a value of the field's type. The param gets its field
// when all are collected.
func (c *compiler) paramOf(f *Field, key string) (p param, ok bool) {
	p.key = key
	t := f.Type
	p.scalar = scalarOf(t)
	switch {
	case p.scalar.kind != unsupported:
		return p, true
	case t.Kind() == reflect.Pointer:
		t, p.pointer = t.Elem(), true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && scalarOf(t.Elem()).kind != own:
		c.fault(f.Path, fmt.Sprintf("bytes cannot be read from a %s", f.Source.noun()), `use a string, or body:"" for the bytes of the body`)
		return p, false
	case t.Kind() == reflect.Slice && (f.Source == Path || f.Source == Cookie):
		c.fault(f.Path, fmt.Sprintf("a %s has one value, not a list", f.Source.noun()), "use a single value, or a query parameter")
		return p, false
	case t.Kind() == reflect.Slice:
		t, p.list = t.Elem(), true
	}
	if p.list || p.pointer {
		p.scalar = scalarOf(t)
	}
	if p.scalar.kind == unsupported {
		c.fault(f.Path, fmt.Sprintf("a %s cannot be read into a %s", f.Source.noun(), f.Type), "use a string, bool, number, time.Time, time.Duration, a type with UnmarshalText, a pointer to one of them, or a slice in query, header and form")
		return p, false
	}
	return p, true
}

// checkDefault parses the default, as a request without the parameter will.
func (c *compiler) checkDefault(p *param, f *Field) {
	if !f.HasDefault {
		return
	}
	if f.Source == Path {
		c.fault(f.Path, "a path parameter is never absent, so that its default is never used", "drop the default tag")
		return
	}
	written := f.Default()
	p.absent = &absent{texts: splitDefault(written, p.list)}
	// A struct of the field alone stands for the request.
	trial := *p
	trial.Field = &Field{Index: []int{0}}
	root := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "V", Type: f.Type}})).Elem()
	for _, s := range p.absent.texts {
		if v := trial.set(root, s); v != fits {
			_, detail := p.scalar.explain(v)
			c.fault(f.Path, fmt.Sprintf("the default %q does not fit: it %s", written, detail), "change the default or the type")
			return
		}
	}
	p.absent.written = trial.texts(root)
}
