package plan

import (
	"parallax/processors/row"
	"parallax/processors/sql"
)

// allHeaders is the type of a HEADERS column, oneHeader the type of a HEADER('name')
// column.
var (
	allHeaders = row.Type{Kind: row.Array, Elem: &row.Type{Kind: row.Struct, Fields: []row.Column{
		{Name: "KEY", Type: row.Of(row.String)}, {Name: "VALUE", Type: row.Of(row.Bytes)},
	}}}
	oneHeader = row.Of(row.Bytes)
)

// declareHeader makes the last declared column a header column if its definition says so.
// Header columns are read only: a query's output has none.
func (b *builder) declareHeader(src *row.Source, c sql.ColumnDef) error {
	h := row.HeaderColumn{Column: len(src.Columns) - 1}
	what, want := "HEADERS", allHeaders
	switch {
	case c.Headers:
		h.All = true
	case c.Header != nil:
		what, want, h.Name = "HEADER('"+c.Header.Value+"')", oneHeader, c.Header.Value
	default:
		return nil
	}
	if !c.Type.Type.Equal(want) {
		return b.errorf(c.Type.At, "a column of %s is %s, not %s", what, want, c.Type.Type)
	}
	src.Headers = append(src.Headers, h)
	return nil
}
