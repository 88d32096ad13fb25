package generate

import "parallax/processors/sql"

// over selects columns and functions with OVER, and expressions of both.
func (g *generator) over(q *query) {
	var by []sql.Expr
	for range pick(g, 0, 1, 1, 2) {
		by = append(by, g.key0(1))
	}
	by = distinctExprs(by)
	if len(by) == 0 {
		g.partitionBy(q)
	}
	event := &sql.Ref{Name: sql.Name{Text: "ROWTIME"}}
	if q.joined() {
		event.Qualifier.Text = q.sides[0].alias
	}
	if q.from.timestamp >= 0 && g.one(2) {
		event.Name.Text = q.from.columns[q.from.timestamp].Name
	}
	inner := g.env
	inner.leaves = append([]leaf(nil), g.leaves...)
	var calls []leaf
	for range 1 + g.IntN(3) {
		l := g.overLeaf(by, event)
		if q.streams() > 1 { // rows of two streams have no common event time to order by
			unordered(l.expr.(*sql.Call))
		}
		calls = append(calls, l)
		inner.leaves = append(inner.leaves, l, l)
	}
	for _, l := range calls {
		g.item(q, l.expr)
	}
	g.with(inner, func() { g.items(q, 0) })
}

// unordered removes ORDER BY, and everything that requires it.
func unordered(c *sql.Call) {
	c.Over.OrderBy = nil
	if c.Name.Text == "RANK" || c.Name.Text == "DENSE_RANK" {
		c.Name.Text = "ROW_NUMBER"
	}
}

func distinctExprs(all []sql.Expr) []sql.Expr {
	var out []sql.Expr
	seen := map[string]bool{}
	for _, x := range all {
		if printed := textOf(x); !seen[printed] {
			seen[printed] = true
			out = append(out, x)
		}
	}
	return out
}

// overLeaf is a function with OVER.
func (g *generator) overLeaf(by []sql.Expr, event *sql.Ref) leaf {
	var l leaf
	framed, ordered := false, false
	t := g.scalar()
	switch g.IntN(4) {
	case 0:
		name := pick(g, "ROW_NUMBER", "RANK", "DENSE_RANK")
		ordered = name != "ROW_NUMBER"
		l = leaf{call(name), bigint}
	case 1:
		lag := call("LAG", g.solid(t, g.IntN(2)))
		l = leaf{lag, t}
		if g.one(2) {
			lag.Args = append(lag.Args, &sql.Number{Text: pick(g, "0", "1", "2", "3")})
			if g.one(2) {
				lag.Args = append(lag.Args, g.expr(t, 1))
			}
		}
	case 2:
		framed = true
		l = leaf{call(pick(g, "FIRST_VALUE", "LAST_VALUE"), g.expr(t, g.IntN(2))), t}
	default:
		framed = true
		l = g.aggregateLeaf(aggregateCalls, 0)
	}
	c := l.expr.(*sql.Call)
	c.Over = &sql.Over{PartitionBy: by}
	if ordered || g.one(2) {
		c.Over.OrderBy = []sql.Order{{X: event}}
	}
	if framed {
		c.Over.Frame = &sql.Frame{Unit: "ROWS", Start: sql.FrameBound{Kind: sql.Preceding, Rows: pick(g, "", "0", "1", "2", "5")}, End: sql.FrameBound{Kind: sql.CurrentRow}}
		if g.one(4) {
			c.Over.Frame, c.Over.Buffer = nil, pick(g, "1", "2", "4")
		}
	}
	return l
}
