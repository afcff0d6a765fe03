package validate_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/validate"
	"github.com/go-playground/validator/v10"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

type city struct {
	City string `json:"city" validate:"required"`
}

// failed returns the failures in err, which must hold some.
func failed(t *testing.T, err error) *validate.Failures {
	t.Helper()
	failures, ok := errors.AsType[*validate.Failures](err)
	require.True(t, ok, "want failures, got %v", err)
	return failures
}

func TestStruct(t *testing.T) {
	t.Parallel()
	require.NoError(t, validate.Struct(city{"x"}))
	require.NoError(t, validate.Struct(nil))
	require.NoError(t, validate.Struct((*city)(nil)))
	p := &city{}
	for _, value := range []any{city{}, p, &p, []city{{}}, map[string]*city{"k": p}} {
		err := validate.Struct(value)
		require.Len(t, failed(t, err).List, 1)
		require.Equal(t, "required", failed(t, err).List[0].Rule)
		require.Contains(t, err.Error(), "/city: ")
	}
	require.PanicsWithValue(t, "validate: struct { A int \"validate:\\\"nosuchtag\\\"\" }: field A: tag nosuchtag: validator knows no such tag: "+
		"give Validator.Register a function for it, or write one of validator's tags", func() {
		_ = validate.Struct(struct {
			A int `validate:"nosuchtag"`
		}{})
	})
}

func TestMessage(t *testing.T) {
	t.Parallel()
	type form struct {
		A string `json:"a" validate:"min=2"`
		B string `json:"b" validate:"max=1"`
	}
	v := validate.New(&validate.Options{Message: func(ctx context.Context, f validate.Failure) string {
		require.NotNil(t, ctx)
		if f.Rule == "max" {
			return ""
		}
		return "needs " + f.Param + " (" + f.Message + ")"
	}})
	for range 2 { // the second time from what is remembered
		require.Equal(t, "/a: needs 2 (must be at least 2 characters long); /b: must be at most 1 character long",
			v.Struct(form{B: "xx"}).Error())
	}
}

// told is what Validate returns, and what is told of it; nil where the error is ours.
type told struct {
	name string
	err  error
	want []validate.Failure
}

type emptyJoin struct{}

func (emptyJoin) Error() string   { return "secret" }
func (emptyJoin) Unwrap() []error { return nil }

type selfChecked struct {
	From int `json:"from"`
	err  error
}

func (s selfChecked) Validate(context.Context) error { return s.err }

// Only a Failure is told: the text of another error may hold values, paths and addresses.
func TestOutside(t *testing.T) {
	t.Parallel()
	one := validate.Failure{Field: "From", Message: "must be earlier"}
	two := validate.Failure{Pointer: "/x", Rule: "r", Param: "p"}
	firstTold := validate.Failure{Field: "From", Pointer: "/from", Rule: "validate", Message: "must be earlier"}
	secondTold := validate.Failure{Pointer: "/x", Rule: "r", Param: "p", Message: "breaks the rule r"}
	_, number := strconv.Atoi("secret")
	_, file := os.Open("/no/such/secret")
	dial := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{Port: 1}, Err: errors.New("secret")}
	var none *validate.Failures
	for _, c := range []told{
		{"a failure", one, []validate.Failure{firstTold}},
		{"a pointer to one", &one, []validate.Failure{firstTold}},
		{"wrapped", fmt.Errorf("secret: %w", fmt.Errorf("secret: %w", one)), []validate.Failure{firstTold}},
		{"joined", errors.Join(one, two), []validate.Failure{firstTold, secondTold}},
		{"joined and wrapped", fmt.Errorf("secret: %w", errors.Join(one, fmt.Errorf("secret: %w", two))), []validate.Failure{firstTold, secondTold}},
		{"several", fmt.Errorf("secret: %w", &validate.Failures{List: []validate.Failure{one, two}}), []validate.Failure{firstTold, secondTold}},
		{"plain", errors.New("secret"), nil},
		{"a join of nothing", emptyJoin{}, nil},
		{"strconv", number, nil},
		{"os", file, nil},
		{"net", dial, nil},
		{"plain beside a failure", errors.Join(one, file), nil},
		{"plain beside a failure, wrapped", fmt.Errorf("%w: %w", number, one), nil},
	} {
		t.Run("S3 "+c.name, func(t *testing.T) {
			t.Parallel()
			err := validate.Struct(selfChecked{err: c.err})
			if c.want == nil {
				require.ErrorIs(t, err, c.err)
				_, ok := errors.AsType[*validate.Failures](err)
				require.False(t, ok)
				require.ErrorContains(t, err, "the Validate method of validate_test.selfChecked returned an error that is no validate.Failure")
				return
			}
			require.Empty(t, cmp.Diff(&validate.Failures{List: c.want}, failed(t, err), cmpopts.IgnoreUnexported(validate.Failures{})))
			require.ErrorIs(t, err, c.err)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	t.Run("S3 nothing in a list", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, validate.Struct(selfChecked{err: none}))
		require.NoError(t, validate.Struct(selfChecked{err: &validate.Failures{}}))
	})
	t.Run("S3 truncated", func(t *testing.T) {
		t.Parallel()
		require.True(t, failed(t, validate.Struct(selfChecked{err: &validate.Failures{List: []validate.Failure{two}, Truncated: true}})).Truncated)
	})
}

// A function for whole structs reports fields by their Go names.
func TestRegisterStruct(t *testing.T) {
	type span struct {
		From int `json:"from"`
		To   int `json:"to"`
	}
	v := validate.New(nil)
	v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
		if s := sl.Current().Interface().(span); s.To < s.From {
			sl.ReportError(s.To, "to", "To", "after", "")
		}
	}, span{})
	if err := v.Struct(span{1, 2}); err != nil {
		t.Error(err)
	}
	failures, ok := v.Struct(span{2, 1}).(*validate.Failures)
	if !ok || len(failures.List) != 1 || failures.List[0].Pointer != "/to" || failures.List[0].Rule != "after" {
		t.Errorf("%+v", failures)
	}
}

// Failures name three of many on a line.
func TestFailuresOnALine(t *testing.T) {
	type many struct {
		A, B, C, D, E string `validate:"required"`
	}
	err := validate.Struct(many{})
	if text := err.Error(); !strings.HasSuffix(text, "; and 2 more") || strings.Count(text, ";") != 3 {
		t.Error(text)
	}
}
