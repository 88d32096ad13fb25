package jobs

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"parallax/config"
	"parallax/server/resource"
)

// Put deploys a job file through the API: it begins a new job, or changes one. A dry run says
// what it would do.
func (s *Server) Put(by resource.Actor, name string, text []byte, isDryRun bool) (resource.Change, error) {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	if s.working.Err() != nil {
		return resource.Change{}, errStopping
	}
	path := s.data.fileOf(name)
	spec, err := s.read(path, FromAPI, text, mayDeploy)
	if err == nil && spec.Name != name {
		err = fmt.Errorf("job: the file is of job %q, and was deployed as job %q: use the same name", spec.Name, name)
	}
	if err != nil {
		return resource.Change{}, unusable(err)
	}
	j, _ := s.find(name)
	if j == nil {
		return s.putNew(by, spec, text, isDryRun)
	}
	if j.isLeaving() {
		return resource.Change{}, resource.NewProblem(http.StatusConflict, "The job is being removed", fmt.Sprintf("job %s is being removed and has not stopped yet", name), "deploy it when it is gone from the list of jobs")
	}
	if from := j.Status().Spec.File; from != FromAPI {
		return resource.Change{}, resource.NewProblem(http.StatusConflict, "The job comes from a file", fmt.Sprintf("job %s comes from %s", name, from), "change that file: the server notices it within seconds")
	}
	d, err := s.whatChanges(j, spec)
	switch {
	case err != nil || isDryRun:
		return d.Change, err
	case d.Change.Change == IsRefused:
		return d.Change, refusal(name, d)
	}
	if err := s.data.write(path, text); err != nil {
		return d.Change, err
	}
	if err := s.change(j, spec); err != nil {
		return d.Change, err
	}
	return d.Change, s.runDeployed(by, j)
}

// runDeployed starts a job that was stopped: to deploy it is to want it. One that is paused stays so.
func (s *Server) runDeployed(by resource.Actor, j *Job) error {
	j.mu.Lock()
	isStopped := j.desired.State == resource.Stopped
	j.mu.Unlock()
	if !isStopped {
		return nil
	}
	w := desired{State: resource.Running, By: by.Name, At: time.Now().UTC()}
	if err := s.data.want(j.name, w); err != nil {
		return err
	}
	j.want(w, false)
	return nil
}

// putNew begins a job. Called with deploying held.
func (s *Server) putNew(by resource.Actor, spec Spec, text []byte, isDryRun bool) (resource.Change, error) {
	c := resource.Change{Change: IsNew, Says: []string{fmt.Sprintf("job %s is new: it starts", spec.Name)}}
	left, fits, err := leftState(spec.Loaded)
	if err != nil {
		return c, unusable(err)
	}
	if left != "" {
		c.Says = append(c.Says, left)
	}
	if !fits {
		c.Change = IsRefused
		if !isDryRun {
			return c, resource.NewProblem(http.StatusConflict, "The state does not fit", "job "+spec.Name+" could not start", left)
		}
	}
	if isDryRun {
		s.mu.Lock()
		defer s.mu.Unlock()
		return c, s.isFull(spec.Name)
	}
	w := desired{State: resource.Running, By: by.Name, At: time.Now().UTC()}
	if err := s.data.write(s.data.fileOf(spec.Name), text); err != nil {
		return c, err
	}
	err = s.data.want(spec.Name, w)
	if err == nil {
		err = s.add(spec, w)
	}
	if err != nil {
		return c, errors.Join(err, os.Remove(s.data.fileOf(spec.Name)))
	}
	return c, nil
}

// mayDeploy refuses files that only make sense, or are only safe, in a folder of the machine.
func mayDeploy(cfg *config.Job) error {
	if cfg.SQLFile != "" {
		return errors.New("sql_file: a job that is deployed through the API has its script in sql, because only the job file is sent")
	}
	for _, dir := range []struct{ key, path string }{{"state.dir", cfg.State.Dir}, {"evidence.dir", cfg.Evidence.Dir}, {"reports.dir", cfg.Reports.Dir}} {
		if dir.path != "" && !filepath.IsLocal(dir.path) {
			return fmt.Errorf("%s: %s must be below the job's own folder, such as ./state, in a job that is deployed through the API", dir.key, dir.path)
		}
	}
	return nil
}

