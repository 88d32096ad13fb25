package look

import (
	"fmt"
	"time"

	"parallax/shadow/evidence"
)

// Charts draw the figures over time, with times of a location.
func Charts(timeline []evidence.Point, in *time.Location) []Chart {
	points := bucketed(timeline)
	if len(points) < 2 {
		return nil
	}
	c := newCanvas(points, axis(points, in))
	rate := func(f evidence.Figure) (float64, bool) { return float64(f), f != 0 }
	c.shadeGaps()
	c.curve("v1", func(pt evidence.Point) (float64, bool) { return rate(pt.V1) })
	c.curve("v2", func(pt evidence.Point) (float64, bool) { return rate(pt.V2) })
	speed := c.done("Speed of both paths", "records per second of service time", compact)
	speed.Legend = []Key{{"k1", "V1"}, {"k2", "V2"}}

	c = newCanvas(points, axis(points, in))
	c.shadeGaps()
	c.one = true
	c.band(func(pt evidence.Point) (float64, float64, bool) {
		return pt.RatioCI95[0], pt.RatioCI95[1], pt.RatioCI95.IsKnown()
	})
	c.curve("v2", func(pt evidence.Point) (float64, bool) { return rate(pt.Ratio) })
	ratio := c.done("V2's speed / V1's", "above the dashed line V2 is faster", func(f float64) string { return fmt.Sprintf("%.3g", f) })
	ratio.Legend = []Key{{"k2", "ratio"}, {"kb", "95 % interval"}}

	c = newCanvas(points, axis(points, in))
	c.shadeGaps()
	c.curve("other", func(pt evidence.Point) (float64, bool) {
		if pt.Tax == nil {
			return 0, false
		}
		return 100 * max(0, *pt.Tax), true
	})
	tax := c.done("Shadow tax", "how much longer V1 takes with V2 running, %", func(f float64) string { return fmt.Sprintf("%.3g %%", f) })

	c = newCanvas(points, axis(points, in))
	c.shadeGaps()
	c.curve("other", func(pt evidence.Point) (float64, bool) { return float64(pt.Lag), true })
	lag := c.done("Lag", "the most records that V1 was behind", compact)

	list := []Chart{}
	for _, one := range []Chart{rootsChart(points, in), speed, ratio, tax, lag} {
		if one.SVG == "" {
			continue
		}
		if hasGaps(points) {
			one.Legend = append(one.Legend, Key{"kh", "no evidence"})
		}
		list = append(list, one)
	}
	return list
}

// rootsChart shows when root divergences occurred.
func rootsChart(points []evidence.Point, in *time.Location) Chart {
	c := newCanvas(points, axis(points, in))
	c.shadeGaps()
	c.bars("roots", func(pt evidence.Point) float64 { return float64(pt.Roots) })
	v := c.done("Root divergences", "when they occurred", compact)
	v.Legend = []Key{{"kr", "root divergences"}}
	return v
}

// axis are the times below a chart.
func axis(points []evidence.Point, in *time.Location) []string {
	from, to := points[0].From.In(in), points[len(points)-1].To.In(in)
	layout := "15:04"
	if to.Sub(from) > 12*time.Hour {
		layout = "Mon 15:04"
	}
	if to.Sub(from) > 6*24*time.Hour {
		layout = "Mon 2 Jan 15:04"
	} else if to.Sub(from) < 10*time.Minute {
		layout = "15:04:05"
	}
	return []string{from.Format(layout), from.Add(to.Sub(from) / 2).Format(layout), to.Format(layout)}
}

// compact is a number with at most three digits and a unit.
func compact(f float64) string {
	switch {
	case f >= 1e9:
		return fmt.Sprintf("%.3g G", f/1e9)
	case f >= 1e6:
		return fmt.Sprintf("%.3g M", f/1e6)
	case f >= 1e4:
		return fmt.Sprintf("%.3g k", f/1e3)
	}
	return fmt.Sprintf("%.4g", f)
}
