package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// events is an answer of events whose content is read piece by piece; after the last piece
// it ends, or stays silent until the connection is cut.
func events(r *http.Request, silent bool, pieces ...string) *http.Response {
	pr, pw := io.Pipe()
	stop := context.AfterFunc(r.Context(), func() { _ = pw.CloseWithError(r.Context().Err()) })
	go func() {
		for _, piece := range pieces {
			if d, err := time.ParseDuration(piece); err == nil {
				time.Sleep(d)
				continue
			}
			if _, err := io.WriteString(pw, piece); err != nil {
				return
			}
		}
		if !silent && stop() {
			_ = pw.Close()
		}
	}()
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: pr}
}

func TestFollow(t *testing.T) {
	type step = func(r *http.Request) (*http.Response, error)
	ok := func(silent bool, pieces ...string) step {
		return func(r *http.Request) (*http.Response, error) { return events(r, silent, pieces...), nil }
	}
	fails := func(*http.Request) (*http.Response, error) { return nil, errReset }
	is := func(status int, name, value string) step {
		return func(*http.Request) (*http.Response, error) { return answered(status, name, value), nil }
	}
	none := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204, Header: http.Header{}, Body: http.NoBody}, nil
	}
	id := func(n int) string { return fmt.Sprintf("id: %d\ndata: {\"id\":%d}\n\n", n, n) }
	for _, tt := range []struct {
		name    string
		steps   []step // the last one is repeated
		retry   client.Retry
		timeout time.Duration
		ids     string // of the events that the loop saw
		lastIDs string // what each call had in Last-Event-ID
		want    string // of the error; "": none
		least   time.Duration
		most    time.Duration
	}{
		{"204 stops", []step{ok(false, id(1), id(2)), none}, client.Retry{}, 0, "1 2", "0,2", "", time.Second, 1500 * time.Millisecond},
		{"retry is heeded", []step{ok(false, "retry: 5000\n"+id(1)), none}, client.Retry{}, 0, "1", "0,1", "", 5 * time.Second, 7500 * time.Millisecond},
		{"a cut connection", []step{ok(false, id(1), "data: {\"id"), ok(false, id(2)), none}, client.Retry{Base: time.Minute}, 0, "1 2", "0,1,2", "", 2 * time.Minute, 3 * time.Minute},
		{"an event that breaks off has no ID", []step{ok(false, id(1), "id: 2\ndata: {\"id\":2}"), none}, client.Retry{}, 0, "1", "0,1", "", time.Second, 1500 * time.Millisecond},
		{"an event without data has one", []step{ok(false, id(1), "id: 2\n\n"), none}, client.Retry{}, 0, "1", "0,2", "", time.Second, 1500 * time.Millisecond},
		{"the ID outlives a connection without events", []step{ok(false, id(1)), ok(false, ":\n\n"), none}, client.Retry{}, 0, "1", "0,1,1", "", 2 * time.Second, 4500 * time.Millisecond},
		{"back-off", []step{fails, fails, is(503, "X", "y"), ok(false, id(1)), none}, client.Retry{}, 0, "1", "0,0,0,0,1", "", 8 * time.Second, 12 * time.Second},
		{"Retry-After", []step{is(503, "Retry-After", "30"), none}, client.Retry{}, 0, "", "0,0", "", 30 * time.Second, 30 * time.Second},
		{"429", []step{is(429, "Retry-After", "3"), none}, client.Retry{}, 0, "", "0,0", "", 3 * time.Second, 3 * time.Second},
		{"gives up on 4xx", []step{ok(false, id(1)), is(403, "X", "y")}, client.Retry{}, 0, "1", "0,1", "client: GET /watch: 403 Forbidden", time.Second, 2 * time.Second},
		{"gives up on what are no events", []step{is(200, "X", "y")}, client.Retry{}, 0, "", "0", `client: GET /watch: answered 200 with "application/json"`, 0, 0},
		{"gives up on a wrong event", []step{ok(true, id(1), "data: x\n\n")}, client.Retry{}, 0, "1", "0", `client: GET /watch: answered 200 with "text/event-stream", and its event 1 does not fit`, 0, 0},
		{"gives up after Tries", []step{fails}, client.Retry{Tries: 3}, 0, "", "0,0,0", "client: GET /watch: ", 3 * time.Second, 4500 * time.Millisecond},
		{"gives up on a server without events", []step{ok(false)}, client.Retry{Tries: 2}, 0, "", "0,0", "ended without an event, again and again", time.Second, 1500 * time.Millisecond},
		{"a heartbeat keeps it", []step{ok(false, id(1), "2s", ":\n\n", "2s", "event: beat\ndata\n\n", "2s", id(2)), none}, client.Retry{}, 0, "1 2", "0,2", "", 7 * time.Second, 8 * time.Second},
		{"silence cuts it", []step{ok(true, id(1)), none}, client.Retry{}, 0, "1", "0,1", "", 4 * time.Second, 4500 * time.Millisecond},
		{"ctx ends it", []step{ok(true, id(1))}, client.Retry{}, 2 * time.Second, "1", "0", "client: GET /watch: context deadline exceeded", 2 * time.Second, 2 * time.Second},
		{"ctx ends a wait", []step{fails}, client.Retry{Base: time.Hour, Max: time.Hour}, time.Second, "", "0", "client: GET /watch: context deadline exceeded", time.Second, time.Second},
		{"an ID that no header can hold", []step{ok(false, "id: \x01\ndata: {}\n\n")}, client.Retry{}, 0, "\x01", "0", "has a control character, which Last-Event-ID cannot hold", time.Second, 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lastIDs []string
				c := client.New("http://example.com", &client.Options{Retry: tt.retry, HTTP: &http.Client{Transport: network(func(r *http.Request) (*http.Response, error) {
					at := min(len(lastIDs), len(tt.steps)-1)
					lastIDs = append(lastIDs, r.Header.Get("Last-Event-ID"))
					return tt.steps[at](r)
				})}})
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				began := time.Now()
				var ids []string
				var err error
				for e, failed := range client.Follow(ctx, c, endWatch, watch{Last: "0"}) {
					if err = failed; err == nil {
						ids = append(ids, e.ID)
					}
				}
				took := time.Since(began)
				require.Equal(t, tt.ids, strings.Join(ids, " "))
				require.Equal(t, tt.lastIDs, strings.Join(lastIDs, ","))
				require.GreaterOrEqual(t, took, tt.least)
				require.LessOrEqual(t, took, tt.most)
				if tt.want == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, tt.want)
				}
			})
		})
	}
}

