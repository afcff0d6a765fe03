package rules_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// span refuses what ends before it begins, and says where in its own terms.
type span struct {
	From int `json:"from" validate:"min=0"`
	To   int `json:"to"`
}

func (s span) Validate(context.Context) error {
	if s.To < s.From {
		return &rules.Failures{List: []rules.Failure{{Field: "To", Rule: "order", Message: "must not be before from"}}}
	}
	return nil
}

// color is a type that judges itself and is no struct.
type color string

func (c *color) Validate(context.Context) error {
	if *c == "mauve" {
		return &rules.Failures{List: []rules.Failure{{Message: "must not be mauve"}}}
	}
	return nil
}

// outer judges itself by what its parts have promised.
type outer struct {
	Span  span `json:"span"`
	Limit int  `json:"limit"`
}

func (o outer) Validate(context.Context) error {
	if o.Span.To < o.Span.From {
		panic("asked although its part has failed")
	}
	if o.Span.To-o.Span.From > o.Limit {
		return &rules.Failures{List: []rules.Failure{{Pointer: "/span", Rule: "length"}}}
	}
	return nil
}

// maybe is a presence type, as typed declares them.
type maybe[T any] struct {
	_     presence.Optional
	value T
	state presence.State
}

func (m maybe[T]) ValidatorValue() any {
	if m.state != presence.Present {
		return nil
	}
	return m.value
}

type (
	page    struct{ Span span }
	promote struct {
		span
		Name string `json:"name"`
	}
	overrides struct {
		span
		Free bool `json:"free"`
	}
	throughPointer struct {
		*page
		Name string `json:"name"`
	}
	family struct {
		Span span              `json:"span"`
		Kids []family          `json:"kids" validate:"dive"`
		Next *family           `json:"next"`
		By   map[string]family `json:"by" validate:"dive"`
	}
	plainFamily struct{ Kids []plainFamily }
)

func (overrides) Validate(context.Context) error { return nil }

