package oracle

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// explode emits the rows of the record's ARRAYs.
func (q *query) explode(in scope) row.Disposition {
	c := row.Change{Step: 1, Timestamp: in.event.time}
	var arrays []row.Value
	var err error
	if !in.event.null {
		if arrays, err = q.values(in, q.Explode); err != nil && q.opt.ErrorsToDeadLetter {
			q.out.ExpressionErrors++
			return q.dead(in.event, err)
		}
		if empty(arrays, 0) {
			return row.Filtered
		}
		if !empty(arrays, plan.MostExplodedRows) {
			return q.tooLarge(in.event, plan.ErrExplodedRows)
		}
	}
	if c.Key, err = q.rowKey(in); err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	if arrays == nil {
		q.emitIn(in.event, c)
		return row.Output
	}
	var rows []row.Change
	counted, bytes := q.out.ExpressionErrors, 0
	for k := 0; !empty(arrays, k) && !q.stop.isDue(); k++ {
		in.elements = nil
		for _, a := range arrays {
			element := row.Value{}
			if !empty([]row.Value{a}, k) {
				element = a.Elements()[k]
			}
			in.elements = append(in.elements, element)
		}
		values, err := q.values(in, q.Items)
		if err != nil && q.opt.ErrorsToDeadLetter {
			q.out.ExpressionErrors++
			return q.dead(in.event, err)
		}
		for _, v := range values {
			bytes += v.Footprint()
		}
		if bytes > plan.MostExplodedBytes {
			q.out.ExpressionErrors = counted
			return q.tooLarge(in.event, plan.ErrExplodedBytes)
		}
		c.Values = values
		rows = append(rows, c)
	}
	for _, c := range rows {
		q.emitIn(in.event, c)
	}
	return row.Output
}

// tooLarge handles a record with too many or too large rows.
func (q *query) tooLarge(e *event, err error) row.Disposition {
	q.out.ExpressionErrors++
	if q.opt.ErrorsToDeadLetter {
		return q.dead(e, err)
	}
	return row.Filtered
}

// empty reports whether no ARRAY has an element number k.
func empty(arrays []row.Value, k int) bool {
	for _, a := range arrays {
		if !a.IsNull() && k < len(a.Elements()) {
			return false
		}
	}
	return true
}

// rowKey is the key of an event's rows. The key of a joined row is already computed.
func (q *query) rowKey(in scope) ([]row.Value, error) {
	if in.event.joined != nil && !q.Rekeyed {
		return in.event.joined, nil
	}
	key, err := q.values(in, q.Query.Key)
	if q.Rekeyed || q.ofTables() {
		key = row.AsKeys(key)
	}
	return key, err
}
