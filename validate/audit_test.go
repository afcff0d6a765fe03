package validate_test

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/validate"
	"github.com/go-playground/validator/v10"
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

func TestAuditRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		value any
		fault string // beginning of the fault
	}{
		{"unknown", struct {
			A string `validate:"emial"`
		}{}, "field A: emial: validator knows no such tag: write email, or give"},
		{"far from all", struct {
			A string `validate:"frobnicate"`
		}{}, "field A: frobnicate: validator knows no such tag: give Validator.Register"},
		{"blank", struct {
			A string `validate:"min=1, max=2"`
		}{}, "field A:  max=2: validator knows no such tag: remove the blank"},
		{"empty rule", struct {
			A string `validate:"min=1,"`
		}{}, "field A: min=1,: the tag has an empty rule: remove the comma"},
		{"empty alternative", struct {
			A string `validate:"email|"`
		}{}, "field A: email|: the tag has an empty alternative"},
		{"word as alternative", struct {
			A string `validate:"omitempty|email"`
		}{}, "field A: omitempty|email: omitempty cannot be an alternative"},
		{"hidden by omitempty", struct {
			A int `validate:"omitempty,min=abc"`
		}{}, "field A: min=abc: the parameter is no number that fits int: write a number"},
		{"no parameter", struct {
			A int `validate:"min"`
		}{}, "field A: min: the parameter is no number"},
		{"parameter too many", struct {
			A string `validate:"email=x"`
		}{}, "field A: email=x: email takes no parameter: remove =x"},
		{"steering word with parameter", struct {
			A string `validate:"omitempty=1"`
		}{}, "field A: omitempty=1: omitempty takes no parameter"},
		{"negative uint", struct {
			A uint `validate:"min=-1"`
		}{}, "field A: min=-1: the parameter is no number"},
		{"NaN", struct {
			A float64 `validate:"lt=NaN"`
		}{}, "field A: lt=NaN: nothing compares with NaN"},
		{"duration", struct {
			A time.Duration `validate:"lt=1 hour"`
		}{}, "field A: lt=1 hour: the parameter is no number that fits int64: write a duration such as"},
		{"time with parameter", struct {
			A time.Time `validate:"gt=3"`
		}{}, "field A: gt=3: gt compares a time with now"},
		{"eq without value", struct {
			A string `validate:"eq"`
		}{}, "field A: eq: the value to compare with is missing"},
		{"eq bool", struct {
			A bool `validate:"eq=maybe"`
		}{}, "field A: eq=maybe: the parameter is no bool"},
		{"empty list", struct {
			A string `validate:"oneof="`
		}{}, "field A: oneof=: the list is empty"},
		{"list of numbers", struct {
			A int8 `validate:"oneof=1 02"`
		}{}, `field A: oneof=1 02: no int8 is written as "02"`},
		{"list too wide", struct {
			A uint8 `validate:"oneof=1 256"`
		}{}, `field A: oneof=1 256: no uint8 is written as "256"`},
		{"empty text", struct {
			A string `validate:"contains="`
		}{}, "field A: contains=: the parameter is empty"},
		{"two runes", struct {
			A string `validate:"containsrune=ab"`
		}{}, "field A: containsrune=ab: only the first character"},
		{"layout", struct {
			A string `validate:"datetime=yyyy-mm-dd"`
		}{}, "field A: datetime=yyyy-mm-dd: the parameter is no layout"},
		{"country", struct {
			A string `validate:"postcode_iso3166_alpha2=de"`
		}{}, "field A: postcode_iso3166_alpha2=de: the parameter is no ISO 3166-1"},
		{"spicedb", struct {
			A string `validate:"spicedb=x"`
		}{}, "field A: spicedb=x: spicedb panics"},
		{"no method", struct {
			A ruled `validate:"validateFn=Nope"`
		}{}, "field A: validateFn=Nope: there is no method Nope"},
		{"method of another shape", struct {
			A twoArgs `validate:"validateFn=Check"`
		}{}, "field A: validateFn=Check: the method Check has other parameters"},

		{"min on any", struct {
			A any `validate:"min=1"`
		}{}, "field A: min=1: a client chooses what an interface holds"},
		{"oneof on any", struct {
			A any `validate:"oneof=1 2"`
		}{}, "field A: oneof=1 2: a client chooses what an interface holds"},
		{"dive into map of any", struct {
			A map[string]any `validate:"dive,max=3"`
		}{}, "field A: max=3: a client chooses what an interface holds"},
		{"unique any", struct {
			A []any `validate:"unique"`
		}{}, "field A: unique: unique panics on elements that cannot be map keys"},
		{"unique with any inside", struct {
			A []struct{ B [1]any } `validate:"unique"`
		}{}, "field A: unique: unique panics"},
		{"unique pointers to slices", struct {
			A []*[]int `validate:"unique"`
		}{}, "field A: unique: unique panics"},
		{"unique by field of a map", struct {
			A map[string]ruled `validate:"unique=Name,dive"`
		}{}, "field A: unique=Name: on maps validator ignores"},
		{"unique by field of scalars", struct {
			A []int `validate:"unique=Name"`
		}{}, "field A: unique=Name: the elements have no fields"},
		{"unique by missing field", struct {
			A []ruled `validate:"unique=Nom,dive"`
		}{}, `field A: unique=Nom: there is no field "Nom"`},
		{"unique by unexported field", struct {
			A []valuer `validate:"unique=s"`
		}{}, "field A: unique=s: unique panics on the unexported field s"},
		{"unique by field of any", struct {
			A []struct{ B *any } `validate:"unique=B"`
		}{}, "field A: unique=B: unique panics on values"},

		{"dive on scalar", struct {
			A int `validate:"dive"`
		}{}, "field A: dive: dive panics on int"},
		{"dive too deep", struct {
			A []any `validate:"dive,dive"`
		}{}, "field A: dive: dive panics on an interface"},
		{"keys of a slice", struct {
			A []int `validate:"dive,keys,min=1,endkeys"`
		}{}, "field A: keys: only maps have keys"},
		{"keys without dive", struct {
			A map[string]int `validate:"keys,min=1,endkeys"`
		}{}, "field A: keys,min=1,endkeys: keys does not follow dive"},
		{"keys without end", struct {
			A map[string]int `validate:"dive,keys,min=1"`
		}{}, "field A: dive,keys,min=1: keys without endkeys"},
		{"endkeys alone", struct {
			A map[string]int `validate:"endkeys"`
		}{}, "field A: endkeys: endkeys without keys"},
		{"wrong rule for keys", struct {
			A map[int]string `validate:"dive,keys,email,endkeys"`
		}{}, "field A: email: email does not fit int"},
		{"no dive", struct {
			A []ruled
		}{}, "field A: the elements have rules, and without dive"},
		{"no dive below", struct {
			A map[string][]*ruled `validate:"dive"`
		}{}, "field A: the elements have rules, and without dive"},
		{"unexported", struct {
			a string `validate:"required"`
		}{}, "field a: required: validator never looks at unexported fields"},
		{"after structonly", struct {
			A ruled `validate:"structonly,required"`
		}{}, "field A: required: nothing after structonly is run"},
		{"nostructlevel", struct {
			A ruled `validate:"nostructlevel"`
		}{}, "field A: nostructlevel: validator v10 checks none of the fields inside"},
		{"disk", struct {
			A string `validate:"omitempty,file"`
		}{}, "field A: file: it tells a client which files the server has: remove it"},
		{"recursive", node{}, "field Bad: email: email does not fit int"},
		{"nested", struct {
			Items []struct{ Sub *node } `validate:"dive"`
		}{}, "field Items.Sub.Bad: email"},
		{"slice of structs", []node{}, "field Bad: email"},

		{"no such field", struct {
			A string `validate:"eqfield=B"`
		}{}, `field A: eqfield=B: there is no field "B" beside it`},
		{"no field named", struct {
			A string `validate:"eqfield="`
		}{}, "field A: eqfield=: it names no field"},
		{"other kind", struct {
			A string `validate:"eqfield=B"`
			B int
		}{}, "field A: eqfield=B: string cannot be compared with int"},
		{"behind embedded pointer", struct {
			*Embedded
			A string `validate:"eqfield=Inside"`
		}{}, `field A: eqfield=Inside: the field "Inside" lies behind an embedded pointer`},
		{"postcode of a pointer", struct {
			A string `validate:"postcode_iso3166_alpha2_field=B"`
			B *string
		}{}, "field A: postcode_iso3166_alpha2_field=B: it panics unless"},
		{"no fields", struct {
			A string `validate:"required_with="`
		}{}, "field A: required_with=: it names no field"},
		{"missing among fields", struct {
			A string `validate:"required_with=A C"`
		}{}, `field A: required_with=A C: there is no field "C"`},
		{"odd pairs", struct {
			A string `validate:"required_if=A"`
		}{}, "field A: required_if=A: fields and values do not pair up"},
		{"pair twice", struct {
			A string `validate:"required_if=A x A y"`
		}{}, "field A: required_if=A x A y: validator panics on a field named twice"},
		{"pair of no field", struct {
			A string `validate:"required_if=B x"`
		}{}, `field A: required_if=B x: there is no field "B"`},
		{"pair with int", struct {
			A string `validate:"required_if=B x"`
			B int
		}{}, `field A: required_if=B x: "x" is no value of kind int`},
		{"pair with uint", struct {
			A string `validate:"required_if=B x"`
			B uint
		}{}, `field A: required_if=B x: "x" is no value`},
		{"pair with float", struct {
			A string `validate:"required_if=B x"`
			B float32
		}{}, `field A: required_if=B x: "x" is no value`},
		{"pair with bool", struct {
			A string `validate:"required_if=B 1"`
			B bool
		}{}, `field A: required_if=B 1: "1" is neither true nor false`},
		{"pair with slice", struct {
			A string `validate:"required_if=B x"`
			B []int
		}{}, `field A: required_if=B x: "x" is no value`},
		{"pair with any", struct {
			A string `validate:"required_if=B x"`
			B any
		}{}, "field A: required_if=B x: a client chooses"},
		{"pair with struct", struct {
			A string `validate:"required_if=B x"`
			B ruled
		}{}, "field A: required_if=B x: struct never equals"},
		{"path to nowhere", struct {
			A string `validate:"eqfield=A.B"`
		}{}, `field A: eqfield=A.B: "A.B" does not lead to a field`},
		{"index of nothing", struct {
			A string `validate:"eqfield=A[0]"`
		}{}, `field A: eqfield=A[0]: "A[0]" has an index where there is nothing to index`},
		{"index without end", struct {
			A string `validate:"eqfield=B[0"`
			B []string
		}{}, `field A: eqfield=B[0: "B[0" lacks a closing bracket`},
		{"index by name", struct {
			A string `validate:"eqfield=B[x]"`
			B []string
		}{}, `field A: eqfield=B[x]: "B[x]" has an index that is no number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checker, faults := quiet().Compile(reflect.TypeOf(c.value))
			require.Nil(t, checker)
			require.Len(t, faults, 1, "%v", faults)
			require.True(t, strings.HasPrefix(faults[0].Error(), c.fault), "got  %s\nwant %s", faults[0].Error(), c.fault)
		})
	}
}

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
	require.Equal(t, validate.Fault{Field: "C.D", Tag: "port", Problem: "port does not fit string, only int and uint",
		Mend: "remove it, or change the field's type"}, faults[3])
}

func TestWarnsOfRequiredOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	v := validate.New(&validate.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
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

func TestRegister(t *testing.T) {
	t.Parallel()
	v := quiet()
	v.Register("odd", func(_ context.Context, fl validator.FieldLevel) bool { return fl.Field().Int()%2 == 1 }, `{"not":{"multipleOf":2}}`)
	v.Register("email", func(_ context.Context, fl validator.FieldLevel) bool { return strings.HasSuffix(fl.Field().String(), "@corp") }, "")
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
	require.False(t, validate.Covered(checker))
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
	require.Panics(t, func() {
		validate.New(&validate.Options{Validate: validator.New()}).RegisterAlias("a", "min=1")
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
	require.ErrorAs(t, err, new(*validate.PanicError))
}

func TestOwnEngine(t *testing.T) {
	t.Parallel()
	engine := validator.New()
	engine.SetTagName("rules")
	require.NoError(t, engine.RegisterValidation("odd", func(fl validator.FieldLevel) bool { return fl.Field().Int()%2 == 1 }))
	engine.RegisterTagNameFunc(func(reflect.StructField) string { return "x" })
	require.Panics(t, func() { validate.New(&validate.Options{Validate: engine}) })
	v := validate.New(&validate.Options{Validate: engine, TagName: "rules"})
	require.Equal(t, "rules", v.TagName())
	type form struct {
		N []int `rules:"dive,odd"`
	}
	require.Equal(t, []string{"N[1] /N/1 odd"}, places(failed(t, check(t, v, form{[]int{1, 2}}))))
	_, faults := v.Compile(reflect.TypeFor[struct {
		N int `rules:"even"`
	}]())
	require.Len(t, faults, 1)
	require.Empty(t, failed(t, check(t, validate.New(&validate.Options{TagName: "rules"}), struct {
		N string `rules:"email" validate:"nosuch"`
	}{})).Unwrap())
}
