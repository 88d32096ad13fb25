package row

// Table holds decoded rows of one source by column. Columns that the plan does
// not need are nil.
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

// Reset makes the table empty; its memory is used again.
func (t *Table) Reset() {
	t.n = 0
	for _, c := range t.Columns {
		if c != nil {
			c.truncate(0)
		}
	}
}

// EndRow ends a row to which every column has been appended, and returns its
// index. A column that got nothing in this row is NULL in it.
func (t *Table) EndRow() int {
	t.n++
	for _, c := range t.Columns {
		if c != nil && len(c.valid) < t.n {
			c.AppendNull()
		}
	}
	return t.n - 1
}

// DropRow takes back what was appended since the last EndRow: the row turned
// out to be undecodable.
func (t *Table) DropRow() {
	for _, c := range t.Columns {
		if c != nil {
			c.truncate(t.n)
		}
	}
}

// Extend appends n rows, none of them NULL, that hold anything: who asks for them
// fills the columns (see Vector's Int64s, Strs) and takes back what it does not
// need. It returns the first one's index.
func (t *Table) Extend(n int) int {
	for _, c := range t.Columns {
		if c != nil {
			c.extend(n)
		}
	}
	t.n += n
	return t.n - n
}

// Truncate takes all rows from n on back.
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
