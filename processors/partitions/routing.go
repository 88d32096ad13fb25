package partitions

import (
	"fmt"
	"strings"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/route"
)

func routingOf(q *plan.Query, r *route.Router) processors.Routing {
	routing := processors.Routing{Query: q.Sink.Name, Index: q.Index, Strategy: r.Strategy(), Forced: r.Forced(), Why: r.Why()}
	if !q.Split.Stateless && len(q.Split.By) == 0 {
		routing.Unsplittable = q.Split.Reason
	}
	return routing
}

// RoutingOf returns how V2 with this configuration would route each query of a plan. If
// the strategy would split a query's state and is not forced, the error is a
// route.ErrSplitsState with the reason.
func RoutingOf(p *plan.Plan, cfg processors.Config) ([]processors.Routing, error) {
	cfg.Partitions = cfg.Count()
	var list []processors.Routing
	for _, q := range p.Stages {
		r, err := newRouter(q, 0, q.Source, cfg, Hooks{})
		if err != nil {
			return nil, fmt.Errorf("query %d (%s): %w", q.Index, q.Sink.Name, err)
		}
		list = append(list, routingOf(q, r))
	}
	return list, nil
}

// ExplainRouting returns a readable description of how V2 with this configuration would
// route each query of a plan, and what each other strategy would do.
func ExplainRouting(p *plan.Plan, cfg processors.Config) (string, error) {
	chosen, err := RoutingOf(p, cfg)
	if err != nil {
		return "", err
	}
	by := "auto"
	if cfg.Strategy != "" && cfg.Strategy != route.Auto {
		by = "partitioning_strategy"
	}
	var b strings.Builder
	for i, q := range p.Stages {
		if q.Inputs != nil {
			fmt.Fprintf(&b, "\nrouting of %s over V2's partitions, as its rows need\n  %-18s %s\n", q.Sink.Name, chosen[i].Strategy, chosen[i].Why)
			continue
		}
		fmt.Fprintf(&b, "\nrouting of %s over V2's partitions\n", q.Sink.Name)
		for _, name := range route.Strategies() {
			verdict := ""
			switch other := cfg; {
			case name == route.Auto:
				continue
			case name == chosen[i].Strategy:
				verdict = fmt.Sprintf("used (%s): %s", by, chosen[i].Why)
			default:
				other.Strategy, other.ForceStrategy, other.Partitions = name, false, cfg.Count()
				if r, err := newRouter(q, 0, q.Source, other, Hooks{}); err != nil {
					verdict = "refused: " + route.Reason(err)
				} else {
					verdict = "possible: " + r.Why()
				}
			}
			fmt.Fprintf(&b, "  %-18s %s\n", name, verdict)
		}
	}
	return b.String(), nil
}
