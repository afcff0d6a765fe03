package adaptertest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// change is one of two kinds of event.
type change struct {
	Added   *tree   `event:"added"`
	Removed *string `event:"removed"`
}

// rows is a request of lines.
type rows[T any] struct {
	Name string         `query:"name"`
	Rows typed.Lines[T] `body:""`
}

// itemTrips pass lines of a T both ways, and events.
func itemTrips[T any](name string, draw func(*rand.Rand) T) []trip {
	return []trip{linesTrip("lines/"+name, draw), eventsTrip("events/"+name, draw)}
}

func linesTrip[T any](name string, draw func(*rand.Rand) T) trip {
	var e *typed.Endpoint[rows[T], typed.Response[typed.Lines[T]]]
	var seen, answers []T
	return trip{
		name: name,
		handle: func(api *typed.API, path string) {
			e = typed.Post[rows[T], typed.Lines[T]](path)
			e.Handle(api, func(_ context.Context, in rows[T], res *typed.Response[typed.Lines[T]]) (typed.Answer, error) {
				for row, err := range in.Rows {
					if err != nil {
						return typed.Fail(err)
					}
					seen = append(seen, row)
				}
				return res.Send(linesOf(answers))
			})
		},
		call: func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
			passed := several(r, draw)
			seen, answers = nil, several(r, draw)
			got, err := client.Call(ctx, c, e, rows[T]{someText(r, 0), linesOf(passed)})
			if err != nil {
				return false, err
			}
			var returned []T
			for row, err := range got {
				if err != nil {
					return false, err
				}
				returned = append(returned, row)
			}
			if diff := difference([][]T{passed, answers}, [][]T{seen, returned}); diff != "" {
				return false, fmt.Errorf("lines (-want +got):\n%s", diff)
			}
			return true, nil
		},
	}
}

func linesOf[T any](list []T) typed.Lines[T] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func eventsTrip[T any](name string, draw func(*rand.Rand) T) trip {
	var e *typed.Endpoint[typed.None, typed.Response[typed.Events[T]]]
	var answers []typed.Event[T]
	return trip{
		name: name,
		handle: func(api *typed.API, path string) {
			e = typed.Get[typed.None, typed.Events[T]](path)
			e.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[T]]) (typed.Answer, error) {
				return res.Send(func(yield func(typed.Event[T], error) bool) {
					for _, event := range answers {
						if !yield(event, nil) {
							return
						}
					}
				})
			})
		},
		call: func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
			answers = several(r, func(r *rand.Rand) typed.Event[T] {
				return typed.Event[T]{ID: fmt.Sprint(r.Int()), Retry: time.Duration(r.IntN(3)) * time.Second, Data: draw(r)}
			})
			got, err := client.Call(ctx, c, e, typed.None{})
			if err != nil {
				return false, err
			}
			var returned []typed.Event[T]
			for event, err := range got {
				if err != nil {
					return false, err
				}
				if _, kinds := any(event.Data).(change); kinds {
					event.Name = "" // which the kind says
				}
				returned = append(returned, event)
			}
			if diff := difference(answers, returned); diff != "" {
				return false, fmt.Errorf("events (-want +got):\n%s", diff)
			}
			return true, nil
		},
	}
}

// contentTrip answers files.
func contentTrip() trip {
	var e *typed.Endpoint[typed.None, typed.Response[typed.Content]]
	var answer typed.Content
	var text string
	return trip{
		name: "content",
		handle: func(api *typed.API, path string) {
			e = typed.Get[typed.None, typed.Content](path)
			e.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[typed.Content]) (typed.Answer, error) {
				return res.Send(answer)
			})
		},
		call: func(ctx context.Context, c *client.Client, r *rand.Rand) (bool, error) {
			text = someText(r, 0) + strings.Repeat("x", r.IntN(10_000))
			answer = typed.Content{
				Name: pick(r, "a.txt", "é b.txt", ""), Type: pick(r, "text/plain", "image/png"), ETag: pick(r, `"v1"`, ""),
				Modified: time.Unix(1+int64(r.Uint32()), 0), Attachment: someBool(r), Body: strings.NewReader(text),
			}
			got, err := client.Call(ctx, c, e, typed.None{})
			if err != nil {
				return false, err
			}
			content, err := io.ReadAll(got.Body)
			if err == nil {
				err = got.Body.(io.Closer).Close()
			}
			want := answer
			want.Body, got.Body = nil, nil
			if diff := cmp.Diff(want, got, alike); err == nil && (diff != "" || string(content) != text) {
				err = fmt.Errorf("content (-want +got):\n%s", diff)
			}
			return err == nil, err
		},
	}
}
