package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
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
		len(logical.Key) == 1 && slices.ContainsFunc(logical.Joins[last].keys(), func(e Expr) bool { return Same(e, logical.Key[0]) })
	left, at := logical.From[0], columns{}
	for k, j := range logical.Joins {
		s := &Query{Index: q.Index, Follows: q.Follows, Explain: q.Explain, Hidden: true}
		if k == last && projected {
			s = q
		}
		later := logical.leaves() // than the joined row
		for _, other := range logical.Joins[k+1:] {
			later.add(other.Left)
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
			s.byKey(left)
		}
		table := left.Rows.Table && logical.From[k+1].Rows.Table
		at = s.Joins[0].columns()
		if k == last {
			s.Where = at.rewrite(logical.Where)
		}
		key := &Column{Index: keyColumn, Name: joinKeyName, T: j.Left.Type()}
		s.Key = []Expr{key}
		if s == q {
			s.Items = at.rewriteAll(logical.Items)
			s.Sink.Table = s.Sink.Table || table
			s.Sink.AnyPartition = false // state holds the rows of a key together
			b.stage(s)
			return
		}
		s.Sink = &row.Sink{Name: fmt.Sprintf("%s, join %d", q.Sink.Name, k+1), Table: table, Key: []row.Column{{Name: joinKeyName, Type: key.T}}}
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
	if !q.Rekeyed && len(q.Key) == 1 && (len(q.Explode) > 0 || q.Over != nil && len(q.Over.PartitionBy) == 0) {
		q.Key = []Expr{left.key()} // it has been computed, and its failure counted
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
	stage.Left, stage.Right = at.rewrite(j.Left), columns{}.rewrite(j.Right)
	stage.Row = []JoinedColumn{{Side: EitherSide, Name: joinKeyName, T: j.Left.Type()}}
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
		By: []Expr{stage.Left}, Right: []Expr{stage.Right},
		Reason: "rows of both sides with one key must meet, and no two keys share state",
	}
}

// byKey makes the left side of a join of tables the key of the stage before, which
// deletions have too.
func (q *Query) byKey(left Input) {
	key := left.key()
	q.Joins[0].Left, q.Split.By = key, []Expr{key}
}

// key is the column that has the key of the rows of a stage that joins.
func (in Input) key() *Column {
	i := slices.Index(in.Rows.Key, true)
	in.Rows.Needed[i] = true
	return &Column{Index: i, Name: in.Rows.Columns[i].Name, T: in.Rows.Columns[i].Type}
}

// The sides of a join that is a stage.
const (
	LeftSide   = 0
	RightSide  = 1
	EitherSide = noSide
)

// keyColumn is the column of a joined row that has the join's key.
const keyColumn = 0

const joinKeyName = "ROWKEY"

// JoinedColumn is a column of the row that a join makes of two, or of one where the
// other side has none.
type JoinedColumn struct {
	// Side is whose it is. EitherSide is the join's key, which is the first column, and
	// after it the window's bounds where the join is Windowed: those of the side that
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

// keys are expressions over the sources of which each is the key of the join's rows:
// that of the side that there is.
func (j Join) keys() []Expr {
	switch j.Kind {
	case sql.LeftJoin:
		return []Expr{j.Left}
	case sql.RightJoin:
		return []Expr{j.Right}
	case sql.FullJoin:
		return []Expr{&Call{Func: "COALESCE", Args: []Expr{j.Left, j.Right}, T: j.Left.Type()}}
	}
	return []Expr{j.Left, j.Right}
}
