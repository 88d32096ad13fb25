package plan

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"parallax/processors/row"
)

// Constants returns the largest parts of a query's expressions that consist of literals
// only and so have the same value for all records; each once, in the order of first
// occurrence.
func Constants(q *Query) []Expr {
	var all []Expr
	add := func(e Expr) {
		if !slices.ContainsFunc(all, func(other Expr) bool { return Same(e, other) }) {
			all = append(all, e)
		}
	}
	for _, e := range q.expressions() {
		if constants(e, add) {
			add(e)
		}
	}
	return all
}

// constants reports whether e consists of literals only and is not itself a literal. If
// not, it adds the parts of e for which that is so.
func constants(e Expr, add func(Expr)) bool {
	all := operands(e)
	var parts []Expr
	_, lambda := e.(*Lambda) // a lambda has no value of its own
	made := len(all) > 0 && !lambda
	for _, x := range all {
		if _, literal := x.(*Literal); literal {
			continue
		}
		if constants(x, add) {
			parts = append(parts, x)
		} else {
			made = false
		}
	}
	if !made {
		for _, x := range parts {
			add(x)
		}
	}
	return made
}

// Repeated returns the largest expressions over a record that a query computes in more than
// one place and that are expensive. A query with OVER has none, because its parts read
// different records.
func Repeated(q *Query) []Expr {
	if q.Over != nil {
		return nil
	}
	c := &counter{places: map[uint64][]*repeat{}}
	for _, e := range q.overRecord() {
		c.count(e)
	}
	var all []Expr
	for _, r := range c.order {
		if r.places > 1 {
			all = append(all, r.e)
		}
	}
	// An expression that only occurs inside a larger repeated one is computed with that
	// one.
	var outer []Expr
	for i, e := range all {
		inside := 0
		for j, larger := range all {
			if i != j {
				inside += occurrences(larger, e) * (c.placesOf(larger) - 1)
			}
		}
		if c.placesOf(e)-inside > 1 {
			outer = append(outer, e)
		}
	}
	return outer
}

// overRecord returns the expressions that read a record, not a group.
func (q *Query) overRecord() []Expr {
	var all []Expr
	if q.Where != nil {
		all = append(all, q.Where)
	}
	agg := q.Aggregation
	if agg == nil {
		return append(append(append(all, q.Explode...), q.Items...), q.Key...)
	}
	all = append(all, agg.GroupBy...)
	for _, a := range agg.Aggregates {
		all = append(all, a.Args...)
	}
	return all
}

// expressions returns all expressions of a query except those of OVER.
func (q *Query) expressions() []Expr {
	all := q.overRecord()
	if agg := q.Aggregation; agg != nil {
		all = append(append(all, q.Items...), q.Key...)
		if agg.Having != nil {
			all = append(all, agg.Having)
		}
	}
	return all
}

// counter finds equal expressions by hash.
type counter struct {
	places map[uint64][]*repeat
	order  []*repeat
	// lambdas is how many lambdas contain the expression. Nothing inside a lambda is
	// shared, because the budget counts each of its steps.
	lambdas int
}

type repeat struct {
	e      Expr
	places int
}

// found is the result of count for an expression: its hash; alone: it can be computed by
// itself (inside a Let it may read a Local); closed: it consists of literals.
type found struct {
	hash          uint64
	alone, closed bool
}

// count counts e and the expressions inside it.
func (c *counter) count(e Expr) found {
	h := fnv.New64a()
	_, local := e.(*Local)
	_, exploded := e.(*Exploded) // its value differs from row to row
	_, literal := e.(*Literal)
	_, lambda := e.(*Lambda)
	f := found{alone: !local && !exploded, closed: literal}
	fmt.Fprintf(h, "%T %s", e, e.Type())
	if all := operands(e); len(all) == 0 {
		io.WriteString(h, e.String())
	} else {
		f.closed = !lambda
		if lambda {
			c.lambdas++
			defer func() { c.lambdas-- }()
		}
		for _, x := range all {
			part := c.count(x)
			f.alone, f.closed = f.alone && part.alone, f.closed && part.closed
			fmt.Fprintf(h, " %d", part.hash)
		}
	}
	f.hash = h.Sum64()
	if f.alone && !f.closed && c.lambdas == 0 && isExpensive(e) {
		c.note(f.hash, e)
	}
	return f
}

func (c *counter) note(hash uint64, e Expr) {
	for _, r := range c.places[hash] {
		if Same(r.e, e) {
			r.places++
			return
		}
	}
	r := &repeat{e, 1}
	c.places[hash] = append(c.places[hash], r)
	c.order = append(c.order, r)
}

func (c *counter) placesOf(e Expr) int {
	for _, r := range c.order {
		if r.e == e {
			return r.places
		}
	}
	return 0
}

// occurrences counts how often e occurs in an expression.
func occurrences(in, e Expr) int {
	n := 0
	if _, lambda := in.(*Lambda); lambda {
		return 0
	}
	for _, x := range operands(in) {
		if Same(x, e) {
			n++
		} else {
			n += occurrences(x, e)
		}
	}
	return n
}

// isExpensive reports whether computing e costs more than keeping its value. Functions,
// operations on texts, and CASE do; arithmetic does not.
func isExpensive(e Expr) bool {
	switch e := e.(type) {
	case *Call, *Like, *Concat, *Case:
		return true
	case *Cast:
		return e.T.Kind == row.String || e.X.Type().Kind == row.String
	}
	return false
}
