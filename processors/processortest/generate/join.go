package generate

import (
	"parallax/processors/row"
	"parallax/processors/sql"
)

// join joins a source to that of FROM, or that to itself, by two columns of one type,
// and returns what expressions can be made of then; nil where there are no such
// columns.
func (g *generator) join(q *query, sources []*source) []leaf {
	other := pick(g, sources...)
	type pair struct{ left, right int }
	var pairs []pair
	for i, l := range q.from.columns {
		for j, r := range other.columns {
			if l.Type.Equal(r.Type) && !holds(l.Type, row.Map) {
				pairs = append(pairs, pair{i, j})
			}
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	on := pick(g, pairs...)
	other.read = true
	other.values[on.right] = q.from.values[on.left] // so that rows match
	left, right := sql.Name{Text: "L"}, sql.Name{Text: "R"}
	q.alias, q.Select.From.Alias = left.Text, left
	condition := &sql.Binary{
		Op: "=",
		L:  &sql.Ref{Qualifier: left, Name: sql.Name{Text: q.from.columns[on.left].Name}},
		R:  &sql.Ref{Qualifier: right, Name: sql.Name{Text: other.columns[on.right].Name}},
	}
	if g.one(3) {
		condition.L, condition.R = condition.R, condition.L
	}
	before := pick(g, 0, 1_000, 5_000, 30_000)
	within := &sql.Within{Before: int64(before), After: int64(pick(g, before, before, 2_000, 20_000)), Grace: -1}
	if g.one(2) {
		within.Grace = int64(pick(g, 0, 1_000, 10_000))
	}
	q.Select.Joins = append(q.Select.Joins, sql.Join{
		Kind: pick(g, sql.InnerJoin, sql.LeftJoin, sql.RightJoin, sql.FullJoin),
		From: sql.From{Source: other.def.Name, Alias: right}, Within: within, On: condition,
	})
	return append(g.sideLeaves(q.from, left), g.sideLeaves(other, right)...)
}

// sideLeaves are the columns of a side of a join, under its name.
func (g *generator) sideLeaves(s *source, name sql.Name) []leaf {
	leaves := g.columnLeaves(s, "")
	for _, l := range leaves {
		l.expr.(*sql.Ref).Qualifier = name
	}
	return leaves
}
