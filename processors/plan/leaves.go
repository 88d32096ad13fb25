package plan

import (
	"cmp"
	"slices"
)

// leaf is what expressions over the sources of a query are made of: a column of a
// side, or a system column. NOW() has no side.
type leaf struct {
	side   int
	system bool
	index  int // of the column, or which system column
}

// noSide is NOW()'s, and of what a row of a join has from either side.
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

// leaves are those of some expressions, each with one of its mentions.
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

// upTo are those of the first sides of a query, up to and including one, in order,
// and NOW().
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

// columns says in which columns of a row leaves are.
type columns map[leaf]int

// rewrite makes an expression over a query's sources one over a row. A leaf that has
// no column of its own is the row's record's as it stands.
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

// rewriteQuery makes all expressions of a query that see its sources' records see a
// row instead. What they were is left alone.
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

// leaves are those of all expressions of a query that see its sources' records, the
// conditions of its joins and WHERE apart.
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