func TestSelfCheckersAtAnyDepth(t *testing.T) {
	t.Parallel()
	bad, good := span{2, 1}, span{1, 2}
	for _, tt := range []struct {
		name  string
		value any
		want  []string
	}{
		{"field", struct{ S span }{bad}, []string{"S.To /S/to order"}},
		{"field that is in order", struct{ S span }{good}, nil},
		{"pointer", struct{ S *span }{&bad}, []string{"S.To /S/to order"}},
		{"nil pointer", struct{ S *span }{}, nil},
		{"list", struct {
			S []span `json:"s" validate:"dive"`
		}{[]span{good, bad, bad}}, []string{"S[1].To /s/1/to order", "S[2].To /s/2/to order"}},
		{"array of pointers", struct {
			S [2]*span `validate:"dive"`
		}{[2]*span{nil, &bad}}, []string{"S[1].To /S/1/to order"}},
		{"map", struct {
			M map[string]span `validate:"dive"`
		}{map[string]span{"a.b": bad}}, []string{"M[a.b].To /M/a.b/to order"}},
		{"long key", struct {
			M map[string]span `validate:"dive"`
		}{map[string]span{strings.Repeat("x", maxKey+1): bad}}, []string{"M /M order"}},
		{"list as the root", []span{bad}, []string{"[0].To /0/to order"}},
		{"no struct", struct {
			C []color `json:"c"`
		}{[]color{"red", "mauve"}}, []string{"C[1] /c/1 validate"}},
		{"tags come first", struct{ A, B span }{span{-1, -2}, bad}, []string{"A.From /A/from min"}},
		{"left out", struct {
			S span `validate:"-"`
		}{bad}, nil},
		{"who is asking", struct {
			S span `auth:"bearer"`
		}{bad}, nil},
		{"inside first", outer{Span: bad}, []string{"Span.To /span/to order"}},
		{"then outside", outer{Span: span{0, 9}, Limit: 5}, []string{" /span length"}},
		{"outside, deeper", struct {
			O []outer `validate:"dive"`
		}{[]outer{{Span: span{0, 9}}}}, []string{"O[0] /O/0/span length"}},
		{"promoted, once", promote{span: bad}, []string{"To /to order"}},
		{"overridden", overrides{span: bad}, nil},
		{"below an embedded pointer", throughPointer{page: &page{bad}}, []string{"page.Span.To /Span/to order"}},
		{"below no embedded pointer", throughPointer{}, nil},
		{"recursive", family{Kids: []family{{By: map[string]family{"x": {Next: &family{Span: bad}}}}}},
			[]string{"Kids[0].By[x].Next.Span.To /kids/0/by/x/next/span/to order"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ptr := reflect.New(reflect.TypeOf(tt.value))
			ptr.Elem().Set(reflect.ValueOf(tt.value))
			checker, faults := rules.New(nil).Compile(ptr.Type().Elem())
			require.Empty(t, faults)
			err := checker.Check(context.Background(), ptr.Interface())
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			if diff := cmp.Diff(tt.want, places(failed(t, err))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A value that was not sent is not asked, and one that was is told by the name of its member.
func TestSelfCheckersInPresence(t *testing.T) {
	t.Parallel()
	type patch struct {
		S maybe[span] `json:"s"`
	}
	require.NoError(t, check(t, rules.New(nil), patch{maybe[span]{value: span{2, 1}}}))
	err := check(t, rules.New(nil), patch{maybe[span]{value: span{2, 1}, state: presence.Present}})
	require.Equal(t, []string{"S.To /s/to order"}, places(failed(t, err)))
}

// A hundred failures end the asking, as they end all else.
func TestSelfCheckersAreAskedNoFurther(t *testing.T) {
	t.Parallel()
	many := make([]span, 10_000)
	for i := range many {
		many[i] = span{2, 1}
	}
	failures := failed(t, check(t, rules.New(nil), many))
	require.Len(t, failures.List, 100)
	require.True(t, failures.Truncated)
	require.Equal(t, "[99].To", failures.List[99].Field)
}

// broken fails in a way that is no client's business.
type broken struct{ How string }

var errDatabase = errors.New("the database is away")

func (b broken) Validate(context.Context) error {
	if b.How == "panic" {
		panic("mine")
	}
	return fmt.Errorf("asking: %w", errDatabase)
}

func TestSelfCheckersThatBreak(t *testing.T) {
	t.Parallel()
	type in struct{ B []broken }
	err := check(t, rules.New(nil), in{[]broken{{}}})
	require.ErrorIs(t, err, errDatabase)
	_, told := errors.AsType[*rules.Failures](err)
	require.False(t, told)
	panicked, ok := errors.AsType[*rules.PanicError](check(t, rules.New(nil), in{[]broken{{"panic"}}}))
	require.True(t, ok)
	require.Equal(t, "Validate method", panicked.Where)
}

func TestHiddenSelfChecker(t *testing.T) {
	t.Parallel()
	type (
		part  struct{ color }
		other struct{ color }
		both  struct {
			part
			other
		}
	)
	_ = both{part{}, other{}} // they are read by reflection, which no linter sees
	v := rules.New(nil)
	for range 2 { // the second time as well
		_, faults := v.Compile(reflect.TypeFor[struct{ B *both }]())
		require.NotEmpty(t, faults)
		require.Equal(t, "field B.part: its method Validate would never be called: it is hidden, as by another embedded field that has one too: "+
			"give the struct around it a method Validate(context.Context) error that calls it", faults[0].Error())
	}
}

type spanned struct {
	*span
	Name string `json:"name"`
}

// A method that is promoted through a nil pointer panics, and a client decides what is nil.
func TestSelfCheckerBehindAnEmbeddedPointer(t *testing.T) {
	t.Parallel()
	_, faults := rules.New(nil).Compile(reflect.TypeFor[spanned]())
	require.Len(t, faults, 1)
	require.Equal(t, "field span: its method Validate belongs to the struct around it as well, and a request may leave the pointer nil: "+
		"embed the struct itself, or give the field a name", faults[0].Error())
}

// What holds no SelfChecker costs nothing.
func TestNoSelfCheckers(t *testing.T) {
	t.Parallel()
	c, faults := rules.New(nil).Compile(reflect.TypeFor[plainFamily]())
	require.Empty(t, faults)
	require.True(t, c.Idle())
}
