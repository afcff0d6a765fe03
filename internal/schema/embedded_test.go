package schema_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type (
	pause struct {
		For time.Duration `json:"for" validate:"required"`
	}
	pauses struct {
		pause `validate:"omitempty"`
		N     int `json:"n" validate:"min=1"`
	}
)

// What no schema says of an embedded struct is in words, and then asks for nothing.
func TestEmbeddedInWords(t *testing.T) {
	for _, test := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[struct {
			pause `validate:"required"`
		}](), `"required":["for"]`},
		{reflect.TypeFor[struct {
			pause `validate:"omitempty"`
		}](), `"x-validate":"required"`},
		{reflect.TypeFor[struct {
			pauses `validate:"omitempty"`
		}](), `"n":{"description":"The server also checks: ` + "`min=1`" + `."`},
		{reflect.TypeFor[struct {
			K     string `json:"key"`
			pause `validate:"required_with=K"`
		}](), `"x-validate":"required_with=key"`},
	} {
		b := builder()
		s := text(t, b.Input(test.typ, false))
		require.NoError(t, b.Err())
		require.Contains(t, s, test.want)
	}
}
