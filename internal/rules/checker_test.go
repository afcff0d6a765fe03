//lint:file-ignore SA5008 unusual json tags are the cases

package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// check compiles T and judges one value with it.
func check[T any](t *testing.T, v *rules.Validator, value T) error {
	t.Helper()
	checker, faults := v.Compile(reflect.TypeFor[T]())
	require.Empty(t, faults)
	return checker.Check(context.Background(), &value)
}

// failed returns the failures in err, which must hold some.
func failed(t *testing.T, err error) *rules.Failures {
	t.Helper()
	failures, ok := errors.AsType[*rules.Failures](err)
	require.True(t, ok, "want failures, got %v", err)
	return failures
}

func places(failures *rules.Failures) []string {
	var out []string
	for _, f := range failures.List {
		out = append(out, f.Field+" "+f.Pointer+" "+f.Rule)
	}
	return out
}

type city struct {
	City string `json:"city" validate:"required"`
}

type Paging struct {
	Limit int `query:"limit" json:"limit" validate:"min=1"`
}

type Generic[T any] struct {
	Value T `json:"value" validate:"required"`
}

type level int

func (l level) String() string { return fmt.Sprintf("<level.%d]", int(l)) }

func (l level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "L%d", int(l)), nil }

type everywhere struct {
	Paging
	*city   `json:"place"`
	Address city                       `json:"addr/ess~1"`
	Tags    []string                   `json:"tags" validate:"dive,required"`
	Grid    [][]int                    `validate:"dive,dive,max=3"`
	Labels  map[string]map[string]city `json:"labels" validate:"dive,dive"`
	Levels  map[level]city             `json:"levels" validate:"dive"`
	Counts  map[int8]int               `json:"counts" validate:"dive,max=3"`
	Quoted  string                     `json:"'a,\\'b'" validate:"omitempty,len=2"`
	Ptr     **Generic[city]            `json:"ptr"`
	Spread  struct{ Deep city }        `json:",embed"`
	Hidden  string                     `json:"-" validate:"required"`
	Odd     string                     `json:"'open" validate:"required"`
	Slash   string                     `json:"'a\\u002fb',omitempty" validate:"required"`
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	deep := &Generic[city]{}
	value := everywhere{
		city:   &city{},
		Tags:   []string{"a", "", "c", ""},
		Grid:   [][]int{nil, {1, 4}},
		Labels: map[string]map[string]city{"a.b].City": {"x/~[0]": {}}},
		Levels: map[level]city{3: {}},
		Counts: map[int8]int{-7: 9},
		Quoted: "abc",
		Ptr:    &deep,
	}
	want := []string{
		"Paging.Limit /limit min",
		"city.City /place/city required",
		"Address.City /addr~1ess~01/city required",
		"Tags[1] /tags/1 required",
		"Tags[3] /tags/3 required",
		"Grid[1][1] /Grid/1/1 max",
		"Labels[a.b].City][x/~[0]].City /labels/a.b].City/x~1~0[0]/city required",
		"Levels[<level.3]].City /levels/L3/city required",
		"Counts[-7] /counts/-7 max",
		"Quoted /a,'b len",
		"Ptr.Value /ptr/value required",
		"Spread.Deep.City /Deep/city required",
		"Hidden /Hidden required",
		"Odd /'open required",
		"Slash /a~1b required",
	}
	require.Empty(t, cmp.Diff(want, places(failed(t, check(t, rules.New(nil), value)))))
}

func TestRoots(t *testing.T) {
	t.Parallel()
	v := rules.New(nil)
	require.Equal(t, []string{"[1].City /1/city required"}, places(failed(t, check(t, v, []city{{"x"}, {}}))))
	require.Equal(t, []string{"[k][0].City /k/0/city required"}, places(failed(t, check(t, v, map[string][]*city{"k": {{}, nil}}))))
	require.Equal(t, []string{"City /city required"}, places(failed(t, check(t, v, &city{}))))
	require.Equal(t, []string{"Value /value required"}, places(failed(t, check(t, v, Generic[Generic[int]]{}))))
	require.Equal(t, []string{"A /a min"}, places(failed(t, check(t, v, struct {
		A string `json:"a" validate:"min=1"`
	}{}))))
	require.NoError(t, check(t, v, 0))
	require.NoError(t, check(t, v, []string{""}))
	require.NoError(t, check(t, v, (*city)(nil)))
	require.NoError(t, check[any](t, v, nil))
	require.NoError(t, (*rules.Checker)(nil).Check(context.Background(), nil))
}

