package compat

import (
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/typed"
)

// severity is that of oasdiff, but where the server is stricter than it supposes.
func severity(rule string, op *typed.Operation, args []string, level checker.Level) checker.Level {
	switch {
	case op == nil:
	case rule == checker.RequestPropertyRemovedId && !op.AllowUnknown:
		return checker.ERR // unknown members are refused
	case rule == checker.RequestParameterRemovedId && len(args) > 0 && args[0] == "query" && hook.Binding(op).(*bind.Plan).StrictQuery():
		return checker.ERR
	case strings.HasPrefix(rule, "request-") && (strings.HasSuffix(rule, "-pattern-added") || strings.HasSuffix(rule, "-pattern-changed")):
		return checker.ERR // the server refuses what does not match
	case rule == checker.RequestPropertyTypeCompatibleId && hook.Binding(op).(*bind.Plan).LineType() != nil,
		rule == checker.ResponsePropertyTypeCompatibleId, rule == checker.ResponseBodyTypeCompatibleId:
		return checker.ERR // lines and events are JSON, in which a number is no text
	case strings.Contains(rule, "default-value-changed"), strings.Contains(rule, "default-value-removed"):
		return max(level, checker.WARN)
	}
	return level
}

// origin is the Go field or option that a change comes from.
func origin(rule string, op *typed.Operation, words []string) string {
	if op == nil {
		return "the endpoint"
	}
	switch {
	case strings.Contains(rule, "parameter"):
		return parameter(op, words)
	case strings.HasPrefix(rule, "request-") || strings.HasPrefix(rule, "new-") || strings.HasPrefix(rule, "added-"):
		return request(rule, op, words)
	case strings.Contains(rule, "response"):
		return response(rule, op, words)
	case strings.Contains(rule, "security"), strings.Contains(rule, "anonymous"):
		return security(op)
	case strings.Contains(rule, "operation-id"):
		return "typed.OperationID"
	case strings.Contains(rule, "tag"):
		return "typed.Tags"
	case strings.Contains(rule, "deprecat"), strings.Contains(rule, "reactivated"), strings.Contains(rule, "sunset"):
		return "typed.Deprecated"
	}
	return "the endpoint"
}

// sources are the words by which the document says where a parameter is.
var sources = []string{"path", "query", "header", "cookie"}

// parameter is the field of a parameter: its source and name follow each other.
func parameter(op *typed.Operation, words []string) string {
	for i := 0; i+1 < len(words); i++ {
		if !slices.Contains(sources, words[i]) {
			continue
		}
		fields := hook.Binding(op).(*bind.Plan).Fields()
		for _, f := range fields {
			fields = append(fields, f.Members...)
		}
		for _, f := range fields {
			if f.Source.String() == words[i] && f.Name == words[i+1] && f.Source != bind.Body && f.Source != bind.Member {
				return name(op.Request) + "." + f.Path
			}
		}
		return fmt.Sprintf("%s, field with the tag %s:%q", name(op.Request), words[i], words[i+1])
	}
	return name(op.Request)
}

// request is the field of a member of the body.
func request(rule string, op *typed.Operation, words []string) string {
	plan := hook.Binding(op).(*bind.Plan)
	switch {
	case strings.Contains(rule, "media-type"):
		return "typed.Accepts"
	case strings.Contains(rule, "property"):
		for _, f := range plan.Fields() {
			if (f.Source == bind.Form || f.Source == bind.Part) && slices.Contains(words, f.Name) {
				return name(op.Request) + "." + f.Path
			}
		}
		body := cmp.Or(plan.LineType(), plan.BodyType(), op.Request)
		return cmp.Or(member(body, words), name(body))
	}
	for _, f := range plan.Fields() {
		if f.Source == bind.Body {
			return name(op.Request) + "." + f.Path
		}
	}
	return name(op.Request)
}

