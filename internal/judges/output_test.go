package judges

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// answer is a type of which random values are answered.
type answer struct {
	name   string
	handle func(api *typed.API, path string, rng *rand.Rand)
}

func answers[T any]() answer {
	return answer{
		name: fmt.Sprintf("%T", *new(T)),
		handle: func(api *typed.API, path string, rng *rand.Rand) {
			typed.Handle(api, "GET "+path, func(_ context.Context, _ typed.None, res *typed.Response[T]) (typed.Answer, error) {
				var v T
				fill(rng, &v)
				return res.JSON(v)
			})
		},
	}
}

func outputs() []answer {
	return []answer{
		answers[struct{ V time.Time }](),
		answers[struct{ V *time.Time }](),
		answers[struct{ V time.Duration }](),
		answers[struct{ V []byte }](),
		answers[struct{ V [16]byte }](),
		answers[struct{ V []uint8 }](),
		answers[struct{ V json.RawMessage }](),
		answers[struct{ V json.Number }](),
		answers[struct{ V big.Int }](),
		answers[struct{ V *big.Int }](),
		answers[struct{ V netip.Addr }](),
		answers[struct{ V net.IP }](),
		answers[struct{ V colour }](),
		answers[struct{ V map[colour]int }](),
		answers[struct{ V map[int8]string }](),
		answers[struct{ V map[string]map[string]bool }](),
		answers[struct{ V any }](),
		answers[struct {
			A int8
			B int16
			C int32
			D int64
			E uint8
			F uint16
			G uint32
			H uint64
			I float32
			J float64
		}](),
		answers[struct {
			A int64   `json:",string"`
			B uint8   `json:",string"`
			C float64 `json:",string"`
			D *int32  `json:",string"`
		}](),
		answers[struct {
			A string          `json:",omitempty"`
			B []int           `json:",omitempty"`
			C map[string]int  `json:",omitempty"`
			D *int            `json:",omitempty"`
			E int             `json:",omitempty"`
			F bool            `json:",omitempty"`
			G time.Time       `json:",omitempty"`
			H struct{ X int } `json:",omitempty"`
		}](),
		answers[struct {
			A string          `json:",omitzero"`
			B []int           `json:",omitzero"`
			C map[string]int  `json:",omitzero"`
			D *int            `json:",omitzero"`
			E int             `json:",omitzero"`
			F bool            `json:",omitzero"`
			G time.Time       `json:",omitzero"`
			H struct{ X int } `json:",omitzero"`
		}](),
		answers[struct {
			embedded
			*Pointed
			V string
		}](),
		answers[tree](),
		answers[*tree](),
		answers[page[item]](),
		answers[page[*item]](),
		answers[[]item](),
		answers[map[string]*item](),
		answers[[2][3]int](),
		answers[Mutual](),
		answers[nested](),
		answers[large](),
	}
}

// Mutual and Other hold each other.
type Mutual struct {
	Other *Other           `json:"other"`
	Many  map[string]Other `json:"many"`
}

type Other struct {
	Back []Mutual `json:"back"`
}

// nested is a slice of itself.
type nested []nested

// TestOutputSchemasAreHonest answers random values and holds what was written against
// the schema that the document gives for it.
func TestOutputSchemasAreHonest(t *testing.T) {
	api := typed.New("outputs", "1", nil)
	rng := rand.New(rand.NewPCG(3, 4))
	all := outputs()
	for i, a := range all {
		a.handle(api, fmt.Sprintf("/o%d", i), rng)
	}
	doc := document(t, api)
	var vectors []vector
	for i, a := range all {
		path := fmt.Sprintf("/o%d", i)
		pointer := "/paths/~1" + path[1:] + "/get/responses/200/content/application~1json/schema"
		t.Run(a.name, func(t *testing.T) {
			s := compile(t, doc, pointer)
			for n := range rounds(10_000) {
				w := httptest.NewRecorder()
				api.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				require.Equal(t, 200, w.Code, w.Body)
				body := w.Body.String()
				value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
				require.NoError(t, err, body)
				require.NoError(t, s.Validate(value), body)
				if n < 50 {
					vectors = append(vectors, vector{Pointer: pointer, Body: body, Accepted: true})
				}
			}
		})
	}
	t.Logf("%d types, %d values each", len(all), rounds(10_000))
	judgeByAjv(t, doc, vectors)
}
