package respond

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
)

func init() {
	hook.Outcome = outcomeOf
	hook.Builder = func(x any) *answer.Builder { b, _ := x.(source).source(); return b }
	hook.Form = func(t reflect.Type) answer.Form { return answer.FormOf(t, reflect.TypeFor[HTML]()) }
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

// outcomeOf is not content with the method: a struct that embeds a Response has it as well.
func outcomeOf(x any) (*answer.Builder, answer.Role) {
	s, ok := x.(source)
	if !ok || reflect.TypeOf(x).Elem().PkgPath() != reflect.TypeFor[Empty]().PkgPath() {
		return nil, 0
	}
	return s.source()
}
