package processors

import (
	"slices"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/relay"
	"parallax/processors/row"
)

// link is what one stage of a chain made of a batch.
type link struct {
	*row.Outcome
	stage *plan.Query
	relay *relay.Relay // nil for a stage that takes the topics' batches
	// own are the dispositions of the records of the topics' batch, read is what it made
	// as stages that follow have it.
	own  []row.Disposition
	read relay.Made
}

// newEngine makes the engine of a stage. One that follows others has no record to
// refuse: on_error and late: dlq are for those that take the topics' records.
func newEngine(q *plan.Query, opt Options) (*exec.Engine, error) {
	if q.Inputs != nil {
		opt = Options{}
	}
	return exec.New(q, exec.Options(opt))
}

// newRelay makes a stage's relay, nil where it follows none.
func newRelay(q *plan.Query) *relay.Relay {
	if q.Inputs == nil {
		return nil
	}
	return relay.New(q)
}

// place says where the stage's rows belong among all rows of the topics' batch, and
// what became of its records. The relay goes on to the next batch before the stages'
// rows are joined.
func (l *link) place(b *row.Batch) {
	if l.stage.Hidden {
		for k, d := range l.Dispositions {
			if d == row.Output {
				l.Dispositions[k] = row.StateOnly // a row that is not seen is no output
			}
		}
	}
	if l.relay == nil {
		l.own = l.Dispositions
		l.read.Settled = relay.Settled(l.stage, b.Watermark(), nil)
	} else {
		l.relay.Place(l.Changes)
		l.own = make([]row.Disposition, b.Len())
		l.relay.Dispositions(l.own, l.Dispositions)
		l.read.Settled = l.relay.Settled()
	}
	l.read.Rows = l.stage.Sink.Records(l.Changes)
}

// joined makes one outcome of what the stages of a chain made of a batch: the rows
// of those that have a sink, in the total order, and of each record the strongest
// of what became of it. It is released with what it is made of.
func joined(b *row.Batch, links []link) *row.Outcome {
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
		if !l.stage.Hidden {
			o.Strays = append(o.Strays, l.Strays...)
			o.Changes = append(o.Changes, l.Changes...)
		}
	}
	slices.SortStableFunc(o.Changes, func(x, y row.Change) int { return row.CompareOrder(&x, &y) })
	o.DeadLetters = inOrder(o.DeadLetters)
	o.Raw = int64(len(o.Changes)) + o.Deduplicated
	return o
}
