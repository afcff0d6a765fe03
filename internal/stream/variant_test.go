package stream_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/stream"
)

func TestVariants(t *testing.T) {
	for _, tc := range []struct {
		name  string
		typ   reflect.Type
		kinds []string
		says  []string // of the faults
	}{
		{"no struct", reflect.TypeFor[string](), nil, nil},
		{"no tag", reflect.TypeFor[struct{ A *int }](), nil, nil},
		{"kinds", reflect.TypeFor[struct {
			A *int    `event:"added"`
			G *string `event:"gone"`
		}](), []string{"added", "gone"}, nil},
		{"one without", reflect.TypeFor[struct {
			A *int `event:"added"`
			B *int
		}](), []string{"added"}, []string{"B: names no event"}},
		{"no pointer", reflect.TypeFor[struct {
			A int `event:"added"`
		}](), nil, []string{"A: is a kind of event that could not be left out"}},
		{"no name", reflect.TypeFor[struct {
			A *int `event:""`
			B *int `event:"a\nb"`
		}](), nil, []string{`A: has the event tag ""`, `B: has the event tag "a\nb"`}},
		{"twice", reflect.TypeFor[struct {
			A *int `event:"x"`
			B *int `event:"x"`
		}](), []string{"x"}, []string{`B: names the event "x", which A does as well`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kinds, faults := stream.Variants(tc.typ)
			var names []string
			for _, k := range kinds {
				names = append(names, k.Name)
			}
			if diff := cmp.Diff(tc.kinds, names); diff != "" {
				t.Error(diff)
			}
			require.Len(t, faults, len(tc.says))
			for i, f := range faults {
				require.Contains(t, f.Field+": "+f.Problem, tc.says[i])
			}
		})
	}
}

func TestNamesAndTexts(t *testing.T) {
	require.NoError(t, stream.CheckName("added"))
	for _, name := range []string{"a\nb", "a\r", "\x00"} {
		require.Error(t, stream.CheckName(name))
	}
	require.True(t, stream.IsText(reflect.TypeFor[string]()))
	require.False(t, stream.IsText(reflect.TypeFor[int]()))
	require.False(t, stream.IsText(reflect.TypeFor[time.Duration]()))
}

// What a stream asks a client to wait counts without an event that has data, too.
func TestRetryOfReader(t *testing.T) {
	r := stream.NewEventReader(strings.NewReader("retry: 1500\n\ndata: x\n\n"), 100)
	var h stream.Head
	data, err := r.Next(&h)
	require.NoError(t, err)
	require.Equal(t, "x", string(data))
	require.Equal(t, 1500*time.Millisecond, r.Retry())
}
