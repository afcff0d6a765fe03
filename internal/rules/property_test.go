package rules_test

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
)

// rounds is n for a proof (APIROUTES_PROOF=1), and a hundredth of it otherwise.
func rounds(n int) int {
	if os.Getenv("APIROUTES_PROOF") == "1" {
		return n
	}
	return n / 100
}

// quiet is a Validator that keeps its warnings to itself.
func quiet() *rules.Validator {
	return rules.New(&rules.Options{Logger: slog.New(slog.DiscardHandler)})
}

// tally counts what the fast path said of the values that validator accepted.
type tally struct {
	values, valid, vouched int
}

func (c *tally) rate() float64 { return float64(c.vouched) / float64(max(c.valid, 1)) }

func (c *tally) String() string {
	return fmt.Sprintf("%d values, %d valid, %d of these vouched for (%.1f %%)", c.values, c.valid, c.vouched, 100*c.rate())
}

// judge compares the fast path with validator on one value.
func (c *tally) judge(t *testing.T, engine *validator.Validate, checker *rules.Checker, ptr any) {
	t.Helper()
	c.values++
	err := engine.Struct(ptr)
	vouched := rules.Vouches(checker, ptr)
	if err == nil {
		c.valid++
	}
	if !vouched {
		return
	}
	c.vouched++
	if err != nil {
		t.Fatalf("certainly valid, says the fast path of\n%#v\nof type %T, but validator says %v", reflect.ValueOf(ptr).Elem(), ptr, err)
	}
}

// oneField is struct{ V t `validate:"tag"` }.
func oneField(t reflect.Type, tag string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{
		Name: "V", Type: t, Tag: reflect.StructTag(`validate:"` + tag + `"`),
	}})
}

// Every tag on every kind that the fast path covers, alone and behind pointers.
func TestVouchesRules(t *testing.T) {
	t.Parallel()
	v := quiet()
	engine := validator.New(validator.WithRequiredStructEnabled())
	r := rand.New(rand.NewPCG(3, 1))
	var total tally
	cases := ruleCases()
	each := max(rounds(1_000_000)/len(cases), 20)
	for _, c := range cases {
		for _, typ := range []reflect.Type{c.typ, reflect.PointerTo(c.typ)} {
			target := oneField(typ, c.tag)
			checker, faults := v.Compile(target)
			require.Empty(t, faults, "%s on %v", c.tag, typ)
			require.True(t, rules.Covered(checker), "%s on %v is not covered", c.tag, typ)
			var count tally
			for range each {
				ptr := reflect.New(target)
				c.fill(r, ptr.Elem().Field(0))
				count.judge(t, engine, checker, ptr.Interface())
			}
			if count.valid >= 20 {
				// The samples of URLs are odder than what clients send.
				require.GreaterOrEqual(t, count.rate(), 0.6, "%s on %v: %v", c.tag, typ, &count)
			}
			total.values += count.values
			total.valid += count.valid
			total.vouched += count.vouched
		}
	}
	t.Logf("%d rules: %v", len(cases), &total)
	require.GreaterOrEqual(t, total.rate(), 0.95)
}

// Structs made at random of such fields, nested, in slices and maps.
func TestVouchesStructs(t *testing.T) {
	t.Parallel()
	v := quiet()
	r := rand.New(rand.NewPCG(3, 2))
	var total tally
	types := 0
	for total.values < rounds(100_000) {
		if types%50 == 0 {
			v = quiet()
		}
		types++
		engine := validator.New(validator.WithRequiredStructEnabled())
		b := newBuilder(r)
		target := b.structure(3)
		checker, faults := v.Compile(target)
		require.Empty(t, faults, "%v", target)
		require.True(t, rules.Covered(checker), "%v", target)
		for range 10 {
			ptr := reflect.New(target)
			b.fill(ptr.Elem())
			total.judge(t, engine, checker, ptr.Interface())
		}
	}
	t.Logf("%d types: %v", types, &total)
	require.Greater(t, total.valid, total.values/100)
	require.GreaterOrEqual(t, total.rate(), 0.95)
}

