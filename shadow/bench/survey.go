package bench

import (
	"context"
	"fmt"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/row"
)

// DataCounts are V1's counts for a user's data, in one pass.
type DataCounts struct {
	Records     int64 `json:"records"`
	Rows        int64 `json:"rows"`
	Undecodable int64 `json:"undecodable"`
	// Late counts records that are late for every window.
	Late              int64 `json:"late"`
	FailedExpressions int64 `json:"failed_expressions"`
}

// Add adds V1's counts for a batch.
func (d *DataCounts) Add(o *row.Outcome) {
	d.Records += int64(o.Batch.Len())
	d.Rows += int64(len(o.Changes))
	d.FailedExpressions += o.ExpressionErrors
	for i, disposition := range o.Dispositions {
		switch {
		case o.Batch.Record(i).State == row.Undecodable:
			d.Undecodable++
		case disposition == row.Late:
			d.Late++
		}
	}
}

// survey runs V1 over the data and records the counts. It returns an error if no record
// decodes.
func (q *query) survey(ctx context.Context, in *Input, doc *Document) error {
	v1, err := pipeline.New(q.plan, processors.Options{})
	if err != nil {
		return err
	}
	defer v1.Close()
	counts := &DataCounts{}
	var first error
	run := func(b *row.Batch) error {
		for i := range b.Len() {
			if r := b.Record(i); r.State == row.Undecodable && first == nil {
				first = fmt.Errorf("value %d: %w", b.First+int64(i)+1, r.Err)
			}
		}
		o, err := v1.Process(ctx, b)
		if err != nil {
			return err
		}
		counts.Add(o)
		o.Release()
		b.Release()
		return nil
	}
	cut, err := q.cutter(in)
	if err != nil {
		return err
	}
	clock := q.clock()
	const size = 1000
	seq := int64(0)
	for from := 0; from < in.Len(); from += size {
		b, err := cut.decode(seq, from, min(from+size, in.Len()))
		if err != nil {
			return err
		}
		clock.tick(b)
		if err := run(b); err != nil {
			return err
		}
		seq++
	}
	if err := run(q.flush(seq, in.Len())); err != nil {
		return err
	}
	if counts.Undecodable == counts.Records {
		return fmt.Errorf("none of the values can be decoded as the script's source: %w", first)
	}
	if counts.Undecodable > 0 {
		doc.Notes = append(doc.Notes, fmt.Sprintf("%d of %d values cannot be decoded and count for no path; %v", counts.Undecodable, counts.Records, first))
	}
	doc.Data = counts
	return nil
}
