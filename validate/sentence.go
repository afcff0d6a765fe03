package validate

import (
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// failures turns validator's errors into ours, at most a hundred of them.
func (c *Checker) failures(root reflect.Value, found validator.ValidationErrors) *Failures {
	out := &Failures{List: make([]Failure, 0, min(len(found), maxFailures))}
	l := &locator{root: root}
	for _, fe := range found {
		where := l.locate(strings.TrimPrefix(fe.StructNamespace(), c.name))
		rule := Rule{Name: fe.ActualTag(), Param: fe.Param()}
		failure := Failure{
			Field:   string(where.field),
			Pointer: string(where.pointer),
			Rule:    fe.Tag(),
			Param:   rule.Param,
			Message: "breaks the rule " + fe.Tag(),
		}
		if !out.add(c.validator.worded(failure)) {
			break
		}
	}
	return out
}

// worded lets Options.Message have its say.
func (v *Validator) worded(f Failure) Failure {
	if v.message != nil {
		if text := v.message(f); text != "" {
			f.Message = text
		}
	}
	return f
}
