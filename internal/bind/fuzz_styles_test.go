package bind_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/pattern"
)

// styles has every way in which one query parameter stands for more than its text.
type styles struct {
	IDs    []int       `query:"ids,comma"`
	Words  []string    `query:"words,comma"`
	Days   []time.Time `query:"days,comma,format:DateOnly"`
	Many   []uint16    `query:"many[]"`
	Filter struct {
		Name  string     `json:"name"`
		Age   *int8      `json:"age"`
		Since time.Time  `json:"since,format:DateOnly"`
		Until *time.Time `query:"until,format:unix"`
	} `query:"filter"`
	Maybe *struct {
		On bool
	} `query:"maybe"`
	At   time.Time     `query:"at,format:'2006-01-02T15:04'"`
	Unix time.Time     `query:"unix,format:unixmilli"`
	Wait time.Duration `query:"wait,format:sec"`
	ISO  time.Duration `query:"iso,format:iso8601"`
}

// FuzzStyles binds a query. What is bound, written as a query and bound again, is the same;
// what is not is the client's fault.
func FuzzStyles(f *testing.F) {
	for _, s := range []string{
		"", "ids=1,2,3", "ids=", "ids=,", "ids=1%2C2", "ids=1&ids=2", "ids=+1", "words=a,b%2Cc", "words=%ff", "words=,", "words", "days=2024-02-29,2024-03-01", "days=2024-02-30",
		"many[]=1&many[]=2", "many%5B%5D=300", "filter[name]=x&filter[age]=7", "filter[age]=", "filter%5Bname%5D=%zz", "filter[since]=2024-02-29&filter[until]=1.5", "filter[name][x]=1", "filter=x", "filter[]=x",
		"maybe[On]=true", "maybe[on]=true", "at=2024-02-29T12:30", "unix=1709164800123.4", "unix=1e3", "unix=99999999999999999999", "wait=1.5", "wait=-0", "wait=1e99", "iso=PT1H30M", "iso=-PT0.5S", "iso=P1Y", "at=0000-01-01T00:00", "days=-0001-01-01",
	} {
		f.Add(s)
	}
	plan := compile[styles](f, bind.Options{})
	pat, err := pattern.Parse("GET /")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		var first, second styles
		if r := plan.Bind(&canned{query: query}, nil, &first); r != nil {
			if r.Status != http.StatusBadRequest && r.Status != http.StatusUnprocessableEntity || len(r.Errors) == 0 {
				t.Fatalf("%q: %s", query, brief(r))
			}
			return
		}
		written := string(plan.AppendURL(nil, pat, first))
		if r := plan.Bind(&canned{query: written[min(len(written), 2):]}, nil, &second); r != nil {
			t.Fatalf("%q is written as %q: %s", query, written, brief(r))
		}
		if again := string(plan.AppendURL(nil, pat, second)); again != written {
			t.Fatalf("%q is written as %q, and that as %q", query, written, again)
		}
	})
}
