package typedtest_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

// reach panics at one value, and knows no other.
func reach(is bool) (typed.None, error) {
	if is {
		panic("it was reached")
	}
	return typed.None{}, respond.NotFound("There is none.")
}

// TestReached explores APIs with a fault that only what is given leads to.
func TestReached(t *testing.T) {
	const first, second = "from-zanzibar", "to-timbuktu"
	type values = map[string][]string
	for name, test := range map[string]struct {
		plant  func(*typed.API)
		values values
	}{
		"an example of a path value": {handle("GET /o/{org}", func(in struct {
			Org string `path:"org" example:"from-zanzibar"`
		}) (typed.None, error) {
			return reach(in.Org == first)
		}, typed.Fails(404)), nil},
		"examples of several parameters": {handle("GET /o/{org}", func(in struct {
			Org string   `path:"org" example:"from-zanzibar"`
			To  string   `query:"to" example:"to-timbuktu"`
			Ids []string `query:"ids,comma" example:"a1,b2"`
		}) (typed.None, error) {
			return reach(in.Org == first && in.To == second && cmp.Equal(in.Ids, []string{"a1", "b2"}))
		}, typed.Fails(404)), nil},
		"examples of members": {handle("POST /o", func(in struct {
			Org string `json:"org" example:"from-zanzibar"`
			In  struct {
				N int `json:"n" example:"77123"`
			} `json:"in"`
		}) (typed.None, error) {
			return reach(in.Org == first && in.In.N == 77123)
		}, typed.Fails(404)), nil},
		"an example of a form field": {handle("POST /o", func(in struct {
			Org string `form:"org" example:"from-zanzibar"`
		}) (typed.None, error) {
			return reach(in.Org == first)
		}, typed.Fails(404)), nil},
		"values that belong together": {func(api *typed.API) {
			notes := map[string]string{} // by box and shelf
			type boxed struct {
				Box   string `path:"box"`
				Shelf string `path:"shelf"`
			}
			type note struct {
				Note string `json:"id"`
			}
			handle("POST /boxes/{box}/{shelf}/notes", func(in boxed) (note, error) {
				at := in.Box + "/" + in.Shelf
				notes[at] = "n" + strconv.Itoa(len(notes))
				return note{notes[at]}, nil
			})(api)
			handle("DELETE /boxes/{box}/{shelf}/notes/{noteId}", func(in struct {
				boxed
				Note string `path:"noteId"`
			}) (typed.None, error) {
				return reach(notes[in.Box+"/"+in.Shelf] == in.Note)
			}, typed.Fails(404))(api)
		}, nil},
		"the version of what is changed": {func(api *typed.API) {
			versions := map[string]int{}
			typed.Handle(api, "PUT /o/{id}", func(_ context.Context, in struct {
				ID string `path:"id"`
			}, res *typed.Response[int]) (typed.Answer, error) {
				versions[in.ID] = 40 + len(versions)
				return res.Header("ETag", strconv.Quote(strconv.Itoa(versions[in.ID]))).JSON(1)
			})
			handle("PATCH /o/{id}", func(in struct {
				ID    string `path:"id"`
				Match string `header:"If-Match" validate:"required"`
			}) (typed.None, error) {
				if in.Match == strconv.Quote(strconv.Itoa(versions[in.ID])) {
					return reach(true)
				}
				return typed.None{}, respond.PreconditionFailed("It has changed.")
			}, typed.Fails(412))(api)
		}, nil},
		"the version of what was made, without a path to it": {func(api *typed.API) {
			made := 0
			typed.Handle(api, "POST /o", func(_ context.Context, _ typed.None, res *typed.Response[Value]) (typed.Answer, error) {
				made++
				return res.Header("ETag", `"v1"`).JSON(Value{made})
			})
			handle("PATCH /o/{v}", func(in struct {
				V     int                    `path:"v"`
				Match typed.Optional[string] `header:"If-Match"`
			}) (typed.None, error) {
				return reach(in.V <= made && in.Match.Or("") == `"v1"`)
			}, typed.Fails(404))(api)
		}, nil},
		"values of a path and a query": {handle("GET /o/{org}", func(in struct {
			Org string `path:"org"`
			To  string `query:"to"`
		}) (typed.None, error) {
			return reach(in.Org == first && in.To == second)
		}, typed.Fails(404)), values{"org": {"other", first}, "to": {second}}},
		"values of a header field and a cookie": {handle("GET /o", func(in struct {
			Org string `header:"X-Org"`
			To  string `cookie:"to"`
		}) (typed.None, error) {
			return reach(in.Org == first && in.To == second)
		}, typed.Fails(404)), values{"x-org": {first}, "to": {second}}},
		"values of lists, numbers and forms": {handle("POST /o", func(in struct {
			IDs  []int    `query:"ids,comma"`
			Tags []string `query:"tag"`
			N    int      `form:"n"`
		}) (typed.None, error) {
			return reach(cmp.Equal(in.IDs, []int{40, 41}) && cmp.Equal(in.Tags, []string{first}) && in.N == 77123)
		}, typed.Fails(404)), values{"ids": {"40,41"}, "tag": {first}, "n": {"77123"}}},
		"values of members": {handle("POST /o", func(in struct {
			User struct {
				Org string `json:"org" validate:"max=20"`
				N   []int  `json:"n"`
			} `json:"user"`
		}) (typed.None, error) {
			return reach(in.User.Org == first && cmp.Equal(in.User.N, []int{77123}))
		}, typed.Fails(404)), values{"org": {first}, "n": {"77123"}}},
		"values of members of rows": {handle("POST /o", func(in struct {
			Rows typed.Lines[NewItem] `body:""`
		}) (typed.None, error) {
			for row, err := range in.Rows {
				if err != nil {
					return typed.None{}, err
				}
				if row.Name == first {
					return reach(true)
				}
			}
			return reach(false)
		}, typed.Fails(404)), values{"name": {first}}},
		"a value of a path of several segments": {handle("GET /f/{path...}", func(in struct {
			Path string `path:"path"`
		}) (typed.None, error) {
			return reach(in.Path == "a/b/c")
		}, typed.Fails(404)), values{"path": {"a/b/c"}}},
		"a value that one endpoint of two takes": {func(api *typed.API) {
			handle("GET /n/{id}", func(in struct {
				ID int `path:"id" validate:"max=7"`
			}) (typed.None, error) {
				return reach(false)
			}, typed.Fails(404))(api)
			handle("GET /o/{id}", func(in struct {
				ID string `path:"id"`
			}) (typed.None, error) {
				return reach(in.ID == first)
			}, typed.Fails(404))(api)
		}, values{"id": {first}}},
	} {
		t.Run(name, func(t *testing.T) {
			api := typed.New("Reached", "1", nil)
			test.plant(api)
			var r recording
			typedtest.Explore(&r, api, &typedtest.Options{Seed: seed(), Count: cases(), Time: time.Minute, Values: test.values})
			if got := strings.Join(r.errors, "\n"); !strings.Contains(got, "it was reached") || len(r.errors) == 0 {
				t.Errorf("%d faults: %s\n%s", len(r.errors), got, r.logs)
			}
		})
	}
}

