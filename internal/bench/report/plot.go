package report

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
)

// The picture has a panel for each workload and a bar for each contender: to the left of
// the line what takes less CPU time than raw, to the right what takes more, on a scale
// on which twice as much and half as much are as long.
const (
	plotColumns = 3
	panelWidth  = 300
	rowHeight   = 16
	panelHead   = 40
	panelFoot   = 14
	nameWidth   = 84
	labelWidth  = 42 // a figure behind a bar
	plotMargin  = 14
	plotHead    = 26
	reach       = 16.0 // bars end there; their figures tell
)

// palette is what is drawn on a background of its own, so that the picture can be read on
// any page.
type palette struct{ Background, Text, Faint, Bar, Ours string }

func light() palette {
	return palette{Background: "#ffffff", Text: "#1f2328", Faint: "#59636e", Bar: "#818b98", Ours: "#0969da"}
}

func dark() palette {
	return palette{Background: "#0d1117", Text: "#f0f6fc", Faint: "#9198a1", Bar: "#6e7681", Ours: "#4493f8"}
}

func (p palette) css() string {
	return fmt.Sprintf(".page{fill:%s}.text{fill:%s}.faint{fill:%s}.line{stroke:%s}.bar{fill:%s}.ours{fill:%s}",
		p.Background, p.Text, p.Faint, p.Faint, p.Bar, p.Ours)
}

// Plot draws W1 to W6 as SVG. It needs nothing but itself: no fonts, no scripts.
func (r *Result) Plot() string {
	rows := (len(r.Rows) + plotColumns - 1) / plotColumns
	panelHeight := panelHead + rowHeight*len(r.Contenders) + panelFoot
	width := 2*plotMargin + plotColumns*panelWidth
	height := 2*plotMargin + plotHead + rows*panelHeight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="11">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"title\">CPU time of one request as a ratio to hand-written net/http, shorter to the left is faster: %s</title>\n", escape(r.plotWords()))
	fmt.Fprintf(&b, "<style>%s@media (prefers-color-scheme:dark){%s}</style>\n", light().css(), dark().css())
	fmt.Fprintf(&b, `<rect class="page" width="%d" height="%d"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text class="faint" x="%d" y="%d">CPU time of one request over that of hand-written net/http (the line), on a logarithmic scale: what reaches to the left is faster.</text>`+"\n", plotMargin, plotMargin+12)
	for i := range r.Rows {
		r.panel(&b, i, plotMargin+i%plotColumns*panelWidth, plotMargin+plotHead+i/plotColumns*panelHeight)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// panel draws one workload with its upper left corner at x, y.
func (r *Result) panel(b *strings.Builder, i, x, y int) {
	row := r.Rows[i]
	fmt.Fprintf(b, `<text class="text" x="%d" y="%d" font-weight="bold">%s</text>`, x, y+12, row.Work.Name)
	fmt.Fprintf(b, `<text class="faint" x="%d" y="%d">%s</text>`+"\n", x, y+27, escape(shortTitle(row.Work.Name)))
	left := x + nameWidth + labelWidth
	right := x + panelWidth - labelWidth - 10
	middle := float64(left+right) / 2
	unit := float64(right-left) / 2 / math.Log2(reach)
	top, bottom := y+panelHead-4, y+panelHead+rowHeight*len(r.Contenders)
	fmt.Fprintf(b, `<line class="line" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", middle, top, middle, bottom)
	for k, c := range r.Contenders {
		ratio := row.Cells[k].Ratio.Median
		class, weight := "bar", ""
		if c.Name == all.Ours {
			class, weight = "ours", ` font-weight="bold"`
		}
		base := y + panelHead + k*rowHeight
		length := unit * math.Log2(min(max(ratio, 1/reach), reach))
		fmt.Fprintf(b, `<text class="text" x="%d" y="%d"%s>%s</text>`, x, base+rowHeight-5, weight, escape(c.Name))
		fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d"/>`, class, middle+min(length, 0), base+2, math.Abs(length), rowHeight-5)
		end, anchor := middle+length+4, "start"
		if length < 0 {
			end, anchor = middle+length-4, "end"
		}
		fmt.Fprintf(b, `<text class="text" x="%.1f" y="%d" text-anchor="%s"%s>%.2f</text>`+"\n", end, base+rowHeight-5, anchor, weight, ratio)
	}
}

// shortTitle is a workload in as many words as a panel has room for.
func shortTitle(name string) string {
	return map[string]string{
		"W1": "small GET", "W2": "GET, 4 parameters", "W3": "POST 264 B", "W4": "POST 8.6 KB", "W5": "GET 110 KB", "W6": "refused with 422",
	}[name]
}

// plotWords are the figures of this project, for those who do not see the picture.
func (r *Result) plotWords() string {
	var words []string
	for _, row := range r.Rows {
		words = append(words, fmt.Sprintf("%s %.2f", row.Work.Name, row.Cells[r.index(all.Ours)].Ratio.Median))
	}
	return "apiroutes " + strings.Join(words, ", ")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
