package jobs

import (
	"context"
	"time"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/server/resource"
)

// patcher is a Run that takes changes while it runs.
type patcher interface {
	// Patch takes a job file of which only keys differ that apply while a job runs, and the
	// acceptances.
	Patch(l *config.Loaded, accepted []gate.Acceptance)
}

// rescaler is a Run whose V2 can get another number of partitions while it runs.
type rescaler interface {
	// Rescaler returns nil if there is no V2.
	Rescaler() func(ctx context.Context, partitions int) (string, error)
}

// whatChanges says what another file changes.
func (s *Server) whatChanges(j *Job, spec Spec) (Difference, error) {
	was := j.Status().Spec
	if was.Digest == spec.Digest {
		return Difference{Change: resource.Change{Change: IsNone, Says: []string{"the file is the one in force"}}}, nil
	}
	return compare(was.Loaded, spec.Loaded)
}

// change applies another file to a job. Called with deploying held.
func (s *Server) change(j *Job, spec Spec) error {
	d, err := s.whatChanges(j, spec)
	if err != nil {
		return err
	}
	if d.Change.Change == IsRefused {
		return refusal(spec.Name, d)
	}
	j.log.Info("the job has another file", "file", spec.File, "change", d.Change.Change)
	switch {
	case d.Change.Change == IsNone:
		j.take(spec, false)
		return nil
	case d.Change.Change == IsPatch:
		j.take(spec, false)
		return s.patch(j, spec.Loaded)
	case d.Partitions > 0 && hasRun(j.Status().State):
		j.take(spec, false)
		go func() { // V2 may hang, and the other jobs must not wait for it
			if !j.rescales(d.Partitions) {
				j.restart()
			}
		}()
		return nil
	}
	j.take(spec, true)
	return nil
}

// take makes another file the one in force; isRestart stops the run, if there is one, and starts
// another one.
func (j *Job) take(spec Spec, isRestart bool) {
	j.mu.Lock()
	j.spec, j.fileError = spec, ""
	if isRestart {
		j.isRestarting = hasRun(j.life.State)
		j.isOver, j.notBefore = false, time.Time{}
		j.restarts.forget()
	}
	j.mu.Unlock()
	j.rouse()
	j.server.changed(j.name)
}

// restart stops the run, if there is one, and starts another one.
func (j *Job) restart() {
	j.mu.Lock()
	j.isRestarting = hasRun(j.life.State)
	j.mu.Unlock()
	j.rouse()
}

// patch gives a run what applies while it runs.
func (s *Server) patch(j *Job, l *config.Loaded) error {
	accepted, err := s.Accepted(l)
	if err != nil {
		return err
	}
	if p, ok := j.Status().Run.(patcher); ok {
		p.Patch(l, accepted)
	}
	s.changed(j.name)
	return nil
}

// rescaleWithin is how long a V2 has to get another number of partitions.
const rescaleWithin = 10 * time.Second

// rescales gives the V2 of a running job another number of partitions, and reports whether it
// has it.
func (j *Job) rescales(partitions int) bool {
	st := j.Status()
	r, ok := st.Run.(rescaler)
	if !ok || st.State != resource.Running {
		return false
	}
	f := r.Rescaler()
	if f == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(j.server.working, rescaleWithin)
	defer cancel()
	if _, err := f(ctx, partitions); err != nil {
		j.log.Warn("V2 does not get its other number of partitions while the job runs; the job stops cleanly and continues with it", "partitions", partitions, "error", err)
		return false
	}
	return true
}
