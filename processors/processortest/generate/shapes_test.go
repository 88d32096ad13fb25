package generate

import (
	"slices"
	"testing"

	"parallax/processors/plan"
	"parallax/processors/sql"
)

// shape is a feature of a script, detected in its plan.
type shape struct {
	name string
	has  func(q *plan.Query) bool
}

// streams and tables count a query's sources.
func streams(q *plan.Query) (n int) {
	for _, in := range q.From {
		if !in.Rows.Table {
			n++
		}
	}
	return n
}

func tables(q *plan.Query) int { return len(q.From) - streams(q) }

func joins(kind sql.JoinKind, streamsOf, tablesOf bool) func(*plan.Query) bool {
	return func(q *plan.Query) bool {
		for n, j := range q.Joins {
			if j.Kind == kind && q.From[n+1].Rows.Table == tablesOf && (streams(q) > 0) == streamsOf {
				return true
			}
		}
		return false
	}
}

// windowsJoined is a join by key and window.
func windowsJoined(kind sql.JoinKind) func(*plan.Query) bool {
	return func(q *plan.Query) bool {
		return slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return j.Windowed && j.Kind == kind })
	}
}

// severally is a join by several columns.
func severally(streamsOf, tablesOf bool) func(*plan.Query) bool {
	return func(q *plan.Query) bool {
		return slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return len(j.Left) > 1 }) &&
			(streams(q) > 0) == streamsOf && (tables(q) > 0) == tablesOf
	}
}

func hasLiteral(key []plan.Expr) bool {
	return slices.ContainsFunc(key, func(e plan.Expr) bool { _, literal := e.(*plan.Literal); return literal })
}

func chained(q *plan.Query) bool {
	return slices.ContainsFunc(q.From, func(in plan.Input) bool { return in.Stage >= 0 })
}

func windowed(kind plan.WindowKind) func(*plan.Query) bool {
	return func(q *plan.Query) bool {
		return q.Aggregation != nil && q.Aggregation.Window != nil && q.Aggregation.Window.Kind == kind
	}
}

