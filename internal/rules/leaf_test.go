package rules_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/rules"
)

// TestFieldsAlike compiles fields of one type and tag in different structs: what is said of
// each is said of it alone, whichever came first.
func TestFieldsAlike(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	v := rules.New(&rules.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})

	type one struct {
		N int    `validate:"required,min=2"`
		S string `validate:"required,uuuid"`
		P string `validate:"eqfield=Q"`
		Q string
	}
	type other struct {
		In struct {
			N int    `validate:"required,min=2"`
			S string `validate:"required,uuuid"`
			P string `validate:"eqfield=Q"`
		}
	}
	_, faults := v.Compile(reflect.TypeFor[one]())
	require.Len(t, faults, 1)
	require.Equal(t, "S", faults[0].Field)
	for range 2 { // a type with faults is told of them each time
		_, faults = v.Compile(reflect.TypeFor[other]())
		require.Len(t, faults, 2)
		require.Equal(t, "In.S", faults[0].Field)
		require.Equal(t, "In.P", faults[1].Field)
	}
	require.Equal(t, 2, strings.Count(log.String(), "\n"), log.String())

	type good struct {
		N *int     `validate:"omitempty,min=2"`
		S []string `validate:"max=2,dive,max=3"`
	}
	type outer struct {
		A good
		B []good `validate:"dive"`
		_ string
	}
	low, enough := 1, 2
	for _, typ := range []reflect.Type{reflect.TypeFor[good](), reflect.TypeFor[outer](), reflect.TypeFor[good]()} {
		c, faults := v.Compile(typ)
		require.Empty(t, faults)
		require.True(t, rules.Covered(c))
	}
	require.NoError(t, v.Struct(outer{A: good{N: &enough, S: []string{"abc"}}}))
	err := v.Struct(outer{A: good{N: &low}, B: []good{{}, {S: []string{"a", "abcd"}}}})
	failures, ok := errors.AsType[*rules.Failures](err)
	require.True(t, ok)
	require.Len(t, failures.List, 2)
	require.Equal(t, "/A/N", failures.List[0].Pointer)
	require.Equal(t, "/B/1/S/1", failures.List[1].Pointer)
}

// TestFirstFailuresAtOnce judges the first values of a type from many goroutines: what
// values in doubt need is made then.
func TestFirstFailuresAtOnce(t *testing.T) {
	t.Parallel()
	type in struct {
		Name string   `json:"name" validate:"required,min=2"`
		Tags []string `json:"tags" validate:"max=2,dive,email"`
	}
	for range 20 {
		c, faults := rules.New(nil).Compile(reflect.TypeFor[in]())
		require.Empty(t, faults)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				value := &in{Name: "Ada", Tags: []string{"x"}}
				if i%2 == 0 {
					value = &in{Tags: []string{"a@example.com"}}
				}
				failures, ok := errors.AsType[*rules.Failures](c.Check(context.Background(), value))
				if !ok || len(failures.List) != 1 || failures.List[0].Pointer != []string{"/name", "/tags/0"}[i%2] {
					t.Errorf("%+v", failures)
				}
			})
		}
		all.Wait()
	}
}

// TestCompilingAllocatesLittle: compiling is paid for each endpoint of a program before its
// first request.
func TestCompilingAllocatesLittle(t *testing.T) {
	types := make([]reflect.Type, 102)
	for i := range types {
		types[i] = reflect.StructOf([]reflect.StructField{
			{Name: fmt.Sprint("Name", i), Type: reflect.TypeFor[string](), Tag: `validate:"required,min=2,max=64"`},
			{Name: "Age", Type: reflect.TypeFor[int](), Tag: `validate:"min=18,max=120"`},
			{Name: "Tags", Type: reflect.TypeFor[[]string](), Tag: `validate:"max=10,dive,max=20"`},
		})
	}
	for _, typ := range types {
		reflect.PointerTo(typ) // is made when it is first asked for; that of a declared type is there
	}
	v := rules.New(nil)
	i := 0
	n := testing.AllocsPerRun(len(types)-2, func() {
		if _, faults := v.Compile(types[i]); faults != nil {
			t.Fatal(faults)
		}
		i++
	})
	t.Log(n, "allocations")
	if n > 8 {
		t.Errorf("%v allocations", n)
	}
}