// Odd e-mail addresses: no share of them has to be vouched for, but none wrongly.
func TestVouchesOddEmails(t *testing.T) {
	t.Parallel()
	v := quiet()
	engine := validator.New()
	r := rand.New(rand.NewPCG(3, 3))
	target := oneField(reflect.TypeFor[string](), "email")
	checker, faults := v.Compile(target)
	require.Empty(t, faults)
	var total tally
	for range max(rounds(100_000), 10_000) {
		ptr := reflect.New(target)
		ptr.Elem().Field(0).SetString(oddEmail(r))
		total.judge(t, engine, checker, ptr.Interface())
	}
	t.Log(&total)
	require.Greater(t, total.valid, 100)
}

func oddEmail(r *rand.Rand) string {
	parts := []string{"a", "ada", "lovelace", "A1", "0", "x-y", "-", "--", ".", "..", "@", "@@", "_", "+tag", "!#$%&'*", "`{|}~",
		`"`, `"a b"`, `\`, " ", "\t", "\r\n", "(c)", "<", ">", "[", "]", "[127.0.0.1]", "é", "日本", "\u00a0", "\ufffd", "\xff", "\x00",
		"=?utf-8?q?a?=", "~", "com", "c", "example", "1", "xn--a", ",", ";", ":", "/", strings.Repeat("l", 65), strings.Repeat("d.", 130)}
	pick := func(n int) string {
		var b strings.Builder
		for range 1 + r.IntN(n) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		return b.String()
	}
	switch r.IntN(4) {
	case 0:
		return pick(6)
	case 1:
		return mutate(r, "ada.lovelace+1@mail.example.com")
	case 2:
		return pick(3) + "@" + pick(3) + ".com"
	}
	return "ada@" + pick(2) + "." + pick(2) + [...]string{"", ".", "com"}[r.IntN(3)]
}

// ruleCase is one tag on one type, with a way to make values near its limits.
type ruleCase struct {
	tag  string
	typ  reflect.Type
	fill func(r *rand.Rand, v reflect.Value) // v may be a pointer to typ
}

type named string

func ruleCases() []ruleCase {
	var out []ruleCase
	texts := textSamples()
	for _, tag := range slices.Sorted(maps.Keys(texts)) {
		samples := texts[tag]
		out = append(out, ruleCase{tag, reflect.TypeFor[string](), func(r *rand.Rand, v reflect.Value) {
			fillWith(r, v, func(v reflect.Value) { v.SetString(sampleText(r, samples)) })
		}})
	}
	out = append(out, ruleCase{"min=2,max=4", reflect.TypeFor[named](), func(r *rand.Rand, v reflect.Value) {
		fillWith(r, v, func(v reflect.Value) { v.SetString(sampleText(r, []string{"abc", "äöü"})) })
	}})
	sizes := []string{"len=%d", "min=%d", "max=%d", "gt=%d", "gte=%d", "lt=%d", "lte=%d", "eq=%d", "ne=%d"}
	add := func(typ reflect.Type, tags ...string) {
		for _, tag := range append(tags, "required", "isdefault", "omitempty", "omitzero", "omitnil") {
			out = append(out, ruleCase{tag, typ, func(r *rand.Rand, v reflect.Value) {
				fillWith(r, v, func(v reflect.Value) { random(r, v) })
			}})
		}
	}
	with := func(bound int, tags ...string) []string {
		for _, size := range sizes {
			tags = append(tags, fmt.Sprintf(size, bound), fmt.Sprintf("omitempty,"+size, bound))
		}
		return tags
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
		reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
	} {
		add(typ, with(3, "oneof=1 2 3 127", "noneof=0 2", "numeric", "number", "port", "min=010", "max=0x10", "min=2,max=5", "eq=1|eq=3")...)
	}
	add(reflect.TypeFor[int8](), "min=-128,max=127", "gt=-129", "oneof=-128 -1")
	for _, typ := range []reflect.Type{reflect.TypeFor[float32](), reflect.TypeFor[float64]()} {
		add(typ, with(3, "numeric", "number", "gt=0.1", "lte=1e3", "min=-Inf", "eq=0.1", "ne=0.1")...)
	}
	add(reflect.TypeFor[bool](), "eq=true", "ne=true", "eq=0", "boolean")
	add(reflect.TypeFor[time.Duration](), "min=1s", "max=1h30m", "gt=100", "eq=1s")
	add(reflect.TypeFor[time.Time]())
	add(reflect.TypeFor[[]string](), with(3, "unique", "dive,required", "required,min=1,dive,max=3", "omitempty,dive,oneof=a b")...)
	add(reflect.TypeFor[[]int8](), with(2, "unique", "dive,gt=0")...)
	add(reflect.TypeFor[[]float64](), "unique", "dive,ne=0")
	add(reflect.TypeFor[[]bool](), "unique")
	add(reflect.TypeFor[[]uint16](), "unique")
	add(reflect.TypeFor[[]byte](), with(3)...)
	add(reflect.TypeFor[[3]int](), "len=3", "min=3", "max=3", "gt=2", "gte=3", "lt=4", "lte=3", "eq=3", "ne=2", "omitempty,len=3", "dive,min=1", "unique")
	add(reflect.TypeFor[[]*string](), "dive,required", "dive,omitempty,min=2", "dive,min=1")
	add(reflect.TypeFor[[][]int](), "dive,min=1,dive,max=3", "dive,omitempty,dive,gt=1", "dive,omitzero,len=2")
	add(reflect.TypeFor[map[string]int](), with(2, "dive,gt=0", "dive,keys,min=1,max=2,endkeys", "dive,keys,alpha,endkeys,max=5")...)
	add(reflect.TypeFor[map[int8]*string](), with(1, "dive,keys,gt=0,endkeys,required", "dive,omitempty,len=1")...)
	return out
}

// fillWith sets what pointers lead to, and leaves some of them nil.
func fillWith(r *rand.Rand, v reflect.Value, set func(reflect.Value)) {
	for v.Kind() == reflect.Pointer {
		if r.IntN(8) == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	set(v)
}

// random fills a value of any type with something small, odd or extreme.
func random(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		fillWith(r, v, func(v reflect.Value) { random(r, v) })
	case reflect.String:
		v.SetString([...]string{"", "a", "b", "ab", "äö", "日本語", "a\xff", "abcd"}[r.IntN(8)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		bits := v.Type().Bits()
		odd := []int64{math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits), int64(time.Second), int64(90 * time.Minute), 100, -1}
		if r.IntN(3) == 0 {
			v.SetInt(odd[r.IntN(len(odd))] + int64(r.IntN(3)-1))
			return
		}
		v.SetInt(int64(r.IntN(12) - 1))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if r.IntN(4) == 0 {
			v.SetUint(math.MaxUint64 >> (64 - v.Type().Bits()))
			return
		}
		v.SetUint(uint64(r.IntN(12)))
	case reflect.Float32, reflect.Float64:
		odd := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 0.1, float64(float32(0.1)), 3, math.Nextafter(3, 4), 1e3, math.SmallestNonzeroFloat64}
		v.SetFloat(odd[r.IntN(len(odd))])
	case reflect.Slice:
		if r.IntN(6) == 0 {
			return
		}
		n := r.IntN(5)
		if r.IntN(12) == 0 {
			n = 30 + r.IntN(40)
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			random(r, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			random(r, v.Index(i))
		}
	case reflect.Map:
		if r.IntN(6) == 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			random(r, key)
			random(r, value)
			v.SetMapIndex(key, value)
		}
	case reflect.Interface:
		made := []any{nil, "", "x", 1.5, true, []any{[]any{1.0}, []any{1.0}}, map[string]any{"a": true}}
		if x := made[r.IntN(len(made))]; x != nil {
			v.Set(reflect.ValueOf(x))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() && r.IntN(2) == 0 {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<33), 0)))
		}
	}
}
