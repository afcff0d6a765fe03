package rules_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
)

// beyond are rules that only validator judges.
var beyond = []ruleCase{
	{"iso4217", reflect.TypeFor[string](), pick("EUR", "USD", "eur", "")},
	{"omitempty,semver", reflect.TypeFor[string](), pick("1.2.3", "1.2", "")},
	{"latitude", reflect.TypeFor[string](), pick("45", "91", "-90.0")},
	{"cidr|email", reflect.TypeFor[string](), pick("10.0.0.0/8", "a@b.c", "x")},
	{"odd", reflect.TypeFor[int](), random},
	{"dive,odd", reflect.TypeFor[[]int](), random},
	{"required_with=F0", reflect.TypeFor[string](), random},
	{"", reflect.TypeFor[period](), random},
	{"dive", reflect.TypeFor[map[string]period](), random},
}

func pick(values ...string) func(*rand.Rand, reflect.Value) {
	return func(r *rand.Rand, v reflect.Value) {
		fillWith(r, v, func(v reflect.Value) { v.SetString(values[r.IntN(len(values))]) })
	}
}

// Where the fast path covers only some fields, the rest goes to validator: together
// they find what validator finds alone.
func TestHandsOver(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	valid, values := 0, 0
	for values < rounds(100_000) {
		v, engine := quiet(), validator.New(validator.WithRequiredStructEnabled())
		odd := func(_ context.Context, fl validator.FieldLevel) bool { return fl.Field().Int()%2 != 0 }
		ordered := func(_ context.Context, sl validator.StructLevel) {
			if p := sl.Current().Interface().(period); p.From > p.To {
				sl.ReportError(p.To, "To", "To", "ordered", "")
			}
		}
		v.Register("odd", odd, "")
		v.RegisterStruct(ordered, period{})
		require.NoError(t, engine.RegisterValidationCtx("odd", odd))
		engine.RegisterStructValidationCtx(ordered, period{})

		b := newBuilder(r)
		b.cases = append(b.cases[:len(b.cases):len(b.cases)], slices.Repeat(beyond, 10)...)
		target := b.structure(2)
		checker, faults := v.Compile(target)
		require.Empty(t, faults, "%v", target)
		for range 10 {
			values++
			ptr := reflect.New(target)
			b.fill(ptr.Elem())
			var want, got []string
			if errs, ok := engine.Struct(ptr.Interface()).(validator.ValidationErrors); ok {
				for _, fe := range errs {
					want = append(want, fe.StructNamespace()+" "+fe.Tag())
				}
			} else {
				valid++
			}
			if err := checker.Check(context.Background(), ptr.Interface()); err != nil {
				failures := failed(t, err)
				if failures.Truncated {
					require.Greater(t, len(want), 100)
					continue
				}
				for _, f := range failures.List {
					got = append(got, f.Field+" "+f.Rule)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"), "%v", target)
		}
	}
	t.Logf("%d values, %d valid", values, valid)
	require.Greater(t, valid, values/50)
}

// A field that only validator judges does not take its neighbours off the fast path,
// and recursive types hand over where they are not covered.
func TestHandsOverRecursive(t *testing.T) {
	t.Parallel()
	type tree struct {
		Name     string  `validate:"required,max=3"`
		Currency string  `validate:"omitempty,iso4217"`
		Left     *tree   `validate:"omitempty"`
		Children []*tree `validate:"max=2,dive"`
	}
	v := rules.New(nil)
	good := tree{Name: "a", Left: &tree{Name: "b", Currency: "EUR"}, Children: []*tree{{Name: "c"}, nil}}
	require.NoError(t, check(t, v, good))
	good.Left.Currency = "XX"
	require.Equal(t, []string{"Left.Currency /Left/Currency iso4217"}, places(failed(t, check(t, v, good))))
	good.Left.Currency, good.Currency = "", "XX"
	require.Equal(t, []string{"Currency /Currency iso4217"}, places(failed(t, check(t, v, good))))

	type list struct {
		Value int   `validate:"min=1"`
		Next  *list `json:"next"`
	}
	checker, faults := v.Compile(reflect.TypeFor[list]())
	require.Empty(t, faults)
	require.True(t, rules.Covered(checker))
	require.NoError(t, check(t, v, list{1, &list{2, nil}}))
	require.Equal(t, []string{"Next.Value /next/Value min"}, places(failed(t, check(t, v, list{1, &list{0, nil}}))))
}

// wrapped is judged by the struct that it stands for.
type wrapped struct{ name string }

func (w wrapped) ValidatorValue() any { return ruled{w.name} }

// What UnmarshalJSON puts into an interface is looked into as validator does it.
func TestDynamicStructs(t *testing.T) {
	t.Parallel()
	type holder struct {
		Any any `json:"any"`
	}
	v := rules.New(nil)
	for _, fine := range []any{nil, "x", 1.5, true, []any{1.0}, map[string]any{"a": nil}, ruled{"x"}, 7} {
		require.NoError(t, check(t, v, holder{fine}))
	}
	type valued struct{ V wrapped }
	require.NoError(t, check(t, v, valued{wrapped{"x"}}))
	require.Len(t, failed(t, check(t, v, valued{})).List, 1)
	require.Equal(t, []string{"Any.Name /any/Name required"}, places(failed(t, check(t, v, holder{ruled{}}))))
	require.Equal(t, []string{"Any.Name /any/Name required"}, places(failed(t, check(t, v, holder{&ruled{}}))))
}
