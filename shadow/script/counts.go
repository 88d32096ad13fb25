package script

import "parallax/processors/row"

// Counts are a processor's counts for an input, in one pass.
type Counts struct {
	Records     int64 `json:"records"`
	Rows        int64 `json:"rows"`
	Undecodable int64 `json:"undecodable"`
	// Late counts records that are late for every window.
	Late              int64 `json:"late"`
	FailedExpressions int64 `json:"failed_expressions"`
}

// Add adds the counts for a batch.
func (c *Counts) Add(o *row.Outcome) {
	c.Records += int64(o.Batch.Len())
	c.Rows += int64(len(o.Changes))
	c.FailedExpressions += o.ExpressionErrors
	for i, disposition := range o.Dispositions {
		switch {
		case o.Batch.Record(i).State == row.Undecodable:
			c.Undecodable++
		case disposition == row.Late:
			c.Late++
		}
	}
}
