package generate

import (
	"cmp"
	"slices"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// side is a source of a query with its alias: FROM, or a join.
type side struct {
	*source
	alias  string
	leaves []leaf
}

// sideOf is a source of a query under a name; of a join, all columns are qualified by
// it.
func (g *generator) sideOf(s *source, alias string, joined bool) *side {
	out := &side{source: s, alias: alias, leaves: g.columnLeaves(s, alias)}
	if joined {
		for _, l := range out.leaves {
			l.expr.(*sql.Ref).Qualifier.Text = alias
		}
	}
	return out
}

// column is the leaf of a column.
func (s *side) column(i int) leaf { return s.leaves[i] }

// madeBy returns the output of the query, which is the last of a script, as a source for
// later queries, with the columns that the planner derives. It is nil if the planner
// refuses the script, or no query may read the output.
func (q *query) madeBy(script *sql.Script) *source {
	probe := &sql.Script{Statements: append(script.Statements[:len(script.Statements):len(script.Statements)], &sql.CreateAs{
		Select: &sql.Select{From: sql.From{Source: q.Name}, Items: []sql.Item{{Star: true}}},
	})}
	p, err := compile(probe)
	if err != nil {
		return nil
	}
	rows := p.Queries[len(p.Queries)-1].Logical.From[0].Rows
	s := &source{def: &sql.CreateSource{Name: q.Name, Table: rows.Table}, timestamp: -1, made: true}
	if rows.Windowed {
		s.window = cmp.Or(q.Select.Window, q.from.window)
	}
	for i, c := range rows.Columns {
		if rows.Key[i] && !(rows.Windowed && i >= len(rows.Columns)-2) { // the last two are the window
			s.key = append(s.key, len(s.columns))
		}
		s.columns = append(s.columns, c)
	}
	s.timestamp = slices.IndexFunc(s.columns, func(c row.Column) bool { return c.Name == q.time })
	for i := range s.columns {
		if s.columns[i].Type.Kind == row.Null {
			return nil
		}
	}
	return s
}

func compile(script *sql.Script) (*plan.Plan, error) {
	return plan.Compile(script.String(), plan.BuildOptions{DefaultTopic: "PROBE"})
}

// planned reports whether the planner accepts a script.
func planned(script *sql.Script) bool {
	_, err := compile(script)
	return err == nil
}
