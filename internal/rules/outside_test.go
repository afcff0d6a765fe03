package rules_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
)

// ineffective are tags that cannot do what they say, on a type; want is how the fault goes
// on after "field V: tag ".
var ineffective = []struct {
	tag  string
	typ  reflect.Type
	want string
}{
	{"omitnil,required", reflect.TypeFor[*string](), "required: required can never fail after omitnil: keep required for a value that has to be sent, or omitnil"},
	{"omitnil,required", reflect.TypeFor[*int](), "required: required can never fail after omitnil"},
	{"omitnil,required", reflect.TypeFor[[]string](), "required: required can never fail after omitnil"},
	{"omitnil,required", reflect.TypeFor[map[string]int](), "required: required can never fail after omitnil"},
	{"omitnil,required", reflect.TypeFor[any](), "required: required can never fail after omitnil"},
	{"omitempty,required", reflect.TypeFor[string](), "required: required can never fail after omitempty"},
	{"omitempty,required", reflect.TypeFor[*bool](), "required: required can never fail after omitempty"},
	{"omitempty,min=1,required", reflect.TypeFor[int](), "required: required can never fail after omitempty"},
	{"omitempty,required", reflect.TypeFor[struct{ A int }](), "required: required can never fail after omitempty"},
	{"omitempty,required", reflect.TypeFor[time.Time](), "required: required can never fail after omitempty"},
	{"omitzero,required", reflect.TypeFor[string](), "required: required can never fail after omitzero"},
	{"omitzero,required", reflect.TypeFor[*string](), "required: required can never fail after omitzero"},
	{"omitzero,required", reflect.TypeFor[[]int](), "required: required can never fail after omitzero"},
	{"required,max=3,required", reflect.TypeFor[string](), "required: required can never fail after required"},
	{"dive,omitempty,required", reflect.TypeFor[[]string](), "required: required can never fail after omitempty"},
	{"dive,keys,omitempty,required,endkeys", reflect.TypeFor[map[string]int](), "required: required can never fail after omitempty"},
	{"omitempty,required_with=O", reflect.TypeFor[string](), "required_with=O: required_with can never fail after omitempty: put it before omitempty"},
	{"omitempty,required_if=O x", reflect.TypeFor[*string](), "required_if=O x: required_if can never fail after omitempty"},
	{"omitnil,required_without_all=O", reflect.TypeFor[[]int](), "required_without_all=O: required_without_all can never fail after omitnil"},
	{"required,required_unless=O x", reflect.TypeFor[int](), "required_unless=O x: required_unless can never fail after required"},

	{"required,isdefault", reflect.TypeFor[string](), "isdefault: isdefault after required refuses every value"},
	{"omitempty,isdefault", reflect.TypeFor[string](), "isdefault: isdefault after omitempty refuses every value: write isdefault alone"},
	{"isdefault,min=3", reflect.TypeFor[string](), "min=3: min after isdefault has nothing to check"},
	{"isdefault,required", reflect.TypeFor[*int](), "required: required after isdefault has nothing"},
	{"min=5,max=3", reflect.TypeFor[string](), "max=3: no value can satisfy both max=3 and min=5: correct one of the two"},
	{"min=5,max=3", reflect.TypeFor[int](), "max=3: no value can satisfy both max=3 and min=5"},
	{"min=5,max=3", reflect.TypeFor[*uint8](), "max=3: no value can satisfy both max=3 and min=5"},
	{"min=5,max=3", reflect.TypeFor[float64](), "max=3: no value can satisfy both max=3 and min=5"},
	{"min=5,max=3", reflect.TypeFor[[]string](), "max=3: no value can satisfy both max=3 and min=5"},
	{"min=5,max=3,dive,required", reflect.TypeFor[map[string]string](), "max=3: no value can satisfy both max=3 and min=5"},
	{"omitempty,min=5,max=3", reflect.TypeFor[string](), "max=3: no value can satisfy both max=3 and min=5"},
	{"min=2h,max=1h", reflect.TypeFor[time.Duration](), "max=1h: no value can satisfy both max=1h and min=2h"},
	{"gt=5,lt=6", reflect.TypeFor[int](), "lt=6: no value can satisfy both lt=6 and gt=5"},
	{"gt=5,lt=5", reflect.TypeFor[float32](), "lt=5: no value can satisfy both lt=5 and gt=5"},
	{"gte=5,lt=5", reflect.TypeFor[float32](), "lt=5: no value can satisfy both lt=5 and gte=5"},
	{"len=3,min=4", reflect.TypeFor[string](), "min=4: no value can satisfy both min=4 and len=3"},
	{"len=3,eq=4", reflect.TypeFor[[]int](), "eq=4: no value can satisfy both eq=4 and len=3"},
	{"eq=3,ne=3", reflect.TypeFor[int](), "ne=3: no value can satisfy both ne=3 and eq=3"},
	{"required,max=0", reflect.TypeFor[string](), "max=0: no value can satisfy both max=0 and required"},
	{"omitzero,len=0", reflect.TypeFor[[]int](), "len=0: no value can satisfy both len=0 and omitzero"},
	{"lt=0", reflect.TypeFor[string](), "lt=0: it refuses every string: correct the parameter"},
	{"max=-1", reflect.TypeFor[[]int](), "max=-1: it refuses every slice"},
	{"lt=0", reflect.TypeFor[uint](), "lt=0: it refuses every uint"},
	{"min=300", reflect.TypeFor[int8](), "min=300: it refuses every int8"},
	{"eq=300", reflect.TypeFor[uint8](), "eq=300: it refuses every uint8"},
	{"len=4", reflect.TypeFor[[3]int](), "len=4: it refuses every array"},
	{"ne=3", reflect.TypeFor[[3]int](), "ne=3: it refuses every array"},
	{"oneof=red green,max=2", reflect.TypeFor[string](), "max=2: no value can satisfy both max=2 and oneof=red green"},
	{"max=2,oneof=red green", reflect.TypeFor[string](), "oneof=red green: no value can satisfy both oneof=red green and max=2"},
	{"oneof=1 2,min=3", reflect.TypeFor[int](), "min=3: no value can satisfy both min=3 and oneof=1 2"},
	{"oneof=1 2,noneof=2 1", reflect.TypeFor[uint](), "noneof=2 1: no value can satisfy both noneof=2 1 and oneof=1 2"},
	{"oneof=red,numeric", reflect.TypeFor[string](), "numeric: no value can satisfy both numeric and oneof=red"},
	{"eq=a,eq=b", reflect.TypeFor[string](), "eq=b: no value can satisfy both eq=b and eq=a"},
	{"required,eq=", reflect.TypeFor[string](), "eq=: no value can satisfy both eq= and required"},
	{"required,eq=0", reflect.TypeFor[float64](), ""},
	{"required,eq=false", reflect.TypeFor[bool](), "eq=false: no value can satisfy both eq=false and required"},
	{"eq=true,ne=true", reflect.TypeFor[bool](), "ne=true: no value can satisfy both ne=true and eq=true"},
	{"uuid,max=10", reflect.TypeFor[string](), "max=10: no value can satisfy both max=10 and uuid"},
	{"max=10,sha256", reflect.TypeFor[string](), "sha256: no value can satisfy both sha256 and max=10"},
	{"uuid4,uuid7", reflect.TypeFor[string](), "uuid7: no value can satisfy both uuid7 and uuid4"},
	{"ipv4,ipv6", reflect.TypeFor[string](), "ipv6: no value can satisfy both ipv6 and ipv4"},
	{"alpha,numeric", reflect.TypeFor[string](), "numeric: no value can satisfy both numeric and alpha"},
	{"startswith=abc,max=2", reflect.TypeFor[string](), "max=2: no value can satisfy both max=2 and startswith=abc"},
	{"gt,lt", reflect.TypeFor[time.Time](), "lt: no value can satisfy both lt and gt"},

	{"eqfield=V", reflect.TypeFor[string](), "eqfield=V: it names the field itself: name another field"},
	{"nefield=V", reflect.TypeFor[int](), "nefield=V: it names the field itself"},
	{"required_with=V", reflect.TypeFor[string](), "required_with=V: it names the field itself"},
	{"required_without_all=O V", reflect.TypeFor[*string](), "required_without_all=O V: it names the field itself"},
	{"excluded_if=V x", reflect.TypeFor[string](), "excluded_if=V x: it names the field itself"},

	// These may look alike, and do something.
	{"required,omitempty,min=3", reflect.TypeFor[string](), ""},
	{"omitempty,dive,required", reflect.TypeFor[[]string](), ""},
	{"required,dive,omitempty,min=3", reflect.TypeFor[[]string](), ""},
	{"omitnil,required", reflect.TypeFor[string](), ""},
	{"required,omitzero,min=2", reflect.TypeFor[[]int](), ""},
	{"required_with=O,omitempty,min=3", reflect.TypeFor[*string](), ""},
	{"required,min=1,max=3", reflect.TypeFor[string](), ""},
	{"required,max=0", reflect.TypeFor[[]int](), ""},
	{"required,max=0", reflect.TypeFor[*int](), ""},
	{"gte=0,lte=130", reflect.TypeFor[uint8](), ""},
	{"min=5,max=5,eq=5", reflect.TypeFor[int64](), ""},
	{"gt=5,lt=6", reflect.TypeFor[float64](), ""},
	{"max=18446744073709551615", reflect.TypeFor[uint64](), ""},
	{"oneof=red green,max=3", reflect.TypeFor[string](), ""},
	{"uuid|email,max=40", reflect.TypeFor[string](), ""},
	{"len=3|len=5,len=5", reflect.TypeFor[string](), ""},
	{"isdefault", reflect.TypeFor[string](), ""},
	{"required,email,max=5", reflect.TypeFor[string](), ""},
	{"omitempty,oneof=red green", reflect.TypeFor[string](), ""},
	{"required,eq=true", reflect.TypeFor[bool](), ""},
	{"eq=true", reflect.TypeFor[*bool](), ""},
}

