package typed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type optionals struct {
	Limit typed.Optional[int]           `query:"limit" validate:"min=1,max=100" example:"20"`
	Name  typed.Optional[string]        `query:"name" validate:"max=5"`
	Since typed.Optional[time.Time]     `query:"since,format:DateOnly"`
	Level typed.Optional[volume]        `query:"level"`
	Must  typed.Optional[bool]          `query:"must" validate:"required"`
	Wait  typed.Optional[time.Duration] `header:"X-Wait"`
	Trace typed.Optional[string]        `header:"X-Trace"`
	Theme typed.Optional[int8]          `cookie:"theme"`
	In    struct {
		Age typed.Optional[uint8] `json:"age" validate:"gt=17"`
	} `query:"in"`
}

type volume string

func (v *volume) UnmarshalText(b []byte) error {
	*v = volume(b)
	if *v != "high" && *v != "low" {
		return fmt.Errorf("no volume")
	}
	return nil
}

type optionalForm struct {
	Name  typed.Optional[string]    `form:"name" validate:"max=5"`
	Age   typed.Optional[int]       `form:"age" validate:"required"`
	Agree typed.Optional[bool]      `form:"agree"`
	Day   typed.Optional[time.Time] `form:"day,format:DateOnly"`
}

func sent[T any](o typed.Optional[T]) string {
	if v, sent := o.Get(); sent {
		return fmt.Sprint(v)
	}
	return "-"
}

func TestOptionalParameters(t *testing.T) {
	api := typed.New("Test", "1", nil)
	list := typed.Get[optionals, string]("/list")
	list.Handle(api, typed.Func(func(_ context.Context, in optionals) (string, error) {
		year := "-"
		if day, ok := in.Since.Get(); ok {
			year = fmt.Sprint(day.Year())
		}
		return strings.Join([]string{sent(in.Limit), sent(in.Name), year, sent(in.Level), sent(in.Must), sent(in.Wait), sent(in.Trace), sent(in.Theme), sent(in.In.Age)}, " "), nil
	}))
	typed.Handle(api, "POST /form", typed.Func(func(_ context.Context, in optionalForm) (string, error) {
		day := "-"
		if at, ok := in.Day.Get(); ok {
			day = at.Format(time.DateOnly)
		}
		return fmt.Sprintf("%q ", sent(in.Name)) + strings.Join([]string{sent(in.Age), sent(in.Agree), day}, " "), nil
	}))
	docs.Mount(api, nil)
	send := func(r *http.Request) string {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return fmt.Sprint(w.Code, " ", w.Body.String())
	}
	for _, test := range []struct {
		query    string
		header   []string
		contains string
	}{
		{"must=false", nil, `200 "- - - - false - - - -"`},
		{"must=false&limit=7&name=&since=2024-02-29&level=high&in[age]=18", []string{"X-Wait", "1m", "X-Trace", "", "Cookie", "theme=0"}, `200 "7  2024 high false 1m0s  0 18"`},
		{"must=true", []string{"X-Trace", "a", "X-Trace", "b"}, `200 "- - - - true - a, b - -"`},
		{"", nil, `"in":"query","name":"must","rule":"required","detail":"is required"`},
		{"must=true&limit=0", nil, `"in":"query","name":"limit","rule":"min","param":"1"`},
		{"must=true&limit=", nil, `"in":"query","name":"limit","rule":"type","detail":"must be a whole number"`},
		{"must=true&limit=x", nil, `"name":"limit","rule":"type"`},
		{"must=true&limit=99999999999999999999", nil, `"name":"limit","rule":"range"`},
		{"must=true&limit=1&limit=2", nil, `"name":"limit","rule":"repeated"`},
		{"must=true&name=toolong", nil, `"in":"query","name":"name","rule":"max"`},
		{"must=true&name=%ff", nil, `400 `},
		{"must=true&since=2024-02-30", nil, `"name":"since","rule":"format","detail":"must be a date such as 2006-01-02"`},
		{"must=true&level=loud", nil, `"name":"level","rule":"format"`},
		{"must=true&in[age]=17", nil, `"in":"query","name":"in[age]","rule":"gt"`},
		{"must=true", []string{"X-Wait", "soon"}, `"in":"header","name":"X-Wait","rule":"format"`},
		{"must=true", []string{"Cookie", "theme=300"}, `"in":"cookie","name":"theme","rule":"range"`},
	} {
		t.Run(test.query, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/list?"+test.query, nil)
			for i := 0; i < len(test.header); i += 2 {
				r.Header.Add(test.header[i], test.header[i+1])
			}
			require.Contains(t, send(r), test.contains)
		})
	}
	for form, want := range map[string]string{
		"age=7":                              `200 "\"-\" 7 - -"`,
		"age=0&name=&agree=&day=":            `200 "\"\" 0 - -"`, // an empty text is a string, and no bool or date
		"age=0&agree=on&day=2024-02-29":      `200 "\"-\" 0 true 2024-02-29"`,
		"age=":                               `"in":"form","name":"age","rule":"required"`,
		"age=1&name=toolong":                 `"in":"form","name":"name","rule":"max"`,
		"age=1&agree=maybe":                  `"detail":"must be on, true or false"`,
		"age=1&day=29.2.2024&agree=false":    `"name":"day","rule":"format"`,
		"age=1&age=2":                        `"name":"age","rule":"repeated"`,
		"age=1&agree=false&name=%20&other=x": `200 "\" \" 1 false -"`,
	} {
		t.Run(form, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/form", strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			require.Contains(t, send(r), want)
		})
	}
	t.Run("Path", func(t *testing.T) {
		day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
		require.Equal(t, "/list", list.Path(optionals{}))
		in := optionals{Limit: typed.Some(0), Name: typed.Some(""), Since: typed.Some(day), Must: typed.Some(false)}
		in.In.Age = typed.Some(uint8(20))
		require.Equal(t, "/list?limit=0&name=&since=2024-02-29&must=false&in%5Bage%5D=20", list.Path(in))
	})
	t.Run("document", func(t *testing.T) {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
		document := w.Body.String()
		require.Contains(t, document, `{"name":"limit","in":"query","schema":{"type":"integer","format":"int64","minimum":1,"maximum":100},"example":20}`)
		require.Contains(t, document, `{"name":"name","in":"query","schema":{"type":"string","maxLength":5}}`)
		require.Contains(t, document, `{"name":"since","in":"query","schema":{"type":"string","format":"date"}}`)
		require.Contains(t, document, `{"name":"must","in":"query","required":true,"schema":{"type":"boolean"}}`)
		require.Contains(t, document, `"age":{"type":"integer","format":"uint8","exclusiveMinimum":17,"maximum":255}`)
		require.Contains(t, document, `"name":{"type":"string","maxLength":5},"age":{"type":"integer"`)
		require.Contains(t, document, `"agree":{"anyOf":[{"type":"boolean"},{"enum":["on",""]}]}`)
		require.NotContains(t, document, "Optional")
	})
}

