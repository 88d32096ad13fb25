package processors

import (
	"fmt"

	"parallax/processors/plan"
)

// New makes the processor that a configuration names: V1 or V2. The oracle is
// made by its own package, which stands above this one.
func New(cfg Config, p *plan.Plan, opt Options) (Processor, error) {
	switch cfg.Architecture {
	case ArchitectureV1:
		return made(NewV1(p, opt))
	case ArchitectureV2:
		return made(NewV2(p, cfg, opt, Hooks{}))
	default:
		return nil, fmt.Errorf("%w that can be made here: %q", ErrConfig, cfg)
	}
}

// made keeps a nil pointer from becoming a Processor that is not nil.
func made[P Processor](p P, err error) (Processor, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
