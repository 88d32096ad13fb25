package performance

import (
	"fmt"
	"math"

	"parallax/shadow/bench"
)

var scalingColours = map[int]string{2: sky, 4: orange, 8: blue}

var scalingDrawn = []int{2, 4, 8}

// ScalingPlot draws V2's speed relative to V1's by number of cores, measured and predicted,
// with a panel for each scenario; "" if there is no measurement.
func ScalingPlot(d *bench.Document) string {
	var scenarios []string
	most := 1.0
	for _, s := range d.Scaling {
		if len(scenarios) == 0 || scenarios[len(scenarios)-1] != s.Scenario {
			scenarios = append(scenarios, s.Scenario)
		}
		if s.Batch == bench.MainBatch {
			most = max(most, s.Speedup)
		}
	}
	if len(scenarios) == 0 {
		return ""
	}
	const panel, height, top, bottom = 410, 420, 120, 60
	p := draw(float64(60+panel*len(scenarios)), height, "V2's speed over V1's, by cores",
		"batches of 1,000; dots and solid lines are measured, rings and dashed lines are a prediction")
	for i, n := range scalingDrawn {
		x := 60 + 150*float64(i)
		p.line(x, 76, x+24, 76, 3, scalingColours[n], "")
		p.text(x+30, 80, 12, start, black, fmt.Sprintf("%d partitions", n))
	}
	limit := math.Ceil(most + 0.2)
	for i, id := range scenarios {
		f := &frame{
			left: 60 + float64(panel*i), top: top, right: float64(panel*(i+1)) + 20, bottom: height - bottom,
			x: func(v float64) float64 { return math.Log2(v) / 3 }, y: func(v float64) float64 { return v / limit },
		}
		scalingPanel(p, f, d, id, limit)
	}
	return p.done()
}

func scalingPanel(p *drawing, f *frame, d *bench.Document, id string, limit float64) {
	p.text(f.left, f.top-14, 13, start, black, "scenario "+id)
	step := niceStep(limit, 8)
	for v := 0.0; v <= limit+step/2; v += step {
		at := f.at(1, v)
		p.line(f.left, at.y, f.right, at.y, 1, light, "")
		p.text(f.left-8, at.y+4, 12, end, grey, fmt.Sprintf("%g", math.Round(v*100)/100))
	}
	for _, cores := range []int{1, 2, 4, 8} {
		at := f.at(float64(cores), 0)
		p.line(at.x, at.y, at.x, at.y+5, 1, grey, "")
		p.text(at.x, at.y+20, 12, middle, grey, fmt.Sprint(cores))
	}
	p.text((f.left+f.right)/2, f.bottom+42, 12, middle, grey, "cores")
	p.line(f.left, f.at(1, 1).y, f.right, f.at(1, 1).y, 1, black, "2 3")
	for _, predicted := range []bool{true, false} {
		for _, n := range scalingDrawn {
			var points []point
			for _, s := range d.Scaling {
				if s.Scenario == id && s.Partitions == n && s.Predicted == predicted && s.Batch == bench.MainBatch {
					points = append(points, f.at(float64(s.Cores), s.Speedup))
				}
			}
			dash := ""
			if predicted {
				dash = "6 4"
			}
			p.curve(points, scalingColours[n], dash)
			for _, at := range points {
				p.dot(at, scalingColours[n], !predicted)
			}
		}
	}
}

// frame is a panel's place, and its axes: from a value to a share of the way.
type frame struct {
	left, top, right, bottom float64
	x, y                     func(float64) float64
}

func (f *frame) at(x, y float64) point {
	return point{f.left + f.x(x)*(f.right-f.left), f.bottom - f.y(y)*(f.bottom-f.top)}
}
