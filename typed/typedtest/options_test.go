package typedtest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

// TestOptions explores an API with a fault, and says what came of it.
func TestOptions(t *testing.T) {
	newAPI := func() *typed.API {
		api := typed.New("Items", "1", nil)
		faults["a panic on an empty list"].plant(api)
		handle("GET /items", func(ListItems) ([]Item, error) { return []Item{}, nil })(api)
		return api
	}
	for name, test := range map[string]struct {
		opts       *typedtest.Options
		fatal      bool
		error, log string // words; "": there is none
	}{
		"a count":                 {&typedtest.Options{Count: 50}, false, "POST /items answers 500", "50 cases"},
		"a time":                  {&typedtest.Options{Time: 50 * time.Millisecond}, false, "POST /items answers 500", "2 of 2"},
		"a seed":                  {&typedtest.Options{Seed: 7, Count: 50}, false, "Options{Seed: 7, Case: ", "seed 7: 50 cases"},
		"a case without a fault":  {&typedtest.Options{Seed: 7, Case: 1}, false, "", "seed 7: 1 cases"},
		"an endpoint left out":    {&typedtest.Options{Count: 50, Except: []string{"POST /items"}}, false, "", "1 of 1 endpoints"},
		"all endpoints left out":  {&typedtest.Options{Count: 50, Except: []string{"POST /items", "GET /items"}}, false, "", "0 of 0 endpoints"},
		"one that is not there":   {&typedtest.Options{Except: []string{"POST /item"}}, true, `"POST /item", which is no endpoint`, ""},
		"values of no parameter":  {&typedtest.Options{Values: map[string][]string{"limits": {"1"}}}, true, `Options.Values names "limits", which is no parameter and no member`, ""},
		"a value that is refused": {&typedtest.Options{Values: map[string][]string{"limit": {"1", "many"}}}, true, `Options.Values has "many" for limit, which no endpoint takes`, ""},
		"a scheme that is not":    {(*typedtest.Options)(nil).As("nobody", "x"), true, `"nobody", which is no scheme`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var r recording
			typedtest.Explore(&r, newAPI(), test.opts)
			require.Equal(t, test.fatal, r.fatal)
			if test.error == "" {
				require.Empty(t, r.errors)
			} else {
				require.NotEmpty(t, r.errors)
				require.Contains(t, r.errors[0], test.error)
			}
			if test.log == "" {
				require.Empty(t, r.logs)
			} else {
				require.Len(t, r.logs, 1)
				require.Contains(t, r.logs[0], test.log)
			}
		})
	}
}
