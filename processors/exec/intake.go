package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// intake reads one record at a time for an operator that groups: whether WHERE
// lets it through, its key and its aggregates' arguments, before any state is
// touched. What the query compiled is an aggregation's, whose chunks are not used.
type intake struct {
	*aggregation
	where    condition
	parts    []keyPart
	tuple    []row.Value         // the key
	operands []aggregate.Operand // the arguments
	values   []row.Value         // the inputs
	place    int64               // the record's position
	// row and group are the record's and its group, as what works on many wants
	// them: scratch.
	row   [1]int32
	group [1]aggregate.Group
}

func newIntake(q *plan.Query, opt Options) (intake, error) {
	a, err := newAggregation(q, opt)
	if err != nil {
		return intake{}, err
	}
	n := intake{
		aggregation: a, parts: a.groupBy.parts,
		tuple: make([]row.Value, len(a.groupBy.parts)), operands: make([]aggregate.Operand, len(a.Arguments)),
		values: make([]row.Value, len(a.Inputs)),
	}
	n.where, err = compileCondition(q.Where)
	return n, err
}

// admits reports whether record i is grouped; otherwise it returns the record's disposition.
func (n *intake) admits(i int) (row.Disposition, bool) {
	n.input.At(i)
	n.place = n.input.Batch.First + int64(i)
	if n.input.Record.State == row.NullValue {
		return row.Filtered, false // there is nothing to group
	}
	return n.where.admits(&n.input, n.opt, n.out, i)
}

// evaluate computes the key and the arguments of the record that was admitted.
// What fails is NULL, or, under on_error: dlq, an error.
func (n *intake) evaluate() error {
	for i := range n.parts {
		if c := n.parts[i].column; c >= 0 {
			n.tuple[i] = n.input.Table.Columns[c].Value(n.input.Row)
			continue
		}
		v, err := n.parts[i].f(&n.input)
		if err != nil {
			if n.opt.ErrorsToDeadLetter {
				return err
			}
			v = row.Value{}
			n.out.ExpressionErrors++
		}
		n.tuple[i] = v
	}
	for i := range n.Arguments {
		arg := &n.Arguments[i]
		if arg.Column >= 0 {
			n.row[0] = int32(n.input.Row)
			arg.ReadColumn(n.input.Table.Columns[arg.Column], n.row[:], n.operands[i:i+1])
			continue
		}
		if bad := arg.Read(&n.input, &n.operands[i]); bad > expression.IsNull {
			if n.opt.ErrorsToDeadLetter {
				return bad.Err()
			}
			n.out.ExpressionErrors += arg.Uses
		}
	}
	for i := range n.Inputs {
		in := &n.Inputs[i]
		v, err := in.F(&n.input)
		if err != nil {
			if n.opt.ErrorsToDeadLetter {
				return err
			}
			v = row.Value{}
			n.out.ExpressionErrors += in.Uses
		}
		n.values[i] = v
	}
	return nil
}

// tooLate counts windows that had closed for a record.
func (n *intake) tooLate(i int, windows int64) {
	n.out.Late += windows
	if n.opt.LateToDeadLetter {
		n.deadLetter(int32(i), lateReason)
	}
}

// take takes the record into a group.
func (n *intake) take(s *aggregate.Group) {
	reach(s, n.input.Record.EventTime)
	n.group[0] = *s
	for i := range n.Folds {
		f := &n.Folds[i]
		if t := f.Tally; t != nil {
			t.TakeOf(n.values, &s.Words[f.At], n.place)
			continue
		}
		var operands []aggregate.Operand
		if f.Argument >= 0 {
			operands = n.operands[f.Argument : f.Argument+1]
		}
		f.Run(n.group[:], operands, nil)
	}
}
