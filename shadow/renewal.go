package shadow

import (
	"context"
	"fmt"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/throughput"
)

// reseeder says when a candidate that was detached may come back. It belongs to the
// runner's goroutine.
type reseeder struct {
	wait  time.Duration // before the next attempt
	begun time.Time     // when the candidate at hand began
}

// due reports whether the candidate is gone, and has been for long enough, before the batch
// of Seq next. The candidate owes the batch in which it failed, so it cannot come back
// before that. Where there is no room for it, it comes back after ReseedMax all the
// same, so that a control that is always saturated is compared at times.
func (s *reseeder) due(c *candidate.Candidate, next int64, cfg candidate.Config, room bool) bool {
	gone := c.Detachment()
	if gone == nil || next <= gone.From || !c.MayBeReplaced() {
		return false
	}
	if s.wait == 0 || gone.At.Sub(s.begun) >= cfg.ReseedMax {
		s.wait = cfg.ReseedAfter
	}
	gap := time.Since(gone.At)
	return gap >= s.wait && (room || gap >= cfg.ReseedMax)
}

// tried notes an attempt.
func (s *reseeder) tried(cfg candidate.Config) {
	s.begun = time.Now()
	s.wait = min(2*s.wait, cfg.ReseedMax)
}

// renew puts another candidate in the place of one that is gone, before a batch. The control
// waits only until its state is fixed: the rest, the copy included, is the new candidate's own
// business, and batches wait for it meanwhile as they do for any candidate.
func (r *Runner) renew(ctx context.Context, b *row.Batch) {
	cfg := r.job.Config.Candidate
	if !r.gives[throughput.Control].PortableState || !cfg.Reseed || b.Flush() || !r.reseeder.due(r.candidate, b.Seq, cfg, r.headroom.HasRoom()) || !r.hasRoomForAnother() {
		return
	}
	r.reseeder.tried(cfg)
	r.headroom.Forget()
	restore, err := candidate.CopyOf(r.control)
	if err != nil {
		r.job.Log.Warn("V2 was not started again: V1's state cannot be copied", "error", guard.Redacted(err, r.job.errorText()))
		r.job.Metrics.NotReseeded()
		return
	}
	build := r.admittedLike(throughput.Candidate, *r.builder.Load())
	r.comparer.reattached(b.Seq)
	r.succeed(candidate.Return(ctx, b.Seq, r.candidateOptions(), func() (processors.Processor, error) {
		return candidate.Restored(build, restore)
	}))
}

// ErrNotRescaled is why the candidate runs as it did before.
const ErrNotRescaled = guard.Sentinel("V2 was not rescaled")

// Rescale replaces the candidate while it runs by one that build makes, such as one with
// another number of partitions: at the next batch boundary the candidate finishes what it
// has, its state moves over, and the new one goes on with the next batch. No
// record is left out. A candidate that is brought back later is made by build as well.
//
// holds is called with the Seq of the first batch of the new candidate, before any is compared.
//
// It returns when the new candidate has the old one's state; one that is detached before it gets
// to work is brought back from the control's. If it cannot be made, or cannot take
// the state, the candidate goes on as it was; the error is an ErrNotRescaled. A V2 that runs
// alone is replaced in the same way, but the job waits for the new one. It may be
// called by any goroutine while the Runner runs; it returns ctx.Err() when ctx
// ends first, which takes nothing back that has begun.
func (r *Runner) Rescale(ctx context.Context, build func() (processors.Processor, error), holds func(from int64)) error {
	if r.isOff.Load() {
		return fmt.Errorf("%w: it is off", ErrNotRescaled)
	}
	done := make(chan error, 1) // has room for the answer
	r.errands.add(func(work context.Context) { r.rescale(work, build, holds, done) })
	return r.await(ctx, done, ErrNotRescaled)
}

// rescale begins with it between two batches, also while none come. The control does not wait: the
// new candidate takes the batches from the next one on, and its own goroutine sees the old one out.
func (r *Runner) rescale(ctx context.Context, build builder, holds func(int64), done chan<- error) {
	switch old := r.compared(); {
	case r.isOff.Load():
		done <- fmt.Errorf("%w: it is off", ErrNotRescaled)
	case old == nil:
		done <- r.rescaleAlone(build, holds)
	case !old.Attached():
		done <- fmt.Errorf("%w: it is detached", ErrNotRescaled)
	default:
		r.replace(ctx, old, build, holds, done)
	}
}

// rescaleAlone replaces V2 while it is the control. Its rows are the job's, so the job waits until
// the new one has its state, up to V2's deadline.
func (r *Runner) rescaleAlone(build builder, holds func(int64)) error {
	from, _ := candidate.Ask(r.control.Describe)
	if err := r.swapControl(r.admittedLike(throughput.Control, build)); err != nil {
		return fmt.Errorf("%w: %w", ErrNotRescaled, guard.Redacted(err, r.job.errorText()))
	}
	to, _ := candidate.Ask(r.control.Describe)
	holds(r.nextBatch)
	r.wasRescaled(from, to, r.nextBatch, build)
	return nil
}

// wasRescaled notes that V2 is made by build from now on.
func (r *Runner) wasRescaled(from, to processors.Description, first int64, build builder) {
	r.builder.Store(&build)
	r.rescaled.Add(1)
	r.job.Metrics.Rescaled()
	r.job.Log.Info("V2 was rescaled", "from", from.Name, "to", to.Name, "at batch", first)
}

// replace puts a candidate with the state of another one in that one's place.
func (r *Runner) replace(ctx context.Context, old *candidate.Candidate, build builder, holds func(int64), done chan<- error) {
	first := r.nextBatch
	r.comparer.rescaled(first)
	next := func(p processors.Processor) (processors.Processor, error) {
		restore, err := candidate.CopyOf(p)
		if err != nil {
			return nil, err
		}
		return candidate.Restored(r.admittedLike(throughput.Candidate, build), restore)
	}
	r.succeed(candidate.TakeOver(ctx, first, old, r.candidateOptions(), next, func(from, to processors.Description, err error) {
		if err != nil {
			done <- fmt.Errorf("%w: %w", ErrNotRescaled, guard.Redacted(err, r.job.errorText()))
			return
		}
		holds(first)
		r.wasRescaled(from, to, first, build)
		done <- nil
	}))
}
