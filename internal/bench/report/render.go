package report

import (
	_ "embed"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/probe"
)

//go:embed intro.md
var intro string

//go:embed notes.md
var notes string

// Command is what repeats the report.
const Command = "GOWORK=off go -C internal/bench run ./cmd/report"

// Markdown is the guide page.
func (r *Result) Markdown() string {
	var b strings.Builder
	b.WriteString(intro)
	r.conditions(&b)
	r.promises(&b)
	r.ratios(&b)
	r.relaxed(&b)
	r.entityTags(&b)
	r.unequal(&b)
	r.overLoopback(&b)
	r.growth(&b)
	b.WriteString("\n" + notes)
	return b.String()
}

func (r *Result) conditions(b *strings.Builder) {
	m := r.Machine
	fmt.Fprintf(b, "\n## This run\n\n```sh\n%s\n```\n\n", Command)
	fmt.Fprintf(b, "%s on %s, %d processors, %s, %s, load average %s when it began.\n",
		r.Date.Format(time.DateOnly), m.Processor, m.CPUs, m.System, m.Go, m.Load)
	fmt.Fprintf(b, "%d interleaved rounds of %v of CPU time for each contender and workload. With:\n\n", r.Plan.InProcess.Rounds, r.Plan.InProcess.Slice)
	for _, v := range m.Versions {
		fmt.Fprintf(b, "- %s\n", v)
	}
}

func (r *Result) promises(b *strings.Builder) {
	b.WriteString("\n## What is promised, and what this run measured\n\n| | promise | aim | measured | |\n|---|---|---|---|---|\n")
	for _, g := range r.Gates() {
		b.WriteString(g.row())
	}
}

func (r *Result) ratios(b *strings.Builder) {
	b.WriteString("\n## The workloads\n\n| | work |\n|---|---|\n")
	for _, row := range r.Rows {
		fmt.Fprintf(b, "| %s | %s |\n", row.Work.Name, row.Work.Title)
	}
	b.WriteString("\nCPU time of one request as a ratio to raw: median of the rounds, and the middle half of them. Lower is faster.\n\n")
	r.table(b, func(c measure.Cell, note string) string { return spread(c.Ratio) + note })
	for i, note := range r.notes() {
		fmt.Fprintf(b, "\n%s %s.\n", superscript(i+1), note)
	}
	fmt.Fprintf(b, "\n![The same ratios as bars](%s)\n", filepath.Base(PlotFile))
	b.WriteString("\nAllocations of one request:\n\n")
	r.table(b, func(c measure.Cell, _ string) string { return fmt.Sprintf("%.0f", c.Allocs) })
	b.WriteString("\nBytes allocated by one request:\n\n")
	r.table(b, func(c measure.Cell, _ string) string { return fmt.Sprintf("%.0f", c.Bytes) })
}

