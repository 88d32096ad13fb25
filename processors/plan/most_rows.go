package plan

// MostRows returns the largest number of rows that a stage makes of one record, as far as
// the script limits it: a row for each of the record's HOPPING windows, and for each
// element of the longest array that EXPLODE takes. The number of rows of a join, or of
// groups in a window under emit_scope='window', depends on the data.
func (p *Plan) MostRows() int64 {
	most := int64(1)
	for _, q := range p.Stages {
		if len(q.Explode) > 0 {
			most = max(most, MostExplodedRows)
		}
		if a := q.Aggregation; a != nil && a.Emit == EmitChanges && a.Window != nil && a.Window.Kind == Hopping {
			w := a.Window
			most = max(most, (w.Size-1)/w.Advance+1)
		}
	}
	return most
}
