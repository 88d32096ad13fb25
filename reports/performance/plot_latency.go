package performance

import (
	"fmt"
	"math"
	"strings"

	"parallax/shadow/bench"
)

// latencyLine is one side of one mode.
type latencyLine struct {
	label  string
	colour string
	dash   string
	side   bench.Side
}

// latencyPanel is the modes on a number of cores.
type latencyPanel struct {
	title string
	lines []latencyLine
}

// latencyPanels returns a panel for the machine with a free core and one for the machine
// without.
func latencyPanels(d *bench.Document) []latencyPanel {
	var panels []latencyPanel
	colours := []string{red, orange, green}
	for _, s := range d.SideBySide {
		title := fmt.Sprintf("scenario %s, %d cores, V1 alone at %.0f %% of one", s.Scenario, s.Cores, 100*s.Load)
		if s.Load == 0 {
			title = fmt.Sprintf("scenario %s, one core, as fast as V1 can", s.Scenario)
		}
		if len(panels) == 0 || panels[len(panels)-1].title != title {
			panels = append(panels, latencyPanel{title: title, lines: []latencyLine{{"without a shadow", blue, "", s.Off}}})
		}
		last := &panels[len(panels)-1]
		label := "with a shadow"
		if how := variation(&s); how != "" {
			label += ": " + how
		}
		last.lines = append(last.lines, latencyLine{label, colours[min(len(last.lines)-1, 2)], "6 4", s.On})
	}
	return panels
}

// variation names a mode's settings other than its cores, "" for none.
func variation(s *bench.SideBySide) string {
	_, how, _ := strings.Cut(s.Mode, ", ")
	return how
}

// LatencyPlot draws V1's latency for a batch, from when it was due until its rows were
// written, with and without V2; "" if there is no measurement.
func LatencyPlot(d *bench.Document) string {
	panels := latencyPanels(d)
	if len(panels) == 0 {
		return ""
	}
	low, high := math.Inf(1), 0.0
	for _, p := range panels {
		for _, l := range p.lines {
			for _, q := range l.side.Latency {
				low, high = min(low, float64(q.Ns)), max(high, float64(q.Ns))
			}
		}
	}
	bottom, top := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	const panel, height, above, below = 440, 440, 140, 60
	p := draw(float64(70+panel*len(panels)), height, "How long V1's batches take, with a shadow and without",
		"from when a batch of 1,000 records is due until its rows are out; all rounds together")
	for i, one := range panels {
		f := &frame{
			left: 70 + float64(panel*i), top: above, right: float64(panel*(i+1)) + 10, bottom: height - below,
			x: tail, y: func(ns float64) float64 { return (math.Log10(ns) - bottom) / (top - bottom) },
		}
		one.draw(p, f, bottom, top)
	}
	return p.done()
}

// tail scales shares of batches so that 0, 90, 99 and 99.9 % are equally spaced.
func tail(share float64) float64 { return -math.Log10(1-share) / 3 }

func (l latencyPanel) draw(p *drawing, f *frame, bottom, top float64) {
	p.text(f.left, f.top-66, 13, start, black, l.title)
	for decade := bottom; decade <= top; decade++ {
		at := f.at(0, math.Pow(10, decade))
		p.line(f.left, at.y, f.right, at.y, 1, light, "")
		p.text(f.left-8, at.y+4, 12, end, grey, milliseconds(math.Pow(10, decade)))
	}
	for _, share := range []float64{0, 0.5, 0.9, 0.99, 0.999} {
		at := f.at(share, math.Pow(10, bottom))
		p.line(at.x, f.top, at.x, at.y+5, 1, light, "")
		p.text(at.x, at.y+20, 12, middle, grey, fmt.Sprintf("%g %%", math.Round(share*1000)/10))
	}
	p.text((f.left+f.right)/2, f.bottom+42, 12, middle, grey, "share of the batches that took no longer")
	for i, line := range l.lines {
		y := f.top - 46 + 16*float64(i)
		p.line(f.left, y-4, f.left+24, y-4, 3, line.colour, line.dash)
		p.text(f.left+30, y, 12, start, black, line.label)
		var points []point
		for _, q := range line.side.Latency {
			points = append(points, f.at(q.Of, float64(q.Ns)))
		}
		p.curve(points, line.colour, line.dash)
	}
}

// milliseconds writes a power of ten, in ns, as a time.
func milliseconds(ns float64) string {
	switch {
	case ns >= 1e9:
		return fmt.Sprintf("%g s", ns/1e9)
	case ns >= 1e6:
		return fmt.Sprintf("%g ms", ns/1e6)
	}
	return fmt.Sprintf("%g µs", ns/1e3)
}