// notes are the footnotes of the contenders' own forms of workloads, in the order in
// which the table first has them.
func (r *Result) notes() []string {
	var notes []string
	for _, c := range r.Contenders {
		for _, row := range r.Rows {
			if note := c.Ask(row.Work).Note; note != "" && !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// footnote is the mark of a note; empty without one.
func (r *Result) footnote(note string) string {
	if note == "" {
		return ""
	}
	return " " + superscript(slices.Index(r.notes(), note)+1)
}

func superscript(n int) string { return string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[n]) }

// table has a line for each contender and a column for each workload.
func (r *Result) table(b *strings.Builder, cell func(measure.Cell, string) string) {
	b.WriteString("| |")
	for _, row := range r.Rows {
		fmt.Fprintf(b, " %s |", row.Work.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(r.Rows)) + "\n")
	for i, c := range r.Contenders {
		fmt.Fprintf(b, "| %s |", c.Name)
		for _, row := range r.Rows {
			fmt.Fprintf(b, " %s |", cell(row.Cells[i], r.footnote(c.Ask(row.Work).Note)))
		}
		b.WriteString("\n")
	}
}

func (r *Result) relaxed(b *strings.Builder) {
	b.WriteString("\n## With fewer collections\n\nA process that only serves a benchmark keeps next to nothing, so the collector runs each time that it has allocated a few megabytes. A server that keeps more collects less often, and what a request allocates costs it less. The same measured with `" + relaxedGC + "`:\n\n| |")
	for _, name := range relaxedNames() {
		fmt.Fprintf(b, " %s |", name)
	}
	b.WriteString("\n" + strings.Repeat("|---", len(relaxedNames())+1) + "|\n")
	for _, row := range r.Relaxed {
		fmt.Fprintf(b, "| %s |", row.Work.Name)
		for _, cell := range row.Cells {
			fmt.Fprintf(b, " %s |", spread(cell.Ratio))
		}
		b.WriteString("\n")
	}
}

func (r *Result) entityTags(b *strings.Builder) {
	b.WriteString("\n## Entity tags\n\nNobody else computes one unasked, so the comparison above runs with `typed.NoETag()`. What the tag adds, as a share of raw's time for the same workload:\n\n| | without | with | the tag alone |\n|---|---|---|---|\n")
	for _, row := range r.ETag {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", row.Work.Name, spread(row.Cells[1].Ratio), spread(row.Cells[2].Ratio), spread(row.Extra(2, 1)))
	}
}

func (r *Result) unequal(b *strings.Builder) {
	b.WriteString("\n## What is not equal work\n\nThe same requests, sent to everybody over a connection. A status below 400 means that the request was taken as good; \"cut\" that the connection was closed without an answer, \"–\" that there is nothing to ask: connect has no such parameters.\n\n| |")
	for _, c := range r.Contenders {
		fmt.Fprintf(b, " %s |", c.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(r.Contenders)) + "\n")
	for i, p := range probe.Probes() {
		fmt.Fprintf(b, "| %s |", p.Name)
		for j := range r.Contenders {
			b.WriteString(" " + verdict(r.Probes[j][i]) + " |")
		}
		b.WriteString("\n")
	}
}

func verdict(status int) string {
	switch {
	case status == probe.Absent:
		return "–"
	case status == 0:
		return "cut"
	case status < http.StatusBadRequest:
		return fmt.Sprintf("taken, %d", status)
	default:
		return fmt.Sprint(status)
	}
}

func (r *Result) overLoopback(b *strings.Builder) {
	if len(r.Loopback) == 0 {
		return
	}
	p := r.Plan.Loopback
	fmt.Fprintf(b, "\n## Over sockets\n\nW3 over loopback: each contender serves in a process of its own, a load generator on the same processors keeps %d connections busy, %d interleaved rounds of %v. "+
		"Ratios to raw in the same round; more requests per second are better, less CPU time of the server is better.\n\n| | requests per second | server CPU time per request |\n|---|---|---|\n", p.Conns, p.Rounds, p.Span)
	for _, row := range r.Loopback {
		fmt.Fprintf(b, "| %s | %s | %s |\n", row.Name, spread(row.Throughput), spread(row.CPU))
	}
}

func (r *Result) growth(b *strings.Builder) {
	if len(r.Sizes) == 0 {
		return
	}
	b.WriteString("\n## Many endpoints\n\nPrograms with as many POST endpoints, each with a request type of seven fields and a response type of its own.\n\n" +
		"| endpoints | registration, an endpoint | OpenAPI document, an endpoint | document | binary |\n|---|---|---|---|---|\n")
	for _, s := range r.Sizes {
		fmt.Fprintf(b, "| %d | %.1f us | %.1f us | %.1f KB | %.1f MB |\n", s.Endpoints,
			perEndpoint(s.Register, s.Endpoints), perEndpoint(s.Document, s.Endpoints), float64(s.Bytes)/1e3, float64(s.Binary)/1e6)
	}
	if c := r.Build; c != nil {
		fmt.Fprintf(b, "\n%d endpoints built by `go build`, everything that they import compiled before, ratios to huma (median and middle half of %d rounds):\n\n"+
			"| | over huma's |\n|---|---|\n| CPU time of compiling and linking | %s |\n| the same without what one endpoint takes | %s |\n| growth of the binary per endpoint | %.2f (%.1f KB and %.1f KB) |\n",
			c.Endpoints, r.Plan.Builds, spread(c.CPU), spread(c.Net), c.Binary, c.PerOurs/1e3, c.PerTheirs/1e3)
	}
}

// perEndpoint is in microseconds.
func perEndpoint(d time.Duration, n int) float64 {
	return float64(d) / float64(time.Microsecond) / float64(n)
}

func spread(s measure.Spread) string {
	return fmt.Sprintf("%.2f (%.2f–%.2f)", s.Median, s.Low, s.High)
}
