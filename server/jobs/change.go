package jobs

import (
	"time"

	"parallax/server/resource"
)

// The kinds of change.
const (
	IsNew     = "new"
	IsNone    = "none"
	IsPatch   = "patch"
	IsFence   = "fence"
	IsNewRun  = "new_run"
	IsRefused = "refused"
)

// whatChanges says what another file changes.
func (s *Server) whatChanges(j *Job, spec Spec) (resource.Change, error) {
	if j.Status().Spec.Digest == spec.Digest {
		return resource.Change{Change: IsNone, Says: []string{"the file is the one in force"}}, nil
	}
	return resource.Change{Change: IsFence, Says: []string{"the job is stopped cleanly and started again with the new file"}}, nil
}

// change applies another file to a job. Called with deploying held.
func (s *Server) change(j *Job, spec Spec) error {
	j.mu.Lock()
	if j.spec.Digest == spec.Digest {
		j.mu.Unlock()
		return nil
	}
	j.spec, j.fileError = spec, ""
	if hasRun(j.life.State) {
		j.isRestarting = true
	}
	j.isOver, j.notBefore = false, time.Time{}
	j.mu.Unlock()
	j.rouse()
	s.changed(j.name)
	return nil
}
