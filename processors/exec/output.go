package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// output makes rows of groups.
type output struct {
	aggregates []aggregate.Result
	having     expression.WholeFunc // nil where there is none
	items      []item
	keys       []expression.Eval
	// wholeKey says that the sink's key is the unchanged key of the group.
	wholeKey bool
	// staged says that some expression looks at the group through env.
	staged bool
	env    expression.Env // sees a group
}

// item is a column of the row: a column of the group's key or an aggregate, as
// it is, or else an expression over both.
type item struct {
	group, aggregate int // -1 where it is not that
	f                expression.Eval
}

func newOutput(q *plan.Query, aggregates []aggregate.Result) (output, error) {
	o := output{aggregates: aggregates, wholeKey: len(q.Key) == len(q.Aggregation.GroupBy)}
	o.env.Aggregates = make([]row.Value, len(aggregates))
	o.env.Failures = make([]error, len(aggregates))
	var err error
	if h := q.Aggregation.Having; h != nil {
		o.staged = true
		if o.having, err = expression.CompileWhole(h); err != nil {
			return o, err
		}
	}
	for _, e := range q.Items {
		it := item{group: -1, aggregate: -1}
		switch e := e.(type) {
		case *plan.Group:
			it.group = e.Index
		case *plan.Aggregate:
			it.aggregate = e.Index
		default:
			o.staged = true
			if it.f, err = expression.Compile(e); err != nil {
				return o, err
			}
		}
		o.items = append(o.items, it)
	}
	for i, e := range q.Key {
		g, ok := e.(*plan.Group)
		o.wholeKey = o.wholeKey && ok && g.Index == i
		f, err := expression.Compile(e)
		if err != nil {
			return o, err
		}
		o.keys = append(o.keys, f)
	}
	o.staged = o.staged || !o.wholeKey
	return o, nil
}

// stage points the environment at a group.
func (o *output) stage(key []row.Value, w *state.Window, s *aggregate.Group) {
	o.env.Groups, o.env.Start, o.env.End = key, w.Start, w.End
	for i := range o.aggregates {
		a := &o.aggregates[i]
		bad := a.Write(s, &o.env.Aggregates[i])
		if o.env.Failures[i] = bad.Err(); bad != expression.Sound {
			o.env.Aggregates[i].SetNull()
		}
	}
}

// passesHaving reports whether HAVING holds for a group; it counts an error of HAVING.
func (o *output) passesHaving(key []row.Value, w *state.Window, s *aggregate.Group, out *Result) bool {
	if o.staged {
		o.stage(key, w, s)
	}
	return o.having == nil || expression.Holds(o.having, &o.env, &out.ExpressionErrors)
}

// wouldPassHaving is passesHaving without counting errors.
func (o *output) wouldPassHaving(key []row.Value, w *state.Window, s *aggregate.Group) bool {
	if o.having == nil {
		return true
	}
	o.stage(key, w, s)
	var ignored int64
	return expression.Holds(o.having, &o.env, &ignored)
}

// values returns the row of the group for which passesHaving was called last; values with an error are NULL and
// counted.
func (o *output) values(key []row.Value, s *aggregate.Group, out *Result) []row.Value {
	if len(o.items) == 0 {
		return nil
	}
	values := out.values.take(len(o.items))
	for i := range o.items {
		it := &o.items[i]
		switch {
		case it.group >= 0:
			values[i] = key[it.group]
		default:
			var err error
			if it.aggregate >= 0 {
				a := &o.aggregates[it.aggregate]
				bad := a.Write(s, &values[i])
				if err = bad.Err(); bad != expression.Sound {
					values[i].SetNull()
				}
			} else {
				values[i], err = it.f(&o.env)
			}
			if err != nil {
				values[i] = row.Value{}
				out.ExpressionErrors++
			}
		}
	}
	return values
}

// key makes the sink's key of the group that was looked at, where it is not the
// group's.
func (o *output) key(out *Result) []row.Value { return tuple(o.keys, &o.env, out) }

// tuple evaluates expressions; what fails is NULL and counted.
func tuple(list []expression.Eval, n *expression.Env, out *Result) []row.Value {
	if len(list) == 0 {
		return nil
	}
	values := out.values.take(len(list))
	for i, f := range list {
		v, err := f(n)
		if err != nil {
			v = row.Value{}
			out.ExpressionErrors++
		}
		values[i] = v
	}
	return values
}
