package faults

import (
	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
)

// echo has V1's outcomes, from a V1 of its own, and says that it is a V2. Its
// partitions do nothing.
type echo struct {
	*pipeline.V1
	cfg processors.Config
}

func newEcho(_ *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v1, err := pipeline.New(p, opt)
	if err != nil {
		return nil, err
	}
	cfg.Partitions = cfg.Count()
	return &echo{V1: v1, cfg: cfg}, nil
}

// Describe says that it is V2.
func (e *echo) Describe() processors.Description {
	return processors.Description{Name: e.cfg.String(), Version: "V2", Strategy: "echo"}
}

// Partitions says, rightly, that nothing was processed.
func (e *echo) Partitions() []processors.PartitionStats {
	return make([]processors.PartitionStats, e.cfg.Partitions)
}
