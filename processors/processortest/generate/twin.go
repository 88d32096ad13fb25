package generate

import (
	"parallax/processors/row"
	"parallax/processors/sql"
)

// Tables of windows join where keys and windows are equal, which two queries drawn by
// themselves hardly ever have. So a query is drawn as the twin of another: it groups by
// columns of the same types in windows of the same kind and size.

// paired sets up the case so that the second query is a twin of the first query's table.
func (g *generator) paired(sources []*source) bool {
	return g.one(10) && g.twinSource(sources) != nil
}

// sameWindows reports whether rows in such windows can be joined by them.
func sameWindows(a, b *sql.Window) bool {
	if a == nil || b == nil {
		return a == b
	}
	return kindOf(a) == kindOf(b) && a.Size == b.Size && a.Advance == b.Advance
}

func kindOf(w *sql.Window) string {
	if w.Kind == "SLIDING" {
		return "HOPPING" // which is the same
	}
	return w.Kind
}

// pairs reports whether a table of windows can be joined with another one.
func (s *source) pairs() bool {
	return s.def.Table && s.window != nil && len(s.key) > 0
}

// twinOf returns the newest source if the next query is to be its twin; nil for none.
func (g *generator) twinOf(sources []*source, last bool) *source {
	newest := sources[len(sources)-1]
	if !newest.pairs() || last || g.twinSource(sources) == nil || g.one(4) {
		return nil
	}
	return newest
}

// twinSource returns a stream that records are made for; nil if there is none.
func (g *generator) twinSource(sources []*source) *source {
	var streams []*source
	for _, s := range sources {
		if !s.made && !s.def.Table {
			streams = append(streams, s)
		}
	}
	if len(streams) == 0 {
		return nil
	}
	return pick(g, streams...)
}

// twinGroup groups by expressions with the types of the twin's key, in its order.
func (g *generator) twinGroup(q *query) (groups []leaf) {
	seen := map[string]bool{}
	for _, k := range q.twin.key {
		by := g.twinColumn(q, q.twin.columns[k].Type)
		if printed := textOf(by.expr); seen[printed] {
			by.expr = g.everySecond(q, by.Type) // a group of its own
		} else {
			seen[printed] = true
		}
		q.Select.GroupBy = append(q.Select.GroupBy, by.expr)
		groups = append(groups, by)
	}
	return groups
}

// twinColumn is a column of a type, or an expression.
func (g *generator) twinColumn(q *query, t row.Type) leaf {
	var same []leaf
	for _, l := range g.leaves {
		if l.Equal(t) {
			same = append(same, l)
		}
	}
	by := leaf{cast(g.expr(g.castable(t), 1+g.IntN(2)), t), t}
	if len(same) > 0 && !g.one(6) {
		by = pick(g, same...)
	}
	if !varies(by.expr) {
		by.expr = g.everySecond(q, t)
	}
	return by
}

// everySecond is some value of a type for each second record, and NULL else.
func (g *generator) everySecond(q *query, t row.Type) sql.Expr {
	offset := &sql.Ref{Name: sql.Name{Text: "ROWOFFSET"}}
	if q.joined() {
		offset.Qualifier.Text = q.sides[0].alias
	}
	even := &sql.Binary{Op: "=", L: &sql.Binary{Op: "%", L: offset, R: number("2")}, R: number("0")}
	return &sql.Case{Whens: []sql.When{{If: even, Then: cast(g.literal(t), t)}}}
}

// twinWindow is the twin's window, perhaps with another grace.
func (g *generator) twinWindow(q *query) {
	w := *q.twin.window
	w.Grace = pick[int64](g, w.Grace, 0, 2_000, 20_000)
	q.Select.Window = &w
}
