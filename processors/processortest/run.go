package processortest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parallax/processors"
	"parallax/processors/row"
)

// Total is the result of a processor for an input, independent of the batches. Causes are
// positions.
type Total struct {
	Changes      []row.Change
	Dispositions []row.Disposition
	// DeadLetters are "position: reason".
	DeadLetters                                                  []string
	ExpressionErrors, Late, Closed, Raw, Deduplicated, Reordered int64
}

// Add appends an outcome.
func (t *Total) Add(o *row.Outcome) {
	for _, c := range o.Changes {
		if c.Cause >= 0 {
			c.Cause += int32(o.Batch.First)
		}
		t.Changes = append(t.Changes, c)
	}
	t.Dispositions = append(t.Dispositions, o.Dispositions...)
	for _, d := range o.DeadLetters {
		t.DeadLetters = append(t.DeadLetters, fmt.Sprintf("%d: %s", o.Batch.First+int64(d.Record), d.Reason))
	}
	t.ExpressionErrors += o.ExpressionErrors
	t.Late += o.Late
	t.Closed += o.ClosedWindows
	t.Raw += o.Raw
	t.Deduplicated += o.Deduplicated
	t.Reordered += o.Reordered
}

// Run processes all batches with a processor.
func Run(p processors.Processor, batches []*row.Batch) (*Total, error) {
	t := &Total{}
	for _, b := range batches {
		o, err := p.Process(context.Background(), b)
		if err != nil {
			return t, err
		}
		t.Add(o)
	}
	return t, nil
}

// Difference returns the first difference of two totals, "" if they are equal: rows, order,
// causes, dispositions, dead letters, counts.
func (t *Total) Difference(want *Total) string {
	for i := range min(len(t.Changes), len(want.Changes)) {
		a, b := &t.Changes[i], &want.Changes[i]
		if !row.EqualRow(a, b) || row.CompareOrder(a, b) != 0 || a.Cause != b.Cause {
			return fmt.Sprintf("row %d is %s, want %s", i, Show(a), Show(b))
		}
	}
	if len(t.Changes) != len(want.Changes) {
		return fmt.Sprintf("%d rows, want %d", len(t.Changes), len(want.Changes))
	}
	for i := range min(len(t.Dispositions), len(want.Dispositions)) {
		if t.Dispositions[i] != want.Dispositions[i] {
			return fmt.Sprintf("record %d has disposition %s, want %s", i, t.Dispositions[i], want.Dispositions[i])
		}
	}
	if len(t.Dispositions) != len(want.Dispositions) {
		return fmt.Sprintf("%d dispositions, want %d", len(t.Dispositions), len(want.Dispositions))
	}
	if !slices.Equal(t.DeadLetters, want.DeadLetters) {
		return fmt.Sprintf("dead letters %q, want %q", t.DeadLetters, want.DeadLetters)
	}
	a := [...]int64{t.ExpressionErrors, t.Late, t.Closed, t.Raw, t.Deduplicated, t.Reordered}
	b := [...]int64{want.ExpressionErrors, want.Late, want.Closed, want.Raw, want.Deduplicated, want.Reordered}
	if a != b {
		return fmt.Sprintf("expression errors, late, closed, raw, deduplicated, reordered are %v, want %v", a, b)
	}
	return ""
}

// Show writes a change for a test's message.
func Show(c *row.Change) string {
	values := make([]string, len(c.Values))
	for i, v := range c.Values {
		values[i] = v.String()
	}
	return fmt.Sprintf("[%d.%d q%d window %d %v = (%s) at %d, partition %d]", c.Position, c.Phase, c.Query, c.WindowStart, c.Key, strings.Join(values, ", "), c.Timestamp, c.Partition)
}