// unusable is an error about a job file for a client.
func unusable(err error) error {
	var p *resource.Problem
	if errors.As(err, &p) {
		return p
	}
	return resource.NewProblem(http.StatusUnprocessableEntity, "The job file cannot be used", err.Error(), "correct the file; parallax validate checks it")
}

var errStopping = resource.NewProblem(http.StatusServiceUnavailable, "The server stops", "the server is stopping", "try again when it has started again")

// Do pauses, resumes, restarts, stops or removes a job.
func (s *Server) Do(by resource.Actor, name string, a resource.Action) (Status, error) {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	if s.working.Err() != nil {
		return Status{}, errStopping
	}
	j, err := s.find(name)
	if err != nil {
		return Status{}, err
	}
	w := desired{By: by.Name, At: time.Now().UTC()}
	switch a {
	case resource.Pause:
		w.State = resource.Paused
	case resource.Stop:
		w.State = resource.Stopped
	case resource.Resume, resource.Restart:
		w.State = resource.Running
	case resource.Remove:
		return s.removeFor(j, w)
	default:
		return Status{}, resource.NewProblem(http.StatusBadRequest, "No such action", fmt.Sprintf("%q is no action", a), "use pause, resume, restart, stop or remove")
	}
	if err := s.data.want(name, w); err != nil {
		return Status{}, err
	}
	j.want(w, a == resource.Restart)
	return j.Status(), nil
}

// want tells the job what is wanted of it.
func (j *Job) want(w desired, isRestart bool) {
	j.mu.Lock()
	wasOver := j.isOver
	isResumed := w.State == resource.Running && (j.desired.State != resource.Running || j.life.State == resource.Failed)
	j.desired = w
	if isRestart || isResumed {
		j.restarts.forget()
		j.isOver, j.notBefore = false, time.Time{}
	}
	if isRestart && hasRun(j.life.State) || isResumed && wasOver {
		j.isRestarting = true
	}
	j.show()
	j.mu.Unlock()
	j.rouse()
}

// show moves the job to the state that follows from what is wanted of it, before its supervisor has
// noticed: an answer has that state, and not the one before. Called with mu held.
func (j *Job) show() {
	switch why := j.whyToStop(); {
	case hasRun(j.life.State):
		if why != "" {
			j.move(resource.Draining, why)
		}
	case j.isEnding:
		if j.life.State != resource.Paused {
			j.move(resource.Stopped, j.life.Reason)
		}
	case j.isOver && !j.isRestarting:
	case j.desired.State != resource.Running:
		j.rest(j.desired.State)
	case !j.notBefore.After(time.Now()):
		j.move(resource.Starting, "")
	}
}

// removeFor removes a job for a person. Its state and evidence stay where they are.
func (s *Server) removeFor(j *Job, w desired) (Status, error) {
	spec := j.Status().Spec
	w.State = resource.Running
	if spec.File == FromAPI {
		if err := os.Remove(s.data.fileOf(j.name)); err != nil {
			return Status{}, err
		}
	} else {
		w.IsRemoved, w.Digest = true, spec.Digest
	}
	if err := s.data.want(j.name, w); err != nil {
		return Status{}, err
	}
	s.remove(j)
	return j.Status(), nil
}

func (j *Job) isLeaving() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.isEnding
}

// remove stops a job and takes it out of the list once it has stopped. Called with deploying held.
func (s *Server) remove(j *Job) {
	j.mu.Lock()
	j.isEnding = true
	j.show()
	j.mu.Unlock()
	j.rouse()
	go func() {
		<-j.done
		s.mu.Lock()
		delete(s.jobs, j.name)
		s.mu.Unlock()
		s.changed(j.name)
	}()
}
