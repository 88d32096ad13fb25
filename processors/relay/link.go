package relay

import (
	"slices"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// Link is what one stage of a chain made of a batch.
type Link struct {
	*row.Outcome
	Stage *plan.Query
	Relay *Relay // nil for a stage that takes the topics' batches
	// own are the dispositions of the records of the topics' batch, read is what it made
	// as stages that follow have it.
	own  []row.Disposition
	Read Made
}

// Of makes a stage's relay, nil where it follows none.
func Of(q *plan.Query) *Relay {
	if q.Inputs == nil {
		return nil
	}
	return New(q)
}

// Place says where the stage's rows belong among all rows of the topics' batch, and
// what became of its records. The relay goes on to the next batch before the stages'
// rows are joined.
func (l *Link) Place(b *row.Batch) {
	if l.Stage.Hidden {
		for k, d := range l.Dispositions {
			if d == row.Output {
				l.Dispositions[k] = row.StateOnly // a row that is not seen is no output
			}
		}
	}
	if l.Relay == nil {
		l.own = l.Dispositions
		l.Read.Settled = Settled(l.Stage, b.Watermark(), nil)
	} else {
		l.Relay.Place(l.Changes)
		l.own = make([]row.Disposition, b.Len())
		l.Relay.Dispositions(l.own, l.Dispositions)
		l.Read.Settled = l.Relay.Settled()
	}
	l.Read.Rows = l.Stage.Sink.Records(l.Changes)
}

// Join makes one outcome of what the stages of a chain made of a batch: the rows
// of those that have a sink, in the total order, and of each record the strongest
// of what became of it. It is released with what it is made of.
func Join(b *row.Batch, links []Link) *row.Outcome {
	o := &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}
	o.OnRelease(func() {
		for i := range links {
			links[i].Release()
		}
	})
	for i := range links {
		l := &links[i]
		for k, d := range l.own {
			o.Dispositions[k] = max(o.Dispositions[k], d)
		}
		o.DeadLetters = append(o.DeadLetters, l.DeadLetters...)
		o.ExpressionErrors += l.ExpressionErrors
		o.Late += l.Late
		o.ClosedWindows += l.ClosedWindows
		o.Deduplicated += l.Deduplicated
		o.Reordered += l.Reordered
		if !l.Stage.Hidden {
			o.Strays = append(o.Strays, l.Strays...)
			o.Changes = append(o.Changes, l.Changes...)
		}
	}
	slices.SortStableFunc(o.Changes, func(x, y row.Change) int { return row.CompareOrder(&x, &y) })
	o.DeadLetters = row.SortDeadLetters(o.DeadLetters)
	o.Raw = int64(len(o.Changes)) + o.Deduplicated
	return o
}
