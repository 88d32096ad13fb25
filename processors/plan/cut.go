package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// cutJoins turns each join of a query into a stage. The first stage joins the first two
// sources, the second one joins the result with the third source, and so on. The last stage
// also applies WHERE and, if the query is a plain projection, selects the columns;
// otherwise a further stage over its rows does the rest. Each stage emits only the columns
// that later stages need.
func (b *builder) cutJoins(q *Query) {
	logical := *q
	logical.Logical = &logical
	q.Logical, q.From, q.Follows = &logical, nil, follows(&logical)
	last := len(logical.Joins) - 1
	projected := logical.Aggregation == nil && logical.Over == nil && !logical.Distinct && len(logical.Explode) == 0 &&
		logical.Joins[last].isKey(logical.Key)
	left, at := logical.From[0], columns{}
	for k, j := range logical.Joins {
		s := &Query{Index: q.Index, Follows: q.Follows, Explain: q.Explain, Hidden: true}
		if k == last && projected {
			s = q
		}
		later := logical.leaves() // used after the joined row
		for _, other := range logical.Joins[k+1:] {
			later.add(other.Left...)
		}
		if k < last {
			later.add(logical.Where)
		}
		seen := logical.leaves()
		for l, e := range later {
			seen[l] = e
		}
		seen.add(logical.Where)
		s.join(left, logical.From[k+1], j, seen, k+1, at)
		if k > 0 && left.Rows.Table {
			s.byKey(left, j, logical.Joins[k-1])
		}
		table := left.Rows.Table && logical.From[k+1].Rows.Table
		at = s.Joins[0].columns()
		if k == last {
			s.Where = at.rewrite(logical.Where)
		}
		s.Key = nil
		var keys []row.Column
		for i, e := range j.Left {
			keys = append(keys, row.Column{Name: j.keyName(i), Type: e.Type()})
			s.Key = append(s.Key, &Column{Index: i, Name: keys[i].Name, T: keys[i].Type})
		}
		if s == q {
			s.Items = at.rewriteAll(logical.Items)
			s.Sink.Table = s.Sink.Table || table
			s.Sink.AnyPartition = false // state keeps the rows of one key together
			b.stage(s)
			return
		}
		s.Sink = &row.Sink{Name: fmt.Sprintf("%s, join %d", q.Sink.Name, k+1), Table: table, Key: keys}
		if j.Windowed {
			joinedWindow(s.Sink, logical.From[:k+2])
		}
		if len(later.upTo(k+1)) == 0 { // a row needs at least one column
			s.Items, s.Sink.Values = s.Key, s.Sink.Key
		}
		next := columns{}
		for _, l := range later.upTo(k + 1) {
			e := at.rewrite(later[l])
			next[l] = len(s.Items)
			s.Items = append(s.Items, e)
			s.Sink.Values = append(s.Sink.Values, row.Column{Name: e.String(), Type: e.Type()})
		}
		b.stage(s)
		rows := rowsOf(s)
		for i := range s.Items {
			rows.rows.Needed[i] = true
		}
		needWindow(rows.rows)
		left, at = rows.input(), next
	}
	q.Source, q.Inputs, q.Joins, q.Where = 0, []Input{left}, nil, nil
	at.rewriteQuery(q)
	if !q.Rekeyed && logical.Joins[last].isKey(logical.Key) && (len(q.Explode) > 0 || q.Over != nil && len(q.Over.PartitionBy) == 0) {
		q.Key = nil // the stage before computes it and counts its failures
		for k := range logical.Joins[last].Left {
			q.Key = append(q.Key, left.keyColumn(k))
		}
	}
	q.Split.SourceKeyed = false
	if q.Aggregation != nil && left.Rows.Table {
		b.cutTable(q, left)
		return
	}
	b.stage(q)
}

// join makes q a stage that joins two inputs. seen are the columns that its expressions
// use. at says which columns of the left input hold the sides before the right one.
func (q *Query) join(left, right Input, j Join, seen leaves, side int, at columns) {
	q.Source, q.Inputs = left.Source, nil
	stage := Join{Kind: j.Kind, Source: right.Source, Windowed: j.Windowed, Within: j.Within, Tables: [2]bool{left.Rows.Table, right.Rows.Table}}
	if left.Stage >= 0 || right.Stage >= 0 || left.Source == right.Source || len(q.Follows) > 0 {
		// In a join of a source with itself both sides have the same source index; the left
		// one is first. Rows that a later join reads may hold the query's time back.
		q.Source, q.Inputs, stage.Source = 0, []Input{left, right}, 1
	}
	stage.Left, stage.Right = at.rewriteAll(j.Left), columns{}.rewriteAll(j.Right)
	for i, e := range j.Left {
		stage.Row = append(stage.Row, JoinedColumn{Side: EitherSide, Name: j.keyName(i), T: e.Type()})
	}
	if j.Windowed {
		needWindow(left.Rows)
		needWindow(right.Rows)
		for _, end := range []bool{false, true} {
			stage.Row = append(stage.Row, JoinedColumn{Side: EitherSide, Name: boundColumns[end], T: row.Of(row.Bigint)})
		}
	}
	for _, l := range seen.upTo(side) {
		c := JoinedColumn{of: l, Name: seen[l].String(), T: seen[l].Type()}
		switch {
		case l.side == side:
			c.Side, c.Of = RightSide, columns{}.rewrite(seen[l])
		case l.side == noSide:
			c.Side, c.Of = EitherSide, at.rewrite(seen[l])
		default:
			c.Side, c.Of = LeftSide, at.rewrite(seen[l])
		}
		stage.Row = append(stage.Row, c)
	}
	q.Joins = []Join{stage}
	q.Split = Split{
		By: stage.Left, Right: stage.Right,
		Reason: "rows of both sides with one key must be in one partition, and no two keys share state",
	}
}

// byKey replaces the left side of a join of tables by the key of the stage before, because
// deletions have that key, too. before is the join of that stage.
func (q *Query) byKey(left Input, j, before Join) {
	var key []Expr
	for _, e := range j.Left {
		key = append(key, left.keyColumn(before.KeyOf(e)))
	}
	q.Joins[0].Left, q.Split.By = key, key
}

// keyColumn is column k of the key of the rows of a stage with a join.
func (in Input) keyColumn(k int) *Column {
	i := slices.IndexFunc(in.Columns, func(c RowColumn) bool { return c.Key == k })
	in.Rows.Needed[i] = true
	return &Column{Index: i, Name: in.Rows.Columns[i].Name, T: in.Rows.Columns[i].Type}
}

// The sides of a join that is a stage.
const (
	LeftSide   = 0
	RightSide  = 1
	EitherSide = noSide
)

// JoinedColumn is a column of the row that a join makes of two rows, or of one row without
// a match.
type JoinedColumn struct {
	// Side is the side that the column comes from. EitherSide columns come from the side
	// that has a row: the columns of the join's key, which are first, in the order of Left;
	// then, in a Windowed join, the window's bounds. NOW() comes from the row that arrived
	// later.
	Side int
	// Of is the Column or System of the side's row; nil for the key and the window.
	Of   Expr
	Name string // for display
	T    row.Type

	of leaf // of the query's sources, where Of is set
}

// columns maps the columns of the query's sources to their places in a joined row.
func (j Join) columns() columns {
	at := columns{}
	for i, c := range j.Row {
		if c.Of != nil {
			at[c.of] = i
		}
	}
	return at
}