func TestOutside(t *testing.T) {
	outsideForeignWords(t)
	t.Parallel()
	for _, c := range ineffective {
		t.Run("R15 "+c.tag+" on "+c.typ.String(), func(t *testing.T) {
			t.Parallel()
			_, faults := quiet().Compile(reflect.StructOf([]reflect.StructField{
				{Name: "V", Type: c.typ, Tag: reflect.StructTag(`validate:"` + c.tag + `"`)},
				{Name: "O", Type: reflect.TypeFor[string]()},
			}))
			if c.want == "" {
				require.Empty(t, faults)
				return
			}
			require.Len(t, faults, 1, "%v", faults)
			require.True(t, strings.HasPrefix(faults[0].String(), "field V: tag "+c.want), "%s", faults[0])
			require.NotEmpty(t, faults[0].Fix)
		})
	}
	t.Run("R15 a warning of a slice", func(t *testing.T) {
		t.Parallel()
		var log bytes.Buffer
		v := rules.New(&rules.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		_, faults := v.Compile(oneField(reflect.TypeFor[[]string](), "required,omitempty"))
		require.Empty(t, faults)
		require.Contains(t, log.String(), "omitempty has no effect after required")
	})
	t.Run("R15 warnings", func(t *testing.T) {
		t.Parallel()
		for tag, want := range map[string]string{
			"gte=0":              "gte=0 is true for every uint8; remove it, or correct the number",
			"max=255":            "max=255 is true for every uint8",
			"required,omitempty": "omitempty has no effect after required; remove one of the two",
			"omitnil":            "omitnil has no effect on uint8, which is never nil",
			"max=10,min=2":       "",
		} {
			var log bytes.Buffer
			v := rules.New(&rules.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			for range 2 {
				_, faults := v.Compile(reflect.StructOf([]reflect.StructField{
					{Name: "V", Type: reflect.TypeFor[uint8](), Tag: reflect.StructTag(`validate:"` + tag + `"`)},
				}))
				require.Empty(t, faults)
			}
			require.Contains(t, log.String(), want)
			require.Equal(t, want == "", log.Len() == 0, log.String())
		}
	})
}

// optional is a value that may be missing, as many write it.
type optional[T any] struct {
	value T
	set   bool
}

func (o optional[T]) ValidatorValue() any {
	if !o.set {
		return nil
	}
	return o.value
}

func (o *optional[T]) UnmarshalJSON(b []byte) error {
	o.set = true
	return json.Unmarshal(b, &o.value)
}

func some[T any](v T) optional[T] { return optional[T]{v, true} }

// always is one that has a value at all times, by a method of the pointer too.
type always[T any] struct{ Value T }

func (a always[T]) ValidatorValue() any { return a.Value }

type byPointer[T any] struct{ Value T }

func (p *byPointer[T]) ValidatorValue() any { return p.Value }

func (p *byPointer[T]) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &p.Value) }

