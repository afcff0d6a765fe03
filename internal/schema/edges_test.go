//lint:file-ignore SA5008 unusual json tags are the cases

package schema_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/mail"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/schema"
)

// registered is a Validator with tags of the program: one with a schema, one without, one with no valid one.
func registered() *rules.Validator {
	v := rules.New(nil)
	yes := func(context.Context, validator.FieldLevel) bool { return true }
	v.Register("plate", yes, `{"pattern":"^[A-Z]+$"}`)
	v.Register("secretly", yes, "")
	v.Register("misread", yes, `{"type":7}`)
	return v
}

type conditions struct {
	A bool     `json:"a"`
	B int      `json:"b"`
	C uint     `json:"c"`
	D *int     `json:"d"`
	E string   `json:"e" validate:"required_if=A true"`
	F string   `json:"f" validate:"required_if=B 0"`
	G string   `json:"g" validate:"required_unless=C 7 A false"`
	H string   `json:"h" validate:"excluded_if=D 1"`
	I string   `json:"i" validate:"required_without_all=A B"`
	J string   `json:"j" validate:"required_with=A B"`
	K []string `json:"k"`
	L int      `json:"l,string"`
}

type unsaid struct {
	A []string `json:"a"`
	B int      `json:"b,string"`
	C celsius  `json:"c"`
	D string   `json:"d" validate:"required_if=A x"`
	E string   `json:"e" validate:"required_if=B 1"`
	F string   `json:"f" validate:"required_if=C 1"`
	G string   `json:"g" validate:"required_if=B"`
	H string   `json:"h" validate:"required_with=Missing"`
	I string   `json:"i" validate:"required_with=C"`
	J celsius  `json:"j" validate:"required_with=A"`
	K string   `json:"k" validate:"eqfield=D|alpha"`
	L []string `json:"l" validate:"dive,eqfield=D"`
	M *base    `json:"m" validate:"omitempty,nefield=A"`
	N []base   `json:"n" validate:"eqfield=A" doc:"Several."`
}

type rows struct {
	A uint64         `json:"a" validate:"oneof=18446744073709551615 x"`
	B int            `json:"b" validate:"oneof=a b"`
	C int            `json:"c" validate:"noneof=a b"`
	D string         `json:"d" validate:"oneofci=a-1 ß"`
	E int            `json:"e" validate:"oneofci=a"`
	F string         `json:"f" validate:"contains=\n\r\t\x01"`
	G string         `json:"g" validate:"excludesall=0x2C0x7C\u2028"`
	H bool           `json:"h" validate:"eq=maybe"`
	I float64        `json:"i" validate:"min=NaN"`
	J string         `json:"j" validate:"ne=-1,len=3"`
	K []int          `json:"k" validate:"ne=-1"`
	L []int          `json:"l" validate:"max=-1"`
	M []byte         `json:"m" validate:"ne=3"`
	N []byte         `json:"n" validate:"max=9223372036854775807"`
	O string         `json:"o" validate:"spicedb=x"`
	P string         `json:"p" validate:"postcode_iso3166_alpha2=XX"`
	Q string         `json:"q" validate:"alpha|secretly"`
	R string         `json:"r" validate:"plate"`
	S string         `json:"s" validate:"secretly"`
	T string         `json:"t" validate:"startswith=a|endswith=b"`
	U map[string]int `json:"u" validate:"dive,keys,secretly,endkeys,min=1"`
	V []int          `json:"v,format:emitnull" validate:"dive,min=1"`
	W map[level]int  `json:"w" validate:"min=1,dive,keys,min=2,endkeys"`
	X map[int]int    `json:"x" validate:"dive,keys,gt=0|lt=-5,endkeys"`
	Y float64        `json:"y" validate:"omitempty,oneof=1"`
	Z float64        `json:"z" validate:"omitempty,gt=1.5,lt=9"`
}

type base struct {
	ID int `json:"id" validate:"required"`
}

type side struct {
	Note string `json:"note" validate:"required"`
}

type loose struct {
	More string `json:"more" validate:"required"`
}

type embeds struct {
	base
	*side
	loose `validate:"-"`
	Any   string `json:"any,case:ignore" validate:"required"`
}

type rest struct {
	Name string         `json:"name"`
	More map[string]int `json:",embed"`
}

type told2 struct{ told }

type wide struct {
	A **big.Int                `json:"a"`
	B *any                     `json:"b"`
	C json.Number              `json:"c,string"`
	D map[time.Duration]string `json:"d"`
	E chain                    `json:"e" validate:"dive,max=3"`
	F celsius                  `json:"f" validate:"omitempty,required"`
	G told2                    `json:"g"`
	H struct {
		A float64 `json:"a"`
		B [2]byte `json:"b"`
	} `json:"h" validate:"omitempty"`
	I struct {
		A [2]bool   `json:"a"`
		B string    `json:"b"`
		C time.Time `json:"c"`
	} `json:"i" validate:"omitempty"`
	J struct {
		A rest `json:"a"`
	} `json:"j" validate:"omitempty"`
	K *rest `json:"k,omitzero" doc:"Maybe."`
	L *struct {
		A string `json:"a" validate:"required"`
		B int    `json:"b"`
	} `json:"l" validate:"omitzero"`
	M [2]struct {
		A string `json:"a" validate:"required"`
	} `json:"m" validate:"omitempty,dive"`
}

type pair[A, B any] struct {
	A A `json:"a"`
	B B `json:"b"`
}

// TestEdges writes the request schemas of structs in which each member is a seldom
// case; the lines are read by people.
func TestEdges(t *testing.T) {
	type Address struct{ A int }
	var out strings.Builder
	for _, typ := range []reflect.Type{
		reflect.TypeFor[conditions](), reflect.TypeFor[unsaid](), reflect.TypeFor[rows](), reflect.TypeFor[embeds](),
		reflect.TypeFor[rest](), reflect.TypeFor[wide](),
		reflect.TypeFor[pair[Address, mail.Address]](), reflect.TypeFor[pair[map[string]pair[int, []Address], *struct{ A int }]](),
	} {
		b := schema.New(schema.Options{Validator: registered()})
		b.Input(typ, false)
		components := b.Components()
		require.NoError(t, b.Err())
		for name, s := range components.All() {
			fmt.Fprintf(&out, "%s: %s\n", name, text(t, &openapi.Schema{Type: s.Type, Required: s.Required, AdditionalProperties: s.AdditionalProperties}))
			for member, s := range s.Properties.All() {
				fmt.Fprintf(&out, "\t%s: %s\n", member, text(t, s))
			}
			for _, s := range s.AllOf {
				fmt.Fprintf(&out, "\tand %s\n", text(t, s))
			}
		}
	}
	golden(t, "edges.txt", []byte(out.String()))
}

func TestRulesWithoutASchema(t *testing.T) {
	v := registered()
	for _, c := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[struct {
			A string `validate:"min=1,,max=2"`
		}](), "field A: the tag has an empty rule"},
		{reflect.TypeFor[struct {
			A string `validate:"misread"`
		}](), "the schema of the tag misread: keyword type"},
	} {
		b := schema.New(schema.Options{Validator: v})
		b.Input(c.typ, false)
		require.ErrorContains(t, b.Err(), c.want)
		b = schema.New(schema.Options{Validator: v})
		b.Parameter(schema.Parameter{Field: c.typ.Field(0)})
		require.ErrorContains(t, b.Err(), c.want)
	}
}
