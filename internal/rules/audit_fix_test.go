package rules_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/rules"
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
		_, faults := rules.New(nil).Compile(s)
		if len(faults) != 1 || !strings.Contains(faults[0].Fix, want) {
			t.Errorf("%s: %v, want %q", tag, faults, want)
		}
	}
}

// Whoever lists values with commas has written tags that nobody knows.
func TestListsWithCommas(t *testing.T) {
	blanks := "put blanks instead of commas between the values of "
	for tag, want := range map[string][]string{
		"oneof=asc,desc":                {blanks + "oneof"},
		"required,oneof=a,b,c":          {blanks + "oneof", blanks + "oneof"},
		"noneof=x,y":                    {blanks + "noneof"},
		"dive,oneof=a,b":                {blanks + "oneof"},
		"oneof=a b,requierd":            {blanks + "oneof, and write 0x2C for a comma in a value; or write required"},
		"oneof=a b,mxa=3":               {"write max"},
		"oneof=a b,max=3,bb":            {"write "},
		"required_if=Kind card,prezent": {"give Validator.Register"},
	} {
		typ := reflect.TypeFor[string]()
		if strings.HasPrefix(tag, "dive") {
			typ = reflect.TypeFor[[]string]()
		}
		s := reflect.StructOf([]reflect.StructField{
			{Name: "V", Type: typ, Tag: reflect.StructTag(`validate:"` + tag + `"`)},
			{Name: "Kind", Type: reflect.TypeFor[string]()},
		})
		_, faults := rules.New(nil).Compile(s)
		if len(faults) != len(want) {
			t.Errorf("%s: %v, want %q", tag, faults, want)
			continue
		}
		for i, fault := range faults {
			if !strings.HasPrefix(fault.Fix, want[i]) {
				t.Errorf("%s: %v, want %q", tag, fault, want[i])
			}
		}
	}
}

func TestRulesForTypesOfOnesOwn(t *testing.T) {
	_, faults := rules.New(nil).Compile(reflect.TypeFor[struct {
		V struct{ N int } `validate:"gt=0"`
	}]())
	if len(faults) != 1 || faults[0].Fix != "remove it, change the field's type, or give Validator.Register a rule for this type" {
		t.Error(faults)
	}
}