// located decodes itself, and says to nobody what its members are called.
type located struct{ Value place }

func (l *located) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &l.Value) }

type place struct {
	City string `json:"city" validate:"required"`
	Zip  string `json:"zip" validate:"len=5"`
}

func TestOutsideValuers(t *testing.T) {
	t.Parallel()
	bad := place{"x", "1"}
	for _, c := range []struct {
		name  string
		value any
		want  []string
	}{
		{"a field", &struct {
			A optional[place] `json:"a"`
		}{some(bad)}, []string{"A.Zip /a/zip len"}},
		{"a field with a rule", &struct {
			A optional[place] `json:"a" validate:"required"`
		}{some(bad)}, []string{"A.Zip /a/zip len"}},
		{"a missing one", &struct {
			A optional[place] `json:"a" validate:"required"`
			B optional[place] `json:"b"`
			C optional[place] `json:"c" validate:"omitempty"`
		}{}, []string{"A /a required"}},
		{"a scalar", &struct {
			A optional[string] `json:"a" validate:"omitempty,min=3"`
		}{some("x")}, []string{"A /a min"}},
		{"a pointer to one", &struct {
			A *optional[place] `json:"a"`
		}{new(some(bad))}, []string{"A.Zip /a/zip len"}},
		{"one of a pointer", &struct {
			A optional[*place] `json:"a"`
		}{some(&bad)}, []string{"A.Zip /a/zip len"}},
		{"one in one", &struct {
			A optional[always[place]] `json:"a"`
		}{some(always[place]{bad})}, []string{"A.Zip /a/zip len"}},
		{"in a slice", &struct {
			Ls []optional[place] `json:"ls" validate:"dive"`
		}{[]optional[place]{some(bad)}}, []string{"Ls[0].Zip /ls/0/zip len"}},
		{"in a map", &struct {
			M map[string]optional[place] `json:"m" validate:"dive"`
		}{map[string]optional[place]{"k": some(bad)}}, []string{"M[k].Zip /m/k/zip len"}},
		{"of a slice", &struct {
			A optional[[]place] `json:"a" validate:"omitempty,max=2,dive"`
		}{some([]place{{"x", "12345"}, bad})}, []string{"A[1].Zip /a/1/zip len"}},
		{"always of a slice", &struct {
			A always[[]place] `json:"a" validate:"max=2,dive"`
		}{always[[]place]{[]place{{"x", "12345"}, bad}}}, []string{"A[1].Zip /a/1/zip len"}},
		{"always of a slice of texts", &struct {
			A always[[]string] `json:"a" validate:"dive,min=2"`
		}{always[[]string]{[]string{"ab", "a"}}}, []string{"A[1] /a/1 min"}},
		{"always of a map", &struct {
			A always[map[string]place] `json:"a" validate:"dive"`
		}{always[map[string]place]{map[string]place{"a/b": bad}}}, []string{"A[a/b].Zip /a/a~1b/zip len"}},
		{"by the pointer's method", &struct {
			Loc byPointer[place]  `json:"loc"`
			Ptr *byPointer[place] `json:"ptr"`
		}{byPointer[place]{place{"", "12345"}}, &byPointer[place]{place{"", "12345"}}},
			[]string{"Loc.Value.City /loc/city required", "Ptr.City /ptr/city required"}},
		{"a type that decodes itself", &struct {
			Loc located `json:"loc"`
		}{located{place{"", "12345"}}}, []string{"Loc.Value.City /loc required"}},
		{"the root decodes itself", &located{place{"", "12345"}}, []string{"Value.City /Value/city required"}},
		{"behind an interface", &struct {
			A any `json:"a"`
		}{some(bad)}, []string{"A.Zip /a/zip len"}},
	} {
		t.Run("R2 "+c.name, func(t *testing.T) {
			t.Parallel()
			checker, faults := quiet().Compile(reflect.TypeOf(c.value).Elem())
			require.Empty(t, faults)
			for range 2 { // the second time from what is remembered
				require.Equal(t, c.want, places(failed(t, checker.Check(context.Background(), c.value))))
			}
		})
	}
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"no dive", struct {
			A []always[place]
		}{}, "field A: the elements have rules, and without dive"},
		{"no dive, where a zero one does not tell", struct {
			A []optional[place]
		}{}, "field A: the elements have rules, and without dive"},
		{"no dive, where no field holds it", struct {
			A []wrapped
		}{}, "field A: the elements have rules, and without dive"},
		{"no dive into it", struct {
			A always[[]place]
		}{}, "field A: the elements have rules, and without dive"},
		{"dive into a scalar", struct {
			A always[int] `validate:"dive"`
		}{}, "field A: tag dive: dive panics on int"},
		{"a rule that does not fit", struct {
			A always[place] `validate:"email"`
		}{}, "field A: tag email: email does not fit struct"},
		{"a rule that does not fit inside", struct {
			A always[struct {
				N int `validate:"email"`
			}]
		}{}, "field A.N: tag email: email does not fit int"},
		{"an unknown rule", struct {
			A optional[string] `validate:"emial"`
		}{}, "field A: tag emial: validator knows no such tag"},
	} {
		t.Run("R2 "+c.name, func(t *testing.T) {
			t.Parallel()
			_, faults := quiet().Compile(reflect.TypeOf(c.value))
			require.Len(t, faults, 1, "%v", faults)
			require.True(t, strings.HasPrefix(faults[0].String(), c.want), "%s", faults[0])
		})
	}
}

