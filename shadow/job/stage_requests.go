package job

import (
	"context"
	"slices"

	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// Progress is where the job's migration is, and what its next step needs. Any goroutine may
// call it.
func (j *Job) Progress(ctx context.Context) migration.Progress {
	p := migration.Progress{Job: j.Name, Control: j.Identity.V1}
	p.Step = -1
	s, m := j.stages.Load(), j.Migration
	if s == nil || m == nil {
		return p
	}
	p.Plan, p.IsAuto, p.Level, p.Step = m.Plan, m.Auto, m.Canary.Level, m.Plan.IndexOf(p.Stage)
	if r := s.runner(); r != nil {
		p.Status = r.Stage()
		p.Next, p.Run = s.next(ctx, r)
	}
	if p.Stage.Kind == stage.Done {
		p.Control = j.Identity.V2
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
