package docs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// What OpenAPI has no keyword for stands in extensions, where programs that compare two
// documents find it: the limit of a body that is not the usual one, and that parameters
// which are not listed are refused.
func TestLimitsInTheDocument(t *testing.T) {
	type body struct {
		Name string `json:"name"`
	}
	type files struct {
		Photo typed.File `form:"photo" maxsize:"5MB"`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "POST /usual", answer[body, typed.None])
	typed.Handle(api, "POST /small", answer[body, typed.None], typed.MaxBody(4096))
	typed.Handle(api, "POST /files", answer[files, typed.None])
	typed.Handle(api, "POST /bounded", answer[files, typed.None], typed.MaxBody(6e6))
	typed.Handle(api, "GET /none", answer[typed.None, typed.None], typed.MaxBody(4096))
	typed.Handle(api, "GET /strict", answer[typed.None, typed.None], typed.StrictQuery())
	for _, version := range []string{"3.0", "3.1"} {
		doc, err := docs.OpenAPI(api, &docs.Options{Version: version})
		require.NoError(t, err)
		got := map[string]any{}
		for path, item := range doc.Paths.All() {
			for _, op := range item.Operations.All() {
				for name, value := range op.Extensions.All() {
					got[path+" "+name] = value
				}
			}
		}
		want := map[string]any{
			"/small x-max-body": int64(4096), "/bounded x-max-body": int64(6e6), "/strict x-strict-query": true,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", version, diff)
		}
	}
}

// Forms of time that no format of JSON Schema names are named by Go's.
func TestFormatsInTheDocument(t *testing.T) {
	type when struct {
		At   time.Time     `json:"at,format:RFC850"`
		Took time.Duration `json:"took,format:iso8601"`
		Day  time.Time     `json:"day,format:DateOnly"`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /when", answer[typed.None, when])
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	schema, _ := doc.Components.Schemas.Get("When")
	got := map[string]any{}
	for name, s := range schema.Properties.All() {
		got[name], _ = s.Extensions.Get("x-format")
	}
	if diff := cmp.Diff(map[string]any{"at": "RFC850", "took": "iso8601", "day": nil}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
