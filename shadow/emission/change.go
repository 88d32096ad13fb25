package emission

import (
	"context"
	"slices"
	"time"

	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// pending is a change of stage that has not committed.
type pending struct {
	change stage.Change
	// done takes the result, and has room for it; nil where it is not wanted.
	done chan<- error
}

func (p pending) answer(err error) {
	if p.done != nil {
		p.done <- err
	}
}

// Back makes a change that is not forward, while there is a goroutine: for all that is sent from now
// on, and at once for all that waits, which is emitted as V1 made it. Done takes the result once the
// change has committed. It reports whether that is so; otherwise nothing was changed. A change to the
// present stage is not made if the stage has changed since it was decided on. Any goroutine
// may call it.
func (e *Emitter) Back(c stage.Change, decided stage.Status, done chan<- error) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	isBack := c.To.IsBefore(e.status.Stage)
	if !e.isRunning || e.status.Stage.IsBefore(c.To) || !isBack && e.status.HasChangedSince(decided) {
		return false
	}
	e.begin(pending{c, done})
	return true
}

// Forward makes a change from a stage, while there is a goroutine and all is drained. It reports
// whether that is so. It is called by the runner's goroutine.
func (e *Emitter) Forward(from stage.Stage, c stage.Change, done chan<- error) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isRunning || e.status.Stage != from {
		return false
	}
	e.begin(pending{c, done})
	return true
}

// GoBack changes the stage to shadow because of what the job found by itself; only where there is a
// goroutine and the stage is a verified one. Any goroutine may call it.
func (e *Emitter) GoBack(cause stage.Cause, why string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isRunning || !e.status.Stage.IsVerified() {
		return
	}
	c := stage.Change{
		From: e.status.Stage, Step: -1, Who: "parallax", Why: why, Cause: cause, IsAutomatic: true, Strikes: e.status.Strikes + 1, IsHeld: e.status.IsHeld, Position: -1, At: time.Now(),
	}
	if e.opt.Complete != nil {
		c = e.opt.Complete(c)
	}
	e.begin(pending{change: c})
}

// begin lets a change take effect. Called with mu held.
func (e *Emitter) begin(p pending) {
	p.change.From, p.change.At, p.change.Position = e.status.Stage, time.Now(), -1
	if p.change.IsBack() {
		e.latches++
	}
	e.enter(p.change)
	e.changes = append(e.changes, p)
	e.isClean = false
	e.rouse()
}

// enter makes a change's stage that of now. Called with mu held.
func (e *Emitter) enter(c stage.Change) {
	before := e.status
	e.status = before.Begun(c)
	e.episodes, e.waits = nil, evidence.Histogram{}
}

// recordNext adds the oldest change to the open transaction.
func (e *Emitter) recordNext(ctx context.Context, p pending) error {
	if err := e.open.record(ctx, p); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changes = e.changes[1:]
	return nil
}

// Apply changes the stage where there is no goroutine, between two batches, and commits that.
func (e *Emitter) Apply(ctx context.Context, c stage.Change) error {
	e.mu.Lock()
	before := e.status
	c.From, c.At, c.Position = before.Stage, time.Now(), -1
	e.mu.Unlock()
	if err := e.open.record(ctx, pending{change: c}); err != nil {
		return err
	}
	e.mu.Lock()
	e.enter(c)
	e.mu.Unlock()
	return e.Commit(ctx)
}

// settle notes that a change has committed.
func (e *Emitter) settle(p pending) {
	e.mu.Lock()
	if last := e.status.Last; last != nil && last.At.Equal(p.change.At) {
		c := p.change
		e.status.Position, e.status.Last = c.Position, &c
	}
	e.mu.Unlock()
	e.opt.Changed(p.change)
	p.answer(nil)
}

// Status returns where the migration is. Any goroutine may call it.
func (e *Emitter) Status() stage.Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.status
	s.Emission.FallbackTimes = slices.Clone(e.episodes)
	s.Emission.WaitP50, s.Emission.WaitP99 = time.Duration(e.waits.Quantile(0.5)), time.Duration(e.waits.Quantile(0.99))
	return s
}

// IsVerified reports whether the stage of now is a verified one. Any goroutine may call it.
func (e *Emitter) IsVerified() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status.Stage.IsVerified()
}

// Totals says how the rows of verified stages went out in the run so far, nil where there were none.
// Any goroutine may call it.
func (e *Emitter) Totals() *evidence.Emission {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.total.Known()
}

// Take is Totals since the last call. Any goroutine may call it.
func (e *Emitter) Take() *evidence.Emission {
	e.mu.Lock()
	defer e.mu.Unlock()
	taken := e.part.Known()
	e.part = evidence.Emission{}
	return taken
}
