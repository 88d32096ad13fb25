package oracle

import (
	"slices"

	"parallax/processors/row"
)

// distinct emits the record's row if none before it was the same.
func (q *query) distinct(i int, position int64, in scope) row.Disposition {
	if in.record.State == row.NullValue {
		return row.Filtered
	}
	values, err := q.values(in, q.Items)
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(i, err)
	}
	values = row.AsKeys(values)
	if slices.ContainsFunc(q.tuples, func(t []row.Value) bool { return row.EqualValues(t, values) }) {
		return row.Filtered
	}
	q.tuples = append(q.tuples, values)
	q.out.Changes = append(q.out.Changes, row.Change{
		Position: position, Phase: 1, Step: 1, Query: uint16(q.Index), Cause: int32(i), Timestamp: in.record.EventTime,
		Key: values, Values: values,
	})
	return row.Output
}
