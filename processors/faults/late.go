package faults

import (
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// newLateRefire is a V2 that emits a window again when a record comes that is late
// for it: the first of its rows, in the order of outputs.
func newLateRefire(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	s := f.newSpan(cfg.Count())
	closed := map[int64]row.Change{} // the first row of each window, by its start
	var size int64
	return &faulty{V2: v2, span: s, rewrite: func(o *row.Outcome) {
		var out []row.Change
		rows := o.Changes
		for i, d := range o.Dispositions {
			position := o.Batch.First + int64(i)
			for len(rows) > 0 && rows[0].Position <= position {
				c := rows[0]
				if size = c.WindowEnd - c.WindowStart; size > 0 {
					if _, seen := closed[c.WindowStart]; !seen {
						kept := c
						kept.Key, kept.Values, kept.Written = row.CloneAll(c.Key), row.CloneAll(c.Values), nil
						closed[c.WindowStart] = kept
					}
				}
				out, rows = append(out, c), rows[1:]
			}
			if d != row.Late || size == 0 || !s.strikes(position) {
				continue
			}
			if c, seen := closed[o.Batch.Record(i).EventTime/size*size]; seen {
				s.acted()
				c.Position, c.Phase, c.Cause = position, 1, int32(i)
				out = append(out, c)
			}
		}
		o.Raw += int64(len(out) + len(rows) - len(o.Changes))
		o.Changes = append(out, rows...)
	}}, nil
}
