package respond

import (
	"errors"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
)

func init() {
	hook.Builder = builderOf
	hook.Form = func(t reflect.Type) answer.Form { return answer.FormOf(t, reflect.TypeFor[HTML]()) }
	hook.Accept = accept
	hook.FreeAnswer = func(a any) *answer.Answer { return &a.(*Answer).answer }
	hook.WriteProblem = writeProblem
}

// source is what Response and the outcomes have in common.
type source interface {
	source() (*answer.Builder, answer.Role)
}

func (r *Response[T]) source() (*answer.Builder, answer.Role) {
	return &r.core.builder, answer.RoleResponse
}
func (r *Reply[T]) source() (*answer.Builder, answer.Role) { return &r.builder, answer.RoleReply }
func (e *Empty) source() (*answer.Builder, answer.Role)    { return &e.builder, answer.RoleEmpty }
func (r *Redirect) source() (*answer.Builder, answer.Role) { return &r.builder, answer.RoleRedirect }

// builderOf is not content with the method: a struct that embeds a Response has it as well.
func builderOf(x any) (*answer.Builder, answer.Role) {
	s, ok := x.(source)
	if !ok || reflect.TypeOf(x).Elem().PkgPath() != reflect.TypeFor[Empty]().PkgPath() {
		return nil, 0
	}
	return s.source()
}

var errForeign = errors.New("the Answer was not made by the Response or outcome set of this request: use the one that the handler was given")

// accept checks that a comes from out by the address of its Builder.
func accept(a, out any, p *answer.Plan) (*answer.Answer, error) {
	given := &a.(*Answer).answer
	switch {
	case given.Kind == answer.None:
		return nil, answer.ErrNone
	case given.From.Source == nil || given.From.Source.Plan != p:
		return nil, errForeign
	}
	if field := given.From.Source.Field; field >= 0 {
		out = reflect.ValueOf(out).Elem().Field(field).Addr().Interface()
	}
	if b, _ := out.(source).source(); b != given.From {
		return nil, errForeign
	}
	return given, nil
}
