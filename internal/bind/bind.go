package bind

import (
	"reflect"

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
}

// Bind reads a request into dst, a pointer to a zero request value. pathValues are
// the decoded values of the pattern's wildcards in order. Nil means that everything
// was bound, defaults included; dst has not been validated. After a problem dst is
// not to be used.
func (p *Plan) Bind(req wire.Request, pathValues []string, dst any) *respond.Problem {
	if p.nothing && req.RawQuery() == "" { // else the query may be malformed
		return nil
	}
	b := binding{plan: p, root: reflect.ValueOf(dst).Elem()}
	b.allocate()
	for i, param := range p.path {
		if i < len(pathValues) {
			b.bind(param, pathValues[i])
		}
	}
	if query := req.RawQuery(); query != "" {
		if r := b.bindPairs(query, &p.query, Query); r != nil {
			return r
		}
	}
	b.bindHeaders(req)
	b.bindCookies(req)
	if len(b.list) > 0 {
		if r := b.malformed(); r != nil {
			return r
		}
	}
	if p.body.kind != NoBody {
		if r := b.bindBody(req, dst); r != nil {
			return r
		}
	}
	if len(b.list) > 0 {
		return Invalid(b.list, b.truncated)
	}
	b.setDefaults()
	return nil
}

// bind gives one text to a parameter.
func (b *binding) bind(p *param, s string) {
	if b.seen.has(p.bit) && !p.list {
		if !b.twice.has(p.bit) {
			b.twice.add(p.bit)
			b.fail(p, "repeated", "must be given only once")
		}
		return
	}
	b.seen.add(p.bit)
	if v := p.set(b.root, s); v != fits {
		rule, detail := p.scalar.explain(v)
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
