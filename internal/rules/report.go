package rules

import (
	"context"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// failures turns validator's errors into ours, at most a hundred of them.
func (c *Checker) failures(ctx context.Context, root reflect.Value, found validator.ValidationErrors) *Failures {
	out := &Failures{List: make([]Failure, 0, min(len(found), maxFailures))}
	slow := c.slow()
	l := &locator{root: root, members: slow.members}
	for _, fe := range found {
		failure, known, cacheable := slow.known.get(fe)
		if known {
			if !out.add(c.validator.worded(ctx, failure)) {
				break
			}
			continue
		}
		// The place mostly spells the path anew, which then serves without a copy.
		path := strings.TrimPrefix(fe.StructNamespace(), slow.name)
		where := l.locate(path)
		if string(where.field) != path {
			path = string(where.field)
		}
		failure = c.validator.failure(fe, path, where)
		if cacheable && isStatic(c.typ, path) {
			slow.known.put(fe, failure)
		}
		if !out.add(c.validator.worded(ctx, failure)) {
			break
		}
	}
	return out
}

func (v *Validator) failure(fe validator.FieldError, field string, where place) Failure {
	rule := broken(fe, where)
	name, param := fe.Tag(), rule.Param
	if len(rule.Any) > 0 {
		param = ""
	}
	text := plainSentences[name]
	if text == "" || name == rule.Name {
		text = v.wordings.sentence(rule, fe.Type())
	}
	return Failure{
		Field:   field,
		Pointer: string(where.pointer),
		Rule:    name,
		Param:   param,
		Message: text,
	}
}

// broken is the rule that an error of validator is about, with fields in its parameter
// under the names that the client knows.
func broken(fe validator.FieldError, where place) Rule {
	if text := fe.ActualTag(); strings.Contains(text, "|") {
		var rule Rule
		for alt := range strings.SplitSeq(text, "|") {
			rule.Any = append(rule.Any, wireParam(splitRule(alt), where))
		}
		return rule
	}
	return wireParam(Rule{Name: fe.ActualTag(), Param: fe.Param()}, where)
}

// wireParam renames the fields that a rule's parameter refers to.
func wireParam(r Rule, where place) Rule {
	tag, ok := Builtin(r.Name)
	if !ok || r.Param == "" || where.parent == nil || where.leaf == nil {
		return r
	}
	switch tag.Param {
	case FieldParam:
		r.Param = wirePath(where.parent, r.Param)
	case FieldsParam:
		words := splitList(r.Param)
		for i := range words {
			words[i] = wirePath(where.parent, words[i])
		}
		r.Param = strings.Join(words, " ")
	case PairsParam:
		words := splitList(r.Param)
		for i := range words {
			if i%2 == 0 {
				words[i] = wirePath(where.parent, words[i])
			} else if words[i] == "" || strings.Contains(words[i], " ") {
				words[i] = "'" + words[i] + "'"
			}
		}
		r.Param = strings.Join(words, " ")
	case MemberParam:
		if list := deref(where.leaf); list.Kind() == reflect.Slice || list.Kind() == reflect.Array {
			r.Param = wirePath(list.Elem(), r.Param)
		}
	}
	return r
}

// worded lets Options.Message replace the sentence.
func (v *Validator) worded(ctx context.Context, f Failure) Failure {
	if v.message != nil {
		if text := v.message(ctx, f); text != "" {
			f.Message = text
		}
	}
	return f
}
