package generate

import (
	"slices"

	"parallax/processors/sql"
)

// partitionBy keys the rows of a query, now and then.
func (g *generator) partitionBy(q *query) {
	switch g.IntN(8) {
	case 0:
		q.Select.PartitionBy = []sql.Expr{&sql.Null{}}
	case 1, 2, 3:
		for range 1 + g.IntN(2) {
			q.Select.PartitionBy = append(q.Select.PartitionBy, g.key0(2))
		}
		q.Select.PartitionBy = distinctExprs(q.Select.PartitionBy)
	}
}

// explode selects elements of ARRAYs, and expressions of these and of columns.
func (g *generator) explode(q *query) {
	g.partitionBy(q)
	inner := g.env
	inner.leaves = slices.Clone(g.leaves)
	var elements []leaf
	for range 1 + g.IntN(2) {
		t := g.any(1)
		l := leaf{call("EXPLODE", g.solid(arrayOf(t), g.IntN(3))), t}
		elements = append(elements, l)
		inner.leaves = append(inner.leaves, l, l)
	}
	for _, l := range elements {
		g.item(q, l.expr)
	}
	g.with(inner, func() { g.items(q, 0) })
}

// isExploded reports whether a leaf is an element of EXPLODE.
func isExploded(l leaf) bool {
	c, ok := l.expr.(*sql.Call)
	return ok && c.Name.Text == "EXPLODE"
}
