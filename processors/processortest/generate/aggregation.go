package generate

import (
	"parallax/processors/row"
	"parallax/processors/sql"
)

// aggregate is an aggregate function: what its argument may be and what it gives.
type aggregate struct {
	name  string
	takes func(g *generator) row.Type // nil for any type
	gives func(row.Type) row.Type
}

var aggregates = []aggregate{
	{"COUNT", nil, func(row.Type) row.Type { return bigint }},
	{"SUM", (*generator).numeric, sumOf},
	{"AVG", (*generator).numeric, averageOf},
	{"MIN", (*generator).scalar, func(t row.Type) row.Type { return t }},
	{"MAX", (*generator).scalar, func(t row.Type) row.Type { return t }},
}

func sumOf(t row.Type) row.Type {
	switch t.Kind {
	case row.Int:
		return bigint
	case row.Decimal:
		return row.DecimalType(row.MaxPrecision, t.Scale)
	}
	return t
}

func averageOf(t row.Type) row.Type {
	if t.Kind == row.Decimal {
		return row.DecimalType(row.MaxPrecision, max(6, t.Scale))
	}
	return double
}

// aggregateLeaf is an aggregate over a random argument; any is any type that one
// may have.
func (g *generator) aggregateLeaf(any func(*generator) row.Type) leaf {
	if g.one(5) {
		return leaf{&sql.Call{Name: sql.Name{Text: "COUNT"}, Star: true}, bigint}
	}
	a := pick(g, aggregates...)
	if a.takes == nil {
		a.takes = any
	}
	t := a.takes(g)
	return leaf{call(a.name, g.expr(t, g.IntN(3))), a.gives(t)}
}

// aggregation groups, perhaps in windows.
func (g *generator) aggregation(q *query) {
	q.Table = q.Name.Text != ""
	groups := g.groupBy(q)
	g.windowOf(q)
	inner := env{}
	for range 1 + g.IntN(3) {
		inner.leaves = append(inner.leaves, g.aggregateLeaf(func(g *generator) row.Type { return g.any(1) }))
	}
	if q.Select.Window != nil {
		inner.leaves = append(inner.leaves, leaf{&sql.Ref{Name: sql.Name{Text: "WINDOWSTART"}}, bigint}, leaf{&sql.Ref{Name: sql.Name{Text: "WINDOWEND"}}, bigint})
	}
	plain := inner.leaves
	inner.leaves = append(append([]leaf(nil), groups...), plain...)
	g.with(inner, func() {
		for _, l := range groups {
			if g.one(2) {
				g.item(q, l.expr)
			}
		}
		for _, l := range plain {
			if g.one(2) {
				g.item(q, l.expr)
			}
		}
		for g.one(2) || len(q.Select.Items) == 0 {
			g.item(q, g.solid(g.any(1), 1+g.IntN(3)))
		}
		if g.one(3) {
			q.Select.Having = g.expr(boolean, 1+g.IntN(2))
		}
	})
	q.Select.Emit = pick(g, sql.EmitDefault, sql.EmitChanges, sql.EmitFinal)
	if !hasAggregate(q.Select) && len(groups) == 0 {
		g.item(q, &sql.Call{Name: sql.Name{Text: "COUNT"}, Star: true})
	}
}

// groupBy draws the groups.
func (g *generator) groupBy(q *query) []leaf {
	var groups []leaf
	seen := map[string]bool{}
	for range pick(g, 0, 1, 1, 1, 2, 2, 3) {
		var l leaf
		for l.expr == nil || holds(l.Type, row.Map) || !varies(l.expr) {
			if l = pick(g, g.leaves...); g.one(3) {
				l.Type = pick(g, g.scalar(), integer, text, g.any(1))
				l.expr = g.expr(l.Type, 1+g.IntN(2))
			}
		}
		if printed := textOf(l.expr); !seen[printed] {
			seen[printed] = true
			groups = append(groups, l)
			q.Select.GroupBy = append(q.Select.GroupBy, l.expr)
		}
	}
	return groups
}

// windowOf draws a window, or none.
func (g *generator) windowOf(q *query) {
	if g.one(3) {
		return
	}
	second := int64(1000)
	w := &sql.Window{Kind: pick(g, "TUMBLING", "HOPPING", "SLIDING", "SESSION"), Grace: pick[int64](g, 0, 1, 2, 5, 20) * second, Retention: -1}
	if g.one(10) {
		w.Grace = -1
	}
	switch w.Kind {
	case "TUMBLING":
		w.Size = pick[int64](g, 1, 3, 10, 60) * second
	case "SESSION":
		w.Size = pick[int64](g, 500, 1500, 3000, 10_000)
	default:
		w.Advance = pick[int64](g, 500, 1000, 2000)
		w.Size = w.Advance * pick[int64](g, 1, 2, 3, 5)
		if g.one(3) {
			w.Size += 250
		}
	}
	q.Select.Window = w
	if q.Name.Text != "" && w.Kind != "SESSION" && g.one(6) {
		q.with("EMIT_SCOPE", "window")
	}
}

func hasAggregate(s *sql.Select) bool {
	found := false
	visit := func(x sql.Expr) bool {
		c, ok := x.(*sql.Call)
		for _, a := range aggregates {
			found = found || ok && c.Name.Text == a.name
		}
		return !found
	}
	for _, it := range s.Items {
		sql.Walk(it.Expr, visit)
	}
	if s.Having != nil {
		sql.Walk(s.Having, visit)
	}
	return found
}
