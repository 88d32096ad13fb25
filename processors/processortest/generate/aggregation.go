package generate

import (
	"slices"

	"parallax/processors/functions/aggregates"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// aggregate is an aggregate of the registry with one of its signatures.
type aggregate struct {
	*aggregates.Function
	signature
}

// aggregateCalls are all aggregates of the registry with their signatures.
var aggregateCalls = func() (all []aggregate) {
	list := aggregates.All()
	for i := range list {
		for _, text := range list[i].Signatures {
			all = append(all, aggregate{&list[i], readSignature(string(list[i].Name), text)})
		}
	}
	return all
}()

// undoable are those that a table's rows can be aggregated by.
var undoable = slices.DeleteFunc(slices.Clone(aggregateCalls), func(a aggregate) bool { return !a.Undo })

// aggregateLeaf returns a call of one of the aggregates, by any of its names. Its arguments
// are nested up to depth.
func (g *generator) aggregateLeaf(list []aggregate, depth int) leaf {
	if g.one(6) {
		return leaf{&sql.Call{Name: sql.Name{Text: "COUNT"}, Star: true}, bigint}
	}
	a := pick(g, list...)
	bound := map[string]row.Type{"T": g.any(depth), "U": g.any(depth)}
	c := call(pick(g, append([]string{string(a.Name)}, a.Aliases...)...))
	values := max(1, a.Values)
	var types []row.Type
	add := func(p *param) {
		t := g.typeOf(&p.pattern, bound)
		types = append(types, t)
		c.Args = append(c.Args, g.solid(t, g.IntN(3)))
	}
	for i := range a.params {
		switch p := &a.params[i]; {
		case a.Others && i == len(a.params)-1:
			for range g.IntN(3) {
				add(&param{pattern: pattern{kind: pick(g, integer, text, boolean, double).Kind}})
			}
			c.Args = append(c.Args, g.constant(p))
		case i < values || a.Others:
			add(p)
		case i < a.required || g.one(2):
			c.Args = append(c.Args, g.constant(p))
		default:
			return g.typed(a, c, types, bound)
		}
	}
	return g.typed(a, c, types, bound)
}

// typed returns the type of a call with arguments of these types.
func (g *generator) typed(a aggregate, c *sql.Call, types []row.Type, bound map[string]row.Type) leaf {
	if a.Name == aggregates.Count && g.one(4) {
		c.Distinct = true
	}
	t := g.typeOf(&a.result, bound)
	if a.Type != nil {
		t = a.Type(types)
	}
	return leaf{c, t}
}

// constant returns an argument that must be constant, such as a number of elements.
func (g *generator) constant(p *param) sql.Expr {
	switch {
	case p.kind == row.Double:
		return number(pick(g, "0.5", "0.25", "1e0"))
	case p.kind == row.Boolean:
		return &sql.Bool{Value: g.one(2)}
	case p.kind == row.String:
		return &sql.Text{Value: pick(g, ",", "", "; ")}
	}
	return number(pick(g, "1", "2", "3"))
}

// aggregation groups, perhaps in windows.
func (g *generator) aggregation(q *query) {
	list := aggregateCalls
	if q.table() {
		list = undoable
	}
	q.grouped = true
	q.Table = q.Name.Text != "" && (q.table() || !g.one(8))
	if q.twin != nil && g.one(3) {
		q.Table = false
	}
	groups := g.groupBy(q)
	g.windowOf(q)
	inner := env{}
	for range 1 + g.IntN(3) {
		inner.leaves = append(inner.leaves, g.aggregateLeaf(list, 1))
	}
	if q.Select.Window != nil && !slices.ContainsFunc(q.sides, func(s *side) bool { return s.window != nil }) { // else these are columns
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
		if g.one(3) || q.table() && g.one(2) {
			q.Select.Having = g.expr(boolean, 1+g.IntN(2))
			if g.one(2) { // a condition that may hold for any group
				odd := &sql.Binary{Op: "%", L: &sql.Call{Name: sql.Name{Text: "COUNT"}, Star: true}, R: number("2")}
				q.Select.Having = &sql.Binary{Op: "=", L: odd, R: number("1")}
			}
		}
	})
	q.Select.Emit = pick(g, sql.EmitDefault, sql.EmitChanges, sql.EmitFinal)
	if !hasAggregate(q.Select) && len(groups) == 0 {
		g.item(q, &sql.Call{Name: sql.Name{Text: "COUNT"}, Star: true})
	}
}

// groupBy draws the groups.
func (g *generator) groupBy(q *query) []leaf {
	if q.twin != nil {
		return g.twinGroup(q)
	}
	var groups []leaf
	seen := map[string]bool{}
	n := pick(g, 0, 1, 1, 1, 2, 2, 3)
	if q.pairing {
		n = pick(g, 1, 1, 2)
	}
	for range n {
		var l leaf
		for l.expr == nil || holds(l.Type, row.Map) || !varies(l.expr) {
			if l = pick(g, g.leaves...); g.one(3) {
				l.Type = pick(g, g.scalar(), integer, text, g.any(1))
				l.expr = g.expr(l.Type, 1+g.IntN(2))
			}
		}
		if g.one(10) {
			l = g.sameKey()
		}
		if printed := textOf(l.expr); !seen[printed] {
			seen[printed] = true
			groups = append(groups, l)
			q.Select.GroupBy = append(q.Select.GroupBy, l.expr)
		}
	}
	return groups
}

// windowOf returns a random window, or none.
func (g *generator) windowOf(q *query) {
	if q.twin != nil {
		g.twinWindow(q)
		return
	}
	if q.table() || g.one(4) && !q.pairing {
		return
	}
	second := int64(1000)
	w := &sql.Window{Kind: pick(g, "TUMBLING", "TUMBLING", "HOPPING", "SLIDING", "SESSION", "SESSION"), Grace: pick[int64](g, 0, 1, 2, 5, 20) * second, Retention: -1}
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
	if q.Name.Text != "" && w.Kind != "SESSION" && g.one(6) && !q.pairing {
		q.with("EMIT_SCOPE", "window")
	}
}

func hasAggregate(s *sql.Select) bool {
	found := false
	visit := func(x sql.Expr) bool {
		c, ok := x.(*sql.Call)
		found = found || ok && aggregates.Lookup(c.Name.Text) != nil
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
