package generate

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// aliases are what the sides of a join are called.
var aliases = []string{"A", "B", "D", "E"}

// joins joins sources to that of FROM, perhaps that itself, as far as there are such
// that can be, and returns whether there are.
func (g *generator) joins(q *query, sources []*source) bool {
	q.window = q.from.window
	q.sides = []*side{g.sideOf(q.from, aliases[0], true)}
	var before []sql.Expr // keys of the join so far
	for range pick(g, 1, 1, 1, 2, 2, 3) {
		var fit []*source
		for _, s := range sources {
			if joinable(q, s) {
				fit = append(fit, s)
			}
		}
		if len(fit) == 0 {
			break
		}
		other := pick(g, fit...)
		if other == q.from {
			other = pick(g, fit...)
		}
		right := g.sideOf(other, aliases[len(q.sides)], true)
		l, r := g.equality(q, right, before)
		if l == nil {
			break
		}
		j := sql.Join{From: sql.From{Source: other.def.Name, Alias: sql.Name{Text: right.alias}}, Kind: g.kind(q, other)}
		before = keysOf(j.Kind, l, r)
		if g.one(3) {
			l, r = r, l
		}
		j.On = &sql.Binary{Op: "=", L: l, R: r}
		if !other.def.Table {
			g.within(q, right, &j)
			q.window = nil // a join of streams has none
		}
		other.read = true
		q.Select.Joins = append(q.Select.Joins, j)
		q.sides = append(q.sides, right)
	}
	if len(q.Select.Joins) == 0 {
		return false
	}
	q.Select.From.Alias = sql.Name{Text: aliases[0]}
	q.key = pick(g, before...)
	return true
}

// joinable reports whether a source can be joined to the query's: a stream to
// streams, a table by the one column of its primary key to anything whose rows have
// windows like its own.
func joinable(q *query, s *source) bool {
	if s.def.Table {
		return len(s.key) == 1 && (!q.table() || len(q.from.key) == 1) && sameWindows(s.window, q.window)
	}
	return !q.table()
}

func (g *generator) kind(q *query, right *source) sql.JoinKind {
	if right.def.Table && !q.table() {
		return pick(g, sql.InnerJoin, sql.LeftJoin)
	}
	return pick(g, sql.InnerJoin, sql.LeftJoin, sql.RightJoin, sql.FullJoin)
}

// keysOf are expressions that are the key of a join's rows.
func keysOf(kind sql.JoinKind, l, r sql.Expr) []sql.Expr {
	switch kind {
	case sql.LeftJoin:
		return []sql.Expr{l}
	case sql.RightJoin:
		return []sql.Expr{r}
	case sql.FullJoin:
		return []sql.Expr{call("COALESCE", l, r)}
	}
	return []sql.Expr{l, r}
}

// equality is what a join goes by: columns of one type, or an expression of what
// stands before and a column; of a table its primary key. nil where there is none.
func (g *generator) equality(q *query, right *side, before []sql.Expr) (l, r sql.Expr) {
	own := pick(g, right.leaves[:len(right.columns)]...)
	if right.def.Table {
		own = right.column(right.key[0])
	}
	if holds(own.Type, row.Map) {
		return nil, nil
	}
	if q.table() {
		first := q.sides[0].column(q.from.key[0])
		if !first.Equal(own.Type) {
			return nil, nil
		}
		if before == nil {
			return first.expr, own.expr
		}
		return pick(g, before...), own.expr
	}
	var same []sql.Expr
	for _, s := range q.sides {
		for _, l := range s.leaves[:len(s.columns)] {
			if l.Equal(own.Type) {
				same = append(same, l.expr)
			}
		}
	}
	if len(same) > 0 && !g.one(6) {
		return pick(g, same...), own.expr
	}
	var x sql.Expr
	g.with(env{leaves: q.leaves()}, func() { x = cast(g.expr(g.castable(own.Type), 1+g.IntN(2)), own.Type) })
	if !varies(x) {
		return nil, nil
	}
	if !right.def.Table && g.one(3) {
		return x, cast(own.expr, own.Type)
	}
	return x, own.expr
}

// within bounds the times of a join of streams, now and then by BETWEEN.
func (g *generator) within(q *query, right *side, j *sql.Join) {
	before := pick[int64](g, 0, 1_000, 5_000, 30_000)
	after := pick(g, before, before, 2_000, 20_000)
	if g.one(6) && right.source != q.from {
		time := func(alias string) sql.Expr {
			return &sql.Ref{Qualifier: sql.Name{Text: alias}, Name: sql.Name{Text: "ROWTIME"}}
		}
		left := q.sides[g.IntN(len(q.sides))]
		j.On = &sql.Binary{Op: "AND", L: j.On, R: &sql.Between{
			X:    time(right.alias),
			Low:  &sql.Binary{Op: "-", L: time(left.alias), R: &sql.Interval{MS: before}},
			High: &sql.Binary{Op: "+", L: time(left.alias), R: &sql.Interval{MS: after}},
		}}
		return
	}
	j.Within = &sql.Within{Before: before, After: after, Grace: -1}
	if g.one(2) {
		j.Within.Grace = pick[int64](g, 0, 1_000, 10_000)
	}
}

// streams is how many of the sides are none of tables.
func (q *query) streams() (n int) {
	for _, s := range q.sides {
		if !s.def.Table {
			n++
		}
	}
	return n
}

// leaves are what all sides of the query have.
func (q *query) leaves() []leaf {
	var all []leaf
	for _, s := range q.sides {
		all = slices.Concat(all, s.leaves)
	}
	return all
}
