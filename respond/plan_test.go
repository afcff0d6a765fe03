package respond_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
)

type nothing struct{}

func TestPlanFaults(t *testing.T) {
	type ok = respond.Reply[user]
	tests := []struct {
		name  string
		out   any
		codes []int
		want  string
	}{
		{"statuses out of range", new(respond.Response[user]), []int{99}, "status 99 is not a final status"},
		{"status twice", new(respond.Response[user]), []int{200, 200}, "declared twice"},
		{"a payload that JSON cannot hold", new(respond.Response[chan int]), nil, "cannot hold a channel"},
		{"a payload without members", new(respond.Response[nothing]), nil, "the payload type respond_test.nothing has no members"},
		{"a single outcome", new(ok), nil, "no outcome set"},
		{"a single empty", new(respond.Empty), nil, "no outcome set"},
		{"neither", new(int), nil, "neither a Response nor an outcome set"},
		{"empty set", new(struct{}), nil, "is empty"},
		{"Status beside a set", new(outcomes), []int{200}, "no meaning beside an outcome set"},
		{"no outcome", new(struct{ A int }), nil, "A: is not an outcome"},
		{"unexported", new(struct {
			a ok `status:"200"`
		}), nil, "a: is not an outcome"},
		{"Response in a set", new(struct {
			A respond.Response[user] `status:"200"`
		}), nil, "A: is not an outcome"},
		{"an embedded Response", new(struct{ respond.Response[user] }), nil, "Response: is not an outcome"},
		{"an embedded *Response", new(struct{ *respond.Response[user] }), nil, "Response: is not an outcome"},
		{"an embedded *Empty", new(struct{ *respond.Empty }), nil, "Empty: is not an outcome"},
		{"an outcome in a struct", new(struct {
			A struct{ respond.Reply[user] } `status:"200"`
		}), nil, "A: is not an outcome"},
		{"a pointer to an outcome", new(struct {
			A *ok `status:"200"`
		}), nil, "A: is not an outcome"},
		{"no tag", new(struct{ A ok }), nil, "A: has no final status"},
		{"tag out of range", new(struct {
			A ok `status:"600"`
		}), nil, "A: has no final status"},
		{"same status", new(struct {
			A, B ok `status:"200"`
		}), nil, "B: has status 200, which A has as well"},
		{"payload at 204", new(struct {
			A ok `status:"204"`
		}), nil, "has a payload at status 204"},
		{"redirect at 200", new(struct {
			A respond.Redirect `status:"200"`
		}), nil, "is a redirect with status 200"},
		{"empty payload", new(struct {
			A respond.Reply[struct{}] `status:"200"`
		}), nil, "payload without members"},
		{"an example of nothing", new(struct {
			A respond.Empty `status:"404" example:"gone"`
		}), nil, "A: has an example and no payload"},
		{"an example of a redirect", new(struct {
			A respond.Redirect `status:"303" example:"/new"`
		}), nil, "A: has an example and no payload"},
		{"channel in a set", new(struct {
			A respond.Reply[chan int] `status:"200"`
		}), nil, "cannot hold a channel"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := plan(tt.out, tt.codes)
			var all []string
			for _, f := range faults {
				if f.Fix == "" {
					t.Errorf("%+v does not say what to write instead", f)
				}
				all = append(all, f.Field+": "+f.Problem)
			}
			if !strings.Contains(strings.Join(all, "\n"), tt.want) {
				t.Errorf("faults %q, want %q", all, tt.want)
			}
		})
	}
}

func TestMediaTypesOfSend(t *testing.T) {
	for payload, want := range map[reflect.Type]string{
		reflect.TypeFor[string]():          "text/plain",
		reflect.TypeFor[respond.HTML]():    "text/html",
		reflect.TypeFor[[]byte]():          "application/octet-stream",
		reflect.TypeFor[io.Reader]():       "application/octet-stream",
		reflect.TypeFor[*bytes.Buffer]():   "application/octet-stream",
		reflect.TypeFor[json.RawMessage](): "application/json",
		reflect.TypeFor[user]():            "application/json",
	} {
		if got := hook.Form(payload).MediaType(); got != want {
			t.Errorf("%v is sent as %s, want %s", payload, got, want)
		}
	}
}
