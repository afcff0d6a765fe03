package bind

import (
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// AppendURL appends the path and query of a request whose value is in, a Req or *Req;
// pat must have the names that the plan was compiled with. Binding the result gives
// the path and query parameters of in back. A query parameter is left out when its
// absence says the same: it has the value of its default or, without one, is zero.
func (p *Plan) AppendURL(dst []byte, pat *pattern.Pattern, in any) []byte {
	root := reflect.ValueOf(in)
	if root.Kind() == reflect.Pointer {
		root = root.Elem()
	}
	values := make([]string, len(p.path))
	for i, param := range p.path {
		if texts := param.textsIn(root); len(texts) > 0 {
			values[i] = texts[0]
		}
	}
	dst = pat.Append(dst, values)
	separator := byte('?')
	for _, param := range p.query.params {
		texts := param.textsIn(root)
		if param.impliedBy(root, texts) {
			continue
		}
		for _, s := range texts {
			dst = append(dst, separator)
			dst = syntax.AppendQuery(dst, param.Name)
			dst = append(dst, '=')
			dst = syntax.AppendQuery(dst, s)
			separator = '&'
		}
	}
	return dst
}

// textsIn is texts, for a value that may lie below an embedded pointer that is nil:
// nothing is then said.
func (p *param) textsIn(root reflect.Value) []string {
	if _, err := root.FieldByIndexErr(p.Index); err != nil {
		return nil
	}
	return p.texts(root)
}

// impliedBy reports whether a request without the parameter binds the same value.
func (p *param) impliedBy(root reflect.Value, texts []string) bool {
	if p.HasDefault {
		return slices.Equal(texts, p.absent.written)
	}
	return len(texts) == 0 || !p.list && p.in(root).IsZero()
}
