package exec

import (
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// codec writes a group's key, its largest event time, whether its row is shown, how many rows
// it has, and the folds that can be undone. If there are other folds, which are computed from
// the rows, it writes each row too.
func (g *regroup) codec(q *plan.Query) state.Codec {
	keys := typesOf(q.Aggregation.GroupBy)
	return &codec{
		id: regroupForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(regroupEntry)
			dst = appendOwn(form.AppendValues(dst, e.key), &e.group)
			dst = g.in.AppendForm(form.AppendUint(dst, uint64(e.n)), &e.group, e.tallies, isDerived)
			before := int64(-1)
			for i := range e.rows {
				dst = g.appendRow(form.AppendNext(dst, before, e.rows[i].since), &e.rows[i])
				before = e.rows[i].since
			}
			return dst
		},
		read: func(r *form.Reader) any {
			e := regroupEntry{key: r.Keys(keys), group: g.in.readOwn(r), n: r.Number()}
			if e.n == 0 {
				r.Fail("a group has no rows")
			}
			e.tallies = g.in.ReadForm(r, &e.group, isDerived)
			before := int64(-1)
			if g.again && r.Holds(e.n) {
				for range e.n {
					own := groupRow{since: r.Next(before)}
					before = own.since
					if g.readRow(r, &own); r.Err() != nil {
						break
					}
					e.rows = append(e.rows, own)
				}
			}
			return e
		},
	}
}

func (g *regroup) appendRow(dst []byte, own *groupRow) []byte {
	for i := range own.operands {
		dst = g.in.Arguments[i].AppendForm(dst, &own.operands[i])
	}
	return form.AppendValues(dst, own.values)
}

func (g *regroup) readRow(r *form.Reader, own *groupRow) {
	for i := range g.in.Arguments {
		own.operands = append(own.operands, g.in.Arguments[i].ReadForm(r))
	}
	types := make([]row.Type, len(g.in.Inputs))
	for i := range g.in.Inputs {
		types[i] = g.in.Inputs[i].Type
	}
	own.values = r.Values(types)
}
