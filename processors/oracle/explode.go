package oracle

import "parallax/processors/row"

// explode emits the rows of the record's ARRAYs.
func (q *query) explode(i int, position int64, in scope) row.Disposition {
	c := row.Change{Position: position, Phase: 1, Step: 1, Query: uint16(q.Index), Cause: int32(i), Timestamp: in.record.EventTime}
	var arrays []row.Value
	var err error
	if in.record.State != row.NullValue {
		if arrays, err = q.values(in, q.Explode); err != nil && q.opt.ErrorsToDeadLetter {
			q.out.ExpressionErrors++
			return q.dead(i, err)
		}
		if empty(arrays, 0) {
			return row.Filtered
		}
	}
	if c.Key, err = q.rowKey(in); err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(i, err)
	}
	if arrays == nil {
		q.out.Changes = append(q.out.Changes, c)
		return row.Output
	}
	var rows []row.Change
	for k := 0; !empty(arrays, k); k++ {
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
			return q.dead(i, err)
		}
		c.Values, c.Ordinal = values, uint32(k)
		rows = append(rows, c)
	}
	q.out.Changes = append(q.out.Changes, rows...)
	return row.Output
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

// rowKey is the key of a record's rows.
func (q *query) rowKey(in scope) ([]row.Value, error) {
	key, err := q.values(in, q.Query.Key)
	if q.Rekeyed {
		key = row.AsKeys(key)
	}
	return key, err
}
