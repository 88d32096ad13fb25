package shadow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parallax/processors"
	"parallax/processors/state"
	"parallax/shadow/guard"
	"parallax/shadow/states"
)

// Resumption is where a run continues that an earlier process of the job began.
type Resumption struct {
	// State is the control's at a batch boundary, up to which all has committed. It is nil
	// once the control has it: it would be kept in memory for the whole run.
	State *state.Snapshot
	// Next is the Seq of the batch after it.
	Next int64
}

// Replayer is a Source that repeats input which was committed after the state that a run
// continues from, before it gives what is new. IsReplaying reports whether the next
// batch is such a one: the control processes it, nothing is emitted, compared or counted.
type Replayer interface {
	IsReplaying() bool
}

// Keeper stores the control's state, so that a job continues after it stopped. Its
// methods are called by the runner's goroutine between two batches, when all that was
// emitted has committed.
type Keeper interface {
	// IsDue reports whether the state is to be stored now.
	IsDue() bool
	// Keep stores a state. It reads the state on another goroutine while the control
	// continues. It calls done once, on any goroutine, with what it stored, which done
	// releases, or why it did not. A failure is the Keeper's to report; it does not end the run.
	Keep(ctx context.Context, s *state.Frozen, done func(states.Stored, error))
	// KeepNow returns once the state is stored, and the caller releases it. It is called before the first batch of a
	// run that begins, where an error ends the run, and, with isLast, after the last batch
	// of a run that was not flushed, where the error is logged.
	KeepNow(ctx context.Context, s *state.Frozen, isLast bool) (states.Stored, error)
	// Forget deletes all stored states, after a run that was flushed: nothing can continue
	// from them.
	Forget() error
}

// errStoppedInReplay ends a run that was asked to end before it had replayed all.
var errStoppedInReplay = errors.New("the run was stopped while it replayed its input")

// resume gives the control the state that the run continues from, and replays the input
// that was committed after it.
func (r *Runner) resume(ctx context.Context) error {
	from := r.job.Resume
	if from == nil {
		return nil
	}
	processing, release := interruptible(ctx)
	defer release()
	if err := r.restoreControl(from.State); err != nil {
		return fmt.Errorf("restore V1's state: %w", err)
	}
	from.State = nil
	r.emitter.SkipTo(from.Next - 1)
	source, ok := r.job.Source.(Replayer)
	for ok && source.IsReplaying() {
		b, err := r.job.Source.Next(ctx)
		switch {
		case isEndOf(ctx, err):
			return errStoppedInReplay
		case errors.Is(err, io.EOF):
			return errors.New("replay: the input ended before what was committed")
		case err != nil:
			return fmt.Errorf("replay: %w", err)
		}
		done, err := r.runControl(processing, b)
		switch {
		case isEndOf(processing, err):
			return errStoppedInReplay
		case err != nil:
			return fmt.Errorf("V1 failed in %s while it replayed committed input: %w", b.Describe(), err)
		}
		r.emitter.SkipTo(b.Seq)
		err = r.job.Output.Emit(ctx, b, done.outcome.Changes, deadLetters(done.outcome))
		done.outcome.Release()
		b.Release()
		if err != nil {
			return fmt.Errorf("replay %s: %w", b.Describe(), err)
		}
	}
	return nil
}

// restoreControl gives the control a state.
func (r *Runner) restoreControl(s *state.Snapshot) (err error) {
	defer guard.Recover(&err)
	return processors.Restore(r.control, s)
}

// keepFirst stores the state that a run begins with, which has none of its input: a crash
// before the next one is stored is then like any other.
func (r *Runner) keepFirst(ctx context.Context) error {
	if r.job.Keeper == nil || r.job.Resume != nil {
		return nil
	}
	frozen, err := r.freeze()
	if err != nil {
		return fmt.Errorf("V1's state cannot be stored (state: off runs the job without): %w", err)
	}
	s, err := r.job.Keeper.KeepNow(ctx, frozen, false)
	states.Release(s)
	return err
}

// keep stores the control's state where that is due, all that was emitted having committed. The
// candidate's of the same place is compared with it.
func (r *Runner) keep(ctx context.Context) {
	if r.isKeepDue() {
		r.keepState(ctx)
	}
}

// isKeepDue reports whether the control's state is to be stored now.
func (r *Runner) isKeepDue() bool {
	return r.job.Keeper != nil && !r.flushed && r.job.Keeper.IsDue()
}

// keepState is keep where that is due.
func (r *Runner) keepState(ctx context.Context) {
	frozen, err := r.freeze()
	if err != nil {
		r.job.Log.Warn("V1's state was not stored", "error", err)
		return
	}
	comparison := r.states.Begin(r.compared(), r.emitter.Last(), frozen, false)
	r.job.Keeper.Keep(ctx, frozen, comparison.HasStored)
}

// keepLast stores the control's state at the end of a run, so that the next one has nothing to
// replay.
func (r *Runner) keepLast(ctx context.Context) {
	if r.job.Keeper == nil {
		return
	}
	if r.flushed {
		if err := r.job.Keeper.Forget(); err != nil {
			r.job.Log.Warn("the checkpoints of a run that was flushed were not deleted; delete them before the group's offsets expire", "error", err)
		}
		return
	}
	frozen, err := r.freeze()
	if err == nil {
		comparison := r.states.Begin(r.compared(), r.emitter.Last(), frozen, true)
		var s states.Stored
		s, err = r.job.Keeper.KeepNow(ctx, frozen, true)
		comparison.HasStored(s, err)
	}
	if err != nil {
		r.job.Log.Warn("V1's state was not stored at the end: the next run replays its input from the checkpoint before", "error", err)
	}
}

// freeze fixes the control's state between two batches.
func (r *Runner) freeze() (f *state.Frozen, err error) {
	defer guard.Recover(&err)
	begun := time.Now()
	f, err = processors.Freeze(r.control)
	r.job.Metrics.Paused(time.Since(begun))
	return f, err
}
