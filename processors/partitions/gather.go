package partitions

import (
	"parallax/processors/row"
)

// gather makes one outcome of what the partitions made of a batch. It runs on
// the goroutine that calls Next, while the partitions are at later batches.
func (v *coordinator) gather(j *job) (o *row.Outcome, err error) {
	defer func() {
		if value := recover(); value != nil {
			o, err = nil, panicked(value, -1, "merge", j.batch)
		}
	}()
	m := j.made
	o = &row.Outcome{Batch: j.batch, Dispositions: strongest(m.dispositions, j.batch.Len()), Shares: m.shares}
	v.runs = v.runs[:0]
	for _, results := range m.results {
		for q := range results {
			r := &results[q]
			v.runs = append(v.runs, r.Changes)
			o.DeadLetters = append(o.DeadLetters, r.DeadLetters...)
			o.ExpressionErrors += r.ExpressionErrors
			o.Late += r.Late
			o.ClosedWindows += r.ClosedWindows
		}
	}
	merged, counts := v.merger.Batch(m.merged[:0], v.runs)
	m.merged = merged
	o.OnRelease(func() { v.made.Give(m) })
	o.Changes, o.Raw, o.Deduplicated, o.Reordered = merged, counts.Raw, counts.Deduplicated, counts.Reordered
	o.Strays = v.merger.Strays()
	o.DeadLetters = row.SortDeadLetters(o.DeadLetters)
	return o, nil
}

// strongest combines the dispositions of several queries.
func strongest(queries [][]row.Disposition, n int) []row.Disposition {
	if len(queries) == 0 {
		return make([]row.Disposition, n)
	}
	all := queries[0]
	for _, one := range queries[1:] {
		for i, d := range one {
			all[i] = max(all[i], d)
		}
	}
	return all
}
