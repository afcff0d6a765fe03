package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
)

// PlotFile is where the picture stands, from the root of the repository.
const PlotFile = "docs/guide/performance.svg"

// README returns text, which is README.md, with the figures of this run between the marks
// that name this command.
func (r *Result) README(text string) (string, error) {
	for mark, figures := range map[string]string{"speed": "\n" + r.speed(), "pace": r.pace()} {
		begin, end := "<!-- "+mark+": written by internal/bench/cmd/report -->", "<!-- /"+mark+" -->"
		head, rest, ok := strings.Cut(text, begin)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			return "", fmt.Errorf("report: README.md has no %s ... %s", begin, end)
		}
		text = head + begin + figures + end + tail
	}
	return text, nil
}

// pace is one sentence for those who read no table.
func (r *Result) pace() string {
	w3 := r.Rows[2]
	ours, huma := w3.Cells[r.index(all.Ours)], w3.Cells[r.index(all.Huma)]
	return fmt.Sprintf("A POST of 264 bytes of JSON with rules takes %.2f of the CPU time of the same work by hand and %.2f of huma's, and %.0f allocations instead of %.0f and %.0f.",
		ours.Ratio.Median, ours.Ratio.Median/huma.Ratio.Median, ours.Allocs, w3.Cells[0].Allocs, huma.Allocs)
}

// speed is the part of README.md about speed.
func (r *Result) speed() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CPU time of one request as a ratio to hand-written net/http with a strict encoding/json decoder and validator/v10, lower is faster; medians of %d interleaved rounds, printed by `%s`, which says what is not equal work:\n\n", r.Plan.InProcess.Rounds, Command)
	fmt.Fprintf(&b, "![CPU time of one request of W1 to W6](%s)\n\n", PlotFile)
	b.WriteString("| |")
	for _, row := range r.Rows {
		b.WriteString(" " + shortTitle(row.Work.Name) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(r.Rows)) + "\n")
	for _, i := range r.readmeOrder() {
		fmt.Fprintf(&b, "| %s |", r.titled(i))
		for _, row := range r.Rows {
			fmt.Fprintf(&b, " %.2f |", row.Cells[i].Ratio.Median)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nogen and connect are generated code; connect serves its own protocol. A constant GET includes an answer that is encoded before its head is written, which by hand takes %.2f. ",
		r.Rows[0].Cells[r.index(all.Buffered)].Ratio.Median)
	return b.String() + "[Performance](docs/guide/performance.md) has the rest, what is promised, and what that run measured of it.\n"
}

// readmeOrder is who is in README.md: this project, then who is not the baseline in
// another form.
func (r *Result) readmeOrder() []int {
	order := []int{r.index(all.Ours)}
	for i, c := range r.Contenders {
		if !slices.Contains([]string{all.Raw, all.Buffered, "chi", all.Ours}, c.Name) {
			order = append(order, i)
		}
	}
	return order
}

// titled is a contender's name with the version that was measured: "huma 2.37".
func (r *Result) titled(i int) string {
	c := r.Contenders[i]
	for _, v := range r.Machine.Versions {
		module, version, _ := strings.Cut(v, " v")
		if module != c.Module || c.Module == "" {
			continue
		}
		parts := strings.SplitN(version, ".", 3)
		return c.Name + " " + strings.Join(parts[:min(2, len(parts))], ".")
	}
	return c.Name
}
