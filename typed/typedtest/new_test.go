package typedtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

// recording is a test that remembers what it was told.
type recording struct {
	mu           sync.Mutex
	errors, logs []string
	fatal        bool
	first        time.Time // when the first error came
}

func (*recording) Helper() {}

func (r *recording) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.errors == nil {
		r.first = time.Now()
	}
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recording) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.fatal = true
}

func (r *recording) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

type Number struct {
	N int `path:"n"`
}

type Value struct {
	V int `json:"v"`
}

// lying has a schema that its JSON does not fit.
type lying struct{ N int }

func (l lying) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d", l.N), nil }
func (*lying) UnmarshalJSON([]byte) error    { return nil }
func (lying) JSONSchema() string             { return `{"type":"integer","maximum":9}` }

var (
	getValue = typed.Get[Number, Value]("/values/{n}", typed.Fails(404))
	getLying = typed.Get[Number, lying]("/lying/{n}")
	stream   = typed.Get[typed.None, typed.Lines[int]]("/stream")
	hidden   = typed.Get[Number, Value]("/hidden/{n}", typed.Hidden())
	missing  = typed.Get[Number, Value]("/missing/{n}")
)

// newValues answers well for 1, and in other ways for other numbers.
func newValues() *typed.API {
	api := typed.New("Values", "1", nil)
	value := func(_ context.Context, in Number) (Value, error) {
		switch in.N {
		case 2:
			return Value{}, errors.New("the disk is full")
		case 3:
			return Value{}, respond.NotFound("There is none.")
		case 4:
			return Value{}, respond.Conflict("It is taken.")
		case 5:
			panic("at the disco")
		case 6:
			panic(http.ErrAbortHandler)
		}
		return Value{in.N}, nil
	}
	getValue.Handle(api, typed.Func(value))
	hidden.Handle(api, typed.Func(value))
	getLying.Handle(api, typed.Func(func(_ context.Context, in Number) (lying, error) { return lying(in), nil }))
	stream.Handle(api, typed.Func(func(context.Context, typed.None) (typed.Lines[int], error) {
		return func(yield func(int, error) bool) {
			for i := 0; yield(i, nil); i++ {
			}
		}, nil
	}))
	return api
}

// TestNew calls an API that does not always do what it declares.
func TestNew(t *testing.T) {
	api := newValues()
	call := func(c *client.Client, e *typed.Endpoint[Number, typed.Response[Value]], n int) {
		_, _ = client.Call(t.Context(), c, e, Number{n})
	}
	for name, test := range map[string]struct {
		call func(c *client.Client)
		want []string // words of the only failure; none: there is none
	}{
		"as declared":        {func(c *client.Client) { call(c, getValue, 1) }, nil},
		"a declared problem": {func(c *client.Client) { call(c, getValue, 3) }, nil},
		"an error":           {func(c *client.Client) { call(c, getValue, 2) }, []string{"GET /values/{n}: answers 500", "the disk is full"}},
		"an undeclared one":  {func(c *client.Client) { call(c, getValue, 4) }, []string{"GET /values/{n}: answers 409", "does not declare"}},
		"a panic":            {func(c *client.Client) { call(c, getValue, 5) }, []string{"answers 500", "at the disco", "new_test.go"}},
		"a cut connection":   {func(c *client.Client) { call(c, getValue, 6) }, []string{"breaks the connection off"}},
		"hidden":             {func(c *client.Client) { call(c, hidden, 1) }, nil},
		"hidden, an error":   {func(c *client.Client) { call(c, hidden, 2) }, []string{"GET /hidden/{n}: answers 500", "the disk is full"}},
		"not of this API":    {func(c *client.Client) { call(c, missing, 1) }, []string{"GET /missing/1: the API has no such endpoint"}},
		"a signed in client": {func(c *client.Client) { call(c.With(client.WithBearer("t")), getValue, 2) }, []string{"the disk is full"}},
		"a payload, honest":  {func(c *client.Client) { _, _ = client.Call(t.Context(), c, getLying, Number{9}) }, nil},
		"a payload, a lie":   {func(c *client.Client) { _, _ = client.Call(t.Context(), c, getLying, Number{10}) }, []string{"GET /lying/{n}: answers 200", "maximum"}},
		"a stream that is left": {func(c *client.Client) {
			lines, err := client.Call(t.Context(), c, stream, typed.None{})
			require.NoError(t, err)
			for n, err := range lines {
				require.NoError(t, err)
				if n == 3 {
					break
				}
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var r recording
			test.call(typedtest.New(&r, api))
			r.mu.Lock()
			defer r.mu.Unlock()
			if test.want == nil {
				require.Empty(t, r.errors)
				return
			}
			require.Len(t, r.errors, 1)
			for _, word := range test.want {
				require.Contains(t, r.errors[0], word)
			}
		})
	}
}

// Each client fails its own test, and OnError is told as well.
func TestNewTwice(t *testing.T) {
	var told []string
	api := typed.New("Values", "1", &typed.Options{OnError: func(_ context.Context, err error) { told = append(told, err.Error()) }})
	getValue.Handle(api, typed.Func(func(context.Context, Number) (Value, error) { return Value{}, errors.New("the disk is full") }))
	var first, second recording
	c, _ := typedtest.New(&first, api), typedtest.New(&second, api)
	_, err := client.Call(t.Context(), c, getValue, Number{1})
	require.Error(t, err)
	require.Len(t, first.errors, 1)
	require.Empty(t, second.errors)
	require.Len(t, told, 1)
	require.Contains(t, told[0], "the disk is full")
}

// A document that cannot be made fails at once.
func TestWithoutDocument(t *testing.T) {
	api := typed.New("Values", "1", nil)
	typed.Handle(api, "GET /secret", typed.Func(func(context.Context, typed.None) (int, error) { return 1, nil }), typed.Security("nobody"))
	var r recording
	require.NotNil(t, typedtest.New(&r, api))
	typedtest.Explore(&r, api, nil)
	require.True(t, r.fatal)
	require.Len(t, r.errors, 2)
	require.True(t, strings.HasPrefix(r.errors[0], "typedtest: ") && strings.Contains(r.errors[0], `"nobody"`), r.errors[0])
}
