package measure_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

func TestSummary(t *testing.T) {
	for _, tc := range []struct {
		values []float64
		want   measure.Spread
	}{
		{[]float64{3}, measure.Spread{Low: 3, Median: 3, High: 3}},
		{[]float64{4, 1, 3, 2, 5}, measure.Spread{Low: 2, Median: 3, High: 4}},
		{[]float64{1, 2}, measure.Spread{Low: 1.25, Median: 1.5, High: 1.75}},
	} {
		if diff := cmp.Diff(tc.want, measure.Summary(tc.values)); diff != "" {
			t.Errorf("%v: %s", tc.values, diff)
		}
	}
}

// spin answers after n rounds of useless work.
func spin(n int) contender.Contender {
	return contender.NetHTTP("spin", "", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sum := 0
		for i := range n {
			sum += i ^ sum
		}
		w.Header().Set("Content-Type", "application/json")
		if sum == -1 {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
}

func TestCompareTellsFastFromSlow(t *testing.T) {
	var subjects []measure.Subject
	for _, n := range []int{20_000, 10_000, 40_000} {
		subjects = append(subjects, measure.NewLocal(spin(n)))
	}
	row, err := measure.Compare(subjects, work.Named("W1"), measure.Plan{Rounds: 5, Slice: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	base, half, double := row.Cells[0].Ratio.Median, row.Cells[1].Ratio.Median, row.Cells[2].Ratio.Median
	if base != 1 || half > 0.8 || double < 1.4 {
		t.Errorf("ratios %.2f, %.2f and %.2f, want about 1, 0.5 and 2", base, half, double)
	}
	if extra := row.Extra(2, 1).Median; extra < 0.8 {
		t.Errorf("the extra is %.2f, want about 1.5", extra)
	}
}

func TestDisagrees(t *testing.T) {
	answer := func(status int, media, body string) contender.Answer {
		return contender.Answer{Status: status, Header: http.Header{"Content-Type": {media}}, Body: []byte(body)}
	}
	const asJSON = "application/json"
	for _, tc := range []struct {
		name  string
		work  string
		got   contender.Answer
		agree bool
	}{
		{"the answer", "W1", answer(200, asJSON, `{ "message": "Hello" }`), true},
		{"another status", "W1", answer(201, asJSON, `{"message":"Hello"}`), false},
		{"another type", "W1", answer(200, "text/plain", `{"message":"Hello"}`), false},
		{"another member", "W1", answer(200, asJSON, `{"message":"Hello","$schema":"x"}`), false},
		{"no JSON", "W1", answer(200, asJSON, `{`), false},
		{"pointers", "W6", answer(422, "application/problem+json", `{"errors":[{"pointer":"/name"},{"pointer":"/email"},{"pointer":"/role"},{"pointer":"/address/country"}]}`), true},
		{"locations", "W6", answer(422, asJSON, `{"errors":[{"location":"body.name"},{"location":"body.email"},{"location":"body.role"},{"location":"body.address.country"}]}`), true},
		{"one too few", "W6", answer(422, asJSON, `{"errors":[{"field":"name"},{"field":"email"},{"field":"role"}]}`), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if problem := measure.Disagrees(work.Named(tc.work), tc.got); (problem == "") != tc.agree {
				t.Errorf("says %q", problem)
			}
		})
	}
}

func TestWorkAnswersUntilItsInputEnds(t *testing.T) {
	in := strings.NewReader("run W1 10\nallocations W1 0\n")
	var out strings.Builder
	if err := measure.Work(spin(10), in, &out); err != nil {
		t.Fatal(err)
	}
	var ns int64
	var count, bytes float64
	if _, err := fmt.Sscanf(out.String(), "%d\n%g %g\n", &ns, &count, &bytes); err != nil {
		t.Errorf("%q: %v", out.String(), err)
	}
}
