package exec

import (
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
)

// layout is what a group keeps for its aggregates, and what they see of a record.
type layout struct {
	arguments []argument
	inputs    []inputValue
	folds     []fold
	words     int // of a group, its owner's among them
	texts     int
	// ordered says that groups are merged, or records are taken away again, so that it has
	// to be known in which order they took what they have.
	ordered bool
}

// inputValue is what an aggregate of no fixed size sees of a record. Those over the
// same expression share it.
type inputValue struct {
	f expression.Eval
	// column is where it is among the record's columns, where it is one of them.
	column int
	// uses is how many aggregates it is of: a failure is one of each.
	uses int64
}

// accumulate lays out what the group keeps for its aggregates.
func (l *layout) accumulate(calls []plan.AggregateCall) ([]aggregate, error) {
	arguments, inputs := map[string]int{}, map[string]int{}
	var list []aggregate
	for i := range calls {
		c := &calls[i]
		f, agg, err := l.compileAggregate(c)
		if err != nil {
			return nil, err
		}
		for n, e := range c.Args {
			text := e.Type().String() + " " + e.String()
			if f.tally != nil {
				f.tally.inputs[n], err = l.input(e, text, inputs)
			} else {
				f.argument, err = l.argument(e, text, arguments)
			}
			if err != nil {
				return nil, err
			}
		}
		agg.fold = slices.IndexFunc(l.folds, func(o fold) bool { return o.same(&f) })
		if agg.fold < 0 {
			f.at, f.text = l.words, l.texts
			l.words += words[f.op]
			if f.op == bestText {
				l.texts++
			}
			agg.fold = len(l.folds)
			l.folds = append(l.folds, f)
		}
		of := &l.folds[agg.fold]
		agg.at, agg.text, agg.tally = of.at, of.text, of.tally
		list = append(list, agg)
	}
	return list, nil
}

// same reports whether two folds keep the same.
func (f *fold) same(o *fold) bool {
	return f.op == o.op && f.argument == o.argument && f.larger == o.larger && f.tally.same(o.tally)
}

func (l *layout) argument(e plan.Expr, text string, known map[string]int) (int, error) {
	i, ok := known[text]
	if !ok {
		arg, err := compileArgument(e)
		if err != nil {
			return 0, err
		}
		i = len(l.arguments)
		known[text] = i
		l.arguments = append(l.arguments, arg)
	}
	l.arguments[i].uses++
	return i, nil
}

func (l *layout) input(e plan.Expr, text string, known map[string]int) (int, error) {
	i, ok := known[text]
	if !ok {
		f, err := expression.Compile(e)
		if err != nil {
			return 0, err
		}
		in := inputValue{f: f, column: -1}
		if c, ok := e.(*plan.Column); ok {
			in.column = c.Index
		}
		i = len(l.inputs)
		known[text] = i
		l.inputs = append(l.inputs, in)
	}
	l.inputs[i].uses++
	return i, nil
}

// tallies copies what a group keeps apart, fold by fold; nil where there is none.
func (l *layout) tallies(s *groupState) []tally {
	var list []tally
	for i := range l.folds {
		if f := &l.folds[i]; f.tally != nil {
			var own tally
			if t := f.tally.of(s.words[f.at]); s.words[f.at] != 0 {
				own = t.clone()
			}
			list = append(list, own)
		}
	}
	return list
}

// keep gives a group copies of what another engine's kept apart.
func (l *layout) keep(s *groupState, saved []tally) {
	for i := range l.folds {
		if f := &l.folds[i]; f.tally != nil {
			s.words[f.at] = 0
			if saved[0] != nil {
				s.words[f.at] = f.tally.put(saved[0].clone())
			}
			saved = saved[1:]
		}
	}
}

// forgetTallies gives up all that groups keep apart.
func (l *layout) forgetTallies() {
	for i := range l.folds {
		if t := l.folds[i].tally; t != nil {
			t.list, t.free = nil, nil
		}
	}
}
