package generate

import (
	"fmt"
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// form is a kind of query: it fills in the clauses that make it one. The columns
// of the source are what expressions are made of when it is called.
type form struct {
	weight int
	make   func(g *generator, q *query)
	// alone says that it is not drawn over a join.
	alone bool
}

var forms = []form{
	{weight: 3, make: (*generator).projection},
	{weight: 2, make: (*generator).explode},
	{weight: 1, make: (*generator).distinct},
	{weight: 2, make: (*generator).over, alone: true},
	{weight: 6, make: (*generator).aggregation},
}

// query is a statement in the making.
type query struct {
	*sql.CreateAs
	from  *source
	alias string
	names int // of items
}

func (q *query) with(name, value string) {
	q.With = append(q.With, sql.Property{Name: sql.Name{Text: name}, Value: value})
}

// query makes a statement that reads a source, perhaps joined with one.
func (g *generator) query(from *source, sources []*source, n int, named bool) sql.Statement {
	q := &query{CreateAs: &sql.CreateAs{Select: &sql.Select{From: sql.From{Source: from.def.Name}}}, from: from}
	if named || g.one(2) {
		q.Name = sql.Name{Text: fmt.Sprintf("OUT_%d", n)}
	}
	var leaves []leaf
	if g.one(4) {
		leaves = g.join(q, sources)
	}
	if leaves == nil {
		if g.one(4) {
			q.alias = "X"
			q.Select.From.Alias = sql.Name{Text: q.alias}
		}
		leaves = g.columnLeaves(from, q.alias)
	}
	columns := env{leaves: leaves, ofRecord: true}
	g.with(columns, func() {
		if g.one(2) {
			q.Select.Where = g.expr(boolean, 1+g.IntN(3))
		}
		var all []form
		for _, f := range forms {
			if f.alone && len(q.Select.Joins) > 0 {
				continue
			}
			for range f.weight {
				all = append(all, f)
			}
		}
		pick(g, all...).make(g, q)
	})
	if q.Name.Text != "" {
		g.sink(q)
	}
	if g.one(12) && !slices.ContainsFunc(q.With, func(p sql.Property) bool { return p.Name.Text == "EMIT_SCOPE" }) {
		q.Select.Limit = pick(g, "0", "1", "3", "8", "20", "50")
	}
	return q.CreateAs
}

// sink draws what WITH says of the output.
func (g *generator) sink(q *query) {
	if g.one(5) {
		q.with("KEY_FORMAT", pick(g, "JSON", "STRING", "KAFKA"))
	}
	if g.one(6) {
		q.with("KEY_IN_VALUE", "false")
	}
	if g.one(4) {
		q.with("PARTITIONS", "3")
	}
}

// item selects an expression, once if it is a key.
func (g *generator) item(q *query, x sql.Expr) {
	printed := textOf(x)
	for _, it := range q.Select.Items {
		if it.Expr != nil && textOf(it.Expr) == printed {
			return
		}
	}
	it := sql.Item{Expr: x}
	if _, column := x.(*sql.Ref); !column || g.one(3) || isSystem(x) {
		it.Alias = sql.Name{Text: fmt.Sprintf("I%d", q.names)}
		q.names++
	}
	q.Select.Items = append(q.Select.Items, it)
}

// items selects n expressions or more.
func (g *generator) items(q *query, n int) {
	for range n + g.IntN(3) {
		if g.one(4) {
			g.item(q, g.anyCall(1+g.IntN(2)))
		} else {
			g.item(q, g.solid(g.any(2), 1+g.IntN(4)))
		}
	}
	for len(q.Select.Items) == 0 {
		g.item(q, g.solid(g.scalar(), 1))
	}
}

// isSystem reports whether a column has to have an alias.
func isSystem(x sql.Expr) bool {
	name := x.(*sql.Ref).Name.Text
	return name[0] == '_' || name == "ROWTIME" || name == "ROWPARTITION" || name == "ROWOFFSET" || name == "WINDOWSTART" || name == "WINDOWEND"
}

// textOf is an expression as it is written.
func textOf(x sql.Expr) string {
	return sql.StatementText(&sql.CreateAs{Select: &sql.Select{Items: []sql.Item{{Expr: x}}, From: sql.From{Source: sql.Name{Text: "S"}}}})
}

func (g *generator) projection(q *query) {
	g.partitionBy(q)
	switch {
	case g.one(12):
		q.Select.Items = []sql.Item{{Star: true}}
		return
	case g.one(12):
		for _, c := range q.from.columns {
			if c.Type.Kind == row.Struct {
				x := &sql.Ref{Name: sql.Name{Text: c.Name}}
				if len(q.Select.Joins) > 0 {
					x.Qualifier.Text = q.alias
				}
				q.Select.Items = append(q.Select.Items, sql.Item{Star: true, Expr: x})
				return
			}
		}
	}
	g.items(q, 1)
}

// distinct selects what can be a key.
func (g *generator) distinct(q *query) {
	q.Select.Distinct = true
	for range 1 + g.IntN(2) {
		g.item(q, g.key0(2))
	}
}

// key0 is an expression that can be a key: no MAP, and no constant.
func (g *generator) key0(depth int) sql.Expr {
	for range 20 {
		t := pick(g, g.scalar(), text, integer, g.any(2))
		if holds(t, row.Map) {
			continue
		}
		x := g.expr(t, g.IntN(depth+1))
		if varies(x) {
			return x
		}
	}
	return pick(g, g.leaves[:1]...).expr
}

// varies reports whether an expression has a column in it.
func varies(x sql.Expr) bool {
	found := false
	sql.Walk(x, func(x sql.Expr) bool {
		_, ref := x.(*sql.Ref)
		found = found || ref
		return !found
	})
	return found
}
