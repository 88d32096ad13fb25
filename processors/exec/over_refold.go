package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// refold computes an aggregate from which a row cannot be removed. If the frame moves, it is computed
// again from all rows of the frame, oldest first; if the frame keeps all rows, the partition's words
// hold it.
type refold struct {
	aggregate.Layout // its one fold, whose words begin at at
	aggregate.Result
	arguments []int
	operands  []aggregate.Operand
}

// refolded makes the call's function.
func (o *over) refolded(c plan.OverCall, known map[string]int, preceding, keep int64) (overCall, error) {
	call := c.AggregateCall()
	r := &refold{operands: make([]aggregate.Operand, len(call.Args))}
	f, a, err := r.Compile(call)
	if err != nil {
		return nil, err
	}
	for _, e := range call.Args {
		arg, err := o.argument(e, known, keep)
		if err != nil {
			return nil, err
		}
		r.arguments = append(r.arguments, arg)
	}
	if preceding == all {
		f.At = o.layout.words
		o.layout.words += f.Size()
		o.refolds = append(o.refolds, r)
	}
	a.At, a.Tally = f.At, f.Tally
	r.Folds, r.Result = []aggregate.Fold{f}, a
	if preceding == all {
		return func(s *overState) (row.Value, error) { return r.value(&aggregate.Group{Words: s.words}) }, nil
	}
	scratch := aggregate.Group{Words: make([]uint64, f.Size())}
	return func(s *overState) (row.Value, error) {
		r.empty(&scratch)
		for n := max(0, s.rows-1-preceding); n < s.rows; n++ {
			for i, arg := range r.arguments {
				ring := &s.rings[arg]
				r.operands[i] = ring.operand(ring.at(n))
			}
			r.take(o, &scratch, n)
		}
		return r.value(&scratch)
	}, nil
}

// enter takes the record into its partition.
func (r *refold) enter(o *over, s *overState) {
	for i, arg := range r.arguments {
		r.operands[i] = o.operands[arg]
	}
	r.take(o, &aggregate.Group{Words: s.words}, s.rows)
}

// take takes row n, whose arguments are the operands.
func (r *refold) take(o *over, s *aggregate.Group, n int64) {
	f := &r.Folds[0]
	if t := f.Tally; t != nil {
		for i, arg := range r.arguments {
			t.Values[i] = o.arguments[arg].Value(r.operands[i])
		}
		t.Take(&s.Words[f.At], n)
	} else if r.operands[0].Valid {
		f.Add(s, &r.operands[0])
	}
}

func (r *refold) empty(s *aggregate.Group) {
	if t := r.Folds[0].Tally; t != nil {
		t.Release(&s.Words[0])
	}
	clear(s.Words)
}

func (r *refold) value(s *aggregate.Group) (row.Value, error) {
	var v row.Value
	bad := r.Result.Write(s, &v)
	if bad != expression.Sound {
		v.SetNull()
	}
	return v, bad.Err()
}