// Time that the loop takes for an event is no silence of the server.
func TestFollowBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := client.New("http://example.com", &client.Options{HTTP: &http.Client{Transport: network(func(r *http.Request) (*http.Response, error) {
			calls++
			return events(r, true, "id: 1\ndata: {}\n\n", ":\n\n", "id: 2\ndata: {}\n\n"), nil
		})}})
		var ids []string
		for e, err := range client.Follow(t.Context(), c, endWatch, watch{Last: "0"}) {
			require.NoError(t, err)
			if ids = append(ids, e.ID); len(ids) == 2 {
				break
			}
			time.Sleep(time.Minute)
		}
		require.Equal(t, []string{"1", "2"}, ids)
		require.Equal(t, 1, calls)
	})
}

// Leaving the loop ends the request, also of a local API; the next loop begins from the start.
func TestFollowLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := make(chan error, 2)
		c := client.Local(newStreaming(left))
		follow := client.Follow(t.Context(), c, endWatch, watch{From: 3})
		for range 2 {
			want := 3
			for e, err := range follow {
				require.NoError(t, err)
				require.Equal(t, want, e.Data.ID)
				if want++; want == 5 {
					break
				}
			}
			require.ErrorIs(t, <-left, context.Canceled)
		}
	})
	api := typed.New("Refusing", "1", nil)
	endWatch.Handle(api, func(context.Context, watch, *typed.Response[typed.Events[user]]) (typed.Answer, error) {
		return typed.Fail(respond.NotFound("None."))
	})
	for _, err := range client.Follow(t.Context(), client.Local(api), endWatch, watch{}) {
		p, ok := errors.AsType[*respond.Problem](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, 404, p.Status)
	}
	for _, err := range client.Follow(t.Context(), client.Local(api), endWatch, watch{Last: "a\n"}) {
		require.ErrorContains(t, err, "client: GET /watch: field Last: ")
	}
	for _, err := range client.Follow(t.Context(), client.Local(api), typed.Get[typed.None, typed.Events[user]]("x"), typed.None{}) {
		require.ErrorContains(t, err, "client: GET x: ")
	}
}
