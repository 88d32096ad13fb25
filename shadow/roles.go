package shadow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow/arm"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/stage"
	"parallax/shadow/throughput"
)

// The runner has two roles. The control is what the job falls back to: its rows are
// emitted, and the run ends if it fails. The candidate is compared with it, and can do it
// no harm. Which implementation has which role is the job's choice (Job.Control, Job.Candidate). In
// logs, summaries, metrics and job files the control is called V1 and the candidate V2,
// which are also the sides of package diff.
const candidateSide = diff.V2

// admit notes what the arm in a role gives. It is an error if the job requires a level
// that cannot be shown then.
func (r *Runner) admit(path int, gives processors.Capabilities, d processors.Description) error {
	name := fmt.Sprintf("V%d (%s)", path+1, d.Name)
	if err := arm.Check(name, gives, r.job.RequireLevel); err != nil {
		return err
	}
	if limits := arm.Limits(gives); limits != "" {
		r.job.Log.Warn("not everything can be compared", "processor", name, "why", limits)
	}
	r.gives[path] = gives
	return nil
}

// admitCandidate notes what the candidate gives and returns its description, empty where it
// has none to give.
func (r *Runner) admitCandidate(p processors.Processor) (processors.Description, error) {
	gives, ok := candidate.Ask(func() processors.Capabilities { return processors.CapabilitiesOf(p) })
	if !ok {
		return processors.Description{}, errors.New("V2 does not say what it gives: its Capabilities method failed or did not return; correct V2")
	}
	d, _ := candidate.Ask(p.Describe)
	return d, r.admit(throughput.Candidate, gives, d)
}

// admittedLike is build for an arm that takes the place of the one in a role: one that gives
// less is an error.
func (r *Runner) admittedLike(path int, build builder) builder {
	gives := r.gives[path]
	return func() (processors.Processor, error) {
		p, err := build()
		if err != nil {
			return nil, err
		}
		if err := arm.Lost(gives, processors.CapabilitiesOf(p)); err != nil {
			_ = p.Close()
			return nil, err
		}
		return p, nil
	}
}

// highestLevel is the highest level that can be shown of both arms.
func (r *Runner) highestLevel() diff.Level {
	return min(arm.HighestLevel(r.gives[throughput.Control]), arm.HighestLevel(r.gives[throughput.Candidate]))
}

// handover checks what the arm in a role hands over.
func (r *Runner) handover(path int) *arm.Handover {
	return arm.NewHandover(r.job.Sinks, r.job.Sample != nil, r.gives[path])
}

// isAlone reports whether V2 is the control, and there is no candidate. It is called by the
// runner's goroutine.
func (r *Runner) isAlone() bool { return r.migration.isAlone }

// authority is the path whose state is the job's, for messages.
func (r *Runner) authority() string {
	if r.isAlone() {
		return "V2"
	}
	return "V1"
}

// authority returns what builds the control in a stage.
func (j *Job) authority(s stage.Stage) builder {
	if s.Kind == stage.Done {
		return j.Candidate
	}
	return j.Control
}

// compared is the candidate that is compared with the control; nil where the control is alone, and
// where V2 is off. It is called by the runner's goroutine.
func (r *Runner) compared() *candidate.Candidate {
	if r.isAlone() || r.isOff.Load() {
		return nil
	}
	return r.candidate
}

// stage is the stage in which the control made an outcome.
func (f *finished) stage() stage.Stage {
	switch {
	case f.parcel != nil:
		return f.parcel.Stage()
	case f.isAlone:
		return stage.Stage{Kind: stage.Done}
	}
	return stage.Stage{}
}

// describeControl is the control's own description. Any goroutine may ask.
func (r *Runner) describeControl() processors.Description {
	r.seat.Lock()
	p := r.control
	r.seat.Unlock()
	return p.Describe()
}

