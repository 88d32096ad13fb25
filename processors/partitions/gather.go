package partitions

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// gathering is the part of a batch's outcome that Next has merged so far.
type gathering struct {
	raw, deduplicated, reordered int64
	strays                       []row.Stray
	// disordered: rows of a slice come before rows of earlier slices in the total order. In
	// a correct V2 that never happens.
	disordered bool
}

// gather merges the partitions' results for a slice into the batch's outcome. It returns
// the outcome after the batch's last slice, otherwise nil. It runs on the goroutine that
// calls Next, while the partitions process later slices.
func (v *coordinator) gather(j *job) (o *row.Outcome, err error) {
	defer func() {
		if value := recover(); value != nil {
			o, err = nil, panicked(value, -1, "merge", j.batch)
		}
	}()
	m, g := j.made, &v.gathering
	if j.from == 0 {
		*g = gathering{}
	}
	v.runs = v.runs[:0]
	for _, changes := range j.changes {
		v.runs = append(v.runs, changes...)
	}
	n := len(m.merged)
	m.merged = slices.Grow(m.merged, j.batch.RowsAhead(j.from, n))
	merged, counts := v.merger.Batch(m.merged, v.runs)
	m.merged = merged
	g.disordered = g.disordered || n > 0 && n < len(merged) && row.CompareOrder(&merged[n-1], &merged[n]) >= 0
	g.raw += counts.Raw
	g.deduplicated += counts.Deduplicated
	g.reordered += counts.Reordered
	g.strays = append(g.strays, v.merger.Strays()...)
	if !j.last {
		return nil, nil
	}
	return v.complete(m, g), nil
}

// complete is the outcome of a batch of which all slices were merged.
func (v *coordinator) complete(m *harvest, g *gathering) *row.Outcome {
	if g.disordered {
		g.order(m)
	}
	o := &row.Outcome{
		Batch: m.batch, Changes: m.merged, Dispositions: strongest(m.dispositions, m.batch.Len()), Shares: m.shares, Worked: m.worked,
		Raw: g.raw, Deduplicated: g.deduplicated, Reordered: g.reordered,
		Strays: g.strays[:min(len(g.strays), row.MostStrays)],
	}
	for _, results := range m.results {
		for q := range results {
			r := &results[q]
			o.DeadLetters = append(o.DeadLetters, r.DeadLetters...)
			o.ExpressionErrors += r.ExpressionErrors
			o.Late += r.Late
			o.ClosedWindows += r.ClosedWindows
		}
	}
	o.DeadLetters = row.SortDeadLetters(o.DeadLetters)
	o.OnRelease(func() {
		m.batch = nil
		v.made.Give(m)
	})
	return o
}

// order sorts the rows of a whole batch, as merge does for a slice, and drops rows with the
// same place, keeping the one of the lowest partition.
func (g *gathering) order(m *harvest) {
	slices.SortStableFunc(m.merged, func(a, b row.Change) int {
		return cmp.Or(row.CompareOrder(&a, &b), cmp.Compare(a.Partition, b.Partition))
	})
	kept := m.merged[:0]
	for i := range m.merged {
		c := m.merged[i]
		if n := len(kept); n > 0 && row.CompareOrder(&kept[n-1], &c) == 0 {
			g.deduplicated++
			g.strays = append(g.strays, row.Stray{Change: c, Dropped: true, KeptFrom: kept[n-1].Partition})
			continue
		}
		kept = append(kept, c)
	}
	m.merged = kept
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
