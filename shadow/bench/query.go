package bench

import (
	"context"
	"errors"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// query is a compiled script. Its paths end the windows that are open at the end
// of the input.
type query struct{ plan *plan.Plan }

func newQuery(sql string) (*query, error) {
	p, err := plan.Compile(sql, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		return nil, err
	}
	if p.Chained() {
		return nil, errors.New("the benchmark runs one engine a query, and this script has queries that are several stages: LIMIT, an aggregate over a join, or a query over another one's rows")
	}
	return &query{plan: p}, nil
}

// encoders returns the encoders of the plan's queries.
func (q *query) encoders() ([]*codec.Encoder, error) {
	var sinks []*row.Sink
	for _, one := range q.plan.Queries {
		sinks = append(sinks, one.Sink)
	}
	return codec.NewEncoders(context.Background(), sinks)
}

// path returns the encoders, the cutter and the clock of a path.
func (q *query) path(in *Input) (encoders []*codec.Encoder, cut *cutter, clock *clock, err error) {
	if encoders, err = q.encoders(); err != nil {
		return nil, nil, nil, err
	}
	cut, err = q.cutter(in)
	return encoders, cut, q.clock(), err
}

// flush returns the batch that ends an input with the given number of records.
func (q *query) flush(seq int64, records int) *row.Batch {
	return row.NewFlush(seq, int64(records), len(q.plan.Sources))
}

// encode encodes the rows of changes and passes them to out.
func encode(encoders []*codec.Encoder, changes []row.Change, key, value []byte, out *output) (_, _ []byte) {
	for i := range changes {
		c := &changes[i]
		e := encoders[c.Query]
		key, value = key[:0], value[:0]
		if e.HasKey() {
			key, _ = e.AppendKey(key, c)
		}
		if !c.Deleted() {
			value = e.AppendValue(value, c)
		}
		out.row(key, value)
	}
	return key, value
}
