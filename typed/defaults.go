package typed

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// checkDefaults lets the validator judge the declared defaults: a request that
// leaves a parameter out must not be refused for a value it never sent.
func (e *endpoint) checkDefaults(req reflect.Type) []fault {
	if !slices.ContainsFunc(e.binding.Fields(), func(f bind.Field) bool { return f.HasDefault }) {
		return nil
	}
	fields := map[string]bind.Field{}
	for _, f := range e.binding.Fields() {
		if f.HasDefault {
			fields[f.Path] = f
		}
	}
	in := reflect.New(req)
	e.binding.SetDefaults(in.Interface())
	failures, ok := e.checker.Check(context.Background(), in.Interface()).(*rules.Failures)
	if !ok {
		return nil
	}
	var faults []fault
	for _, f := range failures.List {
		path, _, _ := strings.Cut(f.Field, "[")
		if field, ok := fields[path]; ok {
			faults = append(faults, fault{
				path,
				fmt.Sprintf("the default %q breaks its own rule %s: it %s", field.Default(), f.Rule, f.Message),
				"change the default or the rule",
			})
		}
	}
	return faults
}
