package plan

// MostRows returns how many rows a stage can make of one record, as far as the script
// says it: a row for each of the record's HOPPING windows, and one for each element of
// the longest array that EXPLODE takes. How many rows a join makes, or the groups of a
// window under emit_scope='window', depends on the records.
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