// swapControl makes what build makes the control, with the state of the one before, between two
// batches. After an error the control is the one that it was. Build and Restore are given the
// candidate's deadline: until then the job waits.
func (r *Runner) swapControl(build builder) error {
	restore, err := candidate.CopyOf(r.control)
	if err != nil {
		return fmt.Errorf("copy the state of %s: %w", r.authority(), err)
	}
	deadline := r.job.Config.Candidate.Deadline
	made := &construction{begun: time.Now(), done: make(chan struct{})}
	guard.Go(func() (err error) {
		made.p, err = candidate.Restored(build, restore)
		return err
	}, func(err error) {
		made.err = err
		close(made.done)
	})
	if !made.hasReturned(deadline) {
		made.discard(r.job.Log)
		return fmt.Errorf("it was not ready within v2.deadline (%v)", deadline)
	}
	next, err := made.result()
	if err != nil {
		return err
	}
	r.seat.Lock()
	former := r.control
	r.control = next
	r.seat.Unlock()
	go func() { // what it is called for is over; it may hang
		if err := guard.Call(former.Close); err != nil {
			r.job.Log.Warn("closing the former control", "error", guard.FirstLine(guard.Redacted(err, r.job.errorText())))
		}
	}()
	return nil
}

// enterDone makes V2 the control, with V1's state, and ends the candidate. Both paths have finished
// all batches, and all has committed but what shadow leaves open.
func (r *Runner) enterDone(ctx context.Context, req stageRequest) (why, err error) {
	from, wasRunning := r.emitter.Status().Stage, r.emitter.IsRunning()
	if err := r.emitter.Stop(); err != nil {
		return nil, err
	}
	if now := r.emitter.Status().Stage; now != from {
		return errors.New("the job has gone back meanwhile"), nil
	}
	if lost := arm.Lost(r.gives[throughput.Control], r.gives[throughput.Candidate]); lost != nil {
		why = fmt.Errorf("V2 cannot take over: %w", lost)
	} else if err := r.swapControl(*r.builder.Load()); err != nil {
		why = fmt.Errorf("V2 cannot take over: %w", guard.Redacted(err, r.job.errorText()))
	}
	if why != nil {
		if wasRunning {
			r.emitter.Start(ctx)
		}
		return why, nil
	}
	r.migration.isAlone = true
	r.gives[throughput.Control] = r.gives[throughput.Candidate]
	go r.candidate.Finish()
	r.headroom.Close()
	r.comparer.detached(candidate.Detachment{Kind: candidate.SwitchedOff, From: r.emitter.Last() + 1})
	return r.apply(ctx, req)
}

// leaveDone makes V1 the control again, with V2's state, and begins to compare a V2 with it. Such a
// V1 is no witness of what was before.
func (r *Runner) leaveDone(ctx context.Context, req stageRequest) (why, err error) {
	if req.change.To.Kind != stage.Shadow {
		return errors.New("V2 runs alone, so the only way is back to shadow"), nil
	}
	if err := r.swapControl(r.job.Control); err != nil {
		return fmt.Errorf("V1 cannot take over: %w", guard.Redacted(err, r.job.errorText())), nil
	}
	r.migration.isAlone = false
	r.gives[throughput.Control] = processors.CapabilitiesOf(r.control)
	if r.candidate == nil { // the run began in done
		r.builder.Store(&r.job.Candidate)
		r.comparer.limitTo(r.highestLevel())
	}
	next := r.emitter.Last() + 1
	restore, err := candidate.CopyOf(r.control)
	if err != nil {
		return nil, fmt.Errorf("copy V1's state for V2: %w", guard.Redacted(err, r.job.errorText()))
	}
	build := r.admittedLike(throughput.Candidate, *r.builder.Load())
	r.comparer.reattached(next)
	r.succeed(candidate.Return(ctx, next, r.candidateOptions(), func() (processors.Processor, error) {
		return candidate.Restored(build, restore)
	}))
	r.watchCandidate(ctx)
	req.change.Why = strings.TrimPrefix(req.change.Why+"; V1 has V2's state, so it is no witness of what was before", "; ")
	return r.apply(ctx, req)
}
