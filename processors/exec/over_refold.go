package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// refold computes an aggregate that cannot take a row away again: of a frame that
// moves it is made anew for each row, oldest first; one that keeps all rows has it
// among its partition's words.
type refold struct {
	layout // its one fold, whose words begin at at
	aggregate
	arguments []int
	operands  []operand
}

// refolded makes the call's function.
func (o *over) refolded(c plan.OverCall, known map[string]int, preceding, keep int64) (overCall, error) {
	call := c.AggregateCall()
	r := &refold{operands: make([]operand, len(call.Args))}
	f, a, err := r.compileAggregate(call)
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
		f.at = o.layout.words
		o.layout.words += f.size()
		o.refolds = append(o.refolds, r)
	}
	a.at, a.tally = f.at, f.tally
	r.folds, r.aggregate = []fold{f}, a
	if preceding == all {
		return func(s *overState) (row.Value, error) { return r.value(&groupState{words: s.words}) }, nil
	}
	scratch := groupState{words: make([]uint64, f.size())}
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
	r.take(o, &groupState{words: s.words}, s.rows)
}

// take takes row n, whose arguments are the operands.
func (r *refold) take(o *over, s *groupState, n int64) {
	f := &r.folds[0]
	if t := f.tally; t != nil {
		for i, arg := range r.arguments {
			t.values[i] = o.arguments[arg].value(r.operands[i])
		}
		t.take(&s.words[f.at], n)
	} else if r.operands[0].valid {
		f.add(s, &r.operands[0])
	}
}

func (r *refold) empty(s *groupState) {
	if t := r.folds[0].tally; t != nil {
		t.release(&s.words[0])
	}
	clear(s.words)
}

func (r *refold) value(s *groupState) (row.Value, error) {
	var v row.Value
	bad := r.aggregate.write(s, &v)
	if bad != expression.Sound {
		v.SetNull()
	}
	return v, bad.Err()
}
