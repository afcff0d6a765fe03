package rules_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
)

// Tags made at random: whatever the audit accepts, validator runs without a panic, on
// any value.
func TestAuditIsSound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 6))
	names := strings.FieldsFunc(auditRows, func(c rune) bool { return c == ' ' || c == '\n' || c == ':' })
	for i, name := range names {
		names[i], _, _ = strings.Cut(name, "=")
	}
	params := []string{"", "=", "=1", "=3", "=-1", "=0x10", "=1h", "=a", "=a b", "=1 2", "=O", "=N", "=O x", "=N 3", "=O x N 1", "=P", "=A", "=A 1",
		"=L[0]", "=L[5]", "=E.O", "=E", "=M[k]", "=true", "=NaN", "=2006-01-02", "=DE", "=Inner", "='", "=0x2C", "=N O", "=T", "=B true", "=L nil", "=L 2"}
	words := []string{"dive", "dive", "omitempty", "omitzero", "omitnil", "required", "dive,keys", "endkeys", "structonly", "email|uuid"}
	tag := func() string {
		var parts []string
		for range 1 + r.IntN(3) {
			switch r.IntN(5) {
			case 0, 1:
				parts = append(parts, words[r.IntN(len(words))])
			case 2:
				parts = append(parts, names[r.IntN(len(names))]+params[r.IntN(len(params))]+"|"+names[r.IntN(len(names))])
			default:
				parts = append(parts, names[r.IntN(len(names))]+params[r.IntN(len(params))])
			}
		}
		return strings.Join(parts, ",")
	}
	accepted, refused := 0, 0
	for range max(rounds(100_000), 5_000) {
		typ := kinds[r.IntN(len(kinds))].typ
		switch r.IntN(6) {
		case 0:
			typ = reflect.SliceOf(typ)
		case 1:
			typ = reflect.MapOf(reflect.TypeFor[string](), typ)
		case 2:
			typ = reflect.PointerTo(typ)
		}
		target := reflect.StructOf([]reflect.StructField{
			{Name: "V", Type: typ, Tag: reflect.StructTag(`validate:"` + tag() + `"`)},
			{Name: "O", Type: reflect.TypeFor[string]()},
			{Name: "N", Type: reflect.TypeFor[int]()},
			{Name: "P", Type: reflect.TypeFor[*string]()},
			{Name: "A", Type: reflect.TypeFor[any]()},
			{Name: "B", Type: reflect.TypeFor[*bool]()},
			{Name: "L", Type: reflect.TypeFor[[]string]()},
			{Name: "M", Type: reflect.TypeFor[map[string]string]()},
			{Name: "E", Type: reflect.TypeFor[*struct{ O string }]()},
		})
		if _, faults := quiet().Compile(target); len(faults) > 0 {
			refused++
			continue
		}
		accepted++
		engine := validator.New(validator.WithRequiredStructEnabled())
		for range 5 {
			ptr := reflect.New(target)
			for i := range target.NumField() {
				random(r, ptr.Elem().Field(i))
			}
			require.NotPanics(t, func() { _ = engine.Struct(ptr.Interface()) }, "%v: %#v", target.Field(0), ptr.Elem())
		}
	}
	t.Logf("%d tags accepted, %d refused", accepted, refused)
	require.Greater(t, accepted, refused/50)
}