// undrawn has a schema by which nothing is drawn that it accepts.
type undrawn string

func (undrawn) JSONSchema() string {
	return `{"type":"string","allOf":[{"pattern":"^a{7}b$"},{"pattern":"b$"}]}`
}

// TestNeverTaken explores APIs with endpoints that take nothing of what is drawn.
func TestNeverTaken(t *testing.T) {
	tenant := handle("GET /o/{org}", func(in struct {
		Org string `path:"org"`
	}) (string, error) {
		if in.Org != "from-zanzibar" {
			return "", respond.NotFound("There is none.")
		}
		return "", nil
	}, typed.Fails(404))
	open := handle("GET /open", func(typed.None) (string, error) { return "", nil })
	me := handle("GET /me", func(in struct {
		Me key `auth:"key"`
	}) (string, error) {
		if in.Me.Name != "admin" {
			return "", respond.Forbidden("Ask an admin.")
		}
		return "", nil
	}, typed.Fails(403))
	broken := handle("GET /broken", func(typed.None) (string, error) { return "", respond.NotFound("There is none.") })
	unlikely := handle("GET /unlikely/{n}", func(in struct {
		N undrawn `path:"n"`
	}) (string, error) {
		return "", nil
	})
	const (
		noTenant = "typedtest: GET /o/{org} took no request: most were answered 404. Give it what it takes with Options.Values or an example tag, or name it in Options.Except"
		noMe     = "typedtest: GET /me took no request: none had a credential of key. Give one with Options.As, or name it in Options.Except"
		noAdmin  = "typedtest: GET /me took no request: most were answered 403. Give a credential of one who may with Options.As, or name it in Options.Except"
	)
	for name, test := range map[string]struct {
		plant []func(*typed.API)
		opts  *typedtest.Options
		want  []string // beginnings
	}{
		"one of one":                         {[]func(*typed.API){tenant}, &typedtest.Options{Count: 20}, []string{noTenant}},
		"one of two":                         {[]func(*typed.API){tenant, open}, &typedtest.Options{Count: 200}, []string{noTenant}},
		"one of two, in a few":               {[]func(*typed.API){tenant, open}, &typedtest.Options{Count: 100}, nil},
		"a case":                             {[]func(*typed.API){tenant}, &typedtest.Options{Case: 1}, nil},
		"one with a value":                   {[]func(*typed.API){tenant}, &typedtest.Options{Count: 200, Values: map[string][]string{"org": {"from-zanzibar"}}}, nil},
		"one that is left out":               {[]func(*typed.API){tenant, open}, &typedtest.Options{Count: 200, Except: []string{"GET /o/{org}"}}, nil},
		"without a credential":               {[]func(*typed.API){me, open}, &typedtest.Options{Count: 200}, []string{noMe}},
		"with the credential of another":     {[]func(*typed.API){me, open}, (&typedtest.Options{Count: 200}).As("key", "g"), []string{noAdmin}},
		"with the credential of one who may": {[]func(*typed.API){me, open}, (&typedtest.Options{Count: 200}).As("key", "a"), nil},
		"one with a fault":                   {[]func(*typed.API){broken}, &typedtest.Options{Count: 200}, []string{"typedtest: GET /broken answers 404, which it does not declare"}},
		"all, one without a credential":      {[]func(*typed.API){tenant, me}, &typedtest.Options{Count: 2}, []string{noTenant, noMe}},
		"none to take any":                   {nil, &typedtest.Options{Count: 2}, nil},
		"what is hard to draw":               {[]func(*typed.API){unlikely, open}, &typedtest.Options{Count: 200}, []string{"typedtest: GET /unlikely/{n} took no request: none was found that its schemas accept. Give it what it takes"}},
	} {
		t.Run(name, func(t *testing.T) {
			opts := &typed.Options{}
			if strings.Contains(name, "credential") {
				opts.Schemes = []typed.Scheme{typed.Bearer("key", typed.Keys(map[string]key{"g": {"guest"}, "a": {"admin"}}))}
			}
			api := typed.New("Never", "1", opts)
			for _, plant := range test.plant {
				plant(api)
			}
			test.opts.Seed, test.opts.Time = 1, time.Minute
			var r recording
			typedtest.Explore(&r, api, test.opts)
			slices.Sort(r.errors)
			slices.Sort(test.want)
			for i := range min(len(test.want), len(r.errors)) {
				if strings.HasPrefix(r.errors[i], test.want[i]) {
					r.errors[i] = test.want[i]
				}
			}
			if diff := cmp.Diff(test.want, r.errors); diff != "" {
				t.Error(diff)
			}
		})
	}
}
