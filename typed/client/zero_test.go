package client_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// settings have defaults in each source. Zero is refused of the first four, and is a value of
// the last.
type settings struct {
	Limit int      `query:"limit" default:"20" validate:"min=1,max=100"`
	Sort  string   `header:"X-Sort" default:"name" validate:"oneof=name age"`
	Kinds []string `query:"kinds" default:"a,b" validate:"min=1"`
	Theme string   `cookie:"theme" default:"dark" validate:"required"`
	Page  int      `query:"page" default:"1" validate:"min=0"`
}

type formSettings struct {
	Sort string `form:"sort" default:"name" validate:"oneof=name age"`
	Size int    `form:"size" default:"3" validate:"gt=0"`
}

// TestZeroOfADefault leaves out a zero that the server would only refuse: whoever does not set a
// field means its default.
func TestZeroOfADefault(t *testing.T) {
	t.Parallel()
	list := typed.Get[settings, settings]("/list")
	post := typed.Post[formSettings, formSettings]("/form")
	api := typed.New("Test", "1", nil)
	list.Handle(api, typed.Func(func(_ context.Context, in settings) (settings, error) { return in, nil }))
	post.Handle(api, typed.Func(func(_ context.Context, in formSettings) (formSettings, error) { return in, nil }))
	c := client.Local(api)
	for _, tt := range []struct{ in, want settings }{
		{settings{}, settings{20, "name", []string{"a", "b"}, "dark", 0}},
		{settings{Limit: 5, Sort: "age", Page: 2}, settings{5, "age", []string{"a", "b"}, "dark", 2}},
		{settings{Kinds: []string{}}, settings{20, "name", []string{"a", "b"}, "dark", 0}},
	} {
		got, err := client.Call(t.Context(), c, list, tt.in)
		require.NoError(t, err)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Error(diff)
		}
	}
	require.Equal(t, "/list?page=0", list.Path(settings{}))
	got, err := client.Call(t.Context(), c, post, formSettings{})
	require.NoError(t, err)
	require.Equal(t, formSettings{"name", 3}, got)
	_, err = client.Call(t.Context(), c, list, settings{Limit: 200})
	require.ErrorContains(t, err, "422")
}
