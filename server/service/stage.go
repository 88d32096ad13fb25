package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"parallax/server/resource"
	"parallax/server/stages"
	"parallax/shadow"
)

// Stage returns where the job's migration is. A job that does not run is shown as its last
// change left it.
func (s *Service) Stage(ctx context.Context, name string) (resource.Stage, error) {
	st, err := s.find(name)
	if err != nil {
		return resource.Stage{}, err
	}
	r, err := s.view(name).runOf(st)
	if err != nil {
		return resource.Stage{}, err
	}
	return stages.Of(ctx, r.Job), nil
}

// SetStage asks for another stage.
func (s *Service) SetStage(ctx context.Context, by resource.Actor, name string, r resource.StageRequest) (resource.Stage, error) {
	entry := resource.AuditEntry{Job: name, What: "stage " + r.To, Reason: r.Reason}
	if r.Force {
		entry.What += " by force"
	}
	shown, err := s.setStage(ctx, by, name, r, &entry)
	return shown, s.record(by, entry, err)
}

func (s *Service) setStage(ctx context.Context, by resource.Actor, name string, r resource.StageRequest, entry *resource.AuditEntry) (resource.Stage, error) {
	st, err := s.find(name)
	if err != nil {
		return resource.Stage{}, err
	}
	run, _ := st.Run.(*run)
	if run == nil {
		return resource.Stage{}, resource.NewProblem(http.StatusConflict, "The job does not run", fmt.Sprintf("job %s is %s", name, st.State), "start it first")
	}
	entry.Before = run.Stage().Stage.String()
	shown, err := stages.Set(ctx, run.Job, by, r)
	entry.After = shown.Stage.String()
	return shown, err
}

// StageHistory returns the changes of stage, the newest first.
func (s *Service) StageHistory(_ context.Context, name string) ([]resource.StageChange, error) {
	st, err := s.find(name)
	if err != nil {
		return nil, err
	}
	r, err := s.view(name).runOf(st)
	if err != nil {
		return nil, err
	}
	return stages.History(r.Job)
}

// rescaleWithin limits the time of a rescaling: V2 finishes its batches, and its state moves.
const rescaleWithin = time.Minute

// Rescale gives a running V2 another number of partitions, with its state.
func (s *Service) Rescale(ctx context.Context, by resource.Actor, name string, partitions int) (resource.Job, error) {
	before, err := s.rescale(ctx, name, partitions)
	err = s.record(by, resource.AuditEntry{Job: name, What: fmt.Sprintf("rescale V2 to %d partitions", partitions), Before: before}, err)
	if err != nil {
		return resource.Job{}, err
	}
	return s.Job(ctx, name)
}

func (s *Service) rescale(ctx context.Context, name string, partitions int) (before string, err error) {
	st, err := s.find(name)
	if err != nil {
		return "", err
	}
	before = st.Spec.Loaded.Job.Processors.V2.String()
	if partitions < 1 {
		return before, resource.NewProblem(http.StatusBadRequest, "Not a number of partitions", fmt.Sprintf("partitions: %d must be greater than 0", partitions), "")
	}
	r, _ := st.Run.(*run)
	if r == nil {
		return before, resource.NewProblem(http.StatusConflict, "The job does not run", fmt.Sprintf("job %s is %s", name, st.State), "start it first")
	}
	rescale := r.Rescaler()
	if rescale == nil {
		return before, resource.NewProblem(http.StatusConflict, "There is no V2", "job "+name+" runs V1 alone", "")
	}
	before = r.V2()
	ctx, cancel := context.WithTimeout(ctx, rescaleWithin)
	defer cancel()
	if _, err := rescale(ctx, partitions); err != nil {
		status := http.StatusConflict
		if errors.Is(err, context.DeadlineExceeded) {
			status = http.StatusGatewayTimeout
		}
		return before, resource.NewProblem(status, shadow.ErrNotRescaled.Error(), err.Error(), "V2 goes on as it is")
	}
	return before, nil
}
