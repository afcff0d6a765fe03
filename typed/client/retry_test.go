package client_test

import (
	"context"
	"errors"
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

// network answers requests in a program's own time.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

var errReset = errors.New("connection reset")

// answered is an answer with a status and a header field.
func answered(status int, name, value string) *http.Response {
	h := http.Header{"Content-Type": {"application/problem+json"}}
	content := `{"status":500}`
	if status < 300 {
		h.Set("Content-Type", "application/json")
		content = `{"id":1}`
	}
	h.Set(name, value)
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(content))}
}

func TestRetry(t *testing.T) {
	type text struct {
		Body io.Reader `body:""`
	}
	get, post := typed.Get[typed.None, user]("/x"), typed.Post[typed.None, user]("/x")
	put, stream := typed.Put[user, user]("/x"), typed.Put[text, user]("/x")
	call := func(e *typed.Endpoint[typed.None, typed.Response[user]]) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			_, err := client.Call(ctx, c, e, typed.None{})
			return err
		}
	}
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, tt := range []struct {
		name    string
		call    func(context.Context, *client.Client) error
		retry   client.Retry
		answer  func(try int) (*http.Response, error)
		tries   int
		least   time.Duration
		most    time.Duration
		timeout time.Duration
		wantErr bool
	}{
		{"none", call(get), client.Retry{}, func(int) (*http.Response, error) { return nil, errReset }, 1, 0, 0, 0, true},
		{"an error, then an answer", call(get), client.Retry{Tries: 3}, func(try int) (*http.Response, error) {
			if try == 1 {
				return nil, errReset
			}
			return answered(200, "X", "y"), nil
		}, 2, 0, 100 * time.Millisecond, 0, false},
		{"errors only", call(get), client.Retry{Tries: 4, Base: time.Second, Max: 2 * time.Second}, func(int) (*http.Response, error) { return nil, errReset }, 4, 0, 5 * time.Second, 0, true},
		{"503 with Retry-After", call(get), client.Retry{Tries: 2}, func(try int) (*http.Response, error) {
			if try == 1 {
				return answered(503, "Retry-After", "3"), nil
			}
			return answered(200, "X", "y"), nil
		}, 2, 3 * time.Second, 3100 * time.Millisecond, 0, false},
		{"429 with a date", call(get), client.Retry{Tries: 2}, func(try int) (*http.Response, error) {
			if try == 1 {
				return answered(429, "Retry-After", at(5*time.Second)), nil
			}
			return answered(200, "X", "y"), nil
		}, 2, 4 * time.Second, 5100 * time.Millisecond, 0, false},
		{"a Retry-After beyond Max", call(get), client.Retry{Tries: 2, Max: time.Second}, func(int) (*http.Response, error) { return answered(503, "Retry-After", "3600"), nil }, 1, 0, 0, 0, true},
		{"a Retry-After beyond 31 bits", call(get), client.Retry{Tries: 2}, func(int) (*http.Response, error) { return answered(503, "Retry-After", "2147483648"), nil }, 1, 0, 0, 0, true},
		{"a Retry-After beyond 64 bits", call(get), client.Retry{Tries: 2}, func(int) (*http.Response, error) {
			return answered(503, "Retry-After", "99999999999999999999"), nil
		}, 1, 0, 0, 0, true},
		{"a malformed Retry-After", call(get), client.Retry{Tries: 2}, func(int) (*http.Response, error) { return answered(502, "Retry-After", "soon"), nil }, 2, 0, 100 * time.Millisecond, 0, true},
		{"500", call(get), client.Retry{Tries: 3}, func(int) (*http.Response, error) { return answered(500, "X", "y"), nil }, 1, 0, 0, 0, true},
		{"POST", call(post), client.Retry{Tries: 3}, func(int) (*http.Response, error) { return answered(503, "X", "y"), nil }, 1, 0, 0, 0, true},
		{"PUT", func(ctx context.Context, c *client.Client) error {
			_, err := client.Call(ctx, c, put, user{ID: 1})
			return err
		}, client.Retry{Tries: 3}, func(int) (*http.Response, error) { return answered(504, "X", "y"), nil }, 3, 0, 300 * time.Millisecond, 0, true},
		{"a reader", func(ctx context.Context, c *client.Client) error {
			_, err := client.Call(ctx, c, stream, text{strings.NewReader(`{"id":1,"name":""}`)})
			return err
		}, client.Retry{Tries: 3}, func(int) (*http.Response, error) { return answered(504, "X", "y"), nil }, 1, 0, 0, 0, true},
		{"a deadline before the wait is over", call(get), client.Retry{Tries: 3}, func(int) (*http.Response, error) { return answered(503, "Retry-After", "3"), nil }, 1, 0, 0, 2 * time.Second, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				c := client.New("http://example.com", &client.Options{Retry: tt.retry, HTTP: &http.Client{Transport: network(func(r *http.Request) (*http.Response, error) {
					tries++
					if r.Body != nil {
						content, err := io.ReadAll(r.Body)
						require.NoError(t, err)
						require.Equal(t, `{"id":1,"name":""}`, string(content))
					}
					return tt.answer(tries)
				})}})
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				began := time.Now()
				err := tt.call(ctx, c)
				took := time.Since(began)
				require.Equal(t, tt.wantErr, err != nil, "%v", err)
				require.Equal(t, tt.tries, tries)
				require.GreaterOrEqual(t, took, tt.least)
				require.LessOrEqual(t, took, tt.most)
				if err != nil {
					require.ErrorContains(t, err, "client: ")
				}
			})
		})
	}
}

// A wait ends with the context.
func TestRetryEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		c := client.New("http://example.com", &client.Options{Retry: client.Retry{Tries: 2}, HTTP: &http.Client{Transport: network(func(*http.Request) (*http.Response, error) {
			return answered(503, "Retry-After", "5"), nil
		})}})
		began := time.Now()
		_, err := client.Call(ctx, c, typed.Get[typed.None, user]("/x"), typed.None{})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(began))
	})
}

// A local API is asked again as well, with a request of its own each time.
func TestRetryLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := typed.New("Busy", "1", nil)
		var requests []*http.Request
		e := typed.Put[user, user]("/x", typed.Fails(503))
		e.Handle(api, typed.Func(func(ctx context.Context, in user) (user, error) {
			requests = append(requests, typed.HTTPRequest(ctx))
			if len(requests) == 1 {
				return user{}, respond.Unavailable("Busy.").Header("Retry-After", "1")
			}
			return in, nil
		}))
		got, err := client.Call(t.Context(), client.Local(api, &client.Options{Retry: client.Retry{Tries: 2}}), e, user{3, "Ada"})
		require.NoError(t, err)
		require.Equal(t, user{3, "Ada"}, got)
		require.Len(t, requests, 2)
		require.NotSame(t, requests[0], requests[1])
	})
}
