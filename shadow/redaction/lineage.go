package redaction

import (
	"parallax/processors/plan"
)

// node is a column of a source, or a column of a query's value or key.
type node struct {
	kind nodeKind
	// of is the index of the source or the query, column that of the column.
	of, column int
}

type nodeKind uint8

const (
	sourceColumn nodeKind = iota
	valueColumn
	keyColumn
	// wholeKey is the key of a source's records, as bytes (_KEY).
	wholeKey
)

// lineage collects the columns that others are made of: through expressions, groups, aggregates
// and other queries. Conditions are not followed: they decide which rows there are, and no value
// of a row is made of them.
type lineage struct {
	plan *plan.Plan
	// found are the columns, with those that the search began with.
	found map[node]bool
}

func newLineage(p *plan.Plan) *lineage { return &lineage{p, map[node]bool{}} }

// add adds a column and what it is made of.
func (l *lineage) add(n node) {
	if l.found[n] {
		return
	}
	l.found[n] = true
	switch n.kind {
	case valueColumn:
		q := l.plan.Queries[n.of].Logical
		l.walk(q, q.Items[n.column])
	case keyColumn:
		q := l.plan.Queries[n.of].Logical
		l.walk(q, q.Key[n.column])
	}
}

// walk adds what an expression of a query, as it was written, is made of.
func (l *lineage) walk(q *plan.Query, e plan.Expr) {
	switch e := e.(type) {
	case nil:
		return
	case *plan.Column:
		for side, in := range q.From {
			// A column that comes from either side is looked for on all of them.
			if c := e.Index; (e.Side < 0 || e.Side == side) && c < len(in.Rows.Columns) {
				l.input(&q.From[side], c)
			}
		}
	case *plan.System:
		for side := range q.From {
			if in := &q.From[side]; e.Which == plan.RowKey && (e.Side < 0 || e.Side == side) {
				l.wholeKey(in)
			}
		}
	case *plan.Aggregate:
		for _, arg := range q.Aggregation.Aggregates[e.Index].Args {
			l.walk(q, arg)
		}
	case *plan.Group:
		l.walk(q, q.Aggregation.GroupBy[e.Index])
	case *plan.OverValue:
		call := &q.Over.Calls[e.Index]
		l.walk(q, call.Arg)
		l.walk(q, call.Default)
		for _, other := range call.Others {
			l.walk(q, other)
		}
	case *plan.Exploded:
		l.walk(q, q.Explode[e.Index])
	default:
		plan.Rebuild(e, func(operand plan.Expr) plan.Expr {
			l.walk(q, operand)
			return operand
		})
	}
}

// wholeKey adds the key of an input's records, and the columns that are in it.
func (l *lineage) wholeKey(in *plan.Input) {
	if in.Stage < 0 {
		l.found[node{wholeKey, in.Source, 0}] = true
	}
	for c, isKey := range in.Rows.Key {
		if isKey {
			l.input(in, c)
		}
	}
}

// input adds column c of an input's rows.
func (l *lineage) input(in *plan.Input, c int) {
	if in.Stage < 0 {
		l.add(node{sourceColumn, in.Source, c})
		return
	}
	before := l.plan.Stages[in.Stage].Index
	if at := in.Columns[c]; at.Value >= 0 {
		l.add(node{valueColumn, before, at.Value})
	} else if at.Key >= 0 {
		l.add(node{keyColumn, before, at.Key})
	}
}
