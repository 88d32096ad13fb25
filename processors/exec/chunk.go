package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/window"
)

// chunkSize is how many records go through an operator together, step by step:
// few enough that what is known of them stays in the innermost cache, enough that
// a step is a plain loop over a column.
const chunkSize = 256

// chunk is the records that act next, as far as they are still in.
type chunk struct {
	n       int
	records [chunkSize]int32 // index in the batch
	rows    [chunkSize]int32 // in the table
	times   [chunkSize]int64 // of the event, in ms
	hashes  [chunkSize]uint64
	// starts and ends are the window, in ms; late says that it has closed.
	starts, ends [chunkSize]int64
	late         [chunkSize]bool
	verdicts     [chunkSize]expression.Flaw // scratch of filter
}

// gather begins a chunk with the first records of a list, as many as act before
// time does something: it ends before a record whose watermark is due. It returns
// how many it looked at, which is at least one: time stands at the first already.
// Records without a value are left out, and given to skip.
func (c *chunk) gather(b *row.Batch, list []int32, hashes []uint64, w *plan.Window, due int64, skip func(i int32)) (taken int) {
	c.n = 0
	list = list[:min(len(list), chunkSize)]
	start, end := int64(0), int64(forever)
	closes := end
	ok := w == nil
	for k, i := range list {
		r := b.Record(int(i))
		if r.Watermark >= due && k > 0 {
			return k
		}
		if r.State == row.NullValue {
			skip(i)
			continue
		}
		n := c.n
		if w != nil {
			if t := r.EventTime; t < start || t >= end || !ok {
				start, ok = window.Tumbling(t, w.Size)
				end = row.AddTime(start, w.Size)
				closes = row.AddTime(end, w.Grace)
			}
			c.late[n] = !ok || closes <= r.Watermark
			if !c.late[n] {
				due = min(due, closes)
			}
			c.starts[n], c.ends[n] = start, end
		}
		c.records[n], c.rows[n], c.times[n] = i, r.Row, r.EventTime
		if hashes != nil {
			c.hashes[n] = hashes[k]
		}
		c.n++
	}
	return len(list)
}

// forever is the end of the one window that groups without windows live in.
const forever = row.FinalWatermark

// move puts record k in place to, when those between are out.
func (c *chunk) move(to, k int) {
	c.records[to], c.rows[to], c.hashes[to] = c.records[k], c.rows[k], c.hashes[k]
	c.times[to] = c.times[k]
	c.starts[to], c.ends[to], c.late[to] = c.starts[k], c.ends[k], c.late[k]
}

// filter keeps the records for which WHERE holds. Where it does not, out gets the
// record, and what was wrong with the condition.
func (c *chunk) filter(where filterFunc, n *expression.Env, out func(i int32, bad expression.Flaw)) {
	where(n, c)
	left := 0
	for k := range c.n {
		if bad := c.verdicts[k]; bad != expression.Sound {
			out(c.records[k], bad)
			continue
		}
		if left != k {
			c.move(left, k)
		}
		left++
	}
	c.n = left
}

// filterFunc evaluates a condition for a chunk's records: their verdicts are sound
// where it holds, isNull where it does not, or what went wrong.
type filterFunc func(n *expression.Env, c *chunk)

// compileFilter makes a condition's function. A column beside a constant is
// compared in one loop.
func compileFilter(e plan.Expr) (filterFunc, error) {
	if f := columnFilter(e); f != nil {
		return f, nil
	}
	f, err := expression.CompileWhole(e)
	return func(n *expression.Env, c *chunk) {
		for k := range c.n {
			n.At(int(c.records[k]))
			v, bad := f(n)
			if bad == expression.Sound && v == 0 {
				bad = expression.IsNull
			}
			c.verdicts[k] = bad
		}
	}, err
}

// columnFilter is the filter of an integral or DECIMAL column beside a constant,
// both of which fit a word; nil where it is not that.
func columnFilter(e plan.Expr) filterFunc {
	comparison, ok := e.(*plan.Comparison)
	if !ok || comparison.Op == plan.Distinct || comparison.Op == plan.NotDistinct {
		return nil
	}
	column, ok := comparison.L.(*plan.Column)
	if !ok || !expression.IsNarrow(column.Type()) {
		return nil
	}
	v, ok := expression.Constant(comparison.R)
	if !ok || v.IsNull() {
		return nil
	}
	limit := v.Int64()
	if column.Type().Kind == row.Decimal {
		d, scale := v.Decimal()
		if d, ok = numeric.DecimalRescale(d, scale, column.Type().Scale); !ok || scale > column.Type().Scale {
			return nil
		}
		if limit, ok = d.Int64(); !ok {
			return nil
		}
	}
	i, o := column.Index, expression.OrdersOf(comparison.Op)
	below, at, above := verdict(o.Less), verdict(o.Equal), verdict(o.Greater)
	return func(n *expression.Env, c *chunk) {
		values := n.Table.Columns[i]
		for k, r := range c.rows[:c.n] {
			bad := at
			if v := values.Int64(int(r)); v < limit {
				bad = below
			} else if v > limit {
				bad = above
			}
			if !values.Valid(int(r)) {
				bad = expression.IsNull
			}
			c.verdicts[k] = bad
		}
	}
}

func verdict(holds bool) expression.Flaw {
	if holds {
		return expression.Sound
	}
	return expression.IsNull
}
