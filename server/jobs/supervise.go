package jobs

import (
	"context"
	"fmt"
	"time"

	"parallax/server/resource"
	"parallax/shadow/guard"
)

// readyEvery is how often a run is asked whether it processes records.
const readyEvery = 250 * time.Millisecond

// supervise runs the job, again and again, as it is wanted, until ctx ends or the job is removed.
func (j *Job) supervise(ctx context.Context) {
	defer close(j.done)
	for j.awaitTurn(ctx) {
		began := time.Now()
		err := j.runOnce(ctx)
		j.ended(ctx, err, time.Since(began))
	}
}

// awaitTurn waits until the job is to run; false if it is not to run any more.
func (j *Job) awaitTurn(ctx context.Context) bool {
	for {
		wait, isTurn, isEnd := j.turn(ctx)
		if isTurn || isEnd {
			return isTurn
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-j.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// farAhead is how long a job waits that nothing but a person wakes.
const farAhead = 24 * time.Hour

// turn says whether the job is to run now, or not any more, or how long it waits.
func (j *Job) turn(ctx context.Context) (wait time.Duration, isTurn, isEnd bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.isEnding || ctx.Err() != nil:
		if j.life.State != resource.Paused {
			j.move(resource.Stopped, j.life.Reason)
		}
		return 0, false, true
	case j.desired.State == resource.Paused, j.desired.State == resource.Stopped:
		j.isRestarting, j.isOver, j.notBefore = false, false, time.Time{}
		j.rest(j.desired.State)
		return farAhead, false, false
	case j.isRestarting:
		j.isRestarting, j.isOver, j.notBefore = false, false, time.Time{}
	case j.isOver:
		return farAhead, false, false
	}
	if left := time.Until(j.notBefore); left > 0 {
		return left, false, false
	}
	j.move(resource.Starting, "")
	return 0, true, false
}

// rest moves a job without a run to paused or stopped. Called with mu held.
func (j *Job) rest(s resource.State) {
	reason := ""
	if j.life.State == resource.Failed {
		reason = "its last run failed: " + j.life.Reason
	}
	if j.life.State != s {
		j.move(s, reason)
	}
}

// runOnce makes a run of the job and runs it to its end.
func (j *Job) runOnce(ctx context.Context) error {
	j.mu.Lock()
	spec := j.spec
	j.mu.Unlock()
	run, err := j.load(spec)
	if err != nil {
		return err
	}
	j.mu.Lock()
	j.run, j.wasReady = run, false
	j.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := error(nil)
		defer func() { done <- err }()
		defer guard.Recover(&err)
		_, err = run.Run(ctx)
	}()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-j.wake:
		case <-tick.C:
		}
		if j.isToStop(ctx) {
			cancel()
		} else {
			j.showReadiness(run)
		}
	}
}

// load makes a run of the job.
func (j *Job) load(spec Spec) (run Run, err error) {
	defer guard.Recover(&err)
	accepted, err := j.server.Accepted(spec.Loaded)
	if err != nil {
		return nil, err
	}
	return j.server.opt.Load(spec.Loaded, accepted)
}

// isToStop reports whether the run is to stop, and says so.
func (j *Job) isToStop(ctx context.Context) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.life.State == resource.Draining {
		return true
	}
	why := j.whyToStop()
	if ctx.Err() != nil {
		why = "the job stops"
	}
	if why == "" {
		return false
	}
	j.move(resource.Draining, why)
	return true
}

// whyToStop says why the run is to stop, "" if it is not. Called with mu held.
func (j *Job) whyToStop() string {
	switch {
	case j.isEnding:
		return "the job stops"
	case j.desired.State == resource.Paused:
		return "the job is to be paused"
	case j.desired.State == resource.Stopped:
		return "the job is to be stopped"
	case j.isRestarting:
		return "the job is to be restarted"
	}
	return ""
}

// showReadiness shows whether the run processes records.
func (j *Job) showReadiness(run Run) {
	why := run.Ready()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.life.State == resource.Draining { // since it was asked
		return
	}
	if why == nil {
		j.wasReady = true
		j.move(resource.Running, "")
		return
	}
	j.move(resource.Waiting, guard.FirstLine(why))
}

// ended says what the end of a run means.
func (j *Job) ended(ctx context.Context, err error, ran time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.run = nil // and the state that it holds
	if err != nil && j.life.State == resource.Draining && !j.wasReady {
		j.log.Info("the job was stopped before it had begun", "error", err)
		err = nil
	}
	if err == nil {
		isAsked := j.life.State == resource.Draining || j.isEnding || j.isRestarting || j.desired.State != resource.Running || ctx.Err() != nil
		if !isAsked {
			j.isOver = true
			j.move(resource.Stopped, "the job has ended by itself: its input has ended")
		} else if j.life.State != resource.Draining {
			j.move(resource.Draining, "") // it ended before that was noticed
		}
		return
	}
	reason := guard.FirstLine(err)
	j.log.Error("the job failed", "error", err)
	if j.isEnding || ctx.Err() != nil || j.desired.State != resource.Running || j.isRestarting {
		j.move(resource.Failed, reason) // what is wanted comes next
		return
	}
	wait, isAllowed := j.restarts.failed(time.Now(), ran)
	if !isAllowed {
		j.isOver = true
		j.move(resource.Failed, fmt.Sprintf("%s; it failed %d times within an hour and is not started again: correct the cause and restart it", reason, j.restarts.count(time.Now())+1))
		return
	}
	j.notBefore = time.Now().Add(wait)
	j.move(resource.Failed, fmt.Sprintf("%s; it starts again in %v", reason, wait))
}
