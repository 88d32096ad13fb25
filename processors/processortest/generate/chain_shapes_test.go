package generate

import (
	"slices"

	"parallax/processors/plan"
	"parallax/processors/sql"
)

// chainShape is a feature of a query that reads other queries' rows.
type chainShape struct {
	name string
	has  func(p *plan.Plan, q *plan.Query) bool
}

// windowsJoin reports whether a query joins by key and window.
func windowsJoin(q *plan.Query) bool {
	return slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return j.Windowed })
}

// windowOf is the window of a source's rows.
func windowOf(p *plan.Plan, in plan.Input) *plan.Window {
	for in.Stage >= 0 {
		q := p.Stages[in.Stage].Logical
		if q.Aggregation != nil {
			return q.Aggregation.Window
		}
		in = q.From[0]
	}
	return nil
}

func windowsOf(kind plan.WindowKind) func(*plan.Plan, *plan.Query) bool {
	return func(p *plan.Plan, q *plan.Query) bool {
		return windowsJoin(q) && windowOf(p, q.From[0]).Kind == kind
	}
}

// timed reports whether a query reads rows whose time is a column.
func timed(p *plan.Plan, q *plan.Query) bool {
	return slices.ContainsFunc(q.From, func(in plan.Input) bool {
		return in.Stage >= 0 && p.Stages[in.Stage].Logical.Sink.Time != nil
	})
}

var chainShapes = []chainShape{
	{"tables of TUMBLING windows joined", windowsOf(plan.Tumbling)},
	{"tables of HOPPING windows joined", windowsOf(plan.Hopping)},
	{"tables of SESSION windows joined", windowsOf(plan.Session)},
	{"tables of windows joined, two of them", func(_ *plan.Plan, q *plan.Query) bool {
		return windowsJoin(q) && q.From[0].Stage != q.From[1].Stage
	}},
	{"a table of windows joined with itself", func(_ *plan.Plan, q *plan.Query) bool {
		return windowsJoin(q) && q.From[0].Stage == q.From[1].Stage
	}},
	{"a stream with windows joined with a table of windows", func(_ *plan.Plan, q *plan.Query) bool {
		return windowsJoin(q) && !q.From[0].Rows.Table
	}},
	{"three tables of windows joined", func(_ *plan.Plan, q *plan.Query) bool {
		return len(q.Joins) > 1 && q.Joins[1].Windowed
	}},
	{"an aggregation over tables of windows joined", func(_ *plan.Plan, q *plan.Query) bool {
		return windowsJoin(q) && q.Aggregation != nil
	}},
	{"what joins tables of windows read again", func(p *plan.Plan, q *plan.Query) bool {
		return slices.ContainsFunc(q.From, func(in plan.Input) bool { return in.Stage >= 0 && windowsJoin(p.Stages[in.Stage].Logical) })
	}},
	{"a stream with windows joined with a stream", func(_ *plan.Plan, q *plan.Query) bool {
		return len(q.Joins) > 0 && q.From[0].Rows.Windowed && !q.From[1].Rows.Table
	}},
	{"a projection of rows with a sink's time", func(p *plan.Plan, q *plan.Query) bool {
		return timed(p, q) && q.Aggregation == nil && len(q.Joins) == 0
	}},
	{"windows by a sink's time", func(p *plan.Plan, q *plan.Query) bool {
		return timed(p, q) && q.Aggregation != nil && q.Aggregation.Window != nil
	}},
	{"OVER by a sink's time", func(p *plan.Plan, q *plan.Query) bool { return timed(p, q) && q.Over != nil }},
	{"streams joined by a sink's time", func(p *plan.Plan, q *plan.Query) bool {
		return timed(p, q) && slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return j.Within != nil })
	}},
	{"tables with a sink's time joined", func(p *plan.Plan, q *plan.Query) bool {
		return timed(p, q) && slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return q.From[0].Rows.Table && j.Kind != sql.InnerJoin })
	}},
}
