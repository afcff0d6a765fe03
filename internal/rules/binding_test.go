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
