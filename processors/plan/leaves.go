package plan

import (
	"cmp"
	"slices"
)

// leaf is an operand of expressions over the sources of a query: a column of a side, or a
// system column. NOW() has no side.
type leaf struct {
	side   int
	system bool
	index  int // of the column, or which system column
}

// noSide is the side of NOW(), and of columns of a joined row that come from either side.
const noSide = -1

func leafOf(e Expr) (l leaf, ok bool) {
	switch e := e.(type) {
	case *Column:
		return leaf{side: e.Side, index: e.Index}, true
	case *System:
		l := leaf{side: e.Side, system: true, index: int(e.Which)}
		if e.Which == RowNow {
			l.side = noSide
		}
		return l, true
	}
	return leaf{}, false
}

func (l leaf) compare(other leaf) int {
	rank := func(l leaf) int {
		if l.system {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(l.side, other.side), cmp.Compare(rank(l), rank(other)), cmp.Compare(l.index, other.index))
}

// leaves maps the leaves of some expressions to one occurrence each.
type leaves map[leaf]Expr

func (all leaves) add(list ...Expr) {
	for _, e := range list {
		walk(e, func(e Expr) {
			if l, ok := leafOf(e); ok {
				all[l] = e
			}
		})
	}
}

// upTo returns, in order, the leaves of the query's sides up to and including side, and
// NOW().
func (all leaves) upTo(side int) []leaf {
	var list []leaf
	for l := range all {
		if l.side <= side {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, leaf.compare)
	return list
}

// columns maps leaves to their columns in a row.
type columns map[leaf]int

// rewrite turns an expression over a query's sources into one over a row. A leaf without a
// column is read from the row's record, unchanged.
func (at columns) rewrite(e Expr) Expr {
	if e == nil {
		return nil
	}
	l, ok := leafOf(e)
	if !ok {
		return Rebuild(e, at.rewrite)
	}
	i, moved := at[l]
	switch e := e.(type) {
	case *System:
		own := *e
		own.Side = 0
		if !moved {
			return &own
		}
		own.Qualifier = ""
		return &Column{Index: i, Qualifier: e.Qualifier, Name: own.String(), T: e.Type()}
	case *Column:
		own := *e
		own.Side = 0
		if moved {
			own.Index = i
		}
		return &own
	}
	return e
}

func (at columns) rewriteAll(list []Expr) []Expr {
	if list == nil {
		return nil
	}
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = at.rewrite(e)
	}
	return out
}

// rewriteQuery replaces the expressions of a query that read its sources' records by
// expressions that read a row. The old expressions are not changed.
func (at columns) rewriteQuery(q *Query) {
	q.Where = at.rewrite(q.Where)
	if agg := q.Aggregation; agg != nil {
		own := *agg
		own.GroupBy = at.rewriteAll(agg.GroupBy)
		own.Aggregates = slices.Clone(agg.Aggregates)
		for i := range own.Aggregates {
			own.Aggregates[i].Args = at.rewriteAll(own.Aggregates[i].Args)
		}
		q.Aggregation = &own
	} else {
		q.Explode, q.Items, q.Key = at.rewriteAll(q.Explode), at.rewriteAll(q.Items), at.rewriteAll(q.Key)
	}
	if o := q.Over; o != nil {
		own := *o
		own.PartitionBy = at.rewriteAll(o.PartitionBy)
		own.Calls = slices.Clone(o.Calls)
		for i := range own.Calls {
			c := &own.Calls[i]
			c.Arg, c.Others, c.Default = at.rewrite(c.Arg), at.rewriteAll(c.Others), at.rewrite(c.Default)
		}
		q.Over = &own
	}
	q.Split.By = at.rewriteAll(q.Split.By)
}

// leaves returns the leaves of the query's expressions that read its sources' records,
// without the conditions of joins and WHERE.
func (q *Query) leaves() leaves {
	all := leaves{}
	own := *q
	own.Where = nil
	all.add(own.overRecord()...)
	all.add(q.Split.By...)
	if o := q.Over; o != nil {
		all.add(o.PartitionBy...)
		for _, c := range o.Calls {
			all.add(c.Arg, c.Default)
			all.add(c.Others...)
		}
	}
	return all
}
