package relay

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Made is what a stage made of a batch.
type Made struct {
	// Rows are those that others read, in order.
	Rows []row.Change
	// Settled is an end, in ms: of rows in windows that end there or before, no more
	// come after this batch. NoWatermark where that is not known of any.
	Settled int64
}

// Settled is Made.Settled of a stage, whose time stands at a watermark after a batch.
// Windows close by the time of the stage that groups by them. A stage that takes rows
// with windows may be ahead of it: a table holds nobody's time back, and of two
// queries one may be further than the other. So it goes by those before it.
func Settled(q *plan.Query, watermark int64, made func(stage int) Made) int64 {
	if a := q.Aggregation; a != nil && a.Window != nil {
		return a.Window.Settled(watermark)
	}
	return settledBefore(q, made)
}

// settledBefore is the smallest of what is settled of the rows that a stage takes.
func settledBefore(q *plan.Query, made func(stage int) Made) int64 {
	end, known := int64(row.NoWatermark), false
	for _, in := range q.Inputs {
		if in.Stage < 0 || !in.Rows.Windowed {
			continue
		}
		if of := made(in.Stage).Settled; !known || of < end {
			end, known = of, true
		}
	}
	return end
}
