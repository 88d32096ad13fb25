package shadow

import (
	"context"
	"errors"
	"time"

	"parallax/processors/row"
)

// finishWithin is how long the control may go on with the batch that it is at once the run has
// been asked to end. A batch takes milliseconds. One that takes longer is interrupted:
// an orchestrator kills a process that does not stop, often after 30 s, and what was
// emitted before that batch is then lost.
const finishWithin = 10 * time.Second

// interruptible returns the context of the control's work, which ends finishWithin after ctx.
// Release must be called when there is no more work.
func interruptible(ctx context.Context) (work context.Context, release context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-work.Done():
			return
		case <-ctx.Done():
		}
		late := time.NewTimer(finishWithin)
		defer late.Stop()
		select {
		case <-work.Done():
		case <-late.C:
			cancel()
		}
	}()
	return work, cancel
}

// interrupted notes that the control was stopped in the middle of a batch. Nothing of the batch
// was emitted, and its offsets are in no transaction: the next start reads it again.
// Its records stay pending in the ledger.
func (r *Runner) interrupted(b *row.Batch) {
	r.job.Log.Warn("V1 did not finish its batch in time after the stop and was interrupted: nothing of the batch is committed, the next start reads it again",
		"batch", b.Seq, "offsets", b.Offsets(), "waited", finishWithin)
}

// isEndOf reports whether err is the error of a context that has ended.
func isEndOf(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