// shifting stands for one of two structs, and has a field of the same name as they have.
type shifting struct {
	Zip   string `json:"zip"`
	other bool
}

func (s shifting) ValidatorValue() any {
	if s.other {
		return struct {
			Zip string `json:"postcode" validate:"len=5"`
		}{s.Zip}
	}
	return struct {
		Zip string `json:"zip" validate:"len=5"`
	}{s.Zip}
}

// What is remembered of one value is not told of another that a ValidatorValue stands for.
func TestOutsideShiftingValuers(t *testing.T) {
	t.Parallel()
	type form struct {
		A shifting `json:"a"`
	}
	v := quiet()
	for range 2 {
		require.Equal(t, []string{"A.Zip /a/zip len"}, places(failed(t, check(t, v, form{shifting{Zip: "1"}}))))
		require.Equal(t, []string{"A.Zip /a/postcode len"}, places(failed(t, check(t, v, form{shifting{"1", true}}))))
	}
}

func TestOutsideCosts(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"bcp47_language_tag", "bcp47_strict_language_tag"} {
		t.Run("S4 "+tag, func(t *testing.T) {
			t.Parallel()
			v, engine := quiet(), validator.New()
			c, faults := v.Compile(oneField(reflect.TypeFor[string](), tag))
			require.Empty(t, faults)
			for _, text := range []string{"en", "en-US", "de-CH-1996", "zh-Hant-TW", "", "x", "-", "english!", "en-x-" + strings.Repeat("a-", 124) + "a"} {
				ptr := reflect.New(oneField(reflect.TypeFor[string](), tag))
				ptr.Elem().Field(0).SetString(text)
				require.Equal(t, engine.Var(text, tag) == nil, c.Check(context.Background(), ptr.Interface()) == nil, text)
			}
			ptr := reflect.New(oneField(reflect.TypeFor[string](), tag))
			ptr.Elem().Field(0).SetString("en-x-" + strings.Repeat("a-", 126) + "a")
			require.Error(t, c.Check(context.Background(), ptr.Interface()))
		})
	}
}

