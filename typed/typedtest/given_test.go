package typedtest_test

import (
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
