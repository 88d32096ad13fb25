package jobs

import (
	"log/slog"
	"sync"
	"time"

	"parallax/server/resource"
)

// Job is a job that the server runs. It is safe for concurrent use.
type Job struct {
	name   string
	server *Server
	log    *slog.Logger
	// wake tells the supervisor that something is wanted of it.
	wake chan struct{}
	// done is closed when the supervisor has ended.
	done chan struct{}

	// taking is held while the run takes a changed file.
	taking sync.Mutex

	mu        sync.Mutex
	spec      Spec
	fileError string
	desired   desired
	life      life
	restarts  restarts
	// notBefore is when a job that failed starts again; isOver says that the job has ended by
	// itself, or has failed too often, and starts only when a person asks for it.
	notBefore time.Time
	isOver    bool
	// isRestarting asks for the run to be stopped and another one to be started; isEnding for
	// the supervisor to end.
	isRestarting, isEnding bool
	// wasReady says that the run has processed records.
	wasReady bool
	// run is the run that is there; nil for none.
	run Run
}

// Status is what is known of a job's life.
type Status struct {
	Name      string
	State     resource.State
	Reason    string
	FileError string
	Since     time.Time
	// Restarts is how often it was restarted after failures in the last hour.
	Restarts int
	Spec     Spec
	// Run is the run that is there; nil for none.
	Run Run
}

// Status returns what is known of the job now.
func (j *Job) Status() Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Status{
		Name: j.name, State: j.life.State, Reason: j.life.Reason, FileError: j.fileError, Since: j.life.Since,
		Restarts: j.restarts.count(time.Now()), Spec: j.spec, Run: j.run,
	}
}

// move moves the job to a state, and says so. Called with mu held.
func (j *Job) move(s resource.State, reason string) {
	was := j.life
	if err := j.life.to(s, reason, time.Now()); err != nil {
		j.log.Error("the job's state is wrong", "error", err)
		j.life = life{s, reason, time.Now()}
	}
	if was.State == s && was.Reason == reason {
		return
	}
	if was.State != s {
		j.log.Info("the job is "+string(s), "was", string(was.State), "reason", reason)
	}
	j.server.changed(j.name)
}

// rouse tells the supervisor that something is wanted of it.
func (j *Job) rouse() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}
