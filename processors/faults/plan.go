package faults

import (
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Faults of what is run: V2 runs another plan, or under other rules, than V1.

// newLimitSplit is a V2 whose partitions each apply LIMIT to what comes to them.
func newLimitSplit(_ *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	wrong := *p
	wrong.Stages, wrong.Queries = nil, nil
	for _, q := range p.Stages {
		stage := *q
		if stage.Limit != nil {
			stage.Split = plan.Split{Stateless: true, Reason: "each partition counts for itself"}
		}
		wrong.Stages = append(wrong.Stages, &stage)
	}
	for _, q := range p.Queries {
		wrong.Queries = append(wrong.Queries, wrong.Stages[q.Stage])
	}
	return partitions.New(&wrong, cfg, opt, partitions.Hooks{})
}

// newSwallowError is a V2 that refuses records whose expressions fail, and tells
// nobody.
func newSwallowError(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	opt.ErrorsToDeadLetter = true
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	return &faulty{V2: v2, span: f.newSpan(cfg.Count()), rewrite: func(o *row.Outcome) {
		o.DeadLetters = nil
		for i, d := range o.Dispositions {
			if d == row.Failed {
				o.Dispositions[i] = row.Filtered
			}
		}
	}}, nil
}
