package oracle

import (
	"slices"

	"parallax/processors/row"
)

// distinct emits the record's row unless an equal row was emitted before.
func (q *query) distinct(in scope) row.Disposition {
	if in.event.null {
		return row.Filtered
	}
	values, err := q.values(in, q.Items)
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	values = row.AsKeys(values)
	if slices.ContainsFunc(q.tuples, func(t []row.Value) bool { return q.stop.isDue() || row.EqualValues(t, values) }) {
		return row.Filtered
	}
	q.tuples = append(q.tuples, values)
	q.emit(row.Change{Step: 1, Timestamp: in.event.time, Key: values, Values: values})
	return row.Output
}
