// Package single shows a job that a command runs by itself as the job server shows its jobs. It
// can be looked at, explained and taken from stage to stage; what belongs to the command, such as
// its job file and its end, is refused.
//
// Stability: ours.
package single

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/jobs"
	"parallax/server/resource"
)

// Host has one job. It is safe for concurrent use.
type Host struct {
	loaded   *config.Loaded
	accepted []gate.Acceptance
	command  string

	mu      sync.Mutex
	run     jobs.Run
	since   time.Time
	isEnded bool
	failure error
}

// New returns a host of the job of a command, such as parallax demo, with the signatures that
// are accepted.
func New(command string, l *config.Loaded, accepted []gate.Acceptance) *Host {
	return &Host{loaded: l, accepted: accepted, command: command, since: time.Now()}
}

// Begins says which run the job is.
func (h *Host) Begins(r jobs.Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.run, h.since = r, time.Now()
}

// Ended says that the run has ended; err is why it failed, nil if it did not.
func (h *Host) Ended(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.isEnded, h.failure, h.since = true, err, time.Now()
}

// Jobs returns the job.
func (h *Host) Jobs() []jobs.Status { return []jobs.Status{h.status()} }

// Job returns the job, if that is its name.
func (h *Host) Job(name string) (jobs.Status, error) {
	if name != h.loaded.Job.Name {
		return jobs.Status{}, resource.NewProblem(http.StatusNotFound, "No such job", fmt.Sprintf("there is no job %q", name), "the only job is "+h.loaded.Job.Name)
	}
	return h.status(), nil
}

func (h *Host) status() jobs.Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := jobs.Status{
		Name: h.loaded.Job.Name, State: resource.Starting, Since: h.since, Run: h.run,
		Spec: jobs.Spec{Name: h.loaded.Job.Name, File: h.loaded.Path, Loaded: h.loaded},
	}
	switch {
	case h.failure != nil:
		s.State, s.Reason = resource.Failed, h.failure.Error()
	case h.isEnded:
		s.State, s.Reason = resource.Stopped, "the run has ended"
	case h.run != nil:
		s.State = resource.Running
		if err := h.run.Ready(); err != nil {
			s.State, s.Reason = resource.Waiting, err.Error()
		}
	}
	return s
}

// BelongsTo names the command that the job belongs to.
func (h *Host) BelongsTo() string { return h.command }

// RefusedFiles returns nothing: the command would not run.
func (h *Host) RefusedFiles() []jobs.Refused { return nil }

// Put refuses.
func (h *Host) Put(resource.Actor, string, []byte, bool) (resource.Change, error) {
	return resource.Change{}, h.refuse("deploy a job", "start parallax serve to run several jobs, or change the file and start the command again")
}

// Do refuses.
func (h *Host) Do(_ resource.Actor, _ string, a resource.Action) (jobs.Status, error) {
	return jobs.Status{}, h.refuse(string(a)+" the job", "end the command, or run the job with parallax serve")
}

// Accepted are the signatures that were accepted when the command began.
func (h *Host) Accepted(*config.Loaded) ([]gate.Acceptance, error) { return h.accepted, nil }

// Accept refuses.
func (h *Host) Accept(string, gate.Acceptance) error {
	return h.refuse("accept a difference", "use parallax accept, and start the command again")
}

// AddRule refuses.
func (h *Host) AddRule(string, diff.Rule) error {
	return h.refuse("add a rule", "add it to diff.rules of the job file, and start the command again")
}

// Ready returns nil while the job processes records.
func (h *Host) Ready() error {
	h.mu.Lock()
	run := h.run
	h.mu.Unlock()
	if run == nil {
		return fmt.Errorf("the job has not begun")
	}
	return run.Ready()
}

// refuse says what only the command can do.
func (h *Host) refuse(what, do string) error {
	return resource.NewProblem(http.StatusConflict, "Not possible here", fmt.Sprintf("this page cannot %s: the job belongs to %s", what, h.command), do)
}
