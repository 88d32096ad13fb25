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
		if len(opt.Paths) == 0 && opt.wants(SectionScaling) && opt.hasScenario(id) {
			if err := RunScaling(ctx, id, opt, doc); err != nil {
				return err
			}
		}
	}
	if !opt.hasScenario(sideBySideScenario) {
		return nil
	}
	if opt.hasPath("shadow") {
		if err := runSides(ctx, opt, doc); err != nil {
			return err
		}
	}
	if opt.wants(SectionKafka) && opt.hasPath(KafkaPaths()...) {
		return runAllBrokers(ctx, opt, brokers, doc)
	}
	return nil
}

// runSides measures V1 in the runner with and without what may slow it down.
func runSides(ctx context.Context, opt Options, doc *Document) error {
	for _, one := range []struct {
		section string
		run     func(context.Context, string, Options, *Document) error
	}{
		{SectionShadow, RunSideBySide},
		{SectionCheckpoints, RunCheckpoints},
		{SectionStages, RunStages},
	} {
		if !opt.wants(one.section) {
			continue
		}
		if err := one.run(ctx, sideBySideScenario, opt, doc); err != nil {
			return err
		}
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
