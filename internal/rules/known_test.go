package rules_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/apiroutes/apiroutes/internal/rules"
)

// TestKnownFailuresStayTheSame breaks the same rules again and again: what is
// remembered must not differ from what was found out, whatever came between.
func TestKnownFailuresStayTheSame(t *testing.T) {
	type inner struct {
		Code string `json:"code" validate:"len=2"`
	}
	type body struct {
		Name   string           `json:"name" validate:"required,min=3"`
		Age    int              `json:"age" validate:"min=18"`
		Kind   string           `json:"kind" validate:"oneof=a b|len=7"`
		Other  string           `json:"other" validate:"eqfield=Name"`
		Below  inner            `json:"below"`
		Next   *body            `json:"next"`
		Items  []inner          `json:"items" validate:"dive"`
		ByName map[string]inner `json:"byName" validate:"dive"`
	}
	values := []body{
		{Name: "x", Kind: "z", Below: inner{"1"}},
		{Name: "x", Kind: "a", Other: "y", Age: 20, Below: inner{"22"}, Items: []inner{{"1"}, {"22"}}},
		{Name: "", Kind: "b", Age: 18, Below: inner{"22"}, Next: &body{Name: "long", Kind: "a", Age: 3, ByName: map[string]inner{"k.y": {"1"}}}},
		{Name: "yes", Kind: "a", Age: 1, Other: "yes", Below: inner{"333"}, Items: []inner{{"22"}, {"1"}}},
	}
	fresh := func(v *body) *rules.Failures { return failuresOf(t, rules.New(nil), v) }
	used := rules.New(nil)
	for range 3 {
		for i := range values {
			got, want := failuresOf(t, used, &values[i]), fresh(&values[i])
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(rules.Failures{})); diff != "" {
				t.Errorf("value %d: %s", i, diff)
			}
		}
	}
}

func failuresOf(t *testing.T, v *rules.Validator, value any) *rules.Failures {
	t.Helper()
	c, faults := v.Compile(reflect.TypeOf(value).Elem())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	found, ok := errors.AsType[*rules.Failures](c.Check(context.Background(), value))
	if !ok {
		t.Fatal("nothing was found")
	}
	return found
}
