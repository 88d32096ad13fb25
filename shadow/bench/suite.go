package bench

import (
	"context"
	"slices"
)

// sideBySideScenario is the scenario in which V1 is measured with the shadow and without it,
// and against a broker.
const sideBySideScenario = "3b"

// scalingScenarios are those whose scaling is predicted.
var scalingScenarios = []string{"2", "3b"}

// RunSuite measures the benchmark's scenarios: the paths, how V2 would scale, what the shadow
// costs V1, and whole runs against the embedded broker and against those named. The options
// choose among them.
func RunSuite(ctx context.Context, opt Options, brokers []string, doc *Document) error {
	if err := Run(ctx, opt, doc); err != nil {
		return err
	}
	for _, id := range scalingScenarios {
		if len(opt.Paths) == 0 && opt.hasScenario(id) {
			if err := RunScaling(ctx, id, opt, doc); err != nil {
				return err
			}
		}
	}
	if !opt.hasScenario(sideBySideScenario) {
		return nil
	}
	if opt.hasPath("shadow") {
		if err := RunSideBySide(ctx, sideBySideScenario, opt, doc); err != nil {
			return err
		}
		if err := RunCheckpoints(ctx, sideBySideScenario, opt, doc); err != nil {
			return err
		}
	}
	if opt.hasPath(KafkaPaths()...) {
		return runAllBrokers(ctx, opt, brokers, doc)
	}
	return nil
}

// runAllBrokers measures whole runs against the embedded broker, and against those named.
func runAllBrokers(ctx context.Context, opt Options, brokers []string, doc *Document) error {
	embedded, stop, err := Embedded()
	if err != nil {
		return err
	}
	err = RunKafka(ctx, sideBySideScenario, embedded, opt, doc)
	stop()
	if err != nil || len(brokers) == 0 {
		return err
	}
	return RunKafka(ctx, sideBySideScenario, External(brokers), opt, doc)
}

// hasScenario reports whether a scenario was chosen.
func (o *Options) hasScenario(id string) bool {
	return len(o.Scenarios) == 0 || slices.Contains(o.Scenarios, id)
}

// hasPath reports whether one of some paths was chosen.
func (o *Options) hasPath(names ...string) bool {
	return len(o.Paths) == 0 || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(o.Paths, n) })
}
