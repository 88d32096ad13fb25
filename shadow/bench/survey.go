package bench

import (
	"context"
	"fmt"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/row"
	"parallax/shadow/script"
)

// survey runs V1 over the data and records the counts. It returns an error if no record
// decodes.
func (q *query) survey(ctx context.Context, in *Input, doc *Document) error {
	v1, err := pipeline.New(q.plan, processors.Options{})
	if err != nil {
		return err
	}
	defer v1.Close()
	counts := &script.Counts{}
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
