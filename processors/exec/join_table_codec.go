package exec

import (
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// codec writes a key, and the bounds of its window where rows have windows, whether the joined
// row is shown, and the row of each side, or that there is none.
func (j *tableJoin) codec(q *plan.Query) state.Codec {
	keys, values := typesOf(q.Joins[0].Left), valueTypes(q.Joins[0].Row)
	if j.windowed {
		keys = append(keys, row.Of(row.Bigint), row.Of(row.Bigint))
	}
	return &codec{
		id: tableJoinForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(tableJoinEntry)
			dst = form.AppendBool(form.AppendValues(dst, e.key), e.shown)
			for _, own := range e.rows {
				if dst = form.AppendBool(dst, own != nil); own != nil {
					dst = own.appendForm(dst)
				}
			}
			return dst
		},
		read: func(r *form.Reader) any {
			e := tableJoinEntry{key: r.Keys(keys), shown: r.Bool()}
			for side := range e.rows {
				if r.Bool() {
					own := readJoinRow(r, values[side])
					e.rows[side] = &own
				}
			}
			if e.rows[0] == nil && e.rows[1] == nil {
				r.Fail("a key has no rows")
			}
			return e
		},
	}
}
