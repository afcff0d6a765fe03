package docs_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

func TestDefaultsHaveTheTypeOfTheirParameter(t *testing.T) {
	type in struct {
		Numbers []int           `query:"numbers" default:"1, 2"`
		Words   []string        `query:"words" default:"a,7"`
		Waits   []time.Duration `query:"waits" default:"1s"`
		None    []int           `query:"none" default:""`
		Flags   []bool          `form:"flags" default:"true,false"`
		One     int             `query:"one" default:"010"`
		Maybe   *bool           `query:"maybe" default:"true"`
		Rate    float64         `query:"rate" default:"-00.5"`
		Text    string          `query:"text" default:"7"`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "POST /a", answer[in, typed.None])
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	item, _ := doc.Paths.Get("/a")
	op, _ := item.Operations.Get("post")
	got := map[string]string{}
	for _, p := range op.Parameters {
		text, err := json.Marshal(p.Schema.Default)
		require.NoError(t, err)
		got[p.Name] = string(text)
	}
	form, _ := op.RequestBody.Content.Get("application/x-www-form-urlencoded")
	flags, _ := form.Schema.Properties.Get("flags")
	text, err := json.Marshal(flags.Default)
	require.NoError(t, err)
	got["flags"] = string(text)
	require.Equal(t, map[string]string{
		"numbers": `[1,2]`, "words": `["a","7"]`, "waits": `["1s"]`, "none": `[]`, "flags": `[true,false]`,
		"one": `10`, "maybe": `true`, "rate": `-0.5`, "text": `"7"`,
	}, got)
}

// OpenAPI says these three in its own ways, and ignores parameters of their names.
func TestHeadersThatAreNoParameters(t *testing.T) {
	type in struct {
		Token  string `header:"authorization" validate:"required"`
		Accept string `header:"Accept"`
		Media  string `header:"Content-Type"`
		Lang   string `header:"Accept-Language"`
		Query  string `query:"Accept"`
		Cookie string `cookie:"Authorization"`
		Data   []byte `body:""`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "POST /a", answer[in, typed.None])
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	item, _ := doc.Paths.Get("/a")
	op, _ := item.Operations.Get("post")
	var got []string
	for _, p := range op.Parameters {
		got = append(got, p.In+" "+p.Name)
	}
	require.Equal(t, []string{"header Accept-Language", "query Accept", "cookie Authorization"}, got)
	require.Nil(t, op.Security)
	_, refuses := op.Responses.Get("422")
	require.True(t, refuses, "the server still checks them")
}
