package aggregate

import (
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/exec/frozen"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Layout describes the state that a group keeps for its aggregates, and their arguments.
type Layout struct {
	Arguments []Argument
	Inputs    []inputValue
	Folds     []Fold
	Words     int // of a group, its owner's among them
	Texts     int
	// Ordered says that groups are merged, or records are removed again, so that groups must
	// record the order in which values were added.
	Ordered bool
	// Undone says that records are removed again.
	Undone bool
}

// inputValue is a value of a record that an aggregate without a fixed size reads. Aggregates over the
// same expression share it.
type inputValue struct {
	F expression.Eval
	// Column is the number of the record's column, if the input is a column.
	Column int
	// Uses is the number of aggregates that share the input: a failure counts once for each.
	Uses int64
	Type row.Type
}

// Accumulate lays out the state that the group keeps for its aggregates.
func (l *Layout) Accumulate(calls []plan.AggregateCall) ([]Result, error) {
	arguments, inputs := map[string]int{}, map[string]int{}
	var list []Result
	for i := range calls {
		c := &calls[i]
		f, agg, err := l.Compile(c)
		if err != nil {
			return nil, err
		}
		for n, e := range c.Args {
			text := e.Type().String() + " " + e.String()
			if f.Tally != nil {
				f.Tally.Inputs[n], err = l.input(e, text, inputs)
			} else {
				f.Argument, err = l.argument(e, text, arguments)
			}
			if err != nil {
				return nil, err
			}
		}
		agg.fold = slices.IndexFunc(l.Folds, func(o Fold) bool { return o.same(&f) })
		if agg.fold < 0 {
			f.At, f.text = l.Words, l.Texts
			l.Words += words[f.op]
			if f.op == bestText {
				l.Texts++
			}
			agg.fold = len(l.Folds)
			l.Folds = append(l.Folds, f)
		}
		of := &l.Folds[agg.fold]
		agg.At, agg.text, agg.Tally = of.At, of.text, of.Tally
		list = append(list, agg)
	}
	return list, nil
}

// ShowIn says that a column of the row is an aggregate's result without further change.
func (l *Layout) ShowIn(r *Result, column int) {
	f := &l.Folds[r.fold]
	f.shows = append(f.shows, shown{column, r})
}

// same reports whether two folds keep the same.
func (f *Fold) same(o *Fold) bool {
	return f.op == o.op && f.Argument == o.Argument && f.larger == o.larger && f.Tally.same(o.Tally)
}

func (l *Layout) argument(e plan.Expr, text string, known map[string]int) (int, error) {
	i, ok := known[text]
	if !ok {
		arg, err := CompileArgument(e)
		if err != nil {
			return 0, err
		}
		i = len(l.Arguments)
		known[text] = i
		l.Arguments = append(l.Arguments, arg)
	}
	l.Arguments[i].Uses++
	return i, nil
}

func (l *Layout) input(e plan.Expr, text string, known map[string]int) (int, error) {
	i, ok := known[text]
	if !ok {
		f, err := expression.Compile(e)
		if err != nil {
			return 0, err
		}
		in := inputValue{F: f, Column: -1, Type: e.Type()}
		if c, ok := e.(*plan.Column); ok {
			in.Column = c.Index
		}
		i = len(l.Inputs)
		known[text] = i
		l.Inputs = append(l.Inputs, in)
	}
	l.Inputs[i].Uses++
	return i, nil
}

// Tallies copies the group's tallies, fold by fold; nil if there are none. Those of folds that
// the owner computes from what else it keeps are not copied: isDerived says which, nil none.
func (l *Layout) Tallies(s *Group, isDerived func(*Fold) bool) []Tally {
	var list []Tally
	for i := range l.Folds {
		if f := &l.Folds[i]; f.Tally != nil {
			var own Tally
			if s.Words[f.At] != 0 && (isDerived == nil || !isDerived(f)) {
				own = f.Tally.copyOf(s.Words[f.At])
			}
			list = append(list, own)
		}
	}
	return list
}

// Keep stores copies of the tallies of another engine's group in a group.
func (l *Layout) Keep(s *Group, saved []Tally) {
	for i := range l.Folds {
		if f := &l.Folds[i]; f.Tally != nil {
			s.Words[f.At] = 0
			if saved[0] != nil {
				s.Words[f.At] = f.Tally.put(saved[0].clone())
			}
			saved = saved[1:]
		}
	}
}

// ForgetTallies drops the tallies of all groups.
func (l *Layout) ForgetTallies() {
	for i := range l.Folds {
		if t := l.Folds[i].Tally; t != nil {
			t.slots, t.free, t.views = slots{}, nil, frozen.Views[uint32, Tally]{}
		}
	}
}
