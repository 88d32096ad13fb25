package job

import (
	"context"
	"fmt"
	"slices"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/shadow"
)

// What of a job file applies while the job runs, without another session of its consumer group.
// Everything else needs a new Job.

// CanSwitch returns why the V2 of a job file cannot become that of another one while the job runs;
// "" if it can.
func CanSwitch(was, is *config.Loaded) string {
	a, b := was.Job.Processors.V2, is.Job.Processors.V2
	switch {
	case a == b:
		return ""
	case was.Job.Split.Percent != 100 || is.Job.Split.Percent != 100:
		if isOff(a) != isOff(b) {
			return "the keys of split.percent are chosen when the job starts"
		}
	case was.HasMigration() != is.HasMigration():
		return "the stages of a migration are stored from the start of a job on"
	}
	return ""
}

func isOff(c processors.Config) bool { return c.Architecture == processors.ArchitectureOff }

// Change gives the running job the commits, the rules and the V2 of a job file, between two batches.
// An error says what it does not have; the job goes on without that.
func (j *Job) Change(ctx context.Context, l *config.Loaded) error {
	r := j.running.Load()
	if r == nil {
		return ErrNotRunning
	}
	j.changing.Lock()
	defer j.changing.Unlock()
	if next := l.Job.Commit; next != j.commit() {
		if err := r.runner.SetCommit(next); err != nil {
			return err
		}
		r.task.SetMaxBytes(next.MaxBytes)
		j.settings.Lock()
		j.Runner.Commit = next
		j.settings.Unlock()
	}
	if err := j.changeRules(ctx, r, l); err != nil {
		return err
	}
	return j.changeV2(ctx, r, l.Job.Processors.V2)
}

// changeRules changes what is tolerated. Called with changing held.
func (j *Job) changeRules(ctx context.Context, r *running, l *config.Loaded) error {
	next := l.Job.Diff.Rules
	if slices.Equal(next, j.rules()) {
		return nil
	}
	id := j.IdentityNow()
	id.Rules = identityOf(&l.Job, j.Parts, j.Program).Rules
	if err := r.runner.SetRules(ctx, next, func(from int64) { j.becomes(from, id) }); err != nil {
		return err
	}
	j.settings.Lock()
	defer j.settings.Unlock()
	j.Rules = next
	return nil
}

// changeV2 switches V2 on or off, or replaces it by another one. Called with changing held.
func (j *Job) changeV2(ctx context.Context, r *running, next processors.Config) (err error) {
	now := j.v2Now()
	switch {
	case next == now:
		return nil
	case j.build == nil:
		return fmt.Errorf("V2 cannot become %s while the job runs", next)
	case isOff(next):
		err = r.runner.SwitchOff(ctx, func(from int64) { j.becomes(from, j.withV2(next)) })
	case isOff(now):
		j.setV2(next)
		err = r.runner.SwitchOn(ctx, j.buildV2, func(from int64) { j.becomes(from, j.withV2(next)) })
	default:
		return j.replaceV2(ctx, r, next)
	}
	if err != nil {
		j.setV2(now)
		return err
	}
	j.setV2(next)
	if s := j.stages.Load(); s != nil {
		s.becomes(j.IdentityNow())
	}
	return nil
}

func (j *Job) commit() shadow.CommitPolicy {
	j.settings.Lock()
	defer j.settings.Unlock()
	return j.Runner.Commit
}

func (j *Job) rules() []diff.Rule {
	j.settings.Lock()
	defer j.settings.Unlock()
	return j.Rules
}
