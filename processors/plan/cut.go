package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// cutJoins makes a stage of each join of a query: the first one joins the first two
// sources, the next one its rows and the third, and so on. The last one also does
// WHERE and, if that is all there is, the projection; anything else is a stage of its
// own over the last one's rows. These have what later stages need, and no more.
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
		later := logical.leaves() // than the joined row
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
			s.Sink.AnyPartition = false // state holds the rows of a key together
			b.stage(s)
			return
		}
		s.Sink = &row.Sink{Name: fmt.Sprintf("%s, join %d", q.Sink.Name, k+1), Table: table, Key: keys}
		if j.Windowed {
			joinedWindow(s.Sink, logical.From[:k+2])
		}
		if len(later.upTo(k+1)) == 0 { // a row has to have something
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
		q.Key = nil // it has been computed, and its failure counted
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

// join makes q a stage that joins two inputs, of which seen is what its expressions
// look at, and at where in the left one's rows the sides before the right one are.
func (q *Query) join(left, right Input, j Join, seen leaves, side int, at columns) {
	q.Source, q.Inputs = left.Source, nil
	stage := Join{Kind: j.Kind, Source: right.Source, Windowed: j.Windowed, Within: j.Within, Tables: [2]bool{left.Rows.Table, right.Rows.Table}}
	if left.Stage >= 0 || right.Stage >= 0 || left.Source == right.Source || len(q.Follows) > 0 {
		// A source that is joined with itself comes twice, first on the left; and the query's
		// time may be held back by rows that a later one of its joins takes.
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
		Reason: "rows of both sides with one key must meet, and no two keys share state",
	}
}

// byKey makes the left side of a join of tables the key of the stage before, which
// deletions have too: j is the join, before the one before it.
func (q *Query) byKey(left Input, j, before Join) {
	var key []Expr
	for _, e := range j.Left {
		key = append(key, left.keyColumn(before.KeyOf(e)))
	}
	q.Joins[0].Left, q.Split.By = key, key
}

// keyColumn is column k of the key of the rows of a stage that joins.
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

// JoinedColumn is a column of the row that a join makes of two, or of one where the
// other side has none.
type JoinedColumn struct {
	// Side is whose it is. EitherSide are the join's key, the first columns, in the order
	// of Left, and after it the window's bounds where the join is Windowed: those of the side that
	// there is; and NOW(), which is the later side's.
	Side int
	// Of is the Column or System of the side's row; nil for the key and the window.
	Of   Expr
	Name string // for people
	T    row.Type

	of leaf // of the query's sources, where Of is set
}

// columns says what of the query's sources is where in a joined row.
func (j Join) columns() columns {
	at := columns{}
	for i, c := range j.Row {
		if c.Of != nil {
			at[c.of] = i
		}
	}
	return at
}