func take[Req any](_ context.Context, _ Req) (typed.None, error) { return typed.None{}, nil }

func TestPresenceRefusedAsParameter(t *testing.T) {
	handle := func(name string, f func(*typed.API), says ...string) {
		t.Run(name, func(t *testing.T) {
			defer func() {
				got, _ := recover().(string)
				for _, s := range says {
					require.Contains(t, got, s)
				}
				require.Equal(t, 1, strings.Count(got, "typed: "), got)
			}()
			f(typed.New("Test", "1", nil))
		})
	}
	handle("path", func(a *typed.API) {
		typed.Handle(a, "GET /a/{id}", typed.Func(take[struct {
			ID typed.Optional[int] `path:"id"`
		}]))
	}, "GET /a/{id}: field ID: a path parameter is always there, and so is no typed.Optional: use int")
	handle("Nullable", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Nullable[int] `query:"a"`
		}]))
	}, "field A: a query parameter is never null, and so is no typed.Nullable: use typed.Optional of int")
	handle("Nullable header", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Nullable[*string] `header:"A"`
		}]))
	}, "field A: a header field is never null, and so is no typed.Nullable: use typed.Optional of string")
	handle("Nullable in a struct", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A struct {
				B typed.Nullable[int]
			} `query:"a"`
		}]))
	}, "field A.B: a query parameter is never null")
	handle("pointer", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A *typed.Optional[int] `cookie:"a"`
		}]))
	}, "field A: a pointer to a typed.Optional says twice that it may be absent: drop the pointer")
	handle("of a pointer", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Optional[*int] `query:"a"`
		}]))
	}, "field A: a typed.Optional of a pointer says twice that it may be absent: use typed.Optional of int")
	handle("list", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Optional[[]int] `query:"a,comma"`
		}]))
	}, "field A: a list that was not sent is empty, and so is no typed.Optional: use []int")
	handle("list of them", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A []typed.Optional[int] `query:"a"`
		}]))
	}, "field A: a query parameter cannot be read into a []typed.Optional[int]")
	handle("struct", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Optional[struct{ B int }] `query:"a"`
		}]))
	}, "field A: a struct in the query is no typed.Optional: use *struct { B int }")
	handle("comma", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Optional[int] `query:"a,comma"`
		}]))
	}, "field A: the option comma is for lists in the query")
	handle("no text", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Optional[map[string]int] `header:"a"`
		}]))
	}, "field A: a header field cannot be read into a typed.Optional of map[string]int")
	const noDefault = "an Optional or a Nullable with a default would never be absent"
	handle("default of a parameter", func(a *typed.API) {
		typed.Handle(a, "GET /a", typed.Func(take[struct {
			A typed.Optional[int] `query:"a" default:"7"`
		}]))
	}, "field A: "+noDefault, "in.Field.Or(20)")
	handle("default of a member", func(a *typed.API) {
		typed.Handle(a, "POST /a/{id}", typed.Func(take[struct {
			ID int                 `path:"id"`
			A  typed.Optional[int] `json:"a" default:"7"`
		}]))
	}, "field A: "+noDefault)
	handle("default of a Nullable", func(a *typed.API) {
		typed.Handle(a, "POST /a", typed.Func(take[struct {
			A typed.Nullable[int] `json:"a" default:"7"`
		}]))
	}, "field A: "+noDefault)
	handle("default within", func(a *typed.API) {
		typed.Handle(a, "POST /a", typed.Func(take[struct {
			A typed.Optional[struct {
				B []struct {
					C typed.Nullable[bool] `json:"c" default:"true"`
				}
			}] `json:"a"`
		}]))
	}, "field A.B.C: "+noDefault)
}
