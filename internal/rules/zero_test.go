package rules_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/rules"
)

// zeroKinds are types of every kind, as themselves and behind pointers.
func zeroKinds() []reflect.Type {
	types := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[named](), reflect.TypeFor[bool](),
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[time.Duration](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](),
		reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[[]string](), reflect.TypeFor[[]byte](), reflect.TypeFor[[]int](),
		reflect.TypeFor[map[string]int](), reflect.TypeFor[[2]string](), reflect.TypeFor[time.Time](), reflect.TypeFor[any](),
		reflect.TypeFor[struct {
			A string `validate:"required"`
		}](),
	}
	for _, t := range slices.Clone(types) {
		types = append(types, reflect.PointerTo(t))
	}
	return types
}

// zeroTags are all built-in tags, with parameters around zero, alone and in sequence.
func zeroTags() []string {
	var tags []string
	for _, name := range strings.Fields("len min max gt gte lt lte eq ne eq_ignore_case ne_ignore_case") {
		for _, param := range strings.Fields("-1 0 1 0x0 0.0 -0.5 1s true false") {
			tags = append(tags, name+"="+param)
		}
		tags = append(tags, name+"=")
	}
	for _, name := range strings.Fields("oneof noneof oneofci noneofci") {
		tags = append(tags, name+"=0 1", name+"=a b", name+"=''", name+"='' 0", name+"=00")
	}
	for _, name := range strings.Fields("contains containsany containsrune excludes excludesall excludesrune startswith startsnotwith endswith endsnotwith") {
		tags = append(tags, name+"=a", name+"=\\x00", name+"=0x2C")
	}
	tags = append(tags, "datetime=2006", "datetime=", "unique", "unique=A", "spicedb=id", "postcode_iso3166_alpha2=DE", "postcode_iso3166_alpha2=BB")
	tags = append(tags, slices.Collect(maps.Keys(textSamples()))...)
	tags = append(tags, rules.TableNames()...)
	for _, tag := range slices.Clone(tags) {
		tags = append(tags, "omitempty,"+tag, "omitnil,"+tag, "omitzero,"+tag, "isdefault,"+tag, "required,"+tag, tag+",max=3", tag+"|len=0", "dive,"+tag, "max=2,dive,"+tag)
	}
	return append(tags, "", "-", "iscolor", "dive,keys,required,endkeys,required")
}

// What the table says of zero values is what validator says, for every tag on every
// kind that the audit lets it stand on.
func TestZeroFailsAsValidatorSays(t *testing.T) {
	if raceDetector {
		t.Skip("it has one goroutine, and takes twenty seconds with the race detector")
	}
	t.Parallel()
	v := quiet()
	asked, known, failed := 0, 0, 0
	for _, tag := range zeroTags() {
		rules, err := v.RulesOf(reflect.StructField{Tag: reflect.StructTag(`validate:"` + tag + `"`)})
		if err != nil {
			continue
		}
		// Validators of their own: one that remembers thousands of types is slow.
		engine := quiet()
		for _, typ := range zeroKinds() {
			target := oneField(typ, tag)
			if _, faults := engine.Compile(target); len(faults) > 0 {
				continue
			}
			asked++
			fails, ok := v.ZeroFails(typ, rules)
			if !ok {
				require.False(t, fails)
				continue
			}
			known++
			if fails {
				failed++
			}
			require.Equal(t, engine.Required(target, "V"), fails, "%s on %v", tag, typ)
		}
	}
	t.Logf("%d tags on kinds, %d of them known, %d of these fail", asked, known, failed)
	require.Greater(t, known, 10_000)
	require.Greater(t, failed, 1000)
}

type valued string

func (valued) ValidatorValue() any { return 1 }

func TestZeroFailsWhereValidatorHasToBeAsked(t *testing.T) {
	t.Parallel()
	required := &rules.Level{All: []rules.Rule{{Name: "required"}}}
	own := quiet()
	own.Register("min", func(context.Context, validator.FieldLevel) bool { return true }, "")
	theirs := rules.New(&rules.Options{Validate: validator.New()})
	for _, c := range []struct {
		v     *rules.Validator
		typ   reflect.Type
		rules *rules.Level
	}{
		{theirs, reflect.TypeFor[string](), required},
		{own, reflect.TypeFor[valued](), required},
		{own, reflect.TypeFor[*string](), &rules.Level{All: []rules.Rule{{Name: "min", Param: "1", HasParam: true}}}},
		{own, reflect.TypeFor[string](), &rules.Level{All: []rules.Rule{{Name: "min", Param: "1", HasParam: true}}}},
		{own, reflect.TypeFor[*string](), &rules.Level{All: []rules.Rule{{Name: "required_with", Param: "A", HasParam: true}}}},
		{own, reflect.TypeFor[string](), &rules.Level{All: []rules.Rule{{Name: "eqfield", Param: "A", HasParam: true}}}},
		{own, reflect.TypeFor[time.Time](), required},
	} {
		_, known := c.v.ZeroFails(c.typ, c.rules)
		require.False(t, known, "%v on %v", c.rules, c.typ)
	}
}
