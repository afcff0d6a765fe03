package typed_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type sparse struct {
	Name  string              `json:"name"`
	Tags  []string            `json:"tags" validate:"max=3"`
	Map   map[string][]string `json:"map"`
	Sure  string              `json:"sure" validate:"required"`
	Large []struct {
		Room [100]float64 `json:"room"`
	} `json:"large"`
	Any any `json:"any"`
}

// TestOutsideJSON has the entries about JSON bodies, as a client sees them.
func TestOutsideJSON(t *testing.T) {
	api := typed.New("Test", "1", nil)
	echo := typed.Func(func(_ context.Context, in sparse) (sparse, error) { return in, nil })
	typed.Handle(api, "POST /strict", echo)
	typed.Handle(api, "POST /nulls", echo, typed.NullAsAbsent())
	docs.Mount(api, nil)
	send := func(path, body string) (int, string) {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, test := range []struct {
		id, path, body string
		status         int
		contains       string
	}{
		{"R7 null is refused", "/strict", `{"sure":"x","tags":null}`, 422, `"pointer":"/tags","rule":"null"`},
		{"R7 null is absent", "/nulls", `{"name":null,"sure":"x","tags":null,"map":{"a":null,"b":["c"]}}`, 200, `{"name":"","tags":[],"map":{"b":["c"]},"sure":"x"`},
		{"R7 absent is not enough", "/nulls", `{"sure":null}`, 422, `"pointer":"/sure","rule":"required"`},
		{"R7 an element is not absent", "/nulls", `{"sure":"x","tags":[null]}`, 422, `"pointer":"/tags/0","rule":"null"`},
		{"R17 a number is not rounded", "/strict", `{"sure":"x","any":9007199254740993}`, 422, `"pointer":"/any","rule":"range"`},
		{"R18 a duplicate is well-formed", "/strict", `{"sure":"x","sure":"x"}`, 400, `"detail":"The request body has two members with the same name in one object."`},
		{"S6 a list ends at its limit", "/strict", `{"sure":"x","tags":["a","b","c","d",1]}`, 422, `"pointer":"/tags","rule":"max","param":"3","detail":"must have at most 3 items"`},
		{"S6 decoded size", "/strict", `{"sure":"x","large":[` + strings.Repeat("{},", 50_000) + `{}]}`, 413, `"rule":"size"`},
	} {
		t.Run(test.id, func(t *testing.T) {
			status, body := send(test.path, test.body)
			require.Equal(t, test.status, status, body)
			require.Contains(t, body, test.contains)
		})
	}
	t.Run("R7 the document says it", func(t *testing.T) {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
		var doc map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
		at := func(path string) map[string]any {
			s := doc["paths"].(map[string]any)[path].(map[string]any)["post"].(map[string]any)["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)
			if ref, ok := s["$ref"].(string); ok {
				s = doc["components"].(map[string]any)["schemas"].(map[string]any)[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
			}
			return s["properties"].(map[string]any)
		}
		text := func(v any) string { b, _ := json.Marshal(v); return string(b) }
		require.Contains(t, text(at("/nulls")["tags"]), `"null"`)
		require.Contains(t, text(at("/nulls")["map"].(map[string]any)["additionalProperties"]), `"null"`)
		require.NotContains(t, text(at("/nulls")["sure"]), `"null"`)
		require.NotContains(t, text(at("/strict")["tags"]), `"null"`)
	})
}

// TestOutsideLargeElements: S6, a warning at start-up.
func TestOutsideLargeElements(t *testing.T) {
	var log strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	api := typed.New("Test", "1", nil)
	type large struct{ Room [1 << 16]byte }
	typed.Handle(api, "POST /large", typed.Func(func(context.Context, struct{ L []large }) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "POST /small", typed.Func(func(context.Context, sparse) (typed.None, error) { return typed.None{}, nil }))
	require.Contains(t, log.String(), `endpoint="POST /large" bytes=65536`)
	require.NotContains(t, log.String(), "POST /small")
}
