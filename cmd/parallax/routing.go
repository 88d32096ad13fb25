package main

import (
	"fmt"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/route"
)

// routed gives a configuration the strategy that a command line names.
func routed(cfg processors.Config, strategy string, force bool) (processors.Config, error) {
	var err error
	if cfg.Strategy, err = route.ParseStrategy(strategy); err != nil {
		return cfg, fmt.Errorf("--strategy: %w", err)
	}
	cfg.ForceStrategy = force
	return cfg, nil
}

// explainPlan describes a plan, and how V2 routes its records; where there is no V2,
// one by default.
func explainPlan(p *plan.Plan, cfg processors.Config) (string, error) {
	if cfg.Architecture != processors.ArchitectureV2 {
		cfg = processors.Config{Architecture: processors.ArchitectureV2, Strategy: cfg.Strategy, ForceStrategy: cfg.ForceStrategy}
	}
	routing, err := partitions.ExplainRouting(p, cfg)
	return p.Explain() + routing, err
}
