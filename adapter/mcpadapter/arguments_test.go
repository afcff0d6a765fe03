package mcpadapter_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// everything has an argument of each kind.
type everything struct {
	Shop   string   `path:"shop"`
	ID     int64    `path:"id"`
	Limit  int      `query:"limit" default:"20" validate:"min=1,max=100"`
	Exact  bool     `query:"exact"`
	Rate   float64  `query:"rate"`
	Big    *uint64  `query:"big"`
	Sort   string   `query:"sort" validate:"omitempty,oneof=name age"`
	Tags   []string `query:"tags"`
	Days   []int    `query:"days" default:"1,2"`
	Words  []string `query:"words,comma" default:"x"`
	Filter struct {
		Name string `query:"name"`
		Min  int    `query:"min"`
	} `query:"filter"`
	Trace *string   `header:"X-Trace"`
	Note  *string   `cookie:"note"`
	Name  string    `json:"name" validate:"required,max=5"`
	Age   int64     `json:"age"`
	More  *moreText `json:"more"`
}

type moreText struct {
	Text string `json:"text" validate:"max=3"`
}

// echo answers with what the handler got, as JSON by the names of Go.
func echo[Req any](_ context.Context, in Req) (json.RawMessage, error) { return json.Marshal(in) }

// What arguments come to at the handler. Fields that are as nothing was sent are left out.
func TestArguments(t *testing.T) {
	api := typed.New("Everything", "1.0.0", nil)
	session := served(t, api, typed.Handle(api, "POST /shops/{shop}/items/{id}", typed.Func(echo[everything])))
	got := func(arguments string) string {
		t.Helper()
		var in struct{ Result json.RawMessage }
		out := text(t, call(t, session, "call", arguments))
		if strings.HasPrefix(out, "error: ") {
			return strings.TrimPrefix(strings.TrimPrefix(out, "error: 422 Unprocessable Content: The arguments are invalid; see errors for details."),
				"error: 422 Unprocessable Content: The request is invalid; see errors for details.")
		}
		in.Result = json.RawMessage(out)
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(in.Result, &members))
		usual := map[string]string{
			"Shop": `"a"`, "ID": "1", "Limit": "20", "Exact": "false", "Rate": "0", "Big": "null", "Sort": `""`, "Tags": "null", "Days": "[1,2]", "Words": `["x"]`,
			"Filter": `{"Name":"","Min":0}`, "Trace": "null", "Note": "null", "name": `"n"`, "age": "0", "more": "null",
		}
		for name, value := range usual {
			if string(members[name]) == value {
				delete(members, name)
			}
		}
		left, err := json.Marshal(members)
		require.NoError(t, err)
		return string(left)
	}
	with := func(more string) string { return `{"shop":"a","id":1,"name":"n",` + more + `}` }
	for _, c := range []struct{ arguments, want string }{
		{`{"shop":"a","id":1,"name":"n"}`, `{}`},
		{`{"shop":"a/b c?d#e%","id":-9223372036854775808,"name":"n"}`, `{"ID":-9223372036854775808,"Shop":"a/b c?d#e%"}`},
		{with(`"limit":7,"exact":true,"rate":1.5e3,"big":18446744073709551615,"sort":"age"`), `{"Big":18446744073709551615,"Exact":true,"Limit":7,"Rate":1500,"Sort":"age"}`},
		{with(`"age":9223372036854775807,"more":{"text":"abc"}`), `{"age":9223372036854775807,"more":{"text":"abc"}}`},
		{with(`"limit":7.0,"big":12e2`), `{"Big":1200,"Limit":7}`},
		{with(`"tags":["a,b","","c&d=e"],"days":[3],"words":["a,b","c"]`), `{"Days":[3],"Tags":["a,b","","c\u0026d=e"],"Words":["a,b","c"]}`},
		{with(`"tags":[],"words":[]`), `{"Words":null}`},
		{with(`"filter":{"name":"x","min":3}`), `{"Filter":{"Name":"x","Min":3}}`},

		// What breaks a rule, is of another type, unknown or missing.
		{with(`"limit":0,"sort":"size"`), "\n/limit: must be at least 1\n/sort: must be one of name, age"},
		{with(`"more":{"text":"abcd"}`), "\n/more/text: must be at most 3 characters long"},
		{with(`"more":{"txt":"abcd"}`), "\n/more/txt: is not a known member"},
		{with(`"age":"1"`), "\n/age: must be a whole number"},
		{with(`"limit":"7"`), "\n/limit: must be a whole number"},
		{with(`"limit":7.5`), "\n/limit: must be a whole number"},
		{with(`"limit":null`), "\n/limit: must be a whole number"},
		{with(`"limit":1e999999999`), "\n/limit: must be a whole number"},
		{with(`"exact":"true"`), "\n/exact: must be true or false"},
		{with(`"exact":1,"rate":"1","sort":true`), "\n/exact: must be true or false\n/rate: must be a number\n/sort: must be a string"},
		{with(`"tags":"a"`), "\n/tags: must be a list"},
		{with(`"tags":[1]`), "\n/tags: must be a list, each of which must be a string"},
		{with(`"tags":[["a"]]`), "\n/tags: must be a list, each of which must be a string"},
		{with(`"days":[]`), "\n/days: cannot be the empty list: an absent one has a default"},
		{with(`"words":[""]`), "\n/words: cannot be a list of one empty string"},
		{with(`"filter":"x"`), "\n/filter: must be an object"},
		{with(`"filter":{"min":"3"}`), "\n/filter/min: must be a whole number"},
		{with(`"filter":{"name":["x"]}`), "\n/filter/name: must be a string"},
		{with(`"X-Trace":"a"`), "\n/X-Trace: is not a known member"},
		{with(`"note":"a"`), "\n/note: is not a known member"},
		{`{"shop":"a","name":"n"}`, "\n/id: is required"},
		{`{"shop":["a"],"id":"1","name":"n"}`, "\n/shop: must be a string\n/id: must be a whole number"},
		{`{"shop":"a","id":1}`, "\n/name: is required and must not be empty"},
		{`{"shop":"a","id":1,"name":"n","name":"m"}`, "error: 400 Bad Request: The arguments are no object of JSON in UTF-8 that has each name once."},
		{`[]`, "error: 400 Bad Request: The arguments are no object of JSON in UTF-8 that has each name once."},
		{`null`, "\n/shop: is required"},
		{with(`"filter":{"name":"a","name":"b"}`), "error: 400 Bad Request: The arguments are no object of JSON in UTF-8 that has each name once."},
	} {
		t.Run(c.arguments, func(t *testing.T) { require.Equal(t, c.want, got(c.arguments)) })
	}
}

