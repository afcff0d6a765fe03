package syntax_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

func TestReadTag(t *testing.T) {
	for tag, want := range map[reflect.StructTag]string{
		"":                                 "",
		" ":                                "",
		`json:"a,omitempty"`:               "",
		`query:"a" validate:"min=1"`:       "",
		`query:"a"  validate:"oneof='a\""`: "",
		`json:"a"validate:"b"`:             "", // reflect reads it
		`bson:"a" gorm:"b" yaml:"c" xml:"d" db:"e" uri:"f" param:"g" binding:"required" mapstructure:"h" minLength:"1"`: "",
		`query:"x",validate:"min=1"`: `the struct tag has "," where one pair ends and the next begins, so that validate is ignored: separate the pairs by a space alone`,
		`query:"x";validate:"min=1"`: "so that validate is ignored",
		`json: "s"`:                  `the struct tag is malformed from "json: \"s\"" on`,
		`query:"a" json:'s'`:         `malformed from "json:'s'" on`,
		`json:"s`:                    "malformed",
		`json`:                       "malformed",
		`query:"a" , json:"b"`:       "malformed",
		`query:"a" vaildate:"min=1"`: "the tag vaildate is not known: write validate",
		`validte:"a"`:                "write validate",
		`defualt:"1"`:                "write default",
		`Json:"a"`:                   "write json",
		`jsno:"a"`:                   "write json",
		`qurey:"a"`:                  "write query",
		`haeder:"a"`:                 "write header",
		`headr:"a"`:                  "write header",
		`coookie:"a"`:                "write cookie",
		`from:"a"`:                   "write form",
		`Auth:"a"`:                   "write auth",
		`auth:"a" auth:"b"`:          "has auth twice",
		`exmaple:"a"`:                "write example",
	} {
		problem, fix := syntax.ReadTag(tag, func(string, string) {})
		if got := problem + ": " + fix; (want == "") != (problem == "") || !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", tag, got, want)
		}
	}
}
