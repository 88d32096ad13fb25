package generate

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// aliases are the names of the sides of a join.
var aliases = []string{"A", "B", "D", "E"}

// joins joins random sources to the source of FROM, possibly itself, if any can be joined,
// and reports whether it did.
func (g *generator) joins(q *query, sources []*source) bool {
	q.window = q.from.window
	q.sides = []*side{g.sideOf(q.from, aliases[0], true)}
	var before [][]sql.Expr // by key column of the join so far, the expressions that are equal to it
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
		on := g.equalities(q, right, before)
		if on == nil {
			break
		}
		j := sql.Join{From: sql.From{Source: other.def.Name, Alias: sql.Name{Text: right.alias}}, Kind: g.kind(q, other)}
		before = keysOf(j.Kind, on)
		j.On = g.conjunction(on)
		if !other.def.Table {
			g.within(q, right, &j)
			q.window = nil // a join of streams has no window
		}
		other.read = true
		q.Select.Joins = append(q.Select.Joins, j)
		q.sides = append(q.sides, right)
	}
	if len(q.Select.Joins) == 0 {
		return false
	}
	q.Select.From.Alias = sql.Name{Text: aliases[0]}
	for _, same := range before {
		q.key = append(q.key, pick(g, same...))
	}
	return true
}

// joinable reports whether a source can be joined to the query's sources: a stream to
// streams; a table by its primary key to rows with the same windows, and to tables whose
// key has as many columns.
func joinable(q *query, s *source) bool {
	if s.def.Table {
		return len(s.key) > 0 && (!q.table() || len(q.from.key) == len(s.key)) && sameWindows(s.window, q.window)
	}
	return !q.table()
}

func (g *generator) kind(q *query, right *source) sql.JoinKind {
	if right.def.Table && !q.table() {
		return pick(g, sql.InnerJoin, sql.LeftJoin)
	}
	return pick(g, sql.InnerJoin, sql.LeftJoin, sql.RightJoin, sql.FullJoin)
}

// equality is an equality of a join: an expression over the sources before it, and one over
// its own source.
type equality struct{ l, r sql.Expr }

// keysOf are, for each column of the key of a join's rows, expressions that are it.
func keysOf(kind sql.JoinKind, on []equality) (keys [][]sql.Expr) {
	for _, e := range on {
		switch kind {
		case sql.LeftJoin:
			keys = append(keys, []sql.Expr{e.l})
		case sql.RightJoin:
			keys = append(keys, []sql.Expr{e.r})
		case sql.FullJoin:
			keys = append(keys, []sql.Expr{call("COALESCE", e.l, e.r)})
		default:
			keys = append(keys, []sql.Expr{e.l, e.r})
		}
	}
	return keys
}

// conjunction combines the equalities of ON, each in either direction.
func (g *generator) conjunction(on []equality) (x sql.Expr) {
	for _, e := range on {
		if g.one(3) {
			e.l, e.r = e.r, e.l
		}
		var equal sql.Expr = &sql.Binary{Op: "=", L: e.l, R: e.r}
		if x != nil {
			equal = &sql.Binary{Op: "AND", L: x, R: equal}
		}
		x = equal
	}
	return x
}

// equalities returns the equalities of a join: for a table each column of its primary key,
// in any order; for a stream mostly one column. nil if there are none.
func (g *generator) equalities(q *query, right *side, before [][]sql.Expr) []equality {
	if !right.def.Table {
		var on []equality
		for range pick(g, 1, 1, 1, 2, 2, 3) {
			e := g.equality(q, right, pick(g, right.leaves[:len(right.columns)]...))
			if e.l != nil && !slices.ContainsFunc(on, e.same) {
				on = append(on, e)
			}
		}
		return on
	}
	own := make([]leaf, len(right.key))
	for to, from := range g.Perm(len(own)) {
		own[to] = right.column(right.key[from])
	}
	if q.table() {
		return g.tableKeys(q, own, before)
	}
	var on []equality
	for _, column := range own {
		e := g.equality(q, right, column)
		if e.l == nil {
			return nil
		}
		on = append(on, e)
	}
	return on
}

// tableKeys returns the equalities of two tables: each column of one key with a column of
// the other key that has its type.
func (g *generator) tableKeys(q *query, own []leaf, before [][]sql.Expr) (on []equality) {
	left := g.Perm(len(own))
	for _, column := range own {
		at := slices.IndexFunc(left, func(k int) bool { return q.sides[0].column(q.from.key[k]).Equal(column.Type) })
		if at < 0 || holds(column.Type, row.Map) {
			return nil
		}
		k := left[at]
		left = slices.Delete(left, at, at+1)
		l := q.sides[0].column(q.from.key[k]).expr
		if before != nil {
			l = pick(g, before[k]...)
		}
		on = append(on, equality{l, column.expr})
	}
	return on
}

func (e equality) same(other equality) bool {
	return textOf(e.l) == textOf(other.l) && textOf(e.r) == textOf(other.r)
}

// equality compares a column with a column of its type in the sources before it, or with an
// expression over these; its sides are nil if there is neither.
func (g *generator) equality(q *query, right *side, own leaf) (e equality) {
	if holds(own.Type, row.Map) {
		return e
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
		return equality{pick(g, same...), own.expr}
	}
	var x sql.Expr
	g.with(env{leaves: q.leaves()}, func() { x = cast(g.expr(g.castable(own.Type), 1+g.IntN(2)), own.Type) })
	if !varies(x) {
		return e
	}
	if !right.def.Table && g.one(3) {
		return equality{x, cast(own.expr, own.Type)}
	}
	return equality{x, own.expr}
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

// streams counts the sides that are streams.
func (q *query) streams() (n int) {
	for _, s := range q.sides {
		if !s.def.Table {
			n++
		}
	}
	return n
}

// leaves returns the leaves of all sides of the query.
func (q *query) leaves() []leaf {
	var all []leaf
	for _, s := range q.sides {
		all = slices.Concat(all, s.leaves)
	}
	return all
}
