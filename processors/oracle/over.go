package oracle

import (
	"errors"
	"slices"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// seen is a record that OVER may read: its event time and, for each call, its arguments and
// then its default.
type seen struct {
	time int64
	args [][]row.Value
}

// over adds the record to its partition and emits its row.
func (q *query) over(in scope) row.Disposition {
	c := row.Change{Step: 1, Timestamp: in.event.time}
	partition, err := q.values(in, q.Over.PartitionBy)
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	partition = row.AsKeys(partition)
	if c.Key = partition; len(partition) == 0 {
		if c.Key, err = q.rowKey(in); err != nil && q.opt.ErrorsToDeadLetter {
			q.out.ExpressionErrors++
			return q.dead(in.event, err)
		}
	}
	if in.event.null {
		q.emitIn(in.event, c)
		return row.Output
	}
	var args, plain []plan.Expr
	for _, call := range q.Over.Calls {
		args = append(append(append(args, orNull(call.Arg)), call.Others...), orNull(call.Default))
	}
	for n, e := range q.Items {
		if !q.Over.After[n] {
			plain = append(plain, e)
		}
	}
	values, err := q.values(in, slices.Concat(args, plain))
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	name := placeOf(0, partition)
	if q.rows == nil {
		q.rows = map[string][]seen{}
	}
	record := seen{time: in.event.time}
	for _, call := range q.Over.Calls {
		n := 2 + len(call.Others)
		record.args = append(record.args, values[:n:n])
		values = values[n:]
	}
	q.rows[name] = append(q.rows[name], record)
	in.query, in.rows = q, q.rows[name]
	for n, e := range q.Items {
		if !q.Over.After[n] {
			c.Values = append(c.Values, values[0])
			values = values[1:]
			continue
		}
		v, err := in.eval(e)
		if err != nil {
			q.out.ExpressionErrors++
			v = row.Value{}
		}
		c.Values = append(c.Values, v)
	}
	for n, from := range q.Sink.FromKey {
		if from >= 0 {
			c.Values[n] = c.Values[n].AsKey() // it is a key column
		}
	}
	q.emitIn(in.event, c)
	return row.Output
}

func orNull(e plan.Expr) plan.Expr {
	if e == nil {
		return &plan.Literal{}
	}
	return e
}

// overValue computes call number n for the last of a partition's rows.
func overValue(rows []seen, n int, c plan.OverCall, stop *interrupt) (row.Value, error) {
	last := len(rows) - 1
	from := last - int(c.Frame.Preceding)
	if c.Frame.Unbounded || from < 0 {
		from = 0
	}
	frame := rows[from:]
	switch c.Func {
	case plan.OverAggregate:
		var values [][]row.Value
		for _, r := range frame {
			values = append(values, r.args[n][:1+len(c.Others)])
		}
		return aggregateOf(values, &aggregateCall{c.AggregateCall(), stop})
	case plan.FirstValue:
		return frame[0].args[n][0], nil
	case plan.LastValue:
		return frame[len(frame)-1].args[n][0], nil
	case plan.Lag:
		chosen := rows[last].args[n][1]
		if at := last - int(c.Offset); at >= 0 {
			chosen = rows[at].args[n][0]
		}
		if chosen.IsNull() || c.Default == nil {
			return chosen, nil
		}
		return cast(chosen, c.Type)
	case plan.RowNumber:
		return row.NewBigint(int64(len(rows))), nil
	case plan.Rank, plan.DenseRank:
		rank, dense := 1, 1
		for i := 1; i < len(rows); i++ {
			if rows[i].time != rows[i-1].time {
				rank, dense = i+1, dense+1
			}
		}
		if c.Func == plan.Rank {
			return row.NewBigint(int64(rank)), nil
		}
		return row.NewBigint(int64(dense)), nil
	}
	return row.Value{}, errors.New("the oracle does not know " + c.String())
}
