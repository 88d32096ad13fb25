package relay

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Output is the output of a stage for a batch.
type Output struct {
	// Rows are the rows that later stages read, in order.
	Rows []row.Change
	// Settled is the end of a window, in ms: after this batch there are no more rows in
	// windows that end there or earlier. It is NoWatermark where that is not known.
	Settled int64
}

// Settled returns Output.Settled of a stage whose time is a watermark after a batch.
// Windows close by the time of the stage that groups by them. A later stage may be ahead of
// that stage: tables do not hold its time back, and one of two queries may be ahead of the
// other. Therefore the result depends on the stages before it.
func Settled(q *plan.Query, watermark int64, output func(stage int) Output) int64 {
	if a := q.Aggregation; a != nil && a.Window != nil {
		return a.Window.Settled(watermark)
	}
	return settledBefore(q, output)
}

// settledBefore is the smallest Settled of the stage's windowed inputs.
func settledBefore(q *plan.Query, output func(stage int) Output) int64 {
	end, known := int64(row.NoWatermark), false
	for _, in := range q.Inputs {
		if in.Stage < 0 || !in.Rows.Windowed {
			continue
		}
		if of := output(in.Stage).Settled; !known || of < end {
			end, known = of, true
		}
	}
	return end
}
