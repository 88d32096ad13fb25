package shadow

import (
	"context"
	"fmt"

	"parallax/shadow/guard"
	"parallax/shadow/stage"
)

// ErrStageNotReached is why the stage is what it was.
const ErrStageNotReached = guard.Sentinel("the stage was not changed")

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
	return fmt.Errorf("%w: this version cannot change to %s yet", ErrStageNotReached, c.To)
}

// Stage returns where the migration is. Any goroutine may call it.
func (r *Runner) Stage() stage.Status { return r.job.Stage }
