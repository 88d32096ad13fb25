package diff

import "parallax/processors/row"

// ColumnCounts counts what was compared of a column of an output: the values of V1's rows,
// without deletions, that have a row of V2 beside them.
type ColumnCounts struct {
	Topic, Name string
	// Rows are the values, of which each is in exactly one of the other counts.
	Rows int64
	// Same is equal in value and type. NullV1Only is NULL in V1 and a value in V2, NullV2Only
	// the reverse.
	Same, NullV1Only, NullV2Only int64
	// Type: the same number in another type, scale or spelling. Tolerated: rules tolerate all
	// that differs. Differ is any other difference.
	Type, Tolerated, Differ int64
}

// columns counts the values that differ. Those that are equal are not counted: they are all
// others.
type columns struct {
	// alone counts V1's rows, by query, with which no row of V2 was compared.
	alone []int64
	// of is by query and column; the last column is the row's timestamp. Rows and Same are
	// not set.
	of [][]ColumnCounts
}

func newColumns(sinks []*row.Sink) columns {
	c := columns{alone: make([]int64, len(sinks))}
	for _, s := range sinks {
		var of []ColumnCounts
		for _, column := range s.Values {
			of = append(of, ColumnCounts{Topic: s.Topic, Name: column.Name})
		}
		c.of = append(c.of, append(of, ColumnCounts{Topic: s.Topic, Name: rowTime}))
	}
	return c
}

// addAlone counts a row that only V1 has.
func (c *columns) addAlone(one *row.Change) {
	if !one.Deleted() {
		c.alone[one.Query]++
	}
}

// addPair counts the columns in which two rows of one identity and cause differ.
func (c *columns) addPair(rules *tolerance, one, two *row.Change) {
	if one.Deleted() || two.Deleted() {
		c.addAlone(one)
		return
	}
	of := c.of[one.Query]
	for i := range of {
		last := len(of) - 1
		x, y := columnOf(one, i, last), columnOf(two, i, last)
		lacks := i != last && (i < len(one.Values)) != (i < len(two.Values))
		if !lacks && row.Equal(x, y) {
			continue
		}
		*of[i].kindOf(lacks, rules, one.Query, i, x, y)++
	}
}

// kindOf is the count to which two different values of a column belong. lacks: one side does
// not have the column.
func (c *ColumnCounts) kindOf(lacks bool, rules *tolerance, query uint16, column int, x, y row.Value) *int64 {
	ruled := ruledColumn{rules: rules.rules, column: rules.columns[query][column]}
	if !lacks && ruled.tolerates(nil, x, y) {
		return &c.Tolerated
	}
	switch {
	case lacks:
	case x.IsNull():
		return &c.NullV1Only
	case y.IsNull():
		return &c.NullV2Only
	case eachDifference(x, y, func(_ path, x, y row.Value) bool { return sameNumber(x, y) }):
		return &c.Type
	}
	return &c.Differ
}

// Columns returns what was compared of each column of each output, the rows' own timestamps
// last.
func (d *Differ) Columns() []ColumnCounts {
	var list []ColumnCounts
	for q, of := range d.byColumn.of {
		state := d.queries[q]
		for _, c := range of {
			c.Rows = state.rows - state.deletions - d.byColumn.alone[q]
			c.Same = c.Rows - c.NullV1Only - c.NullV2Only - c.Type - c.Tolerated - c.Differ
			list = append(list, c)
		}
	}
	return list
}
