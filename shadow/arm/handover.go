package arm

import (
	"cmp"
	"errors"
	"fmt"

	"parallax/processors"
	"parallax/processors/row"
)

// Handover checks the candidate's outcome for a batch before any other code reads it:
// everything that would make the comparison fail or misread a row is an error of the
// candidate, and the error names it. It does not check the values, the number of value
// columns and the order of rows: the comparison has a class of divergence for each of them.
type Handover struct {
	sinks []*row.Sink
	// sampled: the candidate processes a sample of the keys, and reports which.
	sampled bool
	// gives are the arm's capabilities; parts of an outcome that it does not have are not
	// checked.
	gives processors.Capabilities
}

// NewHandover returns a check of outcomes for a plan with these sinks, by query. sampled:
// the candidate processes a sample of the keys, and reports which. gives are the
// candidate's capabilities.
func NewHandover(sinks []*row.Sink, sampled bool, gives processors.Capabilities) *Handover {
	return &Handover{sinks: sinks, sampled: sampled, gives: gives}
}

// Check returns an error if an outcome for a batch is invalid.
func (h *Handover) Check(o *row.Outcome, b *row.Batch) error {
	err := h.Outcome(o, b)
	if err != nil {
		return &invalidOutcome{fmt.Errorf("V2's outcome for %s is invalid: %w", b.Describe(), err)}
	}
	return nil
}

// invalidOutcome is the error of an invalid outcome.
type invalidOutcome struct{ error }

func (e *invalidOutcome) Unwrap() error { return e.error }

// ContainsNoValue says that the text names places and numbers, and no value of a row.
func (e *invalidOutcome) ContainsNoValue() {}

// Outcome is Check with an error that does not name the candidate.
func (h *Handover) Outcome(o *row.Outcome, b *row.Batch) error {
	switch {
	case o == nil:
		return errors.New("V2 returned neither an outcome nor an error")
	case o.Batch == nil:
		return errors.New("it belongs to no batch")
	case o.Batch != b:
		return fmt.Errorf("it belongs to another batch, number %d", o.Batch.Seq)
	case h.gives.Dispositions && len(o.Dispositions) != b.Len():
		return fmt.Errorf("it has %d dispositions for %d records", len(o.Dispositions), b.Len())
	case !h.gives.Dispositions && len(o.Dispositions) != 0:
		return errors.New("it has dispositions, and V2 declares that it returns none")
	case len(o.Shares) != 0 && len(o.Shares) != b.Len():
		return fmt.Errorf("it states for %d records which queries accept them, and the batch has %d", len(o.Shares), b.Len())
	case len(o.Shares) != 0 && !h.sampled:
		return errors.New("it states which queries accept which records, and V2 receives all keys")
	}
	for i, d := range o.Dispositions {
		if d > row.Failed {
			return fmt.Errorf("the disposition of record %d is %d, and the largest one is %d", i, d, row.Failed)
		}
	}
	for _, n := range [...]struct {
		name  string
		value int64
	}{
		{"expression errors", o.ExpressionErrors},
		{"late records", o.Late},
		{"closed windows", o.ClosedWindows},
		{"rows before merge", o.Raw},
		{"rows that merge dropped", o.Deduplicated},
		{"rows that merge moved", o.Reordered},
	} {
		if n.value < 0 {
			return fmt.Errorf("its number of %s is %d", n.name, n.value)
		}
	}
	r := ranges{records: int64(b.Len()), first: b.First, last: b.First + int64(b.Len()) - 1, flush: b.Flush()}
	if r.flush { // the flush's rows have the position after the last record
		r.last++
	}
	for i := range o.Changes {
		if err := h.change(&o.Changes[i], &r); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	for i := range o.Strays {
		if c := &o.Strays[i].Change; c.Cause < -1 || int64(c.Cause) >= r.records {
			return fmt.Errorf("row %d of those that merge dropped or moved: its cause is record %d, and the batch has %d records", i, c.Cause, r.records)
		}
	}
	return deadLettersInOrder(o.DeadLetters, b)
}

// ranges are the valid references of a batch's rows.
type ranges struct {
	records, first, last int64
	flush                bool
}

// change checks one row: its output, its key, and its place in the batch.
func (h *Handover) change(c *row.Change, r *ranges) error {
	switch {
	case int(c.Query) >= len(h.sinks):
		return fmt.Errorf("its query is %d, and the queries are 0 to %d", c.Query, len(h.sinks)-1)
	case len(c.Key) != len(h.sinks[c.Query].Key):
		return fmt.Errorf("its key has %d columns, and %s has %d key columns", len(c.Key), h.sinks[c.Query].Name, len(h.sinks[c.Query].Key))
	case c.Position < r.first || c.Position > r.last:
		return fmt.Errorf("its position is %d, and the batch has positions %d to %d", c.Position, r.first, r.last)
	case c.Cause < -1 || int64(c.Cause) >= r.records:
		return fmt.Errorf("its cause is record %d, and the batch has %d records", c.Cause, r.records)
	case c.Cause == -1 && !r.flush && h.gives.Cause:
		return errors.New("its cause is the flush, and the batch does not end with one")
	case c.Phase > 1:
		return fmt.Errorf("its phase is %d: 0 is what time closed, 1 what a record did", c.Phase)
	case c.Partition < 0:
		return fmt.Errorf("it comes from partition %d", c.Partition)
	}
	return nil
}

// deadLettersInOrder checks that dead letters are of records of the batch, ascending by
// record and reason, each once.
func deadLettersInOrder(letters []row.DeadLetter, b *row.Batch) error {
	for i := range letters {
		d := &letters[i]
		switch {
		case d.Record < 0 || d.Record >= b.Len():
			return fmt.Errorf("dead letter %d is of record %d, and the batch has %d records", i, d.Record, b.Len())
		case i > 0 && cmp.Or(cmp.Compare(letters[i-1].Record, d.Record), cmp.Compare(letters[i-1].Reason, d.Reason)) >= 0:
			return fmt.Errorf("dead letter %d (record %d) is not in order: by record, then by reason, each once", i, d.Record)
		}
	}
	return nil
}
