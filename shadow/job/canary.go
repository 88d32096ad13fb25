package job

import (
	"fmt"
	"slices"

	"parallax/config"
	"parallax/diff"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/stage"
)

// refuseCanary returns why V2's rows of a script cannot be emitted in place of V1's. What does
// not depend on the script is checked where the job file is read.
func refuseCanary(l *config.Loaded, p *plan.Plan) error {
	if !l.HasMigration() || !l.Job.Verifies() {
		return nil
	}
	sinks := p.Sinks()
	hasNoKey := func(s *row.Sink) bool { return len(s.Key) == 0 }
	i := slices.IndexFunc(sinks, func(s *row.Sink) bool { return s.WindowScope })
	if i >= 0 {
		return l.Point(fmt.Errorf("migration.plan: %s has emit_scope='window', so V2 emits other rows than V1, and only the last ones are equal: remove emit_scope='window', or the section migration", sinks[i].Name))
	}
	if l.Job.HasStage(stage.Canary) && !slices.ContainsFunc(sinks, func(s *row.Sink) bool { return !hasNoKey(s) }) {
		return l.Point(fmt.Errorf("migration.plan: a canary takes V2's rows for a percentage of the keys, and no output has a key: use a plan without canary, such as [\"promoted 24h\", done]"))
	}
	if i = slices.IndexFunc(sinks, hasNoKey); i >= 0 && l.Job.HasStage(stage.Promoted) && l.Job.Canary.Level < diff.E1 {
		return l.Point(fmt.Errorf("canary.level: %s compares the rows of each key, and the rows of %s, which are V2's in promoted, have no key: set canary.level: E1", l.Job.Canary.Level, sinks[i].Name))
	}
	return nil
}
