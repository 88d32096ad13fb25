package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// rowWindow gives the rows that are made of a windowed source's their windows, where
// they keep its key: two columns of the source's rows.
type rowWindow struct {
	start int // the first of the two; -1 where rows have none
}

// rowWindowOf is that of a query whose source has nothing behind the windows.
func rowWindowOf(q *plan.Query) rowWindow {
	if q.Inputs == nil || !q.Sink.Windowed {
		return rowWindow{-1}
	}
	return rowWindow{len(q.Inputs[0].Rows.Columns) - 2}
}

// give sets a change's window to that of a row of the table.
func (w rowWindow) give(c *row.Change, table *row.Table, i int) {
	if w.start >= 0 {
		c.WindowStart = table.Columns[w.start].Int64(i)
		c.WindowEnd = table.Columns[w.start+1].Int64(i)
	}
}
