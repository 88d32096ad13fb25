package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// Undo says where an aggregation over a table finds, in the rows of the stage before, the
// values to remove when a row of the table changes. GROUP BY and the arguments read the
// values to add.
type Undo struct {
	// Old is the distance from an argument's column to the column with its value in the row
	// before.
	Old int
	// Now and Since are BIGINT columns with increasing numbers: when the row and the one
	// before it got their values; NULL if there is no such row.
	Now, Since int
}

// cutTable cuts an aggregation over a table into two stages. The first one keeps the
// table's rows by primary key and emits each change together with the row that it replaces.
// The second one removes the replaced row from its group and adds the new one to its own.
func (b *builder) cutTable(q *Query, in Input) {
	if q.Logical == nil {
		logical := *q
		logical.Logical = &logical
		q.Logical, q.From = &logical, nil
	}
	agg := *q.Aggregation
	changes := &Query{
		Index: q.Index, Hidden: true, Explain: q.Explain, Source: q.Source, Inputs: q.Inputs, Follows: q.Follows,
		Where: q.Where, Retain: &Retain{Changes: true, Groups: len(agg.GroupBy)},
		Sink: &row.Sink{Name: q.Sink.Name + ", changes of " + in.Rows.Name},
	}
	for i, c := range in.Rows.Columns {
		if in.Rows.Key[i] {
			in.Rows.Needed[i] = true
			changes.Retain.Key = append(changes.Retain.Key, &Column{Index: i, Name: c.Name, T: c.Type})
		}
	}
	bounds := 0
	if in.Rows.Windowed {
		bounds = 2
	}
	changes.Split = splitOfTable(changes.Retain.Key[:len(changes.Retain.Key)-bounds], in.Rows)

	// The rows are the group, the arguments, the arguments of the row before, and the two
	// times.
	column := func(name string, t row.Type) Expr {
		changes.Sink.Values = append(changes.Sink.Values, row.Column{Name: name, Type: t})
		return &Column{Index: len(changes.Sink.Values) - 1, Name: name, T: t}
	}
	add := func(e Expr) Expr {
		changes.Items = append(changes.Items, e)
		return column(e.String(), e.Type())
	}
	groupBy := make([]Expr, len(agg.GroupBy))
	for i, e := range agg.GroupBy {
		groupBy[i] = add(e)
	}
	changes.Sink.Key = slices.Clone(changes.Sink.Values)
	agg.Aggregates = slices.Clone(agg.Aggregates)
	for i := range agg.Aggregates {
		a := &agg.Aggregates[i]
		args := make([]Expr, len(a.Args))
		for k, e := range a.Args {
			args[k] = add(e)
		}
		a.Args = args
	}
	undo := &Undo{Old: len(changes.Items) - len(groupBy)}
	for i := len(groupBy); i < len(changes.Items); i++ {
		column("old "+changes.Sink.Values[i].Name, changes.Sink.Values[i].Type)
	}
	for _, at := range []*int{&undo.Now, &undo.Since} {
		*at = len(changes.Sink.Values)
		column(fmt.Sprintf("time %d", *at), row.Of(row.Bigint))
	}
	b.stage(changes)
	rows := rowsOf(changes)
	for i := range rows.rows.Needed {
		rows.rows.Needed[i] = true
	}

	constants, isOne := splitOfConstants(agg.GroupBy, "GROUP BY")
	agg.GroupBy, agg.Undo = groupBy, undo
	q.Aggregation, q.Where = &agg, nil
	q.Source, q.Inputs = 0, []Input{rows.input()}
	q.Split = splitOf(&agg, rows.rows)
	if isOne {
		q.Split = constants
	} else if len(groupBy) > 0 {
		q.Split.Reason = "changes of one group must be in one partition, and no two groups share state"
	}
	b.stage(q)
}
