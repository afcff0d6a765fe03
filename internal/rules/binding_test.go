package rules_test

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/rules"
)

type boundLine struct {
	SKU string     `json:"sku" binding:"required"`
	Sub *boundLine `json:"sub"`
}

// Who comes from gin has rules in binding tags, and would believe that they hold.
func TestWarnsOfBindingTags(t *testing.T) {
	t.Parallel()
	type order struct {
		Name  string                 `json:"name" binding:"required"`
		Both  string                 `json:"both" binding:"required" validate:"required"`
		Lines map[string][]boundLine `json:"lines" validate:"dive,dive"`
		inner string                 `binding:"required"`
	}
	var log bytes.Buffer
	v := rules.New(&rules.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, typ := range []reflect.Type{reflect.TypeFor[order](), reflect.TypeFor[[]order](), reflect.TypeFor[boundLine]()} {
		_, faults := v.Compile(typ)
		require.Empty(t, faults)
	}
	require.Equal(t, 2, strings.Count(log.String(), "\n"), log.String())
	require.Contains(t, log.String(), "a binding tag is not read; write its rules in a validate tag")
	require.Contains(t, log.String(), "field=Name")
	require.Contains(t, log.String(), "field=SKU")
	require.Empty(t, order{}.inner)

	log.Reset()
	v = rules.New(&rules.Options{TagName: "binding", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	_, faults := v.Compile(reflect.TypeFor[boundLine]())
	require.Empty(t, faults)
	require.Empty(t, log.String())
}

// Who comes from huma, or from JSON Schema, has rules in tags of their own.
func outsideForeignWords(t *testing.T) {
	for tag, want := range map[string]string{
		`minLength:"3"`: "write min in", `maxLength:"3"`: "write max in", `minimum:"3"`: "write min in", `maximum:"3"`: "write max in",
		`exclusiveMinimum:"3"`: "write gt in", `exclusiveMaximum:"3"`: "write lt in", `minItems:"1"`: "write min in", `maxItems:"1"`: "write max in",
		`uniqueItems:"true"`: "write unique in", `required:"true"`: "write required in", `enum:"a,b"`: "write oneof in",
		`pattern:"^a"`: "write a rule that you register", `format:"email"`: "write a rule for the format, such as email", `multipleOf:"2"`: "write a rule that you register",
	} {
		t.Run("R15 "+tag, func(t *testing.T) {
			key, _, _ := strings.Cut(tag, ":")
			inner := reflect.StructOf([]reflect.StructField{{Name: "In", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`json:"in" ` + tag)}})
			typ := reflect.StructOf([]reflect.StructField{
				{Name: "A", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`json:"a" ` + tag)},
				{Name: "B", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`json:"b" validate:"omitempty,min=1" ` + tag)},
				{Name: "C", Type: inner, Tag: `json:"c"`},
			})
			var log bytes.Buffer
			v := rules.New(&rules.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			for range 2 {
				_, faults := v.Compile(typ)
				require.Empty(t, faults)
			}
			require.Equal(t, 2, strings.Count(log.String(), "\n"), log.String())
			require.Contains(t, log.String(), "the tag "+key+" is not read; "+want)
			require.Contains(t, log.String(), "validate tag")
			require.Contains(t, log.String(), "field=A")
			require.Contains(t, log.String(), "field=In")
		})
	}
}