func TestAtMostAHundred(t *testing.T) {
	t.Parallel()
	type wrong struct {
		Numbers []int `json:"numbers" validate:"dive,min=1"`
	}
	failures := failed(t, check(t, rules.New(nil), wrong{make([]int, 100_000)}))
	require.Len(t, failures.List, 100)
	require.True(t, failures.Truncated)
	require.Equal(t, "/numbers/0: must be at least 1; /numbers/1: must be at least 1; "+
		"/numbers/2: must be at least 1; and 97 more", failures.Error())

	text, err := json.Marshal(failures)
	require.NoError(t, err)
	require.Less(t, len(text), 64<<10)

	failures = failed(t, check(t, rules.New(nil), wrong{make([]int, 100)}))
	require.Len(t, failures.List, 100)
	require.False(t, failures.Truncated)
}

// A client chooses map keys: a long one is not repeated, and many do not add up.
func TestLongKeys(t *testing.T) {
	t.Parallel()
	type labels struct {
		M map[string]city            `json:"m" validate:"dive"`
		N map[string]map[string]city `json:"n" validate:"dive,dive"`
	}
	value := labels{
		M: map[string]city{strings.Repeat("]", 300<<10): {}},
		N: map[string]map[string]city{"in": {strings.Repeat("x", maxKey+1): {}}},
	}
	require.Equal(t, []string{"M /m required", "N[in] /n/in required"},
		places(failed(t, check(t, rules.New(nil), value))))

	value = labels{M: map[string]city{}}
	for i := range 3000 {
		value.M[fmt.Sprintf("%0100d", i)] = city{}
	}
	failures := failed(t, check(t, rules.New(nil), value))
	require.True(t, len(failures.List) == 100 && failures.Truncated)
	text, err := json.Marshal(failures)
	require.NoError(t, err)
	require.Less(t, len(text), 64<<10)
}

const maxKey = 128

// period judges itself.
type period struct {
	From, To int `validate:"min=0"`
	Mode     string
}

func (p period) Validate(ctx context.Context) error {
	switch p.Mode {
	case "order":
		if p.To < p.From {
			return &rules.Failures{List: []rules.Failure{{Field: "To", Message: "must not be before From"}}}
		}
	case "canceled":
		return fmt.Errorf("asking: %w", context.Canceled)
	case "panic":
		panic("mine")
	}
	return nil
}

func TestSelfChecker(t *testing.T) {
	t.Parallel()
	v := rules.New(nil)
	require.NoError(t, check(t, v, period{From: 1, To: 2, Mode: "order"}))
	require.Equal(t, []string{"From /From min"}, places(failed(t, check(t, v, period{From: -1, Mode: "panic"}))))

	failures := failed(t, check(t, v, period{From: 3, To: 2, Mode: "order"}))
	require.Equal(t, []rules.Failure{{Field: "To", Pointer: "/To", Rule: "validate", Message: "must not be before From"}}, failures.List)
	require.Error(t, failures.Unwrap())

	require.ErrorIs(t, check(t, v, period{Mode: "canceled"}), context.Canceled)

	err := check(t, v, period{Mode: "panic"})
	panicked, ok := errors.AsType[*rules.PanicError](err)
	require.True(t, ok)
	require.Equal(t, "Validate method", panicked.Where)
	require.Contains(t, err.Error(), "mine")
}

// An engine of the user's own is not audited for its own tags, so it can be made to panic.
func TestPanicOnAClientsValue(t *testing.T) {
	t.Parallel()
	engine := validator.New()
	require.NoError(t, engine.RegisterValidation("odd", func(fl validator.FieldLevel) bool { return fl.Field().Int()%2 == 1 }))
	var reports []error
	v := rules.New(&rules.Options{
		Validate: engine,
		Report:   func(_ context.Context, err error) { reports = append(reports, err) },
	})
	type loose struct {
		Name  string `json:"name" validate:"required"`
		Value any    `json:"value" validate:"omitempty,odd"`
	}
	require.NoError(t, check(t, v, loose{"x", 3}))
	failures := failed(t, check(t, v, loose{"", "three"}))
	require.Equal(t, []string{"Name /name required", "Value /value kind"}, places(failures))
	require.Len(t, reports, 1)
	require.Contains(t, reports[0].Error(), "panicked")

	failures = failed(t, check(t, v, []loose{{"", "three"}}))
	require.Equal(t, []string{"  kind"}, places(failures))
}

// escape is a reference token of RFC 6901.
func escape(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}
