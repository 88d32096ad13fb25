// Package stages shows and changes the stage of a job's migration as the API documents it.
//
// Stability: ours.
package stages

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"parallax/server/resource"
	"parallax/shadow"
	"parallax/shadow/job"
	"parallax/shadow/migration"
)

// Of shows where a job's migration is, and what its next step needs.
func Of(ctx context.Context, j *job.Job) resource.Stage { return shown(j.Progress(ctx)) }

// Set changes the stage. The error is a *resource.Problem.
func Set(ctx context.Context, j *job.Job, by resource.Actor, r resource.StageRequest) (resource.Stage, error) {
	p, err := j.SetStage(ctx, migration.Request{To: r.To, Who: by.Name, Reason: r.Reason, IsForced: r.Force})
	if errors.Is(err, job.ErrNotRunning) && errors.Is(j.Ready(), job.ErrNoAssignment) {
		return shown(p), resource.NewProblem(http.StatusMisdirectedRequest, "Not the active instance",
			fmt.Sprintf("job %s: this instance has no topic-partitions (%v)", j.Name, job.ErrNoAssignment), "ask the instance that runs the job, or wait until this one does")
	}
	if err != nil {
		return shown(p), problemOf(j.Name, err)
	}
	return shown(p), nil
}

// History returns the changes of stage, the newest first.
func History(j *job.Job) ([]resource.StageChange, error) {
	list, err := j.StageHistory()
	if list == nil {
		list = []resource.StageChange{}
	}
	return list, err
}

func shown(p migration.Progress) resource.Stage {
	s := resource.Stage{
		Job: p.Job, Stage: p.Stage, Step: p.Step, Plan: []resource.PlanStep{}, Since: p.Since.UTC(), Run: p.Run, Control: p.Control,
		Emits: p.Emits(), Held: p.IsHeld, Strikes: p.Strikes, IsAuto: p.IsAuto, Last: p.Last,
	}
	for _, step := range p.Plan {
		s.Plan = append(s.Plan, resource.PlanStep{Stage: step.Stage, MinTime: step.MinTime})
	}
	if len(p.Plan) > 0 {
		s.Level = &p.Level
	}
	if n := p.Next; n != nil {
		s.Next = &resource.NextStage{Stage: n.Stage, At: n.At.UTC(), Waits: n.Waits, Missing: n.Missing, IsFail: n.By == migration.ByFail}
		if s.Next.Missing == nil {
			s.Next.Missing = []string{}
		}
		if n.ETA != nil {
			seconds := n.ETA.Seconds()
			s.Next.ETASeconds = &seconds
		}
	}
	return s
}

// problemOf says why a stage was not changed, with the status that the API documents.
func problemOf(name string, err error) error {
	if r, ok := errors.AsType[*migration.Refusal](err); ok {
		if r.By == migration.ByRequest {
			return resource.NewProblem(http.StatusBadRequest, "This change of stage is not possible", r.Detail, r.Do)
		}
		p := resource.NewProblem(http.StatusConflict, "The stage was not changed", r.Detail, r.Do)
		p.Verdict, p.Missing = string(r.By), r.Missing
		return p
	}
	switch {
	case errors.Is(err, shadow.ErrStageSuperseded):
		return resource.NewProblem(http.StatusConflict, "The stage was not changed", err.Error(), "see parallax stage, or GET the stage")
	case errors.Is(err, shadow.ErrStageNotReached):
		return resource.NewProblem(http.StatusGatewayTimeout, "The stage was not reached", err.Error(), "the job goes on in the stage before: see why V2 is not done, and ask again")
	case errors.Is(err, job.ErrNotRunning):
		p := resource.NewProblem(http.StatusConflict, "The job does not run", fmt.Sprintf("job %s: %v", name, err), "wait until it runs, and ask again")
		p.Verdict, p.Missing = string(migration.ByInconclusive), []string{"needs a job that runs"} // which takes time
		return p
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return resource.NewProblem(http.StatusGatewayTimeout, "The request has ended", "the request ended before the stage was changed; the change may still happen", "see parallax stage")
	}
	return err
}

// Text names a stage and its step, as in canary:5 (2/4).
func Text(s resource.Stage) string {
	plan := make(migration.Plan, len(s.Plan))
	for i, step := range s.Plan {
		plan[i] = migration.Step{Stage: step.Stage, MinTime: step.MinTime}
	}
	if n, of := plan.Position(s.Stage); n > 0 {
		return fmt.Sprintf("%s (%d/%d)", s.Stage, n, of)
	}
	return s.Stage.String()
}
