package adaptertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// RoundTrips calls endpoints of every kind of type and source through package client, with
// rounds random calls each. With APIROUTES_PROOF=1 there are a hundred times as many calls
// that pass one value in each source, and twenty times as many that pass at least five
// values, in the members and elements of a body and of its answer. What the handler saw is
// what was passed to the call, and what the call returned is what the handler answered. A
// value that the client refuses, because no request can say it, must not have reached the
// handler, and may be no more than half of the values.
func RoundTrips(t *testing.T, start Start, rounds int) {
	proof := os.Getenv("APIROUTES_PROOF") != ""
	api := typed.New("Round trips", "1", nil)
	trips := roundTrips()
	for i := range trips {
		trips[i].handle(api, fmt.Sprintf("/trips/%d", i))
	}
	srv := start(api)
	defer srv.Close()
	c := client.New(srv.URL, &client.Options{Strict: true})
	total := 0
	for i, trip := range trips {
		t.Run(trip.name, func(t *testing.T) {
			r, rounds := rand.New(rand.NewPCG(1, uint64(i))), rounds
			switch {
			case proof && trip.single:
				rounds *= 100
			case proof:
				rounds *= 20
			}
			refused := 0
			for range rounds {
				said, err := trip.call(t.Context(), c, r)
				if err != nil {
					t.Fatal(err)
				}
				if !said {
					refused++
				}
			}
			if refused > rounds/2 {
				t.Errorf("%d of %d values were refused", refused, rounds)
			}
			total += rounds
		})
	}
	t.Logf("%d calls of %d endpoints made the round trip", total, len(trips))
}

// trip is an endpoint, and how it is called with a random value.
type trip struct {
	name   string
	single bool // a call passes one value in each source
	handle func(api *typed.API, path string)
	call   func(context.Context, *client.Client, *rand.Rand) (said bool, err error)
}

// newTrip makes a trip of an endpoint that takes a Req and answers with a Resp.
func newTrip[Req, Resp any](name, method, pathEnd string, in func(*rand.Rand) Req, out func(*rand.Rand) Resp, send bool, opts ...typed.Option) trip {
	var e *typed.Endpoint[Req, typed.Response[Resp]]
	var seen *Req
	var answer Resp
	t := trip{name: name}
	t.handle = func(api *typed.API, path string) {
		e = typed.Define[Req, typed.Response[Resp]](method+" "+path+pathEnd, opts...)
		e.Handle(api, func(_ context.Context, in Req, res *typed.Response[Resp]) (typed.Answer, error) {
			seen = &in
			if send {
				return res.Send(answer)
			}
			return res.JSON(answer)
		})
	}
	t.call = func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
		passed := in(r)
		seen, answer = nil, out(r)
		got, err := client.Call(ctx, c, e, passed)
		switch {
		case err != nil && seen == nil && strings.Contains(err.Error(), ": field "):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("%+v: %w", passed, err)
		}
		if diff := difference(passed, *seen); diff != "" {
			return false, fmt.Errorf("passed and seen (-want +got):\n%s", diff)
		}
		if diff := difference(answer, got); diff != "" {
			return false, fmt.Errorf("answered and returned (-want +got):\n%s", diff)
		}
		return true, nil
	}
	return t
}

// difference is "" for values that are alike.
func difference[T any](a, b T) string {
	if reflect.DeepEqual(a, b) { // most are: cmp takes ten times as long
		return ""
	}
	return cmp.Diff(a, b, alike)
}

// alike is equality up to nil and empty lists, the instants of times, and the way in which
// raw JSON is written.
var alike = cmp.Options{
	cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}),
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b big.Int) bool { return a.Cmp(&b) == 0 }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[json.RawMessage]() }, // nor any []byte
		cmp.FilterValues(func(a, b json.RawMessage) bool { return len(a)+len(b) > 0 }, cmp.Comparer(func(a, b json.RawMessage) bool {
			var x, y any
			return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
		}))),
}

// whole is a request whose body is a T.
type whole[T any] struct {
	V T `body:""`
}

// member is a request whose body has members of type T, beside a parameter.
type member[T any] struct {
	ID int  `path:"id"`
	V  T    `json:"v"`
	P  *T   `json:"p"`
	L  []T  `json:"l"`
	O  *T   `json:"o,omitzero"`
	Z  T    `json:"z,omitzero"`
	Q  *int `query:"q"`
}

