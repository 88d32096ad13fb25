package relay

import (
	"slices"

	"parallax/processors/row"
)

// Joined collects the outcome of a batch from the stages' outcomes for its slices: the rows
// of stages with a sink, in the total order, and each record's strongest disposition.
type Joined struct {
	outcome *row.Outcome
	links   [][]Link
}

// Join starts the outcome of a batch.
func Join(b *row.Batch) *Joined {
	return &Joined{outcome: &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}}
}

// Add adds the stages' outcomes for the slice that begins with record from of the batch.
func (j *Joined) Add(from int, links []Link) {
	o, first := j.outcome, len(j.outcome.Changes)
	for i := range links {
		l := &links[i]
		for k, d := range l.own {
			o.Dispositions[from+k] = max(o.Dispositions[from+k], d)
		}
		for _, d := range l.DeadLetters {
			d.Record += from
			o.DeadLetters = append(o.DeadLetters, d)
		}
		o.ExpressionErrors += l.ExpressionErrors
		o.Late += l.Late
		o.ClosedWindows += l.ClosedWindows
		for p, n := range l.Worked {
			if p == len(o.Worked) {
				o.Worked = append(o.Worked, 0)
			}
			o.Worked[p] += n
		}
		o.Deduplicated += l.Deduplicated
		o.Reordered += l.Reordered
		if !l.Stage.Hidden {
			o.Strays = append(o.Strays, l.Strays...)
			o.Changes = append(o.Changes, l.Changes...)
		}
	}
	rows := o.Changes[first:]
	for i := range rows {
		if rows[i].Cause >= 0 {
			rows[i].Cause += int32(from)
		}
	}
	slices.SortStableFunc(rows, func(x, y row.Change) int { return row.CompareOrder(&x, &y) })
	j.links = append(j.links, links)
}

// Outcome returns the outcome of the batch, once all slices are added. Releasing it
// releases the stages' outcomes.
func (j *Joined) Outcome() *row.Outcome {
	o := j.outcome
	o.DeadLetters = row.SortDeadLetters(o.DeadLetters)
	o.Raw = int64(len(o.Changes)) + o.Deduplicated
	o.OnRelease(j.release)
	return o
}

func (j *Joined) release() {
	for _, links := range j.links {
		for i := range links {
			links[i].Release()
		}
	}
}
