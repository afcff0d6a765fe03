package syntax_test

import (
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

type (
	UUID     [16]byte
	Decimal  struct{ Digits string }
	level    int
	token    string
	freeForm string
)

func (level) JSONSchema() string    { return `{"type": "string", "enum": ["low", "high"]}` }
func (*token) JSONSchema() string   { return `{"type": "string", "format": "uuid"}` }
func (freeForm) JSONSchema() string { return `{"type": "string"}` }

func TestWrongText(t *testing.T) {
	for typ, want := range map[reflect.Type]string{
		reflect.TypeFor[UUID]():       "has the wrong format: a UUID is expected",
		reflect.TypeFor[Decimal]():    "has the wrong format: a decimal number is expected",
		reflect.TypeFor[netip.Addr](): "has the wrong format: an IP address is expected",
		reflect.TypeFor[big.Int]():    "has the wrong format: a whole number is expected",
		reflect.TypeFor[level]():      "must be one of low, high",
		reflect.TypeFor[token]():      "has the wrong format: a UUID is expected",
		reflect.TypeFor[freeForm]():   "has the wrong format",
		reflect.TypeFor[time.Month](): "has the wrong format",
	} {
		if got := syntax.WrongText(typ); got != want {
			t.Errorf("%v: %q, want %q", typ, got, want)
		}
	}
}