var shapes = []shape{
	{"a projection of a table", func(q *plan.Query) bool { return q.Retain != nil && !q.Retain.Changes }},
	{"streams joined, inner", joins(sql.InnerJoin, true, false)},
	{"streams joined, left", joins(sql.LeftJoin, true, false)},
	{"streams joined, right", joins(sql.RightJoin, true, false)},
	{"streams joined, full", joins(sql.FullJoin, true, false)},
	{"a stream and a table joined, inner", joins(sql.InnerJoin, true, true)},
	{"a stream and a table joined, left", joins(sql.LeftJoin, true, true)},
	{"tables joined, inner", joins(sql.InnerJoin, false, true)},
	{"tables joined, left", joins(sql.LeftJoin, false, true)},
	{"tables joined, right", joins(sql.RightJoin, false, true)},
	{"tables joined, full", joins(sql.FullJoin, false, true)},
	{"three sources or more, of streams", func(q *plan.Query) bool { return streams(q) > 2 }},
	{"three sources or more, of tables", func(q *plan.Query) bool { return tables(q) > 2 }},
	{"three sources or more, of both", func(q *plan.Query) bool { return len(q.From) > 2 && streams(q) > 0 && tables(q) > 0 }},
	{"tables of windows joined, inner", windowsJoined(sql.InnerJoin)},
	{"tables of windows joined, left", windowsJoined(sql.LeftJoin)},
	{"tables of windows joined, right", windowsJoined(sql.RightJoin)},
	{"tables of windows joined, full", windowsJoined(sql.FullJoin)},
	{"streams joined by several columns", severally(true, false)},
	{"a stream and a table joined by several columns", severally(true, true)},
	{"tables joined by several columns", severally(false, true)},
	{"tables of windows joined by several columns", func(q *plan.Query) bool {
		return slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return j.Windowed && len(j.Left) > 1 })
	}},
	{"an aggregation over a join by several columns", func(q *plan.Query) bool {
		return q.Aggregation != nil && slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return len(j.Left) > 1 })
	}},
	{"an aggregation over a table", func(q *plan.Query) bool { return q.Aggregation != nil && streams(q) == 0 && len(q.Joins) == 0 }},
	{"HAVING over a table", func(q *plan.Query) bool {
		return q.Aggregation != nil && q.Aggregation.Having != nil && streams(q) == 0
	}},
	{"an aggregation over a join of streams", func(q *plan.Query) bool { return q.Aggregation != nil && streams(q) > 1 }},
	{"an aggregation over a join with a table", func(q *plan.Query) bool { return q.Aggregation != nil && streams(q) == 1 && tables(q) > 0 }},
	{"an aggregation over a join of tables", func(q *plan.Query) bool { return q.Aggregation != nil && streams(q) == 0 && len(q.Joins) > 0 }},
	{"OVER over a join", func(q *plan.Query) bool { return q.Over != nil && len(q.Joins) > 0 }},
	{"EXPLODE over a join", func(q *plan.Query) bool { return len(q.Explode) > 0 && len(q.Joins) > 0 }},
	{"DISTINCT over a join", func(q *plan.Query) bool { return q.Distinct && len(q.Joins) > 0 }},
	{"LIMIT over a join", func(q *plan.Query) bool { return q.Limit != nil && len(q.Joins) > 0 }},
	{"a query over another's stream", func(q *plan.Query) bool { return q.From[0].Stage >= 0 && streams(q) > 0 }},
	{"a query over another's table", func(q *plan.Query) bool { return q.From[0].Stage >= 0 && streams(q) == 0 }},
	{"a query over another's windows", func(q *plan.Query) bool { return q.From[0].Stage >= 0 && q.From[0].Rows.Windowed }},
	{"a join with what a query makes", func(q *plan.Query) bool { return len(q.Joins) > 0 && chained(q) }},
	{"OVER over what a query makes", func(q *plan.Query) bool { return q.Over != nil && chained(q) }},
	{"EXPLODE over what a query makes", func(q *plan.Query) bool { return len(q.Explode) > 0 && chained(q) }},
	{"PARTITION BY of what a query makes", func(q *plan.Query) bool { return q.Rekeyed && chained(q) }},
	{"LIMIT of what a query makes", func(q *plan.Query) bool { return q.Limit != nil && chained(q) }},
	{"a group of constants alone", func(q *plan.Query) bool {
		return q.Aggregation != nil && len(q.Aggregation.GroupBy) > 0 && len(q.Split.By) == 0
	}},
	{"constants among groups", func(q *plan.Query) bool {
		return q.Aggregation != nil && hasLiteral(q.Aggregation.GroupBy) && len(q.Split.By) > 0
	}},
	{"PARTITION BY a constant", func(q *plan.Query) bool { return q.Rekeyed && hasLiteral(q.Key) }},
	{"OVER by a constant", func(q *plan.Query) bool { return q.Over != nil && hasLiteral(q.Over.PartitionBy) }},
	{"TUMBLING windows", windowed(plan.Tumbling)},
	{"HOPPING windows", windowed(plan.Hopping)},
	{"SESSION windows", windowed(plan.Session)},
	{"windows over what a query makes", func(q *plan.Query) bool {
		return chained(q) && q.Aggregation != nil && q.Aggregation.Window != nil
	}},
}

// depth is the length of the chain of queries up to a stage.
func depth(p *plan.Plan, q *plan.Query) int {
	most := 0
	for _, in := range q.From {
		if in.Stage >= 0 {
			made := p.Stages[in.Stage]
			most = max(most, depth(p, p.Queries[made.Index].Logical))
		}
	}
	return most + 1
}

func TestScriptsHaveAllShapes(t *testing.T) {
	const scripts, least = 1000, 5
	found, deep := map[string]int{}, [8]int{}
	for seed := range uint64(scripts) {
		p, err := compile(New(seed).Script)
		if err != nil {
			continue // another test counts those
		}
		most := 0
		for _, q := range p.Queries {
			most = max(most, depth(p, q.Logical))
			for _, s := range shapes {
				if s.has(q.Logical) {
					found[s.name]++
				}
			}
			for _, s := range chainShapes {
				if s.has(p, q.Logical) {
					found[s.name]++
				}
			}
		}
		deep[most]++
	}
	var names []string
	for _, s := range shapes {
		names = append(names, s.name)
	}
	for _, s := range chainShapes {
		names = append(names, s.name)
	}
	for _, name := range names {
		t.Logf("%5d  %s", found[name], name)
		if found[name] < least {
			t.Errorf("%s is in %d of %d scripts", name, found[name], scripts)
		}
	}
	t.Logf("%d scripts have one stage, %d two, %d three, %d four", deep[1], deep[2], deep[3], deep[4])
	if deep[2] < 100 || deep[3] < 20 {
		t.Errorf("%d scripts of two stages and %d of three are few", deep[2], deep[3])
	}
}