// values are the trips of a type that JSON holds.
func values[T any](name string, draw func(*rand.Rand) T) []trip {
	members := func(r *rand.Rand) member[T] {
		m := member[T]{ID: r.Int(), V: draw(r), P: maybe(r, draw), L: several(r, draw), Q: maybe(r, (*rand.Rand).Int)}
		if r.IntN(2) == 0 {
			v := draw(r)
			m.O, m.Z = &v, draw(r)
		}
		return m
	}
	return []trip{
		newTrip("whole/"+name, "POST", "", func(r *rand.Rand) whole[T] { return whole[T]{draw(r)} }, draw, false, typed.Produces("application/json")),
		newTrip("members/"+name, "PUT", "/{id}", members, func(r *rand.Rand) []T { return several(r, draw) }, false),
	}
}

// params has a T of each kind in each source of text but forms.
type params[T any] struct {
	Path     T        `path:"p"`
	Query    T        `query:"q"`
	Pointer  *T       `query:"pointer"`
	List     []T      `query:"list"`
	Commas   []T      `query:"commas,comma"`
	Header   T        `header:"X-One"`
	Maybe    *T       `header:"X-Maybe"`
	Several  []T      `header:"X-Several"`
	Cookie   T        `cookie:"one"`
	MaybeToo *T       `cookie:"maybe"`
	Object   item[T]  `query:"object"`
	Absent   *item[T] `query:"absent"`
}

type item[T any] struct {
	V T  `query:"v"`
	P *T `query:"p"`
}

// fields has a T of each kind in a form.
type fields[T any] struct {
	V T   `form:"v"`
	P *T  `form:"p"`
	L []T `form:"l"`
}

// texts are the trips of a type that is read from text. wire draws values most of which
// a header field and a cookie can hold.
func texts[T any](name string, draw, wire func(*rand.Rand) T) []trip {
	if wire == nil {
		wire = draw
	}
	all := func(r *rand.Rand) params[T] {
		p := params[T]{
			Path: draw(r), Query: draw(r), Pointer: maybe(r, draw), List: several(r, draw), Commas: several(r, draw),
			Header: wire(r), Maybe: maybe(r, wire), Several: several(r, wire), Cookie: wire(r), MaybeToo: maybe(r, wire),
			Object: item[T]{draw(r), maybe(r, draw)},
		}
		p.Absent = maybe(r, func(r *rand.Rand) item[T] { return item[T]{draw(r), maybe(r, draw)} })
		return p
	}
	form := func(r *rand.Rand) fields[T] { return fields[T]{draw(r), maybe(r, draw), several(r, draw)} }
	text := func(r *rand.Rand) string { return someText(r, 0) }
	trips := []trip{
		newTrip("parameters/"+name, "GET", "/{p}", all, text, true),
		newTrip("form/"+name, "POST", "", form, func(r *rand.Rand) []byte { return []byte(text(r)) }, true),
	}
	for i := range trips {
		trips[i].single = true
	}
	return trips
}

// defaults have values of their own where they are absent.
type defaults struct {
	N      int           `query:"n" default:"20"`
	Text   string        `query:"text" default:"a b"`
	On     *bool         `query:"on" default:"true"`
	List   []int         `query:"list" default:"1,2"`
	Commas []string      `query:"commas,comma" default:"x,y"`
	Header string        `header:"X-Text" default:"h"`
	Lines  []string      `header:"X-Lines" default:"l,m"`
	Cookie string        `cookie:"c" default:"d"`
	Day    time.Time     `query:"day,format:DateOnly" default:"2026-01-31"`
	Unix   time.Time     `query:"unix,format:unix"`
	Since  time.Time     `header:"If-Modified-Since"`
	Wait   time.Duration `query:"wait,format:sec" default:"1"`
}

