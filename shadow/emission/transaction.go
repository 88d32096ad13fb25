package emission

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"parallax/processors/row"
	"parallax/shadow/stage"
)

// Output takes the rows of a run. It is called by one goroutine at a time.
//
// Emit adds a batch's changes and dead letters, and the offsets of its records,
// to the open transaction; it keeps nothing of the batch. Commit ends the
// transaction and returns nil only once it is known to have committed. After an
// error from either the run is over, and nothing since the last Commit counts.
type Output interface {
	Emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error
	Commit(ctx context.Context) error
}

// Pending is an Output that knows how many bytes the open transaction holds. One that
// does not keeps nothing.
type Pending interface {
	Pending() int64
}

// StageRecorder is an Output that stores changes of stage, so that a restart continues in the
// stage that was reached. RecordStage adds a change to the open transaction, after what was
// emitted, and sets its Position. A transaction may consist of a change alone.
//
// RecordsStages reports whether it does: not without a journal.
type StageRecorder interface {
	RecordsStages() bool
	RecordStage(ctx context.Context, c *stage.Change) error
}

// ErrNotRecorded is that the output stores no changes of stage.
var ErrNotRecorded = errors.New("the output does not store changes of stage")

// Limits say when a transaction ends: after Interval, or earlier if it holds MaxRecords input
// records or MaxBytes of output.
type Limits struct {
	Interval   time.Duration
	MaxRecords int
	MaxBytes   int64
}

// transaction is the open transaction. One goroutine at a time uses it.
type transaction struct {
	out Output
	// limits may change at any time.
	limits atomic.Pointer[Limits]
	// batches and records are what was emitted since the last commit.
	batches, records int
	due              time.Time
	// last is the Seq of the last batch that was emitted.
	last int64
	// recorded are the changes of stage that commit with it.
	recorded []pending
}

func (t *transaction) emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) (err error) {
	pprof.Do(ctx, labels, func(ctx context.Context) { err = t.out.Emit(ctx, b, changes, dead) })
	if err != nil {
		return fmt.Errorf("emit %s: %w", b.Describe(), err)
	}
	if t.isEmpty() {
		t.due = time.Now().Add(t.limits.Load().Interval)
	}
	t.batches, t.last = t.batches+1, b.Seq
	t.records += b.Len()
	return nil
}

// labels mark the profile samples of emitting.
var labels = pprof.Labels("path", "emit")

// record adds a change of stage, which is to commit soon.
func (t *transaction) record(ctx context.Context, p pending) error {
	r, ok := t.out.(StageRecorder)
	if !ok || !r.RecordsStages() {
		return fmt.Errorf("change to stage %s: %w", p.change.To, ErrNotRecorded)
	}
	if err := r.RecordStage(ctx, &p.change); err != nil {
		return fmt.Errorf("record the change to stage %s: %w", p.change.To, err)
	}
	t.recorded, t.due = append(t.recorded, p), time.Now()
	return nil
}

// isEmpty reports whether there is nothing to commit.
func (t *transaction) isEmpty() bool { return t.batches == 0 && len(t.recorded) == 0 }

// isDue reports whether it has lasted long enough, or holds enough.
func (t *transaction) isDue(now time.Time) bool {
	if t.isEmpty() {
		return false
	}
	limits := t.limits.Load()
	if t.records >= limits.MaxRecords || !now.Before(t.due) {
		return true
	}
	p, ok := t.out.(Pending)
	return ok && p.Pending() >= limits.MaxBytes
}

// commit ends the transaction and returns the changes of stage that were in it.
func (t *transaction) commit(ctx context.Context) (changes []pending, err error) {
	pprof.Do(ctx, labels, func(ctx context.Context) { err = t.out.Commit(ctx) })
	if err != nil {
		return nil, fmt.Errorf("commit up to batch %d: %w", t.last, err)
	}
	changes = t.recorded
	t.batches, t.records, t.recorded = 0, 0, nil
	return changes, nil
}
