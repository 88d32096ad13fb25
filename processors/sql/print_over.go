package sql

// over prints OVER (...), if it is not nil.
func (w *printer) over(o *Over) {
	if o == nil {
		return
	}
	w.write(" OVER (")
	space := ""
	if o.Buffer != "" {
		w.write("ROWS WINDOW BUFFER %s ROWS", o.Buffer)
		space = " "
	}
	if len(o.PartitionBy) > 0 {
		w.write("%sPARTITION BY ", space)
		w.exprs(o.PartitionBy)
		space = " "
	}
	if len(o.OrderBy) > 0 {
		w.write("%sORDER BY ", space)
		commas(w, o.OrderBy, w.order)
		space = " "
	}
	if f := o.Frame; f != nil {
		w.write("%s%s BETWEEN ", space, f.Unit)
		w.frameBound(f.Start)
		w.write(" AND ")
		w.frameBound(f.End)
	}
	w.write(")")
}

func (w *printer) order(o Order) {
	w.expr(o.X, 0)
	if o.Descending {
		w.write(" DESC")
	}
	if o.Nulls != "" {
		w.write(" NULLS %s", o.Nulls)
	}
}

func (w *printer) frameBound(b FrameBound) {
	if b.Kind == CurrentRow {
		w.write("CURRENT ROW")
		return
	}
	rows := b.Rows
	if rows == "" {
		rows = "UNBOUNDED"
	}
	w.write("%s %s", rows, [...]string{Preceding: "PRECEDING", Following: "FOLLOWING"}[b.Kind])
}
