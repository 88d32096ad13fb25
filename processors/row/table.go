package row

// Table holds decoded rows of one source by column. Columns that the plan does not need are
// nil.
type Table struct {
	Columns []*Vector
	n       int
}

// NewTable returns an empty table with the columns that the source's plan
// needs.
func NewTable(s *Source, capacity int) *Table {
	t := &Table{Columns: make([]*Vector, len(s.Columns))}
	for i, c := range s.Columns {
		if s.Needed[i] {
			t.Columns[i] = newVector(c.Type, capacity)
		}
	}
	return t
}

// Len returns the number of rows.
func (t *Table) Len() int { return t.n }

// Reset empties the table and keeps its memory.
func (t *Table) Reset() {
	t.n = 0
	for _, c := range t.Columns {
		if c != nil {
			c.truncate(0)
		}
	}
}

// EndRow ends a row and returns its index. A column without an appended value is NULL in
// this row.
func (t *Table) EndRow() int {
	t.n++
	for _, c := range t.Columns {
		if c != nil && len(c.valid) < t.n {
			c.AppendNull()
		}
	}
	return t.n - 1
}

// DropRow removes the values appended since the last EndRow, when a row turns out to be
// undecodable.
func (t *Table) DropRow() {
	for _, c := range t.Columns {
		if c != nil {
			c.truncate(t.n)
		}
	}
}

// Extend appends n rows with undefined values, none of them NULL, and returns the index of
// the first one. The caller fills the columns (see Vector's Int64s, Strs) and removes the
// rows that it does not use.
func (t *Table) Extend(n int) int {
	for _, c := range t.Columns {
		if c != nil {
			c.extend(n)
		}
	}
	t.n += n
	return t.n - n
}

// Truncate removes all rows from n on.
func (t *Table) Truncate(n int) {
	t.n = n
	t.DropRow()
}

// SetRow overwrites row i by row j of a table of the same source.
func (t *Table) SetRow(i int, o *Table, j int) {
	for k, c := range t.Columns {
		if c != nil {
			c.Set(i, o.Columns[k], j)
		}
	}
}

// AppendFrom appends row i of another table of the same source.
func (t *Table) AppendFrom(o *Table, i int) int {
	for j, c := range t.Columns {
		if c != nil {
			c.appendFrom(o.Columns[j], i)
		}
	}
	t.n++
	return t.n - 1
}
