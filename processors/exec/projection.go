package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// projection makes one row of each record that WHERE lets through. It has no
// state, and time does nothing to it.
type projection struct {
	query  uint16
	source int
	where  condition
	filter filterFunc // where, by the chunk
	items  []keyPart
	key    rowKey
	window rowWindow
	opt    Options
	env    expression.Env
	out    *Result
	chunk  chunk
}

func newProjection(q *plan.Query, opt Options) (*projection, error) {
	p := &projection{query: uint16(q.Index), source: q.Source, opt: opt}
	var err error
	if q.Where != nil {
		if p.where, err = compileCondition(q.Where); err != nil {
			return nil, err
		}
		if p.filter, err = compileFilter(q.Where); err != nil {
			return nil, err
		}
	}
	if p.items, err = compileKey(q.Items); err != nil {
		return nil, err
	}
	p.window = rowWindowOf(q)
	p.key, err = compileRowKey(q)
	return p, err
}

func (p *projection) begin(b *row.Batch, out *Result) {
	p.out = out
	p.env.Batch, p.env.Table = b, b.Table(p.source)
}

func (p *projection) nextClose() int64          { return never }
func (p *projection) advance(int, int64, int64) {}
func (p *projection) snapshot() []state.Entry   { return nil }
func (p *projection) restore([]state.Entry)     {}
func (p *projection) keys() int64               { return 0 }

// setDisposition raises the disposition of a record: another query may have set a higher one.
func (p *projection) setDisposition(i int32, d row.Disposition) {
	if d > p.out.Dispositions[i] {
		p.out.Dispositions[i] = d
	}
}

// run takes the first records of a list: by the chunk, or one at a time where one
// of them may be refused or has no value.
func (p *projection) run(list []int32, _ []uint64) (taken int) {
	list = list[:min(len(list), chunkSize)]
	single := p.opt.ErrorsToDeadLetter
	for _, i := range list {
		single = single || p.env.Batch.Record(int(i)).State == row.NullValue
	}
	if single {
		for _, i := range list {
			p.setDisposition(i, p.act(int(i), p.env.Batch.First+int64(i)))
		}
		return len(list)
	}
	c := &p.chunk
	taken = c.gather(p.env.Batch, list, nil, nil, never, nil)
	if p.filter != nil {
		c.filter(p.filter, &p.env, func(i int32, bad expression.Flaw) {
			if bad > expression.IsNull {
				p.out.ExpressionErrors++
			}
			p.setDisposition(i, row.Filtered)
		})
	}
	step := max(1, slabSize/max(1, len(p.items), len(p.key.parts)))
	for from := 0; from < c.n; from += step {
		p.emit(from, min(from+step, c.n))
	}
	return taken
}

// emit makes the rows of records [from, to) of the chunk.
func (p *projection) emit(from, to int) {
	c := &p.chunk
	values, keys := p.columns(p.items, from, to), p.columns(p.key.parts, from, to)
	p.key.canonical(keys)
	for k := from; k < to; k++ {
		i := c.records[k]
		p.setDisposition(i, row.Output)
		change := p.out.change()
		*change = row.Change{
			Position: p.env.Batch.First + int64(i), Phase: 1, Step: 1, Query: p.query, Cause: i, Timestamp: c.times[k],
		}
		p.window.give(change, p.env.Table, int(c.rows[k]))
		if n := len(p.items); n > 0 {
			change.Values = values[(k-from)*n:][:n:n]
		}
		if n := len(p.key.parts); n > 0 {
			change.Key = keys[(k-from)*n:][:n:n]
		}
	}
}

// columns evaluates expressions for records [from, to), column by column; the rows
// lie side by side.
func (p *projection) columns(list []keyPart, from, to int) []row.Value {
	width := len(list)
	if width == 0 {
		return nil
	}
	values := p.out.values.take((to - from) * width)
	for j := range list {
		part := &list[j]
		if part.column >= 0 {
			p.env.Table.Columns[part.column].Gather(values[j:], width, p.chunk.rows[from:to])
			continue
		}
		for k := from; k < to; k++ {
			p.env.At(int(p.chunk.records[k]))
			v, err := part.f(&p.env)
			if err != nil {
				v = row.Value{}
				p.out.ExpressionErrors++
			}
			values[(k-from)*width+j] = v
		}
	}
	return values
}

// act takes one record.
func (p *projection) act(i int, position int64) row.Disposition {
	p.env.At(i)
	record := p.env.Record
	var values []row.Value
	if record.State == row.NullValue {
		// A projection passes a deletion on; WHERE has nothing to decide by.
		if p.where.holds != nil {
			return row.Filtered
		}
	} else {
		if d, ok := p.where.admits(&p.env, p.opt, p.out, i); !ok {
			return d
		}
		var err error
		values, err = p.evaluate(p.items)
		if err != nil && p.opt.ErrorsToDeadLetter {
			return p.out.refuse(i, err)
		}
	}
	key, err := p.key.evaluate(&p.env, p.opt, p.out)
	if err != nil {
		return p.out.refuse(i, err)
	}
	p.out.Changes = append(p.out.Changes, row.Change{
		Position: position, Phase: 1, Step: 1, Query: p.query, Cause: int32(i), Timestamp: record.EventTime,
		Key: key, Values: values,
	})
	p.window.give(&p.out.Changes[len(p.out.Changes)-1], p.env.Table, p.env.Row)
	return row.Output
}

// evaluate computes a tuple. An expression that fails is NULL and, unless the
// record is refused for it, counted; the first failure is returned.
func (p *projection) evaluate(list []keyPart) (values []row.Value, failed error) {
	if len(list) == 0 {
		return nil, nil
	}
	values = p.out.values.take(len(list))
	for i := range list {
		v, err := list[i].f(&p.env)
		if err != nil {
			v = row.Value{}
			if failed == nil {
				failed = err
			}
			if !p.opt.ErrorsToDeadLetter {
				p.out.ExpressionErrors++
			}
		}
		values[i] = v
	}
	return values, failed
}
