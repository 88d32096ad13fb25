package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"parallax/processors"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// HasMigration reports whether the job may leave the stage shadow: its file or the environment
// has the section migration or canary.
func (l *Loaded) HasMigration() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(l.Origin)), func(key string) bool {
		return isIn(key, []string{"migration", "canary"})
	})
}

// Verifies reports whether a stage of the job compares V2's rows before they are emitted.
func (j *Job) Verifies() bool {
	return j.Migration.Stage.IsVerified() || slices.ContainsFunc(j.Migration.Plan, func(s migration.Step) bool { return s.Stage.IsVerified() })
}

// HasStage reports whether the job may come to a kind of stage by its plan.
func (j *Job) HasStage(kind stage.Kind) bool {
	return j.Migration.Stage.Kind == kind || slices.ContainsFunc(j.Migration.Plan, func(s migration.Step) bool { return s.Stage.Kind == kind })
}

// requireLevel requires the level at which rows are compared before they are emitted, where the
// job is migrated and nothing says which level it requires.
func (l *Loaded) requireLevel() {
	if l.HasMigration() && !l.IsSet("diff.require_level") {
		l.Job.Diff.RequireLevel = max(l.Job.Diff.RequireLevel, l.Job.Canary.Level)
	}
}

// refuseMigration returns why a job with these settings cannot be migrated. What depends on
// the script is checked where the plan is known.
func (l *Loaded) refuseMigration() error {
	if !l.HasMigration() || l.isOff() {
		return nil // keys beside a V2 that is off have no effect, which is refused as that
	}
	j := &l.Job
	const or = ", or remove the section migration"
	switch {
	case j.Processors.V2.Architecture != processors.ArchitectureV2:
		return fmt.Errorf("processors.v2: %s is not a V2 that could take over; use v2%s", j.Processors.V2, or)
	case !j.State.Enabled:
		return errors.New("state: a migration needs checkpoints, so that a restart goes on in the stage that the job was in; remove state: off" + or)
	case !j.Evidence.Enabled:
		return errors.New("evidence: a migration goes forward by the stored evidence; remove evidence: off" + or)
	case !j.Verifies():
		return nil
	case j.Split.Percent != 100:
		return fmt.Errorf("split.percent: %v leaves V2 without the rows of the other keys, which it has to emit; set it to 100%s", j.Split.Percent, or)
	case !j.Emit:
		return errors.New("emit: it is false, so that neither V1's rows nor V2's are emitted; set it to true" + or)
	case j.Diff.RequireLevel < j.Canary.Level:
		return fmt.Errorf("diff.require_level: %s is below canary.level, %s, at which rows are compared before they are emitted; set it to %s%s",
			j.Diff.RequireLevel, j.Canary.Level, j.Canary.Level, or)
	case j.Canary.Wait != 0 && j.Canary.Wait.Std() > j.V2.Deadline:
		return fmt.Errorf("canary.wait: %s is longer than v2.deadline, %s, after which V2 is detached; make it shorter", j.Canary.Wait, j.V2.Deadline)
	}
	return nil
}
