package rules_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	v := quiet()
	v.Register("odd", func(_ context.Context, fl validator.FieldLevel) bool { return fl.Field().Int()%2 == 1 }, `{"not":{"multipleOf":2}}`)
	v.Register("email", func(_ context.Context, fl validator.FieldLevel) bool {
		return strings.HasSuffix(fl.Field().String(), "@corp")
	}, "")
	v.RegisterAlias("slug", "min=3,max=5,lowercase")
	v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
		if p := sl.Current().Interface().(period); p.From > p.To {
			sl.ReportError(p.To, "to", "To", "order", "From")
		}
	}, period{})

	type form struct {
		N      int      `json:"n" validate:"odd"`
		Email  string   `json:"email" validate:"email"`
		Slug   string   `json:"slug" validate:"slug"`
		Name   string   `json:"name" validate:"max=3"`
		Period *period  `json:"period"`
		More   []period `json:"more" validate:"dive"`
	}
	good := form{N: 1, Email: "ada@corp", Slug: "abc", Period: &period{}}
	checker, faults := v.Compile(reflect.TypeFor[form]())
	require.Empty(t, faults)
	require.False(t, rules.Covered(checker))
	require.NoError(t, checker.Check(context.Background(), &good))

	bad := form{N: 2, Email: "ada@example.com", Slug: "ABC", Name: "toolong", Period: &period{From: 1}, More: []period{{}, {From: 2}}}
	want := []string{
		"N /n odd", "Email /email email", "Slug /slug slug", "Name /name max", "Period.To /period/To order", "More[1].To /more/1/To order",
	}
	require.Equal(t, want, places(failed(t, checker.Check(context.Background(), &bad))))
	bad.Name = "" // what the fast path covers is in order now, the rest is not
	require.Equal(t, append(want[:3:3], want[4:]...), places(failed(t, checker.Check(context.Background(), &bad))))

	schema, ok := v.Schema("odd")
	require.True(t, ok)
	require.Equal(t, `{"not":{"multipleOf":2}}`, schema)
	_, ok = v.Schema("min")
	require.False(t, ok)
	require.Equal(t, "min=3,max=5,lowercase", v.Aliases()["slug"])

	require.Panics(t, func() { v.Register("late", func(context.Context, validator.FieldLevel) bool { return true }, "") })
	require.Panics(t, func() { quiet().Register("nil", nil, "") })
	require.Panics(t, func() {
		quiet().Register("", func(context.Context, validator.FieldLevel) bool { return true }, "")
	})
	require.Panics(t, func() { quiet().RegisterAlias("email", "min=3") })
	require.Panics(t, func() {
		quiet().Register("iscolor", func(context.Context, validator.FieldLevel) bool { return true }, "")
	})
	require.Panics(t, func() {
		rules.New(&rules.Options{Validate: validator.New()}).RegisterAlias("a", "min=1")
	})
}

func TestRegisteredFunctionPanics(t *testing.T) {
	t.Parallel()
	v := quiet()
	v.Register("boom", func(context.Context, validator.FieldLevel) bool { panic("mine") }, "")
	type form struct {
		A string `validate:"boom"`
	}
	err := check(t, v, form{})
	require.ErrorContains(t, err, "panic in tag boom: mine")
	require.ErrorAs(t, err, new(*rules.PanicError))
}

func TestOwnEngine(t *testing.T) {
	t.Parallel()
	engine := validator.New()
	engine.SetTagName("rules")
	require.NoError(t, engine.RegisterValidation("odd", func(fl validator.FieldLevel) bool { return fl.Field().Int()%2 == 1 }))
	engine.RegisterTagNameFunc(func(reflect.StructField) string { return "x" })
	require.Panics(t, func() { rules.New(&rules.Options{Validate: engine}) })
	v := rules.New(&rules.Options{Validate: engine, TagName: "rules"})
	require.Equal(t, "rules", v.TagName())
	type form struct {
		N []int `rules:"dive,odd"`
	}
	require.Equal(t, []string{"N[1] /N/1 odd"}, places(failed(t, check(t, v, form{[]int{1, 2}}))))
	_, faults := v.Compile(reflect.TypeFor[struct {
		N int `rules:"even"`
	}]())
	require.Len(t, faults, 1)
	require.Empty(t, failed(t, check(t, rules.New(&rules.Options{TagName: "rules"}), struct {
		N string `rules:"email" validate:"nosuch"`
	}{})).Unwrap())
}
