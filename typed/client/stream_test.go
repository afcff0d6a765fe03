package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type change struct {
	Added   *user   `event:"added"`
	Removed *string `event:"removed"`
}

type watch struct {
	From int    `query:"from"`
	Last string `header:"Last-Event-ID"`
}

type importRows struct {
	Name string            `path:"name"`
	Rows typed.Lines[user] `body:""`
}

var (
	endWatch   = typed.Get[watch, typed.Events[user]]("/watch", typed.HeartbeatEvent("beat", time.Second))
	endChanges = typed.Get[typed.None, typed.Events[change]]("/changes")
	endTexts   = typed.Get[typed.None, typed.Events[string]]("/texts")
	endExport  = typed.Get[typed.None, typed.Lines[user]]("/export")
	endImport  = typed.Post[importRows, []user]("/import/{name}")
	endFile    = typed.Get[struct {
		Range string `header:"Range"`
	}, typed.Content]("/file")
)

func newStreaming(left chan<- error) *typed.API {
	api := typed.New("Streaming", "1", nil)
	endWatch.Handle(api, func(ctx context.Context, in watch, res *typed.Response[typed.Events[user]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[user], error) bool) {
			for i := in.From; yield(typed.Event[user]{ID: fmt.Sprint(i), Data: user{ID: i}}, nil); i++ {
			}
			<-ctx.Done()
			left <- ctx.Err()
		})
	})
	endChanges.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[change]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[change], error) bool) {
			_ = yield(typed.Event[change]{ID: "1", Data: change{Added: &user{1, "Ada"}}}, nil) &&
				yield(typed.Event[change]{Retry: time.Second, Data: change{Removed: new("a\nb")}}, nil)
		})
	})
	endTexts.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[string]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[string], error) bool) {
			_ = yield(typed.Event[string]{Name: "x", Data: "é\nb"}, nil) && yield(typed.Event[string]{}, errors.New("broken"))
		})
	})
	endExport.Handle(api, func(_ context.Context, _ typed.None, res *typed.Response[typed.Lines[user]]) (typed.Answer, error) {
		return res.Send(func(yield func(user, error) bool) {
			for i := range 3 {
				if !yield(user{i, "\n"}, nil) {
					return
				}
			}
		})
	})
	endImport.Handle(api, func(_ context.Context, in importRows, res *typed.Response[[]user]) (typed.Answer, error) {
		var all []user
		for row, err := range in.Rows {
			if err != nil {
				return typed.Fail(err)
			}
			all = append(all, row)
		}
		return res.JSON(all)
	})
	endFile.Handle(api, func(_ context.Context, _ struct {
		Range string `header:"Range"`
	}, res *typed.Response[typed.Content]) (typed.Answer, error) {
		return res.Send(typed.Content{Name: "é.txt", Type: "text/plain", Modified: time.Unix(1_000_000, 0), ETag: `"v1"`, Attachment: true, Body: strings.NewReader("0123456789")})
	})
	return api
}

func TestEvents(t *testing.T) {
	left := make(chan error, 2)
	for name, c := range clients(t, newStreaming(left), nil) {
		t.Run(name, func(t *testing.T) {
			events, err := client.Call(t.Context(), c, endWatch, watch{From: 5})
			require.NoError(t, err)
			want := 5
			for e, err := range events {
				require.NoError(t, err)
				require.Equal(t, typed.Event[user]{ID: fmt.Sprint(want), Data: user{ID: want}}, e)
				if want++; want == 8 {
					break
				}
			}
			require.Error(t, <-left) // leaving the loop closes the connection
			for _, err := range events {
				require.EqualError(t, err, "client: the stream was read already: loop over it once")
			}

			a, err := client.Do(t.Context(), c, endChanges, typed.None{})
			require.NoError(t, err)
			changes, ok := a.Out.Payload()
			require.True(t, ok)
			var got []typed.Event[change]
			for e, err := range changes {
				require.NoError(t, err)
				got = append(got, e)
			}
			require.Empty(t, cmp.Diff([]typed.Event[change]{
				{ID: "1", Name: "added", Data: change{Added: &user{1, "Ada"}}},
				{ID: "1", Name: "removed", Retry: time.Second, Data: change{Removed: new("a\nb")}},
			}, got))

			texts, err := client.Call(t.Context(), c, endTexts, typed.None{})
			require.NoError(t, err)
			n := 0
			for e, err := range texts { // the second item is an error, which cuts the connection
				if n++; n == 1 {
					require.NoError(t, err)
					require.Equal(t, typed.Event[string]{Name: "x", Data: "é\nb"}, e)
					continue
				}
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				require.ErrorContains(t, err, "client: GET /texts: the stream broke off")
			}
			require.Equal(t, 2, n)
		})
	}
}

