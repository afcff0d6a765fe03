package judges

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// row is one request type whose schema is held against the server.
type row struct {
	name    string
	exact   bool
	handle  func(api *typed.API, path string) mcpadapter.Tool
	members map[string][]string // JSON values to start from, by member
	whole   bool                // the samples are whole bodies
}

// exact is a type of which the schema accepts what the server accepts, and no more.
func exact[T any](samples ...string) *row { r := loose[T](samples...); r.exact = true; return r }

// loose is a type of which the schema may accept more than the server, never less.
func loose[T any](samples ...string) *row {
	t := reflect.TypeFor[T]()
	name := t.String()
	whole := t.Kind() != reflect.Struct || t.Name() != ""
	if !whole {
		if f, ok := t.FieldByName("V"); ok {
			name = fmt.Sprintf("%s %s", f.Type, f.Tag.Get("validate"))
		}
	}
	return &row{
		name: name, whole: whole, members: map[string][]string{"v": samples},
		handle: func(api *typed.API, path string) mcpadapter.Tool {
			e := typed.Handle(api, "POST "+path, func(_ context.Context, _ T, res *typed.Response[typed.None]) (typed.Answer, error) {
				return res.End()
			})
			return mcpadapter.Expose(e, path[1:], "Takes what "+path+" takes.", mcpadapter.Anonymous())
		},
	}
}

func (r *row) with(member string, samples ...string) *row {
	r.members[member] = samples
	return r
}

// rounds is how many values each row gets: all of the with APIROUTES_PROOF=1.
func rounds(full int) int {
	if os.Getenv("APIROUTES_PROOF") == "1" {
		return full
	}
	return full / 20
}

// compile makes a validator of the schema at a place of a document.
func compile(t *testing.T, doc any, pointer string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	// An annotation: no engine agrees with another on what an address is.
	c.RegisterFormat(&jsonschema.Format{Name: "email", Validate: func(any) error { return nil }})
	require.NoError(t, c.AddResource("doc.json", doc))
	s, err := c.Compile("doc.json#" + pointer)
	require.NoError(t, err)
	return s
}

func document(t *testing.T, api *typed.API) any {
	t.Helper()
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	text, err := doc.JSON()
	require.NoError(t, err)
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return parsed
}

func bodyPointer(path string) string {
	return "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/post/requestBody/content/application~1json/schema"
}

// TestInputSchemasAreHonest sends random bodies through HTTP and asks the published
// schema about the same bytes.
func TestInputSchemasAreHonest(t *testing.T) {
	all := slices.Concat(rows(), stringRows(), typeRows())
	api := typed.New("rows", "1", nil)
	for i, r := range all {
		func() {
			defer func() {
				if e := recover(); e != nil {
					t.Errorf("row %s is refused: %v", r.name, e)
				}
			}()
			r.handle(api, fmt.Sprintf("/r%d", i))
		}()
	}
	doc := document(t, api)
	var vectors []vector
	total := 0
	for i, r := range all {
		path := fmt.Sprintf("/r%d", i)
		t.Run(r.name, func(t *testing.T) {
			s := compile(t, doc, bodyPointer(path))
			total += r.prove(t, api, path, s, func(body string, accepted bool) {
				if len(vectors) < 100*(i+1) {
					vectors = append(vectors, vector{Pointer: bodyPointer(path), Body: body, Accepted: accepted})
				}
			})
		})
	}
	t.Logf("%d rows, %d bodies", len(all), total)
	judgeByAjv(t, doc, vectors)
}

func (r *row) prove(t *testing.T, api http.Handler, path string, s *jsonschema.Schema, note func(string, bool)) int {
	rng := rand.New(rand.NewPCG(1, 2))
	n := rounds(10_000)
	var both, neither int
	shortest := map[string]string{}
	for range n {
		body := r.body(rng)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		require.NoError(t, err, body)
		verdict := s.Validate(value)
		req := httptest.NewRequest("POST", path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, req)
		served := w.Code/100 == 2
		require.Less(t, w.Code, 500, "%s: %s", body, w.Body)
		switch {
		case served && verdict == nil:
			both++
		case !served && verdict != nil:
			neither++
		case served:
			keep(shortest, "the server accepts what the schema refuses", body+"\n"+verdict.Error())
		case r.exact:
			keep(shortest, "the schema accepts what the server refuses", body+"\n"+w.Body.String())
		}
		note(body, verdict == nil)
	}
	for what, body := range shortest {
		t.Errorf("%s: %s\nschema %s", what, body, s.Location)
	}
	require.NotZero(t, both, "no value was accepted: the test tests nothing")
	if r.exact {
		require.NotZero(t, neither, "no value was refused: the test tests nothing")
	}
	return n
}

func keep(shortest map[string]string, what, witness string) {
	if have, ok := shortest[what]; !ok || len(witness) < len(have) {
		shortest[what] = witness
	}
}

// body makes one JSON object out of the samples.
func (r *row) body(rng *rand.Rand) string {
	if r.whole {
		if rng.IntN(5) == 0 {
			return pick(rng, r.members["v"])
		}
		return mutate(rng, pick(rng, r.members["v"]))
	}
	var parts []string
	for _, name := range slices.Sorted(mapsKeys(r.members)) {
		switch rng.IntN(12) {
		case 0: // absent
		case 1:
			parts = append(parts, fmt.Sprintf("%q:null", name))
		case 2, 3, 4:
			parts = append(parts, fmt.Sprintf("%q:%s", name, pick(rng, r.members[name])))
		default:
			parts = append(parts, fmt.Sprintf("%q:%s", name, mutate(rng, pick(rng, r.members[name]))))
		}
	}
	if rng.IntN(40) == 0 {
		parts = append(parts, `"unknown":1`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }
