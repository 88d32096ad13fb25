package plan

// markKeyed marks, for each source, the columns that keys are made of: groups, partitions,
// the keys of rows, and the columns that joins compare. Decoders refuse texts in these
// columns that are not valid UTF-8, because two different ones could become the same key.
func (p *Plan) markKeyed() {
	for _, s := range p.Sources {
		s.Keyed = make([]bool, len(s.Columns))
	}
	m := keyMarker{plan: p, seen: map[outputColumn]bool{}}
	for _, q := range p.Queries {
		q = q.Logical
		m.mark(q, q.Key...)
		m.mark(q, q.Split.By...)
		m.mark(q, q.Split.Right...)
		for _, j := range q.Joins {
			m.mark(q, j.Left...)
			m.mark(q, j.Right...)
		}
		if q.Aggregation != nil {
			m.mark(q, q.Aggregation.GroupBy...)
		}
		if q.Over != nil {
			m.mark(q, q.Over.PartitionBy...)
		}
		if q.Distinct {
			m.mark(q, q.Items...)
		}
	}
}

// outputColumn is a column of a query's output.
type outputColumn struct{ query, column int }

type keyMarker struct {
	plan *Plan
	seen map[outputColumn]bool
}

// mark marks the columns of q's sources that the expressions read.
func (m *keyMarker) mark(q *Query, list ...Expr) {
	for _, e := range list {
		walk(e, func(e Expr) {
			switch e := e.(type) {
			case *Column:
				m.column(q, e)
			case *System:
				if e.Which == RowKey && q.From[e.Side].Source >= 0 {
					m.plan.Sources[q.From[e.Side].Source].RowKeyed = true
				}
			case *Group:
				m.mark(q, q.Aggregation.GroupBy[e.Index])
			case *Exploded:
				m.mark(q, q.Explode[e.Index])
			case *OverValue:
				c := q.Over.Calls[e.Index]
				m.mark(q, c.Arg, c.Default)
				m.mark(q, c.Others...)
			case *Aggregate:
				m.mark(q, q.Aggregation.Aggregates[e.Index].Args...)
			}
		})
	}
}

func (m *keyMarker) column(q *Query, c *Column) {
	in := q.From[c.Side]
	if in.Source >= 0 {
		m.plan.Sources[in.Source].Keyed[c.Index] = true
		return
	}
	maker := m.plan.Queries[m.plan.Stages[in.Stage].Index].Logical
	at := outputColumn{maker.Index, c.Index}
	if m.seen[at] {
		return
	}
	m.seen[at] = true
	if v := in.Columns[c.Index].Value; v >= 0 { // keys of maker are marked as such
		m.mark(maker, maker.Items[v])
	}
}
