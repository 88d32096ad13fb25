package shadow

import (
	"context"
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

// renew puts another candidate in the place of one that is gone, or that is to run
// otherwise, before a batch. The control waits only until its state is fixed:
// the rest, the copy included, is the new candidate's own business, and batches wait for it
// meanwhile as they do for any candidate.
func (r *Runner) renew(ctx context.Context, b *row.Batch) {
	select {
	case req := <-r.rescales:
		r.rescale(ctx, b, req)
	default:
	}
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
	build := r.admittedLike(*r.builder.Load())
	r.comparer.reattached(b.Seq)
	r.succeed(candidate.Return(ctx, b.Seq, r.candidateOptions(), func() (processors.Processor, error) {
		return candidate.Restored(build, restore)
	}))
}
