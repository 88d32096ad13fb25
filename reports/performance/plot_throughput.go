package performance

import (
	"fmt"
	"math"

	"parallax/shadow/bench"
)

// drawnPath is a path that is drawn, and how.
type drawnPath struct {
	name   string
	cores  int
	label  string
	colour string
}

var drawnPaths = []drawnPath{
	{"floor", 1, "floor, one core", grey},
	{"direct", 1, "direct, one core", sky},
	{"v1", 1, "v1, one core", blue},
	{"v2:4", 2, "v2:4, two cores", orange},
	{"shadow", 2, "V1 with its shadow, two cores", red},
}

// ThroughputPlot draws the records per second of each path, by scenario; "" if there is no
// measurement.
func ThroughputPlot(d *bench.Document) string {
	groups, most := throughputs(d)
	if len(groups) == 0 {
		return ""
	}
	const (
		width, left, right, top = 930, 140, 90, 108
		bar, gap                = 15, 12
	)
	height := float64(top + 30)
	for _, g := range groups {
		height += float64(bar*len(g.bars) + gap)
	}
	step := niceStep(most, 6)
	limit := step * math.Ceil(most/step)
	x := func(v float64) float64 { return left + v/limit*(width-left-right) }

	p := draw(width, height, "Throughput by scenario", "million records a second, raw bytes in, encoded rows out; median of the rounds, batches of 1,000")
	throughputLegend(p)
	for v := 0.0; v <= limit+step/2; v += step {
		p.line(x(v), top-8, x(v), height-26, 1, light, "")
		p.text(x(v), height-10, 12, middle, grey, fmt.Sprintf("%g", math.Round(v*100)/100))
	}
	y := float64(top)
	for _, g := range groups {
		p.text(left-10, y+float64(bar*len(g.bars))/2+4, 13, end, black, "scenario "+g.scenario)
		for _, b := range g.bars {
			p.rect(left, y+1, x(b.millions)-left, bar-2, b.path.colour)
			p.text(x(b.millions)+6, y+12, 12, start, black, fmt.Sprintf("%.2f", b.millions))
			y += bar
		}
		y += gap
	}
	p.line(left, top-8, left, height-26, 1, black, "")
	return p.done()
}

func throughputLegend(p *drawing) {
	x, y := 140.0, 76.0
	for i, path := range drawnPaths {
		if i == 3 {
			x, y = 140, 94
		}
		p.rect(x, y-10, 12, 12, path.colour)
		p.text(x+18, y, 12, start, black, path.label)
		x += 220
	}
}

type throughputGroup struct {
	scenario string
	bars     []throughputBar
}

type throughputBar struct {
	path     drawnPath
	millions float64
}

// throughputs returns the bars of the scenarios with a floor; the others are in the table
// only.
func throughputs(d *bench.Document) (groups []throughputGroup, most float64) {
	for _, id := range []string{"0", "1", "2", "2c", "3a", "3b", "session", "hopping", "join"} {
		g := throughputGroup{scenario: id}
		for _, path := range drawnPaths {
			if r := d.Find(id, path.name, path.cores, bench.MainBatch); r != nil {
				b := throughputBar{path, 1e3 / r.NsPerRecord.Median}
				g.bars, most = append(g.bars, b), max(most, b.millions)
			}
		}
		if len(g.bars) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, most
}

// niceStep is a round distance between at most the given number of ticks from 0 to a value.
func niceStep(to float64, ticks int) float64 {
	raw := to / float64(ticks)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5} {
		if f*unit >= raw {
			return f * unit
		}
	}
	return 10 * unit
}
