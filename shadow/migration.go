package shadow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parallax/diff"
	"parallax/shadow/candidate"
	"parallax/shadow/emission"
	"parallax/shadow/guard"
	"parallax/shadow/stage"
)

// ErrStageNotReached is why the stage is what it was.
const ErrStageNotReached = guard.Sentinel("the stage was not changed")

// ErrStageSuperseded is that another change took effect after a change was decided on.
const ErrStageSuperseded = guard.Sentinel("the stage has changed meanwhile; look at it again, and ask again if you still want the change")

// ErrRunHasEnded is that a change was asked for too late.
const ErrRunHasEnded = guard.Sentinel("the run has ended")

const (
	// defaultPatience is Job.StagePatience's default, longestWait the largest default of
	// Job.CanaryWait.
	defaultPatience = 30 * time.Second
	longestWait     = 10 * time.Second
	// fenceWait is how long V1 stops at most for a change forward out of shadow, fenceEvery the
	// time between two attempts.
	fenceWait  = 250 * time.Millisecond
	fenceEvery = 500 * time.Millisecond
)

// migration is what the runner's goroutine needs to change the stage. The zero value has nothing
// to do.
type migration struct {
	// isAlone says that V2 is the control, and that there is no candidate. The runner's goroutine
	// uses it.
	isAlone bool

	mu       sync.Mutex
	requests []stageRequest
}

// stageRequest asks for a change of stage between two batches.
type stageRequest struct {
	change stage.Change
	// decided is the status that the change was decided on.
	decided stage.Status
	done    chan error // has room for the result
	// giveUp is when it is given up, retry when it may be tried next.
	giveUp, retry time.Time
}

// SetStage changes the stage of the migration. To, Step, Who, Why, Verdict, Run, IsForced,
// IsAutomatic, Strikes and IsHeld are the caller's; the runner sets From, At and Position. A
// change to the present stage records a new step, or other strikes, and nothing else.
//
// A change forward takes effect between two batches, once both paths have finished all batches
// before; after Job.StagePatience it is given up with an ErrStageNotReached that says why, and the
// stage is what it was. A change back takes effect at once, whatever V2 does: all later batches,
// and those that wait for V2, are emitted in the new stage.
//
// It returns when the change has committed. It may be called by any goroutine while the Runner
// runs; it returns ctx.Err() when ctx ends first, which takes nothing back that has begun.
func (r *Runner) SetStage(ctx context.Context, c stage.Change) error {
	return r.SetStageFrom(ctx, r.Stage(), c)
}

// SetStageFrom is SetStage for a change that was decided on when the migration was somewhere. If the
// stage has changed since, a change forward or to the present stage is given up with an
// ErrStageSuperseded, also while it waits: what was proven for it was proven before.
func (r *Runner) SetStageFrom(ctx context.Context, decided stage.Status, c stage.Change) error {
	err := r.job.checkStage(c.To)
	if c.To.Kind != stage.Shadow && r.isOff.Load() {
		err = errors.New("V2 is off")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStageNotReached, err)
	}
	done := make(chan error, 1)
	if !r.emitter.Back(c, decided, done) {
		r.request(c, decided, done)
	}
	return r.await(ctx, done, ErrStageNotReached)
}

// Stage returns where the migration is. Any goroutine may call it.
func (r *Runner) Stage() stage.Status { return r.emitter.Status() }

// checkStage returns why a job cannot be in a stage.
func (j *Job) checkStage(s stage.Stage) error {
	recorder, isRecorder := j.Output.(emission.StageRecorder)
	switch {
	case s.Kind == stage.Shadow:
		return nil
	case !isRecorder || !recorder.RecordsStages():
		return emission.ErrNotRecorded
	case !s.IsVerified():
		return nil
	case j.Sample != nil:
		return errors.New("V2 is given a sample of the keys, so it has no rows for the others; set split.percent: 100")
	case j.RequireLevel != diff.None && j.RequireLevel < diff.E2:
		return fmt.Errorf("diff.require_level is %s: V2's rows can take the places of V1's only where each key has the same sequence of rows on both sides; require E2 or E1", j.RequireLevel)
	}
	return nil
}

// canaryWait is how long a batch waits for the comparison.
func (j *Job) canaryWait() time.Duration {
	return cmp.Or(j.CanaryWait, min(j.Config.Candidate.Deadline/4, longestWait))
}

// newEmitter makes the run's emitter.
func (r *Runner) newEmitter() *emission.Emitter {
	j := &r.job
	return emission.New(emission.Options{
		Output: j.Output, Limits: j.Config.Commit.limits(),
		Wait: j.canaryWait(), Queue: j.Config.Candidate.Queue, MostBytes: func() int64 { return r.candidate.MayWait() },
		Status: j.Stage, LastSeq: -1,
		Committed: func(seq int64) { r.comparer.commit(seq) },
		Emitted:   func() { r.comparer.emitted() },
		Changed:   r.stageChanged,
		Waited:    func(time.Duration, int64) {},
		FellBack: func() {
			j.Log.Warn("V2 did not finish in time, so V1's rows are emitted until it does", "stage", r.Stage().Stage, "canary.wait", j.canaryWait())
		},
		Failed:   r.errands.rouse,
		Complete: j.GoBack,
	})
}

