package page

import (
	"cmp"
	"fmt"
	"time"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

type speedView struct {
	SpeedLead      string
	Charts         []chartView
	Speeds         []fact
	Partitions     []partitionRow
	MorePartitions string
}

type partitionRow struct {
	Number, Records, Keys, Busy, Queued string
	// Share is in per cent of the largest one's.
	Share float64
}

const mostPartitions = 128

func (p *painter) speed() speedView {
	s := &p.Summary
	v := speedView{SpeedLead: "Speeds are records per second of service time, in one run, side by side.", Charts: p.charts(), Speeds: p.speeds()}
	v.MorePartitions = more(len(s.V2.Partitions), mostPartitions, "partitions")
	var most int64
	for _, part := range s.V2.Partitions {
		most = max(most, part.Records)
	}
	for i, part := range clip(s.V2.Partitions, mostPartitions) {
		r := partitionRow{fmt.Sprint(i), gate.Thousands(part.Records), gate.Thousands(part.Keys), duration(part.Busy.Std()), gate.Thousands(part.MostQueued), 0}
		if most > 0 {
			r.Share = 100 * float64(part.Records) / float64(most)
		}
		v.Partitions = append(v.Partitions, r)
	}
	return v
}

func (p *painter) speeds() []fact {
	t := &p.Summary.Throughput
	figure := func(f evidence.Figure, unit string) string {
		if f == 0 {
			return "Not measured."
		}
		return gate.Thousands(int64(f)) + " " + unit
	}
	list := []fact{{"V1", figure(t.V1.RecordsPerSecond, "records per second")}, {"V2", figure(t.V2.RecordsPerSecond, "records per second")}}
	kind, r := t.Judged()
	switch {
	case r.Value == 0:
		list = append(list, fact{"V2's speed / V1's", sentence(text("Not known: " + cmp.Or(r.Why, "it was not measured")))})
	case r.CI95.IsKnown():
		list = append(list, fact{"V2's speed / V1's", fmt.Sprintf("%.2f, 95 %% interval %.2f to %.2f (%s, %s)", float64(r.Value), r.CI95[0], r.CI95[1], kind, batches(int64(r.Batches)))})
	default:
		list = append(list, fact{"V2's speed / V1's", fmt.Sprintf("%.2f, without an interval (%s, %s)", float64(r.Value), kind, batches(int64(r.Batches)))})
	}
	if tax := t.Tax; tax.Value != nil {
		value := percent(*tax.Value)
		if tax.CI95 != nil {
			value += fmt.Sprintf(", 95 %% interval %.1f to %.1f %%", 100*tax.CI95[0], 100*tax.CI95[1])
		}
		list = append(list, fact{"Shadow tax", value + fmt.Sprintf(" (%s pairs of batches)", gate.Thousands(int64(tax.Pairs)))})
	} else {
		list = append(list, fact{"Shadow tax", "Not measured."})
	}
	lag := "V1 kept up with its input."
	if p.Stretch.LagGrowing {
		lag = "V1 fell further and further behind its input."
	}
	list = append(list, fact{"Lag", lag})
	if c := t.Censored; c.Batches > 0 {
		list = append(list, fact{"Abandoned", fmt.Sprintf("V2 was abandoned in %s with %s", batches(c.Batches), count(c.Records, "record"))})
	}
	if s := p.Summary.V2.Skew; s != 0 {
		list = append(list, fact{"Skew", fmt.Sprintf("V2's largest partition has %.2f times the records of the mean one", float64(s))})
	}
	return list
}

// charts draw the figures over time.
func (p *painter) charts() []chartView {
	points := bucketed(p.Stretch.Timeline)
	if len(points) < 2 {
		return nil
	}
	c := newCanvas(points, p.axis(points))
	rate := func(f evidence.Figure) (float64, bool) { return float64(f), f != 0 }
	c.shadeGaps()
	c.curve("v1", func(pt evidence.Point) (float64, bool) { return rate(pt.V1) })
	c.curve("v2", func(pt evidence.Point) (float64, bool) { return rate(pt.V2) })
	speed := c.done("Speed of both paths", "records per second of service time", compact)
	speed.Legend = []legend{{"k1", "V1"}, {"k2", "V2"}}

	c = newCanvas(points, p.axis(points))
	c.shadeGaps()
	c.one = true
	c.band(func(pt evidence.Point) (float64, float64, bool) {
		return pt.RatioCI95[0], pt.RatioCI95[1], pt.RatioCI95.IsKnown()
	})
	c.curve("v2", func(pt evidence.Point) (float64, bool) { return rate(pt.Ratio) })
	ratio := c.done("V2's speed / V1's", "above the dashed line V2 is faster", func(f float64) string { return fmt.Sprintf("%.3g", f) })
	ratio.Legend = []legend{{"k2", "ratio"}, {"kb", "95 % interval"}}

	c = newCanvas(points, p.axis(points))
	c.shadeGaps()
	c.curve("other", func(pt evidence.Point) (float64, bool) {
		if pt.Tax == nil {
			return 0, false
		}
		return 100 * max(0, *pt.Tax), true
	})
	tax := c.done("Shadow tax", "how much longer V1 takes with V2 running, %", func(f float64) string { return fmt.Sprintf("%.3g %%", f) })

	c = newCanvas(points, p.axis(points))
	c.shadeGaps()
	c.curve("other", func(pt evidence.Point) (float64, bool) { return float64(pt.Lag), true })
	lag := c.done("Lag", "the most records that V1 was behind", compact)

	list := []chartView{}
	for _, one := range []chartView{p.rootsChart(points), speed, ratio, tax, lag} {
		if one.SVG == "" {
			continue
		}
		if hasGaps(points) {
			one.Legend = append(one.Legend, legend{"kh", "no evidence"})
		}
		list = append(list, one)
	}
	return list
}

// rootsChart shows when root divergences occurred.
func (p *painter) rootsChart(points []evidence.Point) chartView {
	c := newCanvas(points, p.axis(points))
	c.shadeGaps()
	c.bars("roots", func(pt evidence.Point) float64 { return float64(pt.Roots) })
	v := c.done("Root divergences", "when they occurred", compact)
	v.Legend = []legend{{"kr", "root divergences"}}
	return v
}

// axis are the times below a chart.
func (p *painter) axis(points []evidence.Point) []string {
	from, to := points[0].From.In(p.location), points[len(points)-1].To.In(p.location)
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