func someDefaults(r *rand.Rand) defaults {
	day := time.Date(1000+r.IntN(2000), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	return defaults{
		N: 10 * r.IntN(3), Text: pick(r, "", "a b", "c"), On: new(someBool(r)), List: append(several(r, func(r *rand.Rand) int { return 1 + r.IntN(2) }), 1+r.IntN(2)),
		Commas: several(r, func(r *rand.Rand) string { return pick(r, "x", "y", "", "a,b") }), Header: pick(r, "", "h", "i"),
		Lines: several(r, func(r *rand.Rand) string { return pick(r, "l", "m", "n") }), Cookie: pick(r, "", "d", "e"),
		Day: day, Unix: time.Unix(int64(r.Uint32()), 0), Since: time.Unix(int64(r.Uint32()), 0).UTC(), Wait: time.Duration(r.IntN(5)) * time.Second,
	}
}

type upload struct {
	Name string    `query:"name"`
	Type string    `header:"Content-Type"`
	Body io.Reader `body:""`
}

// optional has a body that may be absent.
type optional struct {
	V *tree `body:""`
}

// streamTrip passes readers both ways.
func streamTrip() trip {
	var e *typed.Endpoint[upload, typed.Response[io.Reader]]
	return trip{
		name: "streams",
		handle: func(api *typed.API, path string) {
			e = typed.Post[upload, io.Reader](path)
			e.Handle(api, func(_ context.Context, in upload, res *typed.Response[io.Reader]) (typed.Answer, error) {
				content, err := io.ReadAll(in.Body)
				if err != nil {
					return typed.Fail(err)
				}
				return res.Send(strings.NewReader(in.Name + "," + in.Type + "," + string(content)))
			})
		},
		call: func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
			content, name := someText(r, 0)+strings.Repeat("x", r.IntN(100_000)), someText(r, 0)
			var body io.Reader = strings.NewReader(content)
			if r.IntN(2) == 0 {
				body = io.MultiReader(body) // of unknown length
			}
			got, err := client.Call(ctx, c, e, upload{name, "text/x-test", body})
			if err != nil {
				return false, err
			}
			all, err := io.ReadAll(got)
			if err == nil {
				err = got.(io.Closer).Close()
			}
			if err == nil && string(all) != name+",text/x-test,"+content {
				err = fmt.Errorf("%d bytes came back of %d", len(all), len(content))
			}
			return err == nil, err
		},
	}
}

// outcomeTrip goes through an outcome set.
func outcomeTrip() trip {
	type which struct {
		N int `query:"n"`
	}
	type set struct {
		OK    typed.Reply[tree]   `status:"200"`
		Text  typed.Reply[string] `status:"200" type:"text/csv"`
		Gone  typed.Empty         `status:"410"`
		Moved typed.Redirect      `status:"303"`
		Bad   typed.Reply[[]int]  `status:"400"`
	}
	var e *typed.Endpoint[which, set]
	var value tree
	return trip{
		name: "outcomes",
		handle: func(api *typed.API, path string) {
			e = typed.Define[which, set]("GET " + path)
			e.Handle(api, func(_ context.Context, in which, out *set) (typed.Answer, error) {
				switch in.N {
				case 0:
					return out.OK.JSON(value)
				case 1:
					return out.Text.Send(value.Name)
				case 2:
					return out.Gone.End()
				case 3:
					return out.Moved.To("/x?y=1")
				}
				return out.Bad.JSON([]int{in.N})
			})
		},
		call: func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
			value = someTree(r)
			n := r.IntN(5)
			a, err := client.Do(ctx, c, e, which{n})
			if err != nil {
				return false, err
			}
			ok, isOK := a.Out.OK.Payload()
			text, isText := a.Out.Text.Payload()
			target, isMoved := a.Out.Moved.Target()
			bad, isBad := a.Out.Bad.Payload()
			answered := []bool{isOK, isText, a.Out.Gone.Answered(), isMoved, isBad}
			for i, is := range answered {
				if is != (i == n) {
					return false, fmt.Errorf("outcome %d: %v", n, answered)
				}
			}
			switch {
			case isOK && !cmp.Equal(ok, value, alike), isText && text != value.Name, isMoved && target != "/x?y=1", isBad && !cmp.Equal(bad, []int{n}):
				return false, fmt.Errorf("outcome %d: another value", n)
			}
			return true, nil
		},
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func maybe[T any](r *rand.Rand, draw func(*rand.Rand) T) *T {
	if r.IntN(2) == 0 {
		return nil
	}
	v := draw(r)
	return &v
}

func several[T any](r *rand.Rand, draw func(*rand.Rand) T) (list []T) {
	for range r.IntN(4) {
		list = append(list, draw(r))
	}
	return list
}