// The shapes of bodies that are not the members of one struct.
func TestBodies(t *testing.T) {
	type optional struct {
		ID   int       `path:"id"`
		Body *moreText `body:""`
	}
	type optionalRules struct {
		Dry  bool `query:"dry"`
		Body *struct {
			Name string `json:"name" validate:"required"`
			City string `json:"city"`
		} `body:""`
	}
	type list struct {
		ID  int      `path:"id"`
		All []string `body:"" validate:"max=2"`
	}
	type form struct {
		ID    int      `path:"id"`
		Name  string   `form:"name" validate:"max=3"`
		Agree bool     `form:"agree"`
		Age   *int     `form:"age"`
		Tags  []string `form:"tags"`
	}
	type conditional struct {
		Kind string `json:"kind" validate:"oneof=post mail"`
		City string `json:"city" validate:"required_if=Kind post"`
	}
	for name, c := range map[string]struct {
		serve func(*testing.T, *typed.API) *mcp.ClientSession
		calls [][2]string
	}{
		"optional": {serveEcho[optional]("POST /x/{id}"), [][2]string{
			{`{"id":1}`, `{"ID":1,"Body":null}`},
			{`{"id":1,"text":"abc"}`, `{"ID":1,"Body":{"text":"abc"}}`},
			{`{"id":1,"text":"abcd"}`, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/text: must be at most 3 characters long"},
		}},
		"optional with rules": {serveEcho[optionalRules]("POST /x"), [][2]string{
			{`{}`, `{"Dry":false,"Body":null}`},
			{`{"dry":true}`, `{"Dry":true,"Body":null}`},
			{`{"name":"a"}`, `{"Dry":false,"Body":{"name":"a","city":""}}`},
			{`{"city":"a"}`, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/name: is required and must not be empty"},
		}},
		"struct": {serveEcho[moreText]("POST /x"), [][2]string{
			{`{}`, `{"text":""}`},
			{`{"text":"abc"}`, `{"text":"abc"}`},
			{`{"text":null}`, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/text: must not be null"},
		}},
		"list": {serveEcho[list]("POST /x/{id}"), [][2]string{
			{`{"id":1,"body":["a"]}`, `{"ID":1,"All":["a"]}`},
			{`{"id":1}`, "error: 400 Bad Request: The request body is empty.\n/body: must be a JSON value"},
			{`{"id":1,"body":["a",1]}`, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/body/1: must be a string"},
			{`{"id":1,"all":["a"]}`, "error: 422 Unprocessable Content: The arguments are invalid; see errors for details.\n/all: is not an argument of this tool"},
		}},
		"map": {serveEcho[map[string]int]("POST /x"), [][2]string{
			{`{"body":{"a":1}}`, `{"a":1}`},
		}},
		"form": {serveEcho[form]("POST /x/{id}"), [][2]string{
			{`{"id":1,"name":"a&b","agree":true,"age":7,"tags":["a","b c"]}`, `{"ID":1,"Name":"a&b","Agree":true,"Age":7,"Tags":["a","b c"]}`},
			{`{"id":1}`, `{"ID":1,"Name":"","Agree":false,"Age":null,"Tags":null}`},
			{`{"id":1,"name":"abcd","age":"7"}`, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/name: must be at most 3 characters long"},
			{`{"id":1,"other":1}`, "error: 422 Unprocessable Content: The arguments are invalid; see errors for details.\n/other: is not an argument of this tool"},
		}},
		"conditions": {serveEcho[conditional]("POST /x"), [][2]string{
			{`{"kind":"mail"}`, `{"kind":"mail","city":""}`},
			{`{"kind":"post"}`, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/city: is required when kind is post"},
		}},
		"nothing": {serveEcho[typed.None]("GET /x"), [][2]string{
			{`{}`, `{}`},
			{`{"a":1}`, "error: 422 Unprocessable Content: The arguments are invalid; see errors for details.\n/a: is not an argument of this tool"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			session := c.serve(t, typed.New("Bodies", "1.0.0", nil))
			for _, call2 := range c.calls {
				require.Equal(t, call2[1], text(t, call(t, session, "call", call2[0])), call2[0])
			}
			schema := asJSON(t, listed(t, session)["call"].InputSchema)
			require.NotContains(t, schema, "#/components")
		})
	}
}

func serveEcho[Req any](pattern string) func(*testing.T, *typed.API) *mcp.ClientSession {
	return func(t *testing.T, api *typed.API) *mcp.ClientSession {
		return served(t, api, typed.Handle(api, pattern, typed.Func(echo[Req])))
	}
}

// A call reaches the endpoint of its tool or none, whatever a value of the path may be.
func TestOtherEndpoints(t *testing.T) {
	type byID struct {
		ID string `path:"id"`
	}
	type below struct {
		Path string `path:"path"`
	}
	answer := func(what string) typed.Handler[typed.None, string] {
		return typed.Func(func(context.Context, typed.None) (string, error) { return what, nil })
	}
	api := typed.New("Users", "1.0.0", &typed.Options{BasePath: "/v1"})
	user := typed.Handle(api, "GET /users/{id}", typed.Func(func(_ context.Context, in byID) (string, error) { return "user " + in.ID, nil }))
	files := typed.Handle(api, "GET /files/{path...}", typed.Func(func(_ context.Context, in below) (string, error) { return "file " + in.Path, nil }))
	typed.Handle(api, "GET /users/me", answer("SECRET"))
	typed.Handle(api, "GET /users", answer("SECRET"))
	typed.Handle(api, "GET /files/keys", answer("SECRET"))
	typed.Handle(api, "DELETE /users/{id}", typed.Func(func(context.Context, byID) (string, error) { return "SECRET", nil }))
	server := newServer()
	mcpadapter.Add(server, api, mcpadapter.Expose(user, "user", "User.", mcpadapter.Anonymous()), mcpadapter.Expose(files, "file", "File.", mcpadapter.Anonymous()))
	session := connect(t, server)
	for _, c := range []struct{ tool, arguments, want string }{
		{"user", `{"id":"7"}`, `"user 7"`},
		{"user", `{"id":"../keys"}`, `"user ../keys"`},
		{"user", `{"id":"a/b"}`, `"user a/b"`},
		{"user", `{"id":"me?"}`, `"user me?"`},
		{"user", `{"id":"%6De"}`, `"user %6De"`},
		{"user", `{"id":"me"}`, "error: 404 Not Found: There is nothing for these arguments.\n/id: has a value that leads to nothing"},
		{"user", `{"id":""}`, "error: 404 Not Found: There is nothing for these arguments.\n/id: has a value that leads to nothing"},
		{"user", `{"id":".."}`, "error: 404 Not Found: There is nothing for these arguments.\n/id: has a value that leads to nothing"},
		{"file", `{"path":"a/b.txt"}`, `"file a/b.txt"`},
		{"file", `{"path":"keys"}`, "error: 404 Not Found: There is nothing for these arguments.\n/path: has a value that leads to nothing"},
		{"file", `{"path":"a/../../users"}`, "error: 404 Not Found: There is nothing for these arguments.\n/path: has a value that leads to nothing"},
	} {
		require.Equal(t, c.want, text(t, call(t, session, c.tool, c.arguments)), c.arguments)
	}
}

// What is too large is refused, by the limit of the endpoint.
func TestTooLarge(t *testing.T) {
	type in struct {
		Text string `json:"text"`
	}
	api := typed.New("Large", "1.0.0", nil)
	session := served(t, api, typed.Handle(api, "POST /x", typed.Func(func(_ context.Context, in in) (int, error) { return len(in.Text), nil }), typed.MaxBody(100)))
	require.Equal(t, "50", text(t, call(t, session, "call", `{"text":"`+strings.Repeat("a", 50)+`"}`)))
	require.Equal(t, "error: 413 Content Too Large: The request body is too large.", text(t, call(t, session, "call", `{"text":"`+strings.Repeat("a", 100)+`"}`)))
	require.Equal(t, "error: 413 Content Too Large: The arguments are too large.", text(t, call(t, session, "call", `{"text":"`+strings.Repeat("a", 70<<10)+`"}`)))
}
