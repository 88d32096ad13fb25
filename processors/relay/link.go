package relay

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Link is the outcome of one stage of a chain for a slice of a batch.
type Link struct {
	*row.Outcome
	Stage *plan.Query
	Relay *Relay // nil for a stage that reads the topics' batches
	// own are the dispositions of the records of the topics' batch. Read is the output in
	// the form that later stages read.
	own  []row.Disposition
	Read Output
}

// Of returns a stage's relay, nil if the stage does not follow other stages.
func Of(q *plan.Query) *Relay {
	if q.Inputs == nil {
		return nil
	}
	return New(q)
}

// Place sets the places of the stage's rows among all rows of the topics' batch, and the
// dispositions of that batch's records. Call it before the relay builds its next batch.
func (l *Link) Place(b *row.Batch) {
	if l.Stage.Hidden {
		for k, d := range l.Dispositions {
			if d == row.Output {
				l.Dispositions[k] = row.StateOnly // a hidden row is not an output
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
