package rules_test

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/stretchr/testify/require"
)

type ruled struct {
	Name string `validate:"required"`
}

type Embedded struct {
	Inside string `validate:"max=3"`
}

type node struct {
	Next *node
	Bad  int `validate:"email"`
}

type valuer struct{ s string }

func (v valuer) ValidatorValue() any { return v.s }

type twoArgs struct{}

func (twoArgs) Check(int) error { return nil }

// refusal is a value of a type with one mistake, and how the fault begins.
type refusal struct {
	name  string
	value any
	fault string
}

func requireRefused(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checker, faults := quiet().Compile(reflect.TypeOf(c.value))
			require.Nil(t, checker)
			require.Len(t, faults, 1, "%v", faults)
			require.True(t, strings.HasPrefix(faults[0].String(), c.fault), "got  %s\nwant %s", faults[0].String(), c.fault)
		})
	}
}

func TestAuditRefuses(t *testing.T) {
	t.Parallel()
	requireRefused(t, []refusal{
		{"unknown", struct {
			A string `validate:"emial"`
		}{}, "field A: tag emial: validator knows no such tag: write email, or give"},
		{"far from all", struct {
			A string `validate:"frobnicate"`
		}{}, "field A: tag frobnicate: validator knows no such tag: give Validator.Register"},
		{"blank", struct {
			A string `validate:"min=1, max=2"`
		}{}, "field A: tag  max=2: validator knows no such tag: remove the blank"},
		{"empty rule", struct {
			A string `validate:"min=1,"`
		}{}, "field A: tag min=1,: the tag has an empty rule: remove the extra comma"},
		{"empty alternative", struct {
			A string `validate:"email|"`
		}{}, "field A: tag email|: the tag has an empty alternative"},
		{"word as alternative", struct {
			A string `validate:"omitempty|email"`
		}{}, "field A: tag omitempty|email: omitempty cannot be an alternative"},
		{"hidden by omitempty", struct {
			A int `validate:"omitempty,min=abc"`
		}{}, "field A: tag min=abc: the parameter is no number that fits int: write a number"},
		{"no parameter", struct {
			A int `validate:"min"`
		}{}, "field A: tag min: the parameter is no number"},
		{"parameter too many", struct {
			A string `validate:"email=x"`
		}{}, "field A: tag email=x: email takes no parameter: remove =x"},
		{"steering word with parameter", struct {
			A string `validate:"omitempty=1"`
		}{}, "field A: tag omitempty=1: omitempty takes no parameter"},
		{"negative uint", struct {
			A uint `validate:"min=-1"`
		}{}, "field A: tag min=-1: the parameter is no number"},
		{"NaN", struct {
			A float64 `validate:"lt=NaN"`
		}{}, "field A: tag lt=NaN: nothing compares with NaN"},
		{"duration", struct {
			A time.Duration `validate:"lt=1 hour"`
		}{}, "field A: tag lt=1 hour: the parameter is no number that fits int64: write a duration such as"},
		{"time with parameter", struct {
			A time.Time `validate:"gt=3"`
		}{}, "field A: tag gt=3: gt compares a time with now"},
		{"eq without value", struct {
			A string `validate:"eq"`
		}{}, "field A: tag eq: the value to compare with is missing"},
		{"eq bool", struct {
			A bool `validate:"eq=maybe"`
		}{}, "field A: tag eq=maybe: the parameter is no bool"},
		{"empty list", struct {
			A string `validate:"oneof="`
		}{}, "field A: tag oneof=: the list is empty"},
		{"list of numbers", struct {
			A int8 `validate:"oneof=1 02"`
		}{}, `field A: tag oneof=1 02: "02" is no int8 in plain decimal digits`},
		{"list too wide", struct {
			A uint8 `validate:"oneof=1 256"`
		}{}, `field A: tag oneof=1 256: "256" is no uint8 in plain decimal digits`},
		{"empty text", struct {
			A string `validate:"contains="`
		}{}, "field A: tag contains=: the parameter is empty"},
		{"two runes", struct {
			A string `validate:"containsrune=ab"`
		}{}, "field A: tag containsrune=ab: only the first character"},
		{"layout", struct {
			A string `validate:"datetime=yyyy-mm-dd"`
		}{}, "field A: tag datetime=yyyy-mm-dd: the parameter is no layout"},
		{"country", struct {
			A string `validate:"postcode_iso3166_alpha2=de"`
		}{}, "field A: tag postcode_iso3166_alpha2=de: the parameter is no ISO 3166-1"},
		{"spicedb", struct {
			A string `validate:"spicedb=x"`
		}{}, "field A: tag spicedb=x: spicedb panics"},
		{"no method", struct {
			A ruled `validate:"validateFn=Nope"`
		}{}, "field A: tag validateFn=Nope: there is no method Nope"},
		{"method of another shape", struct {
			A twoArgs `validate:"validateFn=Check"`
		}{}, "field A: tag validateFn=Check: the method Check has other parameters"},

		{"min on any", struct {
			A any `validate:"min=1"`
		}{}, "field A: tag min=1: a client chooses what an interface holds"},
		{"oneof on any", struct {
			A any `validate:"oneof=1 2"`
		}{}, "field A: tag oneof=1 2: a client chooses what an interface holds"},
		{"dive into map of any", struct {
			A map[string]any `validate:"dive,max=3"`
		}{}, "field A: tag max=3: a client chooses what an interface holds"},
		{"unique any", struct {
			A []any `validate:"unique"`
		}{}, "field A: tag unique: unique panics on elements that cannot be map keys"},
		{"unique with any inside", struct {
			A []struct{ B [1]any } `validate:"unique"`
		}{}, "field A: tag unique: unique panics"},
		{"unique pointers to slices", struct {
			A []*[]int `validate:"unique"`
		}{}, "field A: tag unique: unique panics"},
		{"unique by field of a map", struct {
			A map[string]ruled `validate:"unique=Name,dive"`
		}{}, "field A: tag unique=Name: on maps validator ignores"},
		{"unique by field of scalars", struct {
			A []int `validate:"unique=Name"`
		}{}, "field A: tag unique=Name: the elements have no fields"},
		{"unique by missing field", struct {
			A []ruled `validate:"unique=Nom,dive"`
		}{}, `field A: tag unique=Nom: there is no field "Nom"`},
		{"unique by unexported field", struct {
			A []valuer `validate:"unique=s"`
		}{}, "field A: tag unique=s: unique panics on the unexported field s"},
		{"unique by field of any", struct {
			A []struct{ B *any } `validate:"unique=B"`
		}{}, "field A: tag unique=B: unique panics on values"},

		{"dive on scalar", struct {
			A int `validate:"dive"`
		}{}, "field A: tag dive: dive panics on int"},
		{"dive too deep", struct {
			A []any `validate:"dive,dive"`
		}{}, "field A: tag dive: dive panics on an interface"},
		{"keys of a slice", struct {
			A []int `validate:"dive,keys,min=1,endkeys"`
		}{}, "field A: tag keys: only maps have keys"},
		{"keys without dive", struct {
			A map[string]int `validate:"keys,min=1,endkeys"`
		}{}, "field A: tag keys,min=1,endkeys: keys does not follow dive"},
		{"keys without end", struct {
			A map[string]int `validate:"dive,keys,min=1"`
		}{}, "field A: tag dive,keys,min=1: keys without endkeys"},
		{"endkeys alone", struct {
			A map[string]int `validate:"endkeys"`
		}{}, "field A: tag endkeys: endkeys without keys"},
		{"wrong rule for keys", struct {
			A map[int]string `validate:"dive,keys,email,endkeys"`
		}{}, "field A: tag email: email does not fit int"},
		{"no dive", struct {
			A []ruled
		}{}, "field A: the elements have rules, and without dive"},
		{"no dive below", struct {
			A map[string][]*ruled `validate:"dive"`
		}{}, "field A: the elements have rules, and without dive"},
		{"unexported", struct {
			a string `validate:"required"`
		}{}, "field a: tag required: validator never looks at unexported fields"},
		{"after structonly", struct {
			A ruled `validate:"structonly,required"`
		}{}, "field A: tag required: nothing after structonly is run"},
		{"nostructlevel", struct {
			A ruled `validate:"nostructlevel"`
		}{}, "field A: tag nostructlevel: validator v10 checks none of the fields inside"},
		{"disk", struct {
			A string `validate:"omitempty,file"`
		}{}, "field A: tag file: it tells a client which files the server has: remove it"},
		{"recursive", node{}, "field Bad: tag email: email does not fit int"},
		{"nested", struct {
			Items []struct{ Sub *node } `validate:"dive"`
		}{}, "field Items.Sub.Bad: tag email"},
		{"slice of structs", []node{}, "field Bad: tag email"},
		{"pointers to pointers only", struct {
			A nobody `validate:"min=1"`
		}{}, "field A: tag min=1: min does not fit ptr"},
	})
}

