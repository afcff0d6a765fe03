package docs_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
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

// What the tags of a request say beyond name and type is in the document.
func TestOutsideRequests(t *testing.T) {
	type filter struct {
		Name string `json:"name" validate:"required,max=9" doc:"the name"`
		Age  *int   `json:"age"`
	}
	type in struct {
		IDs    []int       `query:"ids,comma"`
		Plain  []int       `query:"plain"`
		Filter filter      `query:"filter" doc:"what to find"`
		Day    time.Time   `query:"day,format:DateOnly"`
		Days   []time.Time `query:"days,format:DateOnly"`
		At     time.Time   `query:"at,format:'2006-01-02T15:04'"`
		Unix   time.Time   `query:"unix,format:unix"`
		Since  time.Time   `header:"If-Modified-Since"`
	}
	type form struct {
		Agree bool      `form:"agree"`
		Age   *int      `form:"age"`
		Day   time.Time `form:"day,format:DateOnly"`
		Name  string    `form:"name"`
		Nums  []int     `form:"nums"`
	}
	type body struct{ A string }
	type image struct {
		Data []byte `body:""`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[in, typed.None])
	typed.Handle(api, "GET /strict", answer[typed.None, typed.None], typed.StrictQuery())
	typed.Handle(api, "POST /form", answer[form, typed.None])
	typed.Handle(api, "POST /body", answer[body, typed.None], typed.Accepts("text/plain"))
	typed.Handle(api, "POST /image", answer[image, typed.None], typed.Accepts("image/*"))
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	operation := func(path, method string) *openapi.Operation {
		item, _ := doc.Paths.Get(path)
		op, _ := item.Operations.Get(method)
		return op
	}
	text := func(v any) string {
		out, err := json.Marshal(v)
		require.NoError(t, err)
		return string(out)
	}
	t.Run("R4 R8 R16 parameters", func(t *testing.T) {
		got := map[string]string{}
		for _, p := range operation("/a", "get").Parameters {
			explode := ""
			if p.Explode != nil {
				explode = strconv.FormatBool(*p.Explode)
			}
			got[p.Name] = strings.Join([]string{p.In, p.Style, explode, p.Description, text(p.Schema)}, " ")
		}
		const integers = `{"type":"array","items":{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}}`
		require.Equal(t, map[string]string{
			"ids":   "query form false  " + integers,
			"plain": "query form true  " + integers,
			"filter": `query deepObject true what to find {"type":"object","properties":{"name":{"description":"the name","type":"string","minLength":1,"maxLength":9},` +
				`"age":{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}},"required":["name"]}`,
			"day":               `query    {"type":"string","format":"date"}`,
			"days":              `query form true  {"type":"array","items":{"type":"string","format":"date"}}`,
			"at":                "query   A time in the form `2006-01-02T15:04`. " + `{"type":"string","x-format":"2006-01-02T15:04"}`,
			"unix":              `query    {"type":"number","minimum":-62167219200,"maximum":253402300799.999999999,"x-format":"unix"}`,
			"If-Modified-Since": `header    {"type":"string","format":"http-date"}`,
		}, got)
	})
	t.Run("R8 forms", func(t *testing.T) {
		media, _ := operation("/form", "post").RequestBody.Content.Get("application/x-www-form-urlencoded")
		const integer = `{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}`
		require.Equal(t, `{"type":"object","properties":{"agree":{"anyOf":[{"type":"boolean"},{"enum":["on",""]}]},"age":{"anyOf":[`+integer+`,{"enum":[""]}]},`+
			`"day":{"anyOf":[{"type":"string","format":"date"},{"enum":[""]}]},"name":{"type":"string"},"nums":{"type":"array","items":{"anyOf":[`+integer+`,{"enum":[""]}]}}}}`, text(media.Schema))
	})
	t.Run("R10 media types", func(t *testing.T) {
		keys := func(path string) (out []string) {
			for media := range operation(path, "post").RequestBody.Content.All() {
				out = append(out, media)
			}
			return out
		}
		require.Equal(t, []string{"application/json", "text/plain"}, keys("/body"))
		require.Equal(t, []string{"image/*"}, keys("/image"))
		_, guarded := operation("/body", "post").Responses.Get("403")
		require.True(t, guarded)
	})
	t.Run("R16 StrictQuery", func(t *testing.T) {
		_, refuses := operation("/strict", "get").Responses.Get("422")
		require.True(t, refuses)
		const sentence = "A query parameter that is not listed here is refused with 422."
		require.Contains(t, operation("/strict", "get").Description, sentence)
		require.NotContains(t, operation("/body", "post").Description, sentence)
	})
}

