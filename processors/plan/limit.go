package plan

import (
	"slices"
	"strconv"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// stepColumn is the name of the column that has a row's step where a stage passes
// rows on as they are. No script can write it.
const stepColumn = "STEP"

// limit binds LIMIT.
func (b *builder) limit(q *Query, sel *sql.Select) error {
	if sel.Limit == "" {
		return nil
	}
	n, err := strconv.ParseInt(sel.Limit, 10, 64)
	if err != nil {
		return b.errorf(sel.LimitAt, "LIMIT %s is larger than the largest number of rows", sel.Limit)
	}
	if q.Sink.WindowScope {
		return b.errorf(sel.LimitAt, "LIMIT cannot be combined with emit_scope='window': the number of rows depends on how keys are distributed over partitions")
	}
	q.Limit = &n
	return nil
}

// cutLimit cuts a query with LIMIT into the stages that make its rows, the last of which
// emits them in the total order of outputs, and one stage that counts all of them. q
// becomes the counting stage.
func (b *builder) cutLimit(q *Query) error {
	rows, sink := *q, *q.Sink
	sink.Topic, sink.Time = "", nil // LIMIT counts rows, not records
	rows.Limit, rows.Sink = nil, &sink
	if err := b.cut(&rows); err != nil {
		return err
	}
	logical := *rows.Logical
	logical.Logical, logical.Limit, logical.Sink = &logical, q.Limit, q.Sink
	rows.Logical, rows.Hidden, rows.Ordered = &logical, true, true
	in := passThroughInput(&rows)
	*q = Query{
		Index: q.Index, Explain: q.Explain, Logical: &logical, Follows: rows.Follows, Rekeyed: q.Rekeyed, Sink: q.Sink,
		Inputs: []Input{in}, Limit: q.Limit,
		Split: Split{Reason: "LIMIT counts all rows of the query, so one partition has to see them all"},
	}
	q.Sink.AnyPartition = false
	for i, c := range sink.Values {
		q.Items = append(q.Items, &Column{Index: i, Name: c.Name, T: c.Type})
	}
	for k, c := range sink.Key {
		i := slices.IndexFunc(in.Columns, func(at RowColumn) bool { return at.Key == k })
		q.Key = append(q.Key, &Column{Index: i, Name: c.Name, T: c.Type})
	}
	b.stage(q)
	return nil
}

// passThroughInput is the input of a stage that passes on all rows of q. The last column is the
// row's step; before it are the bounds of its window.
func passThroughInput(q *Query) Input {
	in := rowsOf(q).input()
	in.Rows.Columns = append(in.Rows.Columns, row.Column{Name: stepColumn, Type: row.Of(row.Bigint)})
	in.Rows.Key = append(in.Rows.Key, false)
	in.Columns = append(in.Columns, RowColumn{Value: -1, Key: -1, Step: true})
	in.Rows.Needed = slices.Repeat([]bool{true}, len(in.Rows.Columns))
	return in
}
