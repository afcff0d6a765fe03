package typed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/typed"
)

// nullable tells absent, null and present apart.
type nullable[T any] struct {
	Set   bool
	Value *T
}

func (n *nullable[T]) UnmarshalJSON(text []byte) error {
	n.Set = true
	return json.Unmarshal(text, &n.Value)
}

func (n nullable[T]) String() string { return fmt.Sprint("set=", n.Set, " null=", n.Value == nil) }

// neverNull refuses null itself.
type neverNull struct{ Text string }

func (n *neverNull) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	text, err := dec.ReadValue()
	if n.Text = string(text); err == nil && n.Text == "null" {
		return errors.New("null is not for me")
	}
	return err
}

// shout knows its text only.
type shout string

func (s *shout) UnmarshalText(text []byte) error {
	if *s = shout(strings.ToUpper(string(text))); *s == "BAD" {
		return errors.New("bad")
	}
	return nil
}

// onValue has its method on the value.
type onValue map[string]int

func (onValue) UnmarshalJSON(text []byte) error {
	if string(text) == `"bad"` {
		return errors.New("bad")
	}
	return nil
}

// A type that decodes itself decides about null: it has to be told of it, beside a path
// parameter as well as without one.
func TestMembersThatDecodeThemselvesAreToldOfNull(t *testing.T) {
	type alone struct {
		Note nullable[string] `json:"note"`
		Raw  json.RawMessage  `json:"raw"`
	}
	type beside struct {
		ID   int              `path:"id"`
		Note nullable[string] `json:"note"`
		Raw  json.RawMessage  `json:"raw"`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "PATCH /a", typed.Func(func(_ context.Context, in alone) (string, error) {
		return in.Note.String() + " raw=" + string(in.Raw), nil
	}))
	typed.Handle(api, "PATCH /a/{id}", typed.Func(func(_ context.Context, in beside) (string, error) {
		return in.Note.String() + " raw=" + string(in.Raw), nil
	}))
	for body, want := range map[string]string{
		`{"note":null,"raw":null}`: `"set=true null=true raw=null"`,
		`{"note":"n","raw":[1]}`:   `"set=true null=false raw=[1]"`,
		`{}`:                       `"set=false null=true raw="`,
	} {
		for _, path := range []string{"/a", "/a/1"} {
			if got := do(api, "PATCH", path, body, "Content-Type", "application/json").Body.String(); got != want {
				t.Errorf("%s %s: got %s, want %s", path, body, got, want)
			}
		}
	}
}

type members[T any] struct {
	First int     `json:"first"`
	Note  T       `json:"note"`
	Last  *string `json:"last"`
}

// A member is read alike as part of a whole body, beside parameters of every source, and
// within a field that is the body.
func TestMembersReadAlikeBesideParameters(t *testing.T) {
	readAlike[nullable[string]](t)
	readAlike[*nullable[string]](t)
	readAlike[[]nullable[string]](t)
	readAlike[map[string]nullable[int]](t)
	readAlike[nullable[members[int]]](t)
	readAlike[members[nullable[int]]](t)
	readAlike[neverNull](t)
	readAlike[*neverNull](t)
	readAlike[[]neverNull](t)
	readAlike[onValue](t)
	readAlike[shout](t)
	readAlike[*shout](t)
	readAlike[json.RawMessage](t)
	readAlike[jsontext.Value](t)
	readAlike[json.Number](t)
	readAlike[*json.Number](t)
	readAlike[big.Int](t)
	readAlike[netip.Addr](t)
	readAlike[time.Time](t)
	readAlike[*time.Time](t)
	readAlike[time.Duration](t)
	readAlike[any](t)
	readAlike[string](t)
	readAlike[*int](t)
	readAlike[[]int](t)
	readAlike[map[string]any](t)
}

func readAlike[T any](t *testing.T) {
	type beside struct {
		ID      int    `path:"id"`
		Page    int    `query:"page" default:"7"`
		Trace   string `header:"X-Trace"`
		Session string `cookie:"session"`
		members[T]
	}
	type body struct {
		ID   int        `path:"id"`
		Body members[T] `body:""`
	}
	var got members[T]
	api := typed.New("A", "1", nil)
	typed.Handle(api, "PATCH /alone", typed.Func(func(_ context.Context, in members[T]) (int, error) { got = in; return 1, nil }))
	typed.Handle(api, "PATCH /beside/{id}", typed.Func(func(_ context.Context, in beside) (int, error) { got = in.members; return in.ID, nil }))
	typed.Handle(api, "PATCH /body/{id}", typed.Func(func(_ context.Context, in body) (int, error) { got = in.Body; return in.ID, nil }))
	ask := func(path, body string) (int, string, members[T]) {
		got = members[T]{}
		w := do(api, "PATCH", path, body, "Content-Type", "application/json")
		return w.Code, w.Body.String(), got
	}
	bodies := []string{`{}`, `{"first":1,"last":null}`, `{"first":null}`, `null`}
	for _, note := range []string{
		`null`, `1`, `"x"`, `"bad"`, `""`, `"192.0.2.1"`, `"2006-01-02T15:04:05Z"`, `"1h"`, `[]`, `[null]`, `[1,null]`, `{}`, `{"a":null}`, `{"note":null}`, `{"first":"x"}`, `[1,[`, `nul`,
	} {
		bodies = append(bodies, `{"note":`+note+`}`, `{"first":1,"note":`+note+`,"last":"l"}`, `{"last":null,"note":`+note+`}`, `{"note":`+note+`,"first":"x"}`, `{"first":null,"note":`+note+`}`,
			`{"note":`+note+`,"note":`+note+`}`, `{"note":`+note+`,"note":null}`, `{"note":`+note+`,"id":1}`)
	}
	for _, body := range bodies {
		code, answer, value := ask("/alone", body)
		for _, path := range []string{"/beside/1", "/body/1"} {
			if c, a, v := ask(path, body); c != code || a != answer || !reflect.DeepEqual(v, value) {
				t.Errorf("%T, %s at %s: %d %s %+v, alone %d %s %+v", value.Note, body, path, c, a, v, code, answer, value)
			}
		}
	}
}