func TestOutsideSentences(t *testing.T) {
	t.Parallel()
	type form struct {
		False  bool      `json:"false" validate:"required"`
		Zero   float64   `json:"zero" validate:"required"`
		Empty  string    `json:"empty" validate:"required"`
		Absent *bool     `json:"absent" validate:"required"`
		Nil    []string  `json:"nil" validate:"required"`
		Time   time.Time `json:"time" validate:"required"`
		ID     string    `json:"id" validate:"uuid"`
		When   string    `json:"when" validate:"datetime=Mon0x2C 02 Jan 2006 15:04:05 MST"`
		State  string    `json:"state" validate:"oneof='in stock' sold"`
		Data   []byte    `json:"data" validate:"min=2"`
		Name   string    `json:"name" validate:"gt=3"`
		Many   []int     `json:"many" validate:"ne=0"`
		Before time.Time `json:"before" validate:"min"`
	}
	var got []string
	for _, f := range failed(t, check(t, quiet(), form{})).List {
		got = append(got, strings.TrimPrefix(f.Pointer, "/")+" "+f.Message)
	}
	for i, want := range []string{
		"false is required and must be true",
		"zero is required and must not be 0",
		"empty is required and must not be empty",
		"absent is required",
		"nil is required",
		"time is required",
		"id must be a UUID such as 123e4567-e89b-12d3-a456-426614174000",
		`when must be a date or time such as "Tue, 31 Dec 2024 23:59:58 UTC"`,
		`state must be one of "in stock", sold`,
		"data must have at least 2 bytes",
		"name must be longer than 3 characters",
		"many must not have exactly 0 items",
		"before must not be in the past",
	} {
		name, _, _ := strings.Cut(want, " ")
		t.Run("R18 "+name, func(t *testing.T) { require.Equal(t, want, got[i]) })
	}
	for tag, want := range map[string]string{
		"oneof=red, green":                       "put blanks instead of commas between the values of oneof, and write 0x2C for a comma in a value",
		"oneof='a,b' c":                          "put blanks instead of commas between the values of oneof, and write 0x2C for a comma in a value",
		"datetime=Mon, 02 Jan 2006 15:04:05 MST": "write 0x2C for a comma and 0x7C for a | in the parameter of datetime",
		"contains=a,b":                           "write 0x2C for a comma and 0x7C for a | in the parameter of contains",
		"excludesall=!,?":                        "write 0x2C for a comma and 0x7C for a | in the parameter of excludesall",
		"eq=a,b":                                 "write 0x2C for a comma and 0x7C for a | in the parameter of eq",
		"contains=a|b":                           "write 0x2C for a comma and 0x7C for a | in the parameter of contains",
		"startswith=a,mni=3":                     "write min, or give Validator.Register a function for it",
	} {
		t.Run("R18 "+tag, func(t *testing.T) {
			_, faults := quiet().Compile(oneField(reflect.TypeFor[string](), tag))
			require.Len(t, faults, 1, "%v", faults)
			require.Equal(t, want, faults[0].Fix)
		})
	}
}

