package relay

import (
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
