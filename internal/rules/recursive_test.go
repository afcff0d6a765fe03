package rules_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/rules"
)

type chain []chain

type tangle map[string]*tangle

// TestTypesOfNothingButThemselves ends: no struct is behind their elements.
func TestTypesOfNothingButThemselves(t *testing.T) {
	type holder struct {
		Chain  chain  `json:"chain" validate:"required,max=2"`
		Tangle tangle `json:"tangle"`
	}
	v := rules.New(nil)
	for _, typ := range []reflect.Type{reflect.TypeFor[chain](), reflect.TypeFor[tangle](), reflect.TypeFor[holder]()} {
		_, faults := v.Compile(typ)
		require.Empty(t, faults)
	}
	require.NoError(t, v.Struct(holder{Chain: chain{{}}}))
	require.Error(t, v.Struct(holder{}))
}