// response is the field of a member of an answer, or the outcome of a status.
func response(rule string, op *typed.Operation, words []string) string {
	status := 0
	for _, w := range words {
		if n, err := strconv.Atoi(w); err == nil && n >= 100 && n < 600 {
			status = n
		}
	}
	for _, o := range op.Outcomes {
		if o.Status != status {
			continue
		}
		where := outcome(o.Name, status)
		if o.Name == "" && o.Payload != nil {
			where = "typed.Response[" + readable(o.Payload) + "]"
		}
		switch {
		case strings.Contains(rule, "header") && o.Name == "":
			return "typed.ResponseHeader"
		case strings.Contains(rule, "header"):
			return where + ", the tag headers"
		case strings.Contains(rule, "media-type"), o.Payload == nil:
			return where
		case strings.Contains(rule, "property"):
			return item(o.Payload, words)
		}
		return where
	}
	switch {
	case strings.Contains(rule, "header") && status != 0:
		return "typed.ResponseHeader"
	case op.Authenticate && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return security(op)
	}
	return outcome("", status)
}

// item is the field of a member of a payload, or of what a stream sends. Of events with
// kinds the first part of a path is the kind.
func item(payload reflect.Type, words []string) string {
	form, sent := hook.Items(payload)
	if form < answer.FormEvents {
		return cmp.Or(member(payload, words), name(payload))
	}
	if form == answer.FormLines {
		return cmp.Or(member(sent, words), name(sent))
	}
	variants, _ := stream.Variants(sent)
	for _, w := range words {
		kind, path, _ := strings.Cut(strings.Trim(w, "/"), "/")
		if kind == "message" && len(variants) == 0 {
			return cmp.Or(member(sent, []string{path}), name(sent))
		}
		for _, v := range variants {
			if v.Name == kind {
				return cmp.Or(member(v.Type, []string{path}), name(sent)+"."+sent.Field(v.Field).Name)
			}
		}
	}
	return fmt.Sprintf("%s, event %q", name(sent), words[0])
}

// outcome names the field of an outcome set, or the option of a Response.
func outcome(field string, status int) string {
	switch {
	case field != "":
		return "outcome " + field
	case status >= http.StatusBadRequest:
		return fmt.Sprintf("outcome %d or typed.Fails(%d)", status, status)
	case status != 0:
		return fmt.Sprintf("outcome %d or typed.Status(%d)", status, status)
	}
	return "the outcomes"
}

func security(op *typed.Operation) string {
	for _, f := range hook.Binding(op).(*bind.Plan).Fields() {
		if f.Source == bind.Auth {
			return name(op.Request) + "." + f.Path
		}
	}
	return "typed.Security"
}

// member is the field that one of the words is a path of JSON names to: "address/city".
// Of a member that is gone the struct that had it is known, and its JSON name.
func member(t reflect.Type, words []string) string {
	best, length := "", -1
	for _, w := range words {
		if found, n := walk(t, strings.Split(strings.Trim(w, "/"), "/")); n > length {
			best, length = found, n
		}
	}
	return best
}

// walk follows JSON names through Go types. steps is how many of them have a field.
func walk(t reflect.Type, path []string) (found string, steps int) {
	for i, part := range path {
		t = element(t)
		if part == "items" || part == "additionalProperties" {
			continue // element has gone there
		}
		if t.Kind() != reflect.Struct {
			return found, steps
		}
		members, err := jsonx.Members(t)
		if err != nil {
			return found, steps
		}
		at := slices.IndexFunc(members, func(m jsonx.Member) bool { return m.Name == part && !m.Rest })
		if at < 0 {
			if i == len(path)-1 {
				return fmt.Sprintf("%s, member %q", name(t), part), steps
			}
			return found, steps
		}
		found, steps = name(t)+"."+members[at].Field.Name, steps+1
		t = members[at].Type
	}
	return found, steps
}

// element is what is in pointers, lists and maps.
func element(t reflect.Type) reflect.Type {
	for {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			t = t.Elem()
		default:
			return t
		}
	}
}

// readable is a payload type without the packages.
func readable(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + readable(t.Elem())
	case reflect.Slice:
		return "[]" + readable(t.Elem())
	}
	return cmp.Or(t.Name(), t.Kind().String())
}

func name(t reflect.Type) string {
	if t = element(t); t.Name() != "" {
		return t.Name()
	}
	return "the struct"
}
