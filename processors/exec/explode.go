package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// explode makes of each record that WHERE lets through a row for each element of
// its longest ARRAY. It has no state, and time does nothing to it.
type explode struct {
	query  uint16
	source int
	where  condition
	arrays []expression.Eval
	items  []expression.Eval
	key    rowKey
	window rowWindow
	opt    Options
	env    expression.Env
	out    *Result
	// lists are the elements of the record's ARRAYs.
	lists [][]row.Value
}

func newExplode(q *plan.Query, opt Options) (*explode, error) {
	x := &explode{query: uint16(q.Index), source: q.Source, window: rowWindowOf(q), opt: opt, lists: make([][]row.Value, len(q.Explode))}
	x.env.Exploded = make([]row.Value, len(q.Explode))
	var err error
	if x.where, err = compileCondition(q.Where); err != nil {
		return nil, err
	}
	if x.arrays, err = expression.CompileAll(q.Explode); err != nil {
		return nil, err
	}
	if x.items, err = expression.CompileAll(q.Items); err != nil {
		return nil, err
	}
	x.key, err = compileRowKey(q)
	return x, err
}

func (x *explode) begin(b *row.Batch, out *Result) {
	x.out = out
	x.env.Batch, x.env.Table = b, b.Table(x.source)
}

func (x *explode) nextClose() int64          { return never }
func (x *explode) advance(int, int64, int64) {}
func (x *explode) snapshot() []state.Entry   { return nil }
func (x *explode) restore([]state.Entry)     {}
func (x *explode) keys() int64               { return 0 }

func (x *explode) act(i int, position int64, _ uint64, _ bool) row.Disposition {
	x.env.At(i)
	if x.env.Record.State == row.NullValue {
		return x.pass(i, position)
	}
	if dropped, ok := x.where.admits(&x.env, x.opt, x.out, i); !ok {
		return dropped
	}
	rows, err := x.look()
	if err != nil {
		return x.out.refuse(i, err)
	}
	switch {
	case rows == 0:
		return row.Filtered
	case rows > plan.MostExplodedRows:
		return x.tooLarge(i, plan.ErrExplodedRows)
	}
	key, err := x.key.evaluate(&x.env, x.opt, x.out)
	if err != nil {
		return x.out.refuse(i, err)
	}
	return x.rows(i, position, key, rows)
}

// rows makes so many rows of record i: all of them, or none.
func (x *explode) rows(i int, position int64, key []row.Value, n int) row.Disposition {
	first, taken, errors, bytes := len(x.out.Changes), x.out.values.mark(), x.out.ExpressionErrors, 0
	undo := func() {
		x.out.Changes, x.out.ExpressionErrors = x.out.Changes[:first], errors
		x.out.values.rewind(taken)
	}
	for k := range n {
		values, err := x.row(k)
		if err != nil {
			undo()
			return x.out.refuse(i, err)
		}
		for j := range values {
			bytes += values[j].Footprint()
		}
		if bytes > plan.MostExplodedBytes {
			undo()
			return x.tooLarge(i, plan.ErrExplodedBytes)
		}
		c := x.change(i, position, key)
		c.Ordinal, c.Values = uint32(k), values
	}
	return row.Output
}

// tooLarge handles a record whose rows are too many or too large: it produces none or, under
// on_error: dlq, is refused.
func (x *explode) tooLarge(i int, err error) row.Disposition {
	if x.opt.ErrorsToDeadLetter {
		return x.out.refuse(i, err)
	}
	x.out.ExpressionErrors++
	return row.Filtered
}

// pass passes a deletion on, once: it has no ARRAYs. WHERE has nothing to decide
// by.
func (x *explode) pass(i int, position int64) row.Disposition {
	if x.where.holds != nil {
		return row.Filtered
	}
	key, err := x.key.evaluate(&x.env, x.opt, x.out)
	if err != nil {
		return x.out.refuse(i, err)
	}
	x.change(i, position, key)
	return row.Output
}

func (x *explode) change(i int, position int64, key []row.Value) *row.Change {
	c := x.out.change()
	*c = row.Change{
		Position: position, Phase: 1, Step: 1, Query: x.query, Cause: int32(i), Timestamp: x.env.Record.EventTime, Key: key,
	}
	x.window.give(c, x.env.Table, x.env.Row)
	return c
}

// look evaluates the record's ARRAYs and says how long the longest is. One that
// fails has no elements, or, under on_error: dlq, is an error.
func (x *explode) look() (longest int, _ error) {
	for j, f := range x.arrays {
		v, err := f(&x.env)
		if err != nil {
			if x.opt.ErrorsToDeadLetter {
				return 0, err
			}
			x.out.ExpressionErrors++
			v = row.Value{}
		}
		x.lists[j] = nil
		if !v.IsNull() {
			x.lists[j] = v.Elements()
		}
		longest = max(longest, len(x.lists[j]))
	}
	return longest, nil
}

// row makes row number k. What fails is NULL, or, under on_error: dlq, an error.
func (x *explode) row(k int) ([]row.Value, error) {
	for j, list := range x.lists {
		x.env.Exploded[j] = row.Value{}
		if k < len(list) {
			x.env.Exploded[j] = list[k]
		}
	}
	values := x.out.values.take(len(x.items))
	for j, f := range x.items {
		v, err := f(&x.env)
		if err != nil {
			if x.opt.ErrorsToDeadLetter {
				return nil, err
			}
			x.out.ExpressionErrors++
			v = row.Value{}
		}
		values[j] = v
	}
	return values, nil
}
