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

// changer is a Run that takes changes between two batches.
type changer interface {
	// Change gives it the commits, the rules and the V2 of a job file. An error says what it does
	// not have.
	Change(ctx context.Context, l *config.Loaded) error
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
	case d.InPlace:
		j.take(spec, false)
		if err := s.patch(j, spec.Loaded); err != nil {
			return err
		}
		if !d.ByRun {
			return nil
		}
		go func() { // V2 may hang, and the other jobs must not wait for it
			if !j.becomes(spec) {
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

// changeWithin is how long a running job has to take a change.
const changeWithin = 20 * time.Second

// becomes gives the running job what changes between two batches, and reports whether it has it. One
// that does not run takes it when it starts.
func (j *Job) becomes(spec Spec) bool {
	j.taking.Lock() // one file after the other
	defer j.taking.Unlock()
	st := j.Status()
	switch {
	case st.Spec.Digest != spec.Digest, !hasRun(st.State), st.State == resource.Draining:
		return true // a later file is in force, or the next run begins with this one
	case st.State != resource.Running:
		return false
	}
	r, ok := st.Run.(changer)
	if !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(j.server.working, changeWithin)
	defer cancel()
	if err := r.Change(ctx, spec.Loaded); err != nil {
		if j.server.working.Err() == nil {
			j.log.Warn("the changed file does not apply while the job runs; the job stops cleanly and continues with it", "file", spec.File, "error", err)
		}
		return false
	}
	j.server.changed(j.name)
	return true
}
