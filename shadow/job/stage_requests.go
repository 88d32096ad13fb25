package job

import (
	"context"
	"slices"

	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// Stage is where the job's migration is: what runs it knows, or else its last change that is
// stored. Any goroutine may call it.
func (j *Job) Stage() stage.Status {
	if r := j.running.Load(); r != nil && r.runner != nil {
		return r.runner.Stage()
	}
	if j.Migration == nil {
		return stage.Status{Step: -1}
	}
	history, _, err := j.storedStages()
	if err != nil || len(history) == 0 {
		return stage.Status{Step: j.Migration.Plan.IndexOf(stage.Stage{})}
	}
	return stage.Status{}.Begun(history[len(history)-1])
}

// Progress is where the job's migration is, and what its next step needs. Any goroutine may
// call it.
func (j *Job) Progress(ctx context.Context) migration.Progress {
	p := migration.Progress{Job: j.Name, Control: j.Identity.V1, Status: j.Stage()}
	if err := j.Ready(); err != nil {
		p.Waits = err.Error()
	}
	m := j.Migration
	if m == nil {
		return p
	}
	p.Plan, p.IsAuto, p.Level = m.Plan, m.Auto, m.Canary.Level
	if s := j.stages.Load(); s != nil {
		if r := s.runner(); r != nil {
			p.Next, p.Run = s.next(ctx, r)
		}
	}
	if p.Stage.Kind == stage.Done {
		p.Control = j.IdentityNow().V2
	}
	return p
}

// SetStage changes the stage of the job's migration. The error is a *migration.Refusal, a
// shadow.ErrStageNotReached, or ErrNotRunning. Any goroutine may call it.
func (j *Job) SetStage(ctx context.Context, r migration.Request) (migration.Progress, error) {
	if j.Migration == nil {
		return j.Progress(ctx), &migration.Refusal{
			By: migration.ByRequest, Detail: "the job has no migration", Do: "add the section migration to its file, such as migration: {auto: false}, and restart it",
		}
	}
	s := j.stages.Load()
	if s == nil {
		return j.Progress(ctx), ErrNotRunning
	}
	_, err := s.set(ctx, r)
	return j.Progress(ctx), err
}

// StageHistory returns the changes of stage, the newest first.
func (j *Job) StageHistory() ([]stage.Change, error) {
	list, _, err := j.storedStages()
	if s := j.stages.Load(); s != nil {
		list = append(list, s.notStored()...)
	}
	slices.Reverse(list)
	return list, err
}