func TestLines(t *testing.T) {
	for name, c := range clients(t, newStreaming(nil), nil) {
		t.Run(name, func(t *testing.T) {
			lines, err := client.Call(t.Context(), c, endExport, typed.None{})
			require.NoError(t, err)
			var got []user
			for row, err := range lines {
				require.NoError(t, err)
				got = append(got, row)
			}
			require.Equal(t, []user{{0, "\n"}, {1, "\n"}, {2, "\n"}}, got)

			sent, err := client.Call(t.Context(), c, endImport, importRows{"x", func(yield func(user, error) bool) {
				for i := range 1000 {
					if !yield(user{i, "é"}, nil) {
						return
					}
				}
			}})
			require.NoError(t, err)
			require.Len(t, sent, 1000)
			require.Equal(t, user{999, "é"}, sent[999])

			sent, err = client.Call(t.Context(), c, endImport, importRows{Name: "x"})
			require.NoError(t, err)
			require.Empty(t, sent)

			errDisk := errors.New("the disk is gone")
			_, err = client.Call(t.Context(), c, endImport, importRows{"x", func(yield func(user, error) bool) {
				_ = yield(user{}, nil) && yield(user{}, errDisk)
			}})
			require.Error(t, err)
			_, err = client.Call(t.Context(), c, endImport, importRows{"x", func(func(user, error) bool) { panic("loop") }})
			require.Error(t, err)
		})
	}
	type any1 struct {
		Rows typed.Lines[any] `body:""`
	}
	e := typed.Post[any1, typed.None]("/any")
	_, err := client.Call(t.Context(), answering(t, nil, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), e,
		any1{func(yield func(any, error) bool) { yield(make(chan int), nil) }})
	require.ErrorContains(t, err, "a line cannot be encoded")
}

// A stream that lies ends the loop with an error that names the endpoint and the item.
func TestLyingStream(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tt := range []struct {
		name, mediaType, content, want string
		opts                           client.Options
	}{
		{"a wrong type", "text/event-stream", "data: {\"id\":1}\n\ndata: {\"id\":\"1\"}\n\n", `and its event 1 does not fit: /id must be`, client.Options{}},
		{"no JSON", "text/event-stream", "data: x\n\n", `and its event 0 does not fit: it `, client.Options{}},
		{"unknown members", "text/event-stream", "data: {\"x\":1}\n\n", `and its event 0 does not fit: /x `, client.Options{Strict: true}},
		{"too long", "text/event-stream", "data: " + long + "\n\n", `and its event 0 is larger than 100 bytes: see Options.MaxAnswer`, client.Options{MaxAnswer: 100}},
		{"half an event", "text/event-stream; charset=utf-8", "data: {\"id\":1}\n\nevent: beat\ndata\n\ndata: {\"id\":2}", "", client.Options{}},
		{"another media type", "application/json", "[]", `answered 200 with "application/json", and the endpoint declares text/event-stream`, client.Options{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := answering(t, &tt.opts, writing(200, tt.mediaType, tt.content))
			events, err := client.Call(t.Context(), c, endWatch, watch{})
			if err == nil {
				for _, err = range events {
				}
			}
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "client: GET /watch: answered 200")
			require.ErrorContains(t, err, tt.want)
			_, ok := errors.AsType[*client.UnexpectedAnswer](err)
			require.True(t, ok)
		})
	}
	c := answering(t, nil, writing(200, "application/jsonl", "{\"id\":1}\r\n\n{\"id\":2"))
	lines, err := client.Call(t.Context(), c, endExport, typed.None{})
	require.NoError(t, err)
	for _, err = range lines {
	}
	require.ErrorContains(t, err, "and its line 1 does not fit")
	events, err := client.Call(t.Context(), answering(t, nil, writing(200, "text/event-stream", "event: new\ndata: 1\n\nevent: added\ndata: {\"id\":3}\n\n")), endChanges, typed.None{})
	require.NoError(t, err)
	n := 0
	for e, err := range events { // a kind that the client does not know is skipped
		require.NoError(t, err)
		require.Equal(t, 3, e.Data.Added.ID)
		n++
	}
	require.Equal(t, 1, n)
	events, err = client.Call(t.Context(), answering(t, &client.Options{Strict: true}, writing(200, "text/event-stream", "event: new\ndata: 1\n\n")), endChanges, typed.None{})
	require.NoError(t, err)
	for _, err = range events {
	}
	require.ErrorContains(t, err, "and its event 0 is of a kind that is not declared")
}

func TestContent(t *testing.T) {
	for name, c := range clients(t, newStreaming(nil), nil) {
		t.Run(name, func(t *testing.T) {
			for byteRange, want := range map[string]string{"": "0123456789", "bytes=2-4": "234"} {
				a, err := client.Do(t.Context(), c, endFile, struct {
					Range string `header:"Range"`
				}{byteRange})
				require.NoError(t, err)
				content, ok := a.Out.Payload()
				require.True(t, ok)
				require.Equal(t, []any{"é.txt", `"v1"`, true, int64(1_000_000)}, []any{content.Name, content.ETag, content.Attachment, content.Modified.Unix()})
				require.Contains(t, content.Type, "text/plain")
				got, err := io.ReadAll(content.Body)
				require.NoError(t, err)
				require.Equal(t, want, string(got))
				at, err := content.Body.Seek(0, io.SeekCurrent)
				require.NoError(t, err)
				require.EqualValues(t, len(want), at)
				_, err = content.Body.Seek(0, io.SeekStart)
				require.ErrorContains(t, err, "is read once")
				require.NoError(t, content.Body.(io.Closer).Close())
			}
			_, err := client.Call(t.Context(), c, endFile, struct {
				Range string `header:"Range"`
			}{"bytes=20-"})
			p, ok := errors.AsType[*respond.Problem](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, 416, p.Status)
		})
	}
}