// nobody never points to anything else.
type nobody *nobody

type tree map[string]tree

func TestAuditAccepts(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		struct {
			A string   `validate:"eqfield=B[0]"`
			B []string `validate:"omitempty,dive,oneof='a b' c"`
			C string   `validate:"required_if=D.Name x E true F nil G 1.5 H 3"`
			D *ruled
			E *bool
			F map[string]int
			G float64
			H []int
			I string            `validate:"required_with=M[k] D.Name,excluded_unless=A 'x y'"`
			M map[string]string `validate:"dive,keys,endkeys"`
			J []byte            `validate:"json"`
			K valuer            `validate:"email"`
			L string            `validate:"iscolor|eq=none"`
			N []*ruled          `validate:"unique=Name,dive"`
			O []ruled           `validate:"-"`
			P ruled             `validate:"structonly"`
			Q []any             `validate:"max=3,dive"`
			R *int              `validate:"required_if=C x,omitempty,min=3"`
			S *string           `validate:"required_without=A,excluded_with=C"`
		}{},
		struct{ A nobody }{}, nobody(nil), tree{}, struct {
			A tree `validate:"dive"`
		}{},
		node{}.Next, []int{}, 3, map[string]string{}, time.Time{}, struct{ x []ruled }{},
	} {
		if value == (*node)(nil) {
			continue
		}
		_, faults := quiet().Compile(reflect.TypeOf(value))
		require.Empty(t, faults)
	}
}

// All mistakes of a type are told at once.
func TestAuditTellsAll(t *testing.T) {
	t.Parallel()
	_, faults := quiet().Compile(reflect.TypeFor[struct {
		A int `validate:"email,min=x"`
		B int `validate:"nope"`
		C struct {
			D string `validate:"port"`
		}
	}]())
	require.Len(t, faults, 4)
	require.Equal(t, fault.Fault{Field: "C.D", Problem: "tag port: port does not fit string, only int and uint",
		Fix: "remove it, or change the field's type"}, faults[3])
}

func TestWarnsOfRequiredOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	v := rules.New(&rules.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	type flags struct {
		On    bool  `validate:"required"`
		Count *int  `validate:"required"`
		Many  []int `validate:"required,dive,required"`
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[flags](), reflect.TypeFor[[]flags](), reflect.TypeFor[flags]()} {
		_, faults := v.Compile(typ)
		require.Empty(t, faults)
	}
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	require.Contains(t, log.String(), "required on a plain bool refuses false")
}
