package validate_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/validate"
)

func TestUnknownTagsAreGuessed(t *testing.T) {
	for tag, want := range map[string]string{
		"requierd": "write required,",
		"mxa=3":    "write max,",
		"emial":    "write email,",
		"alphnum":  "write alphanum,",
		"qqqqqqqq": "write one of validator's tags",
		"x":        "Validator.Register",
	} {
		s := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`validate:"` + tag + `"`)}})
		_, faults := validate.New(nil).Compile(s)
		if len(faults) != 1 || !strings.Contains(faults[0].Mend, want) {
			t.Errorf("%s: %v, want %q", tag, faults, want)
		}
	}
}
