package main

import (
	"time"

	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/kafka"
	"parallax/shadow/throughput"
)

// speeds is what the summary says of speeds.
func speeds(t throughput.Report, stats kafka.Stats) reports.Throughput {
	c := t.Contended
	out := reports.Throughput{
		V1: some(t.V1.RecordsPerSecond), V2: some(t.V2.RecordsPerSecond),
		Comparable: c.Comparable, NotComparable: c.Why, Batches: c.Batches,
		HeldBatches:      t.Tax.Held,
		RunningBatches:   t.Tax.Running,
		TaxPairs:         t.Tax.Pairs,
		DecodeRecordsPer: rate(stats.Records, stats.DecodeTime),
		EncodeRecordsPer: rate(stats.Rows, stats.EncodeTime),
		Paths:            reports.Paths{V1: pathFigures(t.V1), V2: pathFigures(t.V2)},
		Censored:         reports.Censored{Batches: t.Censored.Batches, Records: t.Censored.Records, WaitedMS: ms(t.Censored.Waited)},
	}
	out.Ratio, _, out.CI95 = ratioFigures(c)
	if t.Tax.Known {
		out.ShadowTax, out.TaxCI95 = &t.Tax.Value, &t.Tax.CI95
		out.TaxP99 = &reports.TaxP99{Running: t.Tax.RunningP99, Held: t.Tax.HeldP99}
	}
	if i := t.Isolated; i != nil {
		out.Isolated = &reports.Isolated{Comparable: i.Comparable, NotComparable: i.Why, Batches: i.Batches, Pairs: i.Pairs}
		out.Isolated.Ratio, out.Isolated.MedianRatio, out.Isolated.CI95 = ratioFigures(*i)
	}
	return out
}

func ratioFigures(r throughput.Ratio) (value, median *float64, interval *[2]float64) {
	if !r.Comparable {
		return nil, nil, nil
	}
	if r.HasInterval {
		interval = &r.CI95
	}
	return &r.Value, &r.Median, interval
}

func pathFigures(p throughput.Path) reports.Path {
	return reports.Path{
		Rows: p.Rows, BusyPerMillion: some(p.BusyPerMillion),
		ServiceMS: times(p.Service), FetchToDoneMS: times(p.FetchToDone),
	}
}

func times(q throughput.Quantiles) reports.Times {
	return reports.Times{P50: ms(q.P50), P95: ms(q.P95), P99: ms(q.P99), P999: ms(q.P999), AtLeast: q.AtLeast}
}

// v2Summary is what the summary says of V2 itself.
func v2Summary(rep shadow.Report) reports.V2 {
	out := reports.V2{
		Strategy: rep.V2.Strategy, Processor: rep.V2.Name, Skew: some(rep.Skew),
		Backpressure: reports.Backpressure{StateMax: rep.Pressure.Worst.String(), ThrottledMS: ms(rep.Pressure.Throttled)},
		Reseeds:      rep.Reseeds, HoleCount: rep.HoleCount, Holes: holes(rep), Rescales: rep.Rescales,
	}
	for _, r := range rep.V2.Routing {
		out.Routing = append(out.Routing, reports.Routing{Query: r.Query, Strategy: string(r.Strategy), Forced: r.Forced, Why: r.Why, Records: r.Records})
	}
	for _, p := range rep.Partitions {
		out.Partitions = append(out.Partitions, reports.Partition{
			Records: p.Records, Keys: p.Keys, BusyMS: ms(time.Duration(p.BusyNanos)),
			Queue: p.MostQueued, RecordsPerSec: p.RecordsPerSecond,
		})
	}
	return out
}

// speed is what the performance gate judges: how the paths did one at a time
// where that was measured, else side by side.
func speed(t throughput.Report) gate.Speed {
	kind, r := "contended", t.Contended
	if t.Isolated != nil {
		kind, r = "isolated", *t.Isolated
	}
	return gate.Speed{Kind: kind, Ratio: r.Value, HasInterval: r.HasInterval, Low: r.CI95[0], High: r.CI95[1], Batches: r.Batches, Why: r.Why}
}

// some is a figure, null where there is none.
func some(f float64) *float64 {
	if f == 0 {
		return nil
	}
	return &f
}

func rate(n int64, d time.Duration) *float64 {
	if n == 0 || d <= 0 {
		return nil
	}
	return some(float64(n) / d.Seconds())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
