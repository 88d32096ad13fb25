package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// output is the output of a stage, as the stages that follow read it.
type output struct {
	query   *Query
	rows    *row.Source
	columns []RowColumn
}

// stage appends a query, or a stage of one, to the plan's stages.
func (b *builder) stage(q *Query) {
	q.Stage = len(b.plan.Stages)
	b.plan.Stages = append(b.plan.Stages, q)
}

// cut cuts a bound query into stages.
func (b *builder) cut(q *Query) error {
	if q.Limit != nil {
		return b.cutLimit(q)
	}
	if len(q.Joins) > 0 {
		b.cutJoins(q)
		return nil
	}
	in := q.From[0]
	q.Source = in.Source
	if in.Stage >= 0 {
		q.Source, q.Inputs = 0, []Input{in}
	}
	q.Follows = follows(q)
	if q.Aggregation != nil && in.Rows.Table {
		b.cutTable(q, in)
		return nil
	}
	q.Logical = q
	b.stage(q)
	return nil
}

// follows returns the stages whose rows hold a query's time back. Tables do not hold it
// back.
func follows(q *Query) (stages []int) {
	for _, in := range q.From {
		if in.Stage >= 0 && !in.Rows.Table && !slices.Contains(stages, in.Stage) {
			stages = append(stages, in.Stage)
		}
	}
	return stages
}

// rowsOf describes a stage's output as a source: its sink's columns, the columns of its key
// that are not selected, and the window. No column is omitted, even if no query needs it.
func rowsOf(q *Query) output {
	sink := q.Sink
	var columns []RowColumn
	for i := range sink.Values {
		columns = append(columns, RowColumn{Value: i, Key: -1})
	}
	src := &row.Source{
		Name: sink.Name, Topic: sink.Topic, Table: sink.Table, Windowed: sink.Windowed, Session: sink.Session, Grace: sink.Grace,
		KeyFormat: sink.KeyFormat, Format: sink.Format, KeyDelimiter: sink.KeyDelimiter, Delimiter: sink.Delimiter, Timestamp: -1,
		Columns: slices.Clone(sink.Values), Key: make([]bool, len(sink.Values)),
	}
	if sink.Time != nil {
		src.Timestamp = sink.Time.Column
	}
	add := func(name string, t row.Type, at RowColumn) {
		free := name
		for n := 1; columnIndex(src, free) >= 0; n++ {
			free = fmt.Sprintf("%s_%d", name, n)
		}
		src.Columns = append(src.Columns, row.Column{Name: free, Type: t})
		src.Key = append(src.Key, true)
		columns = append(columns, at)
	}
	bound := q
	if q.Logical != nil {
		bound = q.Logical
	}
	for k, e := range bound.Key {
		if i := slices.IndexFunc(bound.Items, func(item Expr) bool { return Same(item, e) }); i >= 0 && columns[i].Key < 0 {
			src.Key[i], columns[i].Key = true, k
		} else if i := bound.namedOutside(sink, k); i >= 0 {
			src.Key[i], columns[i] = true, RowColumn{Value: -1, Key: k}
		} else {
			add(sink.Key[k].Name, sink.Key[k].Type, RowColumn{Value: -1, Key: k})
		}
	}
	if sink.Windowed {
		add(boundColumns[false], row.Of(row.Bigint), RowColumn{Value: -1, Key: -1, Bound: StartBound})
		add(boundColumns[true], row.Of(row.Bigint), RowColumn{Value: -1, Key: -1, Bound: EndBound})
	}
	src.Needed = make([]bool, len(src.Columns))
	return output{q, src, columns}
}

// input is the output as an input of another stage.
func (o output) input() Input {
	return Input{Source: -1, Stage: o.query.Stage, Rows: o.rows, Columns: o.columns}
}