// A body has to be sent where a rule says so, or where its media type has to be named.
func TestRequiredBodies(t *testing.T) {
	type item struct {
		A int `json:"a"`
	}
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /optional", typed.Func(func(context.Context, struct {
		Body *item `body:""`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "POST /ruled", typed.Func(func(context.Context, struct {
		Body *item `body:"" validate:"required"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "POST /bytes", typed.Func(func(context.Context, []byte) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "POST /image", typed.Func(func(context.Context, []byte) (typed.None, error) { return typed.None{}, nil }), typed.Accepts("image/png"))
	typed.Handle(api, "POST /stream", typed.Func(func(context.Context, struct {
		Body io.Reader `body:""`
	}) (typed.None, error) {
		return typed.None{}, nil
	}), typed.Accepts("image/png"))
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	for path, want := range map[string]bool{"/optional": false, "/ruled": true, "/bytes": false, "/image": false, "/stream": true} {
		item, _ := doc.Paths.Get(path)
		op, _ := item.Operations.Get("post")
		require.Equal(t, want, op.RequestBody.Required, path)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("POST", path, nil))
		require.Equal(t, want, w.Code >= 400, "%s %s", path, w.Body)
	}
}

// A list without elements breaks the rule required, as one that is absent does.
func TestRequiredLists(t *testing.T) {
	type in struct {
		IDs   []int    `query:"ids,comma" validate:"required"`
		Names []string `header:"X-Names" validate:"required,min=2"`
	}
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /a", answer[in, typed.None])
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	item, _ := doc.Paths.Get("/a")
	op, _ := item.Operations.Get("get")
	for i, least := range []int{1, 2} {
		require.True(t, op.Parameters[i].Required)
		require.Equal(t, least, *op.Parameters[i].Schema.MinItems)
	}
	r := httptest.NewRequest("GET", "/a?ids=", nil)
	r.Header.Set("X-Names", "a,b")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	require.Equal(t, 422, w.Code)
}

// Rules in words name other fields as a client knows them.
func TestNamesInWords(t *testing.T) {
	type query struct {
		Lo   int `query:"lo"`
		Hi   int `query:"hi" validate:"gtefield=Lo"`
		When int `query:"when" validate:"required_if=Lo 3 Hi 4"`
		Find struct {
			From int `query:"from"`
			To   int `json:"to" validate:"required_with=From"`
		} `query:"find"`
		Both int `header:"X-Both" validate:"eqcsfield=Find.From"`
		One  int `query:"one" validate:"eq=3|eqfield=Lo"`
	}
	type form struct {
		Lo int `form:"lo"`
		Hi int `form:"hi" validate:"gtefield=Lo"`
	}
	type mixed struct {
		Lo int `query:"lo"`
		Hi int `json:"hi" validate:"gtefield=Lo"`
	}
	type body struct {
		Lo struct {
			Least int `json:"least"`
		} `json:"lo"`
		Hi int `json:"hi" validate:"gtecsfield=Lo.Least"`
	}
	for _, test := range []struct {
		handle func(*typed.API)
		want   []string
	}{
		{func(a *typed.API) { typed.Handle(a, "GET /a", answer[query, typed.None]) }, []string{
			"gtefield=lo", "required_if=lo 3 hi 4", "required_with=find[from]", "eqcsfield=find[from]", "eq=3|eqfield=lo",
		}},
		{func(a *typed.API) { typed.Handle(a, "POST /a", answer[form, typed.None]) }, []string{"gtefield=lo"}},
		{func(a *typed.API) { typed.Handle(a, "POST /a", answer[mixed, typed.None]) }, []string{"gtefield=lo"}},
		{func(a *typed.API) { typed.Handle(a, "POST /a", answer[body, typed.None]) }, []string{"gtecsfield=lo.least"}},
	} {
		api := typed.New("A", "1", nil)
		test.handle(api)
		doc, err := docs.OpenAPI(api, nil)
		require.NoError(t, err)
		text, err := doc.JSON()
		require.NoError(t, err)
		var got []string
		for _, found := range regexp.MustCompile(`"x-validate":\s*"([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			got = append(got, found[1])
		}
		require.Equal(t, test.want, got)
	}
}
