package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// projection makes one row of each record that WHERE lets through. It has no
// state, and time does nothing to it.
type projection struct {
	query  uint16
	source int
	where  wholeFunc // nil where there is none
	items  []eval
	key    []eval
	opt    Options
	env    env
	out    *Result
}

func newProjection(q *plan.Query, opt Options) (*projection, error) {
	p := &projection{query: uint16(q.Index), source: q.Source, opt: opt}
	var err error
	if q.Where != nil {
		if p.where, err = compileWhole(q.Where); err != nil {
			return nil, err
		}
	}
	if p.items, err = compileAll(q.Items); err != nil {
		return nil, err
	}
	p.key, err = compileAll(q.Key)
	return p, err
}

func (p *projection) begin(b *row.Batch, out *Result) {
	p.out = out
	p.env.batch, p.env.table = b, b.Table(p.source)
}

func (p *projection) nextClose() int64          { return never }
func (p *projection) advance(int, int64, int64) {}
func (p *projection) snapshot() []state.Entry   { return nil }
func (p *projection) restore([]state.Entry)     {}
func (p *projection) held() int64               { return 0 }
func (p *projection) refuse(i int, err error) row.Disposition {
	p.out.ExpressionErrors++
	p.out.DeadLetters = append(p.out.DeadLetters, row.DeadLetter{Record: i, Reason: err.Error()})
	return row.Failed
}

func (p *projection) act(i int, position int64, _ uint64, _ bool) row.Disposition {
	p.env.at(i)
	record := p.env.record
	var values []row.Value
	if record.State == row.NullValue {
		// A projection passes a deletion on; WHERE has nothing to decide by.
		if p.where != nil {
			return row.Filtered
		}
	} else {
		if p.where != nil {
			v, bad := p.where(&p.env)
			if bad > isNull {
				if p.opt.ErrorsToDeadLetter {
					return p.refuse(i, bad.err())
				}
				p.out.ExpressionErrors++
			}
			if bad != sound || v == 0 {
				return row.Filtered
			}
		}
		var err error
		values, err = p.evaluate(p.items)
		if err != nil && p.opt.ErrorsToDeadLetter {
			return p.refuse(i, err)
		}
	}
	key, _ := p.evaluate(p.key)
	p.out.Changes = append(p.out.Changes, row.Change{
		Position: position, Phase: 1, Step: 1, Query: p.query, Cause: int32(i), Timestamp: record.EventTime,
		Key: key, Values: values,
	})
	return row.Output
}

// evaluate computes a tuple. An expression that fails is NULL and, unless the
// record is refused for it, counted; the first failure is returned.
func (p *projection) evaluate(list []eval) (values []row.Value, failed error) {
	if len(list) == 0 {
		return nil, nil
	}
	values = p.out.values.take(len(list))
	for i, f := range list {
		v, err := f(&p.env)
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
