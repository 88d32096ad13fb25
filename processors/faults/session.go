package faults

import (
	"errors"
	"fmt"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// newSessionGlobal is a V2 that keeps one session for all keys: whichever key a
// record has, it is counted there, and the row that shows it has the record's key.
func newSessionGlobal(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	wrong := *p
	wrong.Stages, wrong.Queries = nil, nil
	keys := map[uint16]func(b *row.Batch, i int) []row.Value{}
	for _, q := range p.Stages {
		stage := *q
		if a := q.Aggregation; a != nil && a.Window != nil && a.Window.Kind == plan.Session && q.Inputs == nil {
			key, err := columnsOf(a.GroupBy)
			if err != nil {
				return nil, fmt.Errorf("fault %s: %w", f.Name, err)
			}
			keys[uint16(q.Index)] = key
			shared := *a
			shared.GroupBy = nil
			for _, e := range a.GroupBy {
				shared.GroupBy = append(shared.GroupBy, &plan.Literal{T: e.Type()})
			}
			stage.Aggregation = &shared
			stage.Split = plan.Split{Reason: "there is one session"}
		}
		wrong.Stages = append(wrong.Stages, &stage)
	}
	if len(keys) == 0 {
		return nil, errors.New("fault " + f.Name + " needs a SESSION window")
	}
	for _, q := range p.Queries {
		wrong.Queries = append(wrong.Queries, wrong.Stages[q.Stage])
	}
	v2, err := partitions.New(&wrong, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	shown := map[bounds][]row.Value{}
	return &faulty{V2: v2, span: f.newSpan(cfg.Count()), rewrite: func(o *row.Outcome) {
		for i := range o.Changes {
			c := &o.Changes[i]
			if key := keys[c.Query]; key != nil {
				rekey(c, p.Queries[c.Query].Sink, shown, func() []row.Value { return key(o.Batch, int(c.Cause)) })
			}
		}
	}}, nil
}

// columnsOf returns the function that makes the key of a record, which consists of
// columns.
func columnsOf(exprs []plan.Expr) (func(b *row.Batch, i int) []row.Value, error) {
	var columns []int
	for _, e := range exprs {
		c, ok := e.(*plan.Column)
		if !ok {
			return nil, fmt.Errorf("it needs GROUP BY columns, and %s is none", e)
		}
		columns = append(columns, c.Index)
	}
	return func(b *row.Batch, i int) []row.Value {
		r := b.Record(i)
		key := make([]row.Value, len(columns))
		for k, c := range columns {
			key[k] = b.Table(int(r.Source)).Columns[c].Value(int(r.Row))
		}
		return key
	}, nil
}

// bounds are the bounds of a session whose row was emitted.
type bounds struct {
	query      uint16
	start, end int64
}

// rekey gives a row of the session the key of the record that made it, and what
// takes a row back the key under which that was shown.
func rekey(c *row.Change, sink *row.Sink, shown map[bounds][]row.Value, ofRecord func() []row.Value) {
	at := bounds{c.Query, c.WindowStart, c.WindowEnd}
	key := shown[at]
	if c.Phase != 0 && !c.Deleted() {
		key = row.CloneAll(ofRecord())
		shown[at] = key
	}
	c.Key, c.Written = key, nil
	if c.Deleted() {
		delete(shown, at)
		return
	}
	values := row.CloneAll(c.Values)
	for i := range values {
		if i < len(sink.FromKey) && sink.FromKey[i] >= 0 {
			values[i] = key[sink.FromKey[i]]
		}
	}
	c.Values = values
}
