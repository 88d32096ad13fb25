// Package factory makes the processor that a configuration string names. It stands
// above the two implementations, which do not know each other.
//
// Stability: stable.
package factory

import (
	"fmt"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
)

// New makes the processor that a configuration names: V1 or V2. The oracle is
// made by its own package, which stands above this one.
func New(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	switch cfg.Architecture {
	case processors.ArchitectureV1:
		return asProcessor(pipeline.New(p, opt))
	case processors.ArchitectureV2:
		return asProcessor(partitions.New(p, cfg, opt, partitions.Hooks{}))
	default:
		return nil, fmt.Errorf("%w: %q cannot be started here", processors.ErrConfig, cfg)
	}
}

// asProcessor keeps a nil pointer from becoming a Processor that is not nil.
func asProcessor[P processors.Processor](p P, err error) (processors.Processor, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