// stageChanged is told of a change that has committed.
func (r *Runner) stageChanged(c stage.Change) {
	log := r.job.Log.Info
	if c.IsAutomatic && c.IsBack() {
		log = r.job.Log.Warn
	}
	log("the stage of the migration has changed", "from", c.From, "to", c.To, "who", c.Who, "why", c.Why, "position", c.Position, "strikes", c.Strikes, "held", c.IsHeld)
	r.errands.rouse() // V1's rows may be emitted at once again
	if r.job.StageChanged != nil {
		r.job.StageChanged(c)
	}
}

// request leaves a change to the runner's goroutine.
func (r *Runner) request(c stage.Change, decided stage.Status, done chan error) {
	m := &r.migration
	m.mu.Lock()
	m.requests = append(m.requests, stageRequest{change: c, decided: decided, done: done, giveUp: time.Now().Add(cmp.Or(r.job.StagePatience, defaultPatience))})
	m.mu.Unlock()
	r.errands.rouse()
}

// first returns the oldest request.
func (m *migration) first() (stageRequest, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.requests) == 0 {
		return stageRequest{}, false
	}
	return m.requests[0], true
}

// answer ends the oldest request.
func (m *migration) answer(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[0].done <- err
	m.requests = m.requests[1:]
}

// postpone tries the oldest request again later, when rouse has the runner's goroutine look.
func (m *migration) postpone(rouse func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[0].retry = time.Now().Add(fenceEvery)
	time.AfterFunc(fenceEvery, rouse)
}

// followStage does between two batches what changes of stage want of the runner's goroutine.
func (r *Runner) followStage(ctx context.Context) error {
	if err := r.emitter.Err(); err != nil {
		return err
	}
	if r.emitter.IsRunning() && !r.emitter.IsVerified() { // it went back: all that waits goes out now
		if err := r.emitter.Stop(); err != nil {
			return err
		}
	}
	for {
		req, isThere := r.migration.first()
		if !isThere || time.Now().Before(req.retry) {
			return nil
		}
		why, err := r.change(ctx, req)
		switch {
		case err != nil:
			return err
		case why == nil:
			continue
		case !errors.Is(why, errNotYet) || !time.Now().Before(req.giveUp):
			r.migration.answer(fmt.Errorf("%w: %w", ErrStageNotReached, why))
		default:
			r.migration.postpone(r.errands.rouse)
			return nil
		}
	}
}

// errNotYet is that a change may be possible later.
var errNotYet = errors.New("the two paths did not come to the same batch")

// change makes the oldest requested change. It returns why it cannot, or cannot yet; an error ends
// the run. It answers the request where it makes it.
func (r *Runner) change(ctx context.Context, req stageRequest) (why, err error) {
	now := r.emitter.Status()
	from, to := now.Stage, req.change.To
	switch {
	case !to.IsBefore(from) && now.HasChangedSince(req.decided):
		return ErrStageSuperseded, nil
	case r.emitter.IsRunning() && r.emitter.Back(req.change, req.decided, req.done):
		r.migration.forget()
		return nil, nil
	case from.Kind == stage.Done && from != to:
		return r.leaveDone(ctx, req)
	case !from.IsBefore(to):
		return r.apply(ctx, req)
	}
	if why := r.fence(req); why != nil {
		return why, nil
	}
	if to.Kind == stage.Done {
		return r.enterDone(ctx, req)
	}
	if r.emitter.IsRunning() {
		if !r.emitter.Forward(from, req.change, req.done) {
			return ErrStageSuperseded, nil
		}
		r.migration.forget()
		return nil, nil
	}
	if why, err := r.apply(ctx, req); why != nil || err != nil {
		return why, err
	}
	r.emitter.Start(ctx)
	return nil, nil
}

// apply makes a change where the emitter has no goroutine.
func (r *Runner) apply(ctx context.Context, req stageRequest) (why, err error) {
	switch err := r.emitter.Apply(ctx, req.change); {
	case errors.Is(err, emission.ErrNotRecorded):
		return err, nil
	case err != nil:
		return nil, err
	}
	r.migration.answer(nil)
	return nil, nil
}

// forget drops the oldest request, which is answered elsewhere.
func (m *migration) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = m.requests[1:]
}

// fence waits until both paths have finished all batches so far, and all that V1 made has
// committed. It returns why they have not.
func (r *Runner) fence(req stageRequest) (why error) {
	switch state := r.candidate.State(); state {
	case candidate.Running, candidate.Held:
	case candidate.CatchingUp: // until the next batch, which may not come: see how much is left
	default:
		return fmt.Errorf("%w: V2 is %s", errNotYet, state)
	}
	if n := r.comparer.Backlog(); n >= r.job.Config.Candidate.Queue {
		return fmt.Errorf("%w: V2 is %d batches behind V1", errNotYet, n)
	}
	wait := min(fenceWait, time.Until(req.giveUp))
	if r.emitter.IsRunning() { // V1 waits for V2 anyway
		if err := r.emitter.Drain(); err != nil {
			return fmt.Errorf("%w: %w", errNotYet, err) // the run ends with it
		}
	}
	r.candidate.Release()
	if n := r.comparer.waitIdle(max(wait, 0)); n > 0 {
		return fmt.Errorf("%w: V2 is %d batches behind V1", errNotYet, n)
	}
	return nil
}
