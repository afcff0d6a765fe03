package report

import (
	"encoding/xml"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/growth"
	"github.com/apiroutes/apiroutes/internal/bench/loopback"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/probe"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// result is a run in which everybody took the same.
func result() *Result {
	same := measure.Spread{Low: 1, Median: 1, High: 1}
	r := &Result{Date: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Contenders: all.Contenders()}
	for _, w := range work.All() {
		row := measure.Row{Work: w}
		for range r.Contenders {
			row.Cells = append(row.Cells, measure.Cell{Ratio: same, Allocs: 9})
		}
		r.Rows = append(r.Rows, row)
	}
	r.Relaxed = r.Rows[:3]
	for _, c := range r.Contenders {
		r.Probes = append(r.Probes, make([]int, len(probe.Probes())))
		r.Loopback = append(r.Loopback, loopback.Row{Name: c.Name, Throughput: same, CPU: same})
	}
	r.Sizes = []growth.Size{{Endpoints: 100, Register: time.Millisecond}}
	r.Build = &growth.Build{Endpoints: 200, CPU: same, Binary: 0.5}
	return r
}

func TestMarkdownHasEverySection(t *testing.T) {
	page := result().Markdown()
	for _, want := range []string{
		Command, "| W6, CPU time over raw's | at most 0.80 | 0.60 | 1.00 | **missed** |", "| W3, allocations | at most 8 | 4 | 9 | **missed** |",
		"| registration, CPU microseconds an endpoint of 100 | at most 35.0 |  | 10.0 | kept |", "| binary growth per endpoint over huma's | at most 0.70 |  | 0.50 | kept |",
		"## With fewer collections", "## What is not equal work", "| an empty body | cut |", "## Over sockets", "## Many endpoints", "## Where the time goes",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestNotesAreNumberedWhereTheyStand(t *testing.T) {
	r := result()
	page := r.Markdown()
	for i, note := range r.notes() {
		if !strings.Contains(page, superscript(i+1)+" "+note) || strings.Count(page, ") "+superscript(i+1)+" |") == 0 {
			t.Errorf("footnote %d is not there, or nothing refers to it: %s", i+1, note)
		}
	}
	if len(r.notes()) == 0 {
		t.Error("connect has no footnotes")
	}
}

func TestREADMEIsWrittenBetweenItsMarks(t *testing.T) {
	r := result()
	r.Machine.Versions = []string{"github.com/danielgtaylor/huma/v2 v2.37.2"}
	mark := func(name string) string { return "<!-- " + name + ": written by internal/bench/cmd/report -->" }
	got, err := r.README("- " + mark("pace") + "old figures<!-- /pace -->\nbefore\n" + mark("speed") + "\nold figures\n<!-- /speed -->\nafter\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- " + mark("pace") + "A POST", "<!-- /pace -->\nbefore\n" + mark("speed") + "\n", "<!-- /speed -->\nafter\n", "| huma 2.37 | 1.00 |", "(" + PlotFile + ")"} {
		if !strings.Contains(got, want) {
			t.Errorf("README lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "old figures") {
		t.Error("the old figures are still there")
	}
	if again, err := r.README(got); err != nil || again != got {
		t.Errorf("written twice it differs: %v", err)
	}
	if _, err := r.README("no marks"); err == nil {
		t.Error("a README without marks is taken")
	}
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.README(string(text)); err != nil {
		t.Error(err)
	}
}

func TestPlotIsReadable(t *testing.T) {
	r := result()
	r.Rows[0].Cells[3].Ratio.Median = 40   // beyond the scale
	r.Rows[1].Cells[3].Ratio.Median = 0.01 // before it
	picture := r.Plot()
	texts := 0
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			texts++
		}
	}
	if want := 1 + len(r.Rows)*(2+2*len(r.Contenders)); texts != want {
		t.Errorf("%d texts, want %d", texts, want)
	}
	for _, want := range []string{">40.00<", ">0.01<", "prefers-color-scheme:dark"} {
		if !strings.Contains(picture, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	// What WCAG 2.2 asks of text (1.4.3) and of what is drawn (1.4.11).
	for name, p := range map[string]palette{"light": light(), "dark": dark()} {
		for color, least := range map[string]float64{p.Text: 4.5, p.Faint: 4.5, p.Bar: 3, p.Ours: 3} {
			if got := contrast(t, color, p.Background); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", name, color, p.Background, got, least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	high, low := luminance(t, a), luminance(t, b)
	return (max(high, low) + 0.05) / (min(high, low) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift uint) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

func TestGates(t *testing.T) {
	for _, tc := range []struct {
		gate Gate
		met  bool
	}{
		{Gate{Measured: 0.35, Limit: 0.35}, true},
		{Gate{Measured: 0.36, Limit: 0.35}, false},
		{Gate{Measured: 1.3, Limit: 1.3, AtLeast: true}, true},
		{Gate{Measured: 1.2, Limit: 1.3, AtLeast: true}, false},
	} {
		if tc.gate.Met() != tc.met {
			t.Errorf("%+v: met is %v", tc.gate, !tc.met)
		}
	}
}

func TestThisMachineNamesVersions(t *testing.T) {
	m, err := ThisMachine(all.Contenders())
	if err != nil {
		t.Fatal(err)
	}
	if m.CPUs == 0 || m.Go == "" {
		t.Errorf("%+v", m)
	}
}
