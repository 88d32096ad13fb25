package shadow

import (
	"context"
	"fmt"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/stage"
)

// ErrNotRescaled is why the candidate runs as it did before.
const ErrNotRescaled = guard.Sentinel("V2 was not rescaled")

// rescaling asks for the candidate to be another one.
type rescaling struct {
	build builder
	done  chan error // has room for the answer
}

// Rescale replaces the candidate while it runs by one that build makes, such as one with
// another number of partitions: at the next batch boundary the candidate finishes what it
// has, its state moves over, and the new one goes on with the next batch. No
// record is left out. A candidate that is brought back later is made by build as well.
//
// It returns when the new candidate has the old one's state; one that is detached before it gets
// to work is brought back from the control's. If it cannot be made, or cannot take
// the state, the candidate goes on as it was; the error is an ErrNotRescaled. It may be
// called by any goroutine while the Runner runs; it returns ctx.Err() when ctx
// ends first, which takes nothing back that has begun.
func (r *Runner) Rescale(ctx context.Context, build func() (processors.Processor, error)) error {
	if r.job.Candidate == nil {
		return fmt.Errorf("%w: it is off", ErrNotRescaled)
	}
	if r.Stage().Stage.Kind == stage.Done {
		return fmt.Errorf("%w: it runs alone; go back to shadow first", ErrNotRescaled)
	}
	req := rescaling{build: build, done: make(chan error, 1)}
	select {
	case r.rescales <- req:
	case <-r.ended:
		return fmt.Errorf("%w: the run has ended", ErrNotRescaled)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-req.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-r.ended:
	}
	select {
	case err := <-req.done: // before the end
		return err
	default:
		return fmt.Errorf("%w: the run has ended", ErrNotRescaled)
	}
}

// rescale begins with it before a batch. The control does not wait: the new candidate
// takes the batches, and its own goroutine sees the old one out.
func (r *Runner) rescale(ctx context.Context, b *row.Batch, req rescaling) {
	old := r.candidate
	if !old.Attached() {
		req.done <- fmt.Errorf("%w: it is detached", ErrNotRescaled)
		return
	}
	r.comparer.rescaled(b.Seq)
	next := func(p processors.Processor) (processors.Processor, error) {
		restore, err := candidate.CopyOf(p)
		if err != nil {
			return nil, err
		}
		return candidate.Restored(r.admittedLike(req.build), restore)
	}
	r.succeed(candidate.TakeOver(ctx, b.Seq, old, r.candidateOptions(), next, func(from, to processors.Description, err error) {
		if err != nil {
			req.done <- fmt.Errorf("%w: %w", ErrNotRescaled, guard.Redacted(err, r.job.errorText()))
			return
		}
		r.builder.Store(&req.build)
		r.rescaled.Add(1)
		r.job.Metrics.Rescaled()
		r.job.Log.Info("V2 was rescaled", "from", from.Name, "to", to.Name, "at batch", b.Seq)
		req.done <- nil
	}))
}
