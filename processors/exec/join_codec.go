package exec

import (
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// valueTypes are the types of what a joined row has of each side.
func valueTypes(columns []plan.JoinedColumn) (types [2][]row.Type) {
	for _, c := range columns {
		if c.Side != plan.EitherSide {
			types[c.Side] = append(types[c.Side], c.T)
		}
	}
	return types
}

// codec writes a key and, side by side, the rows that are kept of it, each with its time, its
// NOW(), its position, whether it has matched, and its values.
func (j *join) codec(q *plan.Query) state.Codec {
	keys, values := typesOf(q.Joins[0].Left), valueTypes(q.Joins[0].Row)
	return &codec{
		id: joinForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(joinEntry)
			dst = form.AppendValues(dst, e.key)
			for _, rows := range e.rows {
				dst = form.AppendCount(dst, len(rows))
				for i := range rows {
					dst = form.AppendUint(rows[i].appendForm(dst), uint64(rows[i].arrival))
					dst = form.AppendBool(dst, rows[i].matched)
				}
			}
			return dst
		},
		read: func(r *form.Reader) any {
			e := joinEntry{key: r.Keys(keys)}
			for side := range e.rows {
				e.rows[side] = readJoinRows(r, values[side])
			}
			if len(e.rows[0])+len(e.rows[1]) == 0 {
				r.Fail("a key has no rows")
			}
			return e
		},
	}
}

// joinRowBytes is how many bytes the form of a kept row takes at least.
const joinRowBytes = 4

// readJoinRows reads the rows of a side, which are in the order of time and then position.
func readJoinRows(r *form.Reader, types []row.Type) (rows []joinRow) {
	for range r.Count(joinRowBytes) {
		own := readJoinRow(r, types)
		own.arrival, own.matched = r.Number(), r.Bool()
		if r.Err() != nil {
			return nil
		}
		if n := len(rows); n > 0 && (rows[n-1].time > own.time || rows[n-1].time == own.time && rows[n-1].arrival >= own.arrival) {
			r.Fail("the rows of a key are not in order")
			return nil
		}
		rows = append(rows, own)
	}
	return rows
}

// appendForm appends a row's time, its NOW() and its values.
func (r *joinRow) appendForm(dst []byte) []byte {
	now := uint64(0) // for none
	if r.now >= 0 {
		now = uint64(r.now) + 1
	}
	return form.AppendValues(form.AppendUint(form.AppendInt(dst, r.time), now), r.values)
}

func readJoinRow(r *form.Reader, types []row.Type) joinRow {
	return joinRow{time: r.Int(), now: r.Number() - 1, values: r.Values(types)}
}