// wrapper is how many answer: a generic type whose tag cannot know what T is.
type wrapper[T any] struct {
	Data T `json:"data"`
}

type demanding[T any] struct {
	Data T `json:"data" validate:"required"`
}

// TestOutsideGenericTypes has one generic type hold structs, and slices and maps of them.
func TestOutsideGenericTypes(t *testing.T) {
	t.Parallel()
	fine, bad := place{"x", "12345"}, place{"x", "1"}
	type holder struct {
		In   wrapper[[]place]            `json:"in"`
		Many []wrapper[map[string]place] `json:"many" validate:"dive"`
	}
	v := quiet()
	v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
		if len(sl.Current().Interface().(wrapper[[]*place]).Data) > 2 {
			sl.ReportError(nil, "Data", "Data", "few", "")
		}
	}, wrapper[[]*place]{})
	for _, c := range []struct {
		name  string
		value any
		want  []string
	}{
		{"a struct", &wrapper[place]{bad}, []string{"Data.Zip /data/zip len"}},
		{"a slice", &wrapper[[]place]{[]place{fine, bad}}, []string{"Data[1].Zip /data/1/zip len"}},
		{"a slice in order", &wrapper[[]place]{[]place{fine}}, nil},
		{"a slice of slices", &wrapper[[][]place]{[][]place{nil, {fine, bad}}}, []string{"Data[1][1].Zip /data/1/1/zip len"}},
		{"a map", &wrapper[map[string]place]{map[string]place{"k": bad}}, []string{"Data[k].Zip /data/k/zip len"}},
		{"a pointer to a slice", &wrapper[*[]place]{&[]place{bad}}, []string{"Data[0].Zip /data/0/zip len"}},
		{"nil", &wrapper[*[]place]{}, nil},
		{"with a rule, a struct", &demanding[place]{bad}, []string{"Data.Zip /data/zip len"}},
		{"with a rule, a slice", &demanding[[]place]{[]place{bad}}, []string{"Data[0].Zip /data/0/zip len"}},
		{"with a rule, nil", &demanding[[]place]{}, []string{"Data /data required"}},
		{"in other types", &holder{wrapper[[]place]{[]place{bad}}, []wrapper[map[string]place]{{}, {map[string]place{"k": bad}}}},
			[]string{"Many[1].Data[k].Zip /many/1/data/k/zip len", "In.Data[0].Zip /in/data/0/zip len"}},
		{"in itself", &wrapper[[]wrapper[[]place]]{[]wrapper[[]place]{{[]place{bad}}}}, []string{"Data[0].Data[0].Zip /data/0/data/0/zip len"}},
		{"beside a registered function", &wrapper[[]*place]{[]*place{&fine, nil, &bad}}, []string{"Data /data few", "Data[2].Zip /data/2/zip len"}},
	} {
		t.Run("R21 "+c.name, func(t *testing.T) {
			t.Parallel()
			checker, faults := v.Compile(reflect.TypeOf(c.value).Elem())
			require.Empty(t, faults)
			err := checker.Check(context.Background(), c.value)
			if c.want == nil {
				require.NoError(t, err)
				require.True(t, c.name == "nil" || rules.Vouches(checker, c.value))
				return
			}
			require.ElementsMatch(t, c.want, places(failed(t, err)))
		})
	}
	t.Run("R21 nothing to dive for", func(t *testing.T) {
		t.Parallel()
		typ := reflect.TypeFor[wrapper[[]string]]()
		level := &rules.Level{}
		require.Same(t, level, quiet().Implied(typ, typ.Field(0), level))
	})
	t.Run("R21 not of a generic type", func(t *testing.T) {
		t.Parallel()
		_, faults := quiet().Compile(reflect.TypeFor[struct{ Data []place }]())
		require.Len(t, faults, 1)
	})
}
