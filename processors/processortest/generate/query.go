package generate

import (
	"fmt"
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// form is a kind of query. Its fill adds the clauses of that kind. Expressions are made of
// the sources' columns.
type form struct {
	weight int
	make   func(g *generator, q *query)
	// streams: the kind is not for tables.
	streams bool
}

var forms = []form{
	{weight: 3, make: (*generator).projection},
	{weight: 2, make: (*generator).explode, streams: true},
	{weight: 1, make: (*generator).distinct, streams: true},
	{weight: 2, make: (*generator).over, streams: true},
	{weight: 6, make: (*generator).aggregation},
}

// query is a statement in the making.
type query struct {
	*sql.CreateAs
	from *source
	// sides are the sources: FROM, and its joins. The key of the joins is then the key of
	// the rows.
	sides []*side
	key   []sql.Expr
	// window is the window of its joined sources' rows.
	window *sql.Window
	// items are called by a prefix and their number.
	prefix string
	names  int
	// grouped: the query is an aggregation.
	grouped bool
	// twin is the source to which its rows are joined by key and window, so that it must be
	// an aggregation with the same key and window; nil for none.
	twin *source
	// pairing: the query will get a twin.
	pairing bool
	// time is its timestamp= column, "" for none.
	time string
}

// table reports whether the query reads only tables, which is so if FROM is a table.
func (q *query) table() bool { return q.from.def.Table }

func (q *query) joined() bool { return len(q.sides) > 1 }

func (q *query) with(name, value string) {
	q.With = append(q.With, sql.Property{Name: sql.Name{Text: name}, Value: value})
}

// scoped reports whether it emits all groups of a window for each record.
func (q *query) scoped() bool {
	return slices.ContainsFunc(q.With, func(p sql.Property) bool { return p.Name.Text == "EMIT_SCOPE" })
}

// query returns the n-th statement, which reads some of the sources; last: it is the last
// one.
func (g *generator) query(sources []*source, n int, last bool) *query {
	from, twin := pick(g, sources...), g.twinOf(sources, last)
	pairing := g.pairing && n == 0
	if newest := sources[len(sources)-1]; twin != nil || pairing {
		from = g.twinSource(sources)
	} else if newest.made && !g.one(4) {
		from = newest
	}
	from.read = true
	q := &query{CreateAs: &sql.CreateAs{Select: &sql.Select{From: sql.From{Source: from.def.Name}}}, from: from, twin: twin, pairing: pairing, prefix: string(rune('I' + n))}
	if n > 0 || !last || g.one(2) {
		q.Name = sql.Name{Text: fmt.Sprintf("OUT_%d", n)}
		q.Table = q.table()
	}
	if !(g.one(2) && len(sources) > 1 || g.one(8)) || !g.joins(q, sources) {
		alias := ""
		if g.one(4) {
			alias = "X"
			q.Select.From.Alias = sql.Name{Text: alias}
		}
		q.sides = []*side{g.sideOf(from, alias, false)}
	}
	g.with(env{leaves: q.leaves(), ofRecord: true}, func() {
		if g.one(2) {
			q.Select.Where = g.expr(boolean, 1+g.IntN(3))
		}
		if q.twin != nil || q.pairing {
			g.aggregation(q)
			return
		}
		var all []form
		for _, f := range forms {
			if f.streams && q.table() {
				continue
			}
			for range f.weight {
				all = append(all, f)
			}
		}
		pick(g, all...).make(g, q)
	})
	if q.Name.Text != "" {
		g.sink(q, last)
	}
	if q.twin == nil && g.one(12) && !q.scoped() {
		q.Select.Limit = pick(g, "0", "1", "3", "8", "20", "50")
	}
	return q
}

// sink chooses the properties of the output. The last query's output is not read by another
// one.
func (g *generator) sink(q *query, last bool) {
	if g.one(5) || !last && g.one(4) {
		g.sinkTime(q)
	}
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

// fit sets a query's value format to JSON if the source's format does not support its rows.
// That is the last change to a script.
func (q *query) fit(script *sql.Script) {
	if planned(script) {
		return
	}
	if q.Name.Text == "" {
		q.Name.Text, q.Table = "OUT_0", q.table() || q.grouped
	}
	q.With = slices.DeleteFunc(q.With, func(p sql.Property) bool { return p.Name.Text == "KEY_FORMAT" })
	q.with("FORMAT", "JSON")
	if !planned(script) { // its time column is not in the value
		q.withoutTime()
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
		it.Alias = sql.Name{Text: fmt.Sprintf("%s%d", q.prefix, q.names)}
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

// isSystem reports whether a selected column needs an alias.
func isSystem(x sql.Expr) bool {
	name := x.(*sql.Ref).Name.Text
	return name[0] == '_' || name == "ROWTIME" || name == "ROWPARTITION" || name == "ROWOFFSET" || name == "WINDOWSTART" || name == "WINDOWEND"
}

// textOf is an expression as it is written.
func textOf(x sql.Expr) string {
	return sql.StatementText(&sql.CreateAs{Select: &sql.Select{Items: []sql.Item{{Expr: x}}, From: sql.From{Source: sql.Name{Text: "S"}}}})
}

func (g *generator) projection(q *query) {
	if !q.table() {
		g.partitionBy(q)
	}
	switch {
	case g.one(12):
		q.Select.Items = []sql.Item{{Star: true}}
		return
	case g.one(12):
		for i, c := range q.from.columns {
			if c.Type.Kind == row.Struct {
				q.Select.Items = append(q.Select.Items, sql.Item{Star: true, Expr: q.sides[0].column(i).expr})
				return
			}
		}
	}
	for _, column := range q.key {
		if g.one(3) {
			g.item(q, column)
		}
	}
	g.items(q, 1)
}

// distinct selects expressions that can be a key.
func (g *generator) distinct(q *query) {
	q.Select.Distinct = true
	for range 1 + g.IntN(2) {
		g.item(q, g.key0(2))
	}
}

// key0 is an expression that can be a key: no MAP, and no constant.
func (g *generator) key0(depth int) sql.Expr {
	if g.one(10) {
		return g.sameKey().expr
	}
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

// sameKey is a key that is the same for all records.
func (g *generator) sameKey() leaf {
	t := g.scalar()
	x := g.literal(t)
	for isNull(x) {
		x = g.literal(t)
	}
	return leaf{x, t}
}

// varies reports whether an expression has a column in it.
func varies(x sql.Expr) bool {
	found := false
	var params []sql.Name
	sql.Walk(x, func(x sql.Expr) bool {
		switch x := x.(type) {
		case *sql.Lambda:
			params = append(params, x.Params...)
		case *sql.Ref:
			found = found || x.Qualifier.Text != "" || !slices.Contains(params, x.Name)
		}
		return !found
	})
	return found
}
