package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// limit lets the first rows of a stage through, as they are, and no more. Its state
// is how many it has let through. Time does nothing to it.
type limit struct {
	query  uint16
	source int
	most   int64
	rows   int64
	items  []keyPart
	key    rowKey
	window rowWindow
	step   int // the column of the rows' steps
	env    expression.Env
	out    *Result
}

func newLimit(q *plan.Query) (*limit, error) {
	columns := q.Inputs[q.Source].Rows.Columns
	l := &limit{query: uint16(q.Index), source: q.Source, most: *q.Limit, window: rowWindow{-1}, step: len(columns) - 1}
	if q.Inputs[q.Source].Rows.Windowed {
		l.window.start = l.step - 2
	}
	var err error
	if l.items, err = compileKey(q.Items); err != nil {
		return nil, err
	}
	l.key, err = compileRowKey(q)
	return l, err
}

func (l *limit) begin(b *row.Batch, out *Result) {
	l.out = out
	l.env.Batch, l.env.Table = b, b.Table(l.source)
}

func (l *limit) nextClose() int64          { return never }
func (l *limit) advance(int, int64, int64) {}
func (l *limit) keys() int64               { return min(l.rows, 1) }

func (l *limit) act(i int, position int64, _ uint64, _ bool) row.Disposition {
	if l.rows >= l.most {
		return row.Filtered
	}
	l.rows++
	l.env.At(i)
	c := l.out.change()
	*c = row.Change{
		Position: position, Phase: 1, Step: uint8(l.env.Table.Columns[l.step].Int64(l.env.Row)), Query: l.query, Cause: int32(i), Timestamp: l.env.Record.EventTime,
	}
	c.Key, _ = l.key.evaluate(&l.env, Options{}, l.out) // columns do not fail
	if l.env.Record.State != row.NullValue {
		c.Values = l.out.values.take(len(l.items))
		for j := range l.items {
			c.Values[j] = l.env.Table.Columns[l.items[j].column].Value(l.env.Row)
		}
	}
	l.window.give(c, l.env.Table, l.env.Row)
	return row.Output
}

// limitEntry is how many rows a limit has let through.
type limitEntry struct{ rows int64 }

func (l *limit) snapshot() []state.Entry {
	if l.rows == 0 {
		return nil
	}
	return []state.Entry{{Partition: -1, State: limitEntry{l.rows}}}
}

// restore takes one entry, or several where LIMIT was forced onto several
// partitions.
func (l *limit) restore(entries []state.Entry) {
	l.rows = 0
	for _, e := range entries {
		l.rows += e.State.(limitEntry).rows
	}
}
