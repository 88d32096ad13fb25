package emission

import (
	"context"
	"sync"
	"time"

	"parallax/processors/row"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// Emitter emits a run's batches in order, and knows the stage of its migration.
//
// Outside verified stages it has no goroutine: the runner's goroutine calls Emit and Commit. Start
// begins a goroutine that owns the Output until Stop; meanwhile the runner's goroutine calls Admit,
// Send and Drain. Methods that say so may be called by any goroutine.
type Emitter struct {
	opt  Options
	open transaction

	// done is closed when the goroutine has ended; nil where there is none. The runner's
	// goroutine uses it.
	done chan struct{}
	// wake tells the goroutine that there is something to look at.
	wake chan struct{}

	mu      sync.Mutex
	changed *sync.Cond
	// isRunning: there is a goroutine. isStopping: it ends once all is emitted and committed;
	// isAborting: it ends as it is. isDraining: all is to be committed; isClean: all is.
	isRunning, isStopping, isAborting, isDraining, isClean bool

	err error
	// held are the parcels that are not emitted, unjudged those that are not compared, both in
	// order; bytes is what held holds.
	held, unjudged []*Parcel
	bytes          int64
	// changes of stage that are in effect and not recorded yet.
	changes []pending
	latches int
	status  stage.Status
	// hasFallenBack: V2 did not finish in time, and batches are emitted as V1 made them until one
	// is compared in time.
	hasFallenBack bool
	episodes      []time.Time
	waits         evidence.Histogram // since the step began, in ns
	// total is of the run, part since the last Take.
	total, part evidence.Emission
}

// Options are what an Emitter needs of the run.
type Options struct {
	Output Output
	Limits Limits
	// Wait is how long a batch waits for the comparison after V1 has finished it.
	Wait time.Duration
	// Queue is how many batches may wait, and MostBytes how many bytes they may hold beside the
	// first one.
	Queue     int
	MostBytes func() int64
	// Status is where the migration is when the run begins.
	Status stage.Status
	// LastSeq is the Seq of the batch before the first one.
	LastSeq int64
	// Committed is called after each commit with the Seq of the last batch in it, Emitted after a
	// parcel was emitted, Changed after a change of stage has committed, Waited with how long each
	// parcel waited and the rows of V2 that were emitted of it, FellBack at the beginning of each
	// episode, and Failed when the goroutine ends with an error. None may be nil or wait.
	Committed func(seq int64)
	Emitted   func()
	Changed   func(stage.Change)
	Waited    func(waited time.Duration, ofV2 int64)
	FellBack  func()
	Failed    func()
	// Complete completes a change back that the job makes by itself.
	Complete func(stage.Change) stage.Change
}

// New returns an Emitter without a goroutine.
func New(opt Options) *Emitter {
	e := &Emitter{
		opt: opt, open: transaction{out: opt.Output, last: opt.LastSeq},
		wake: make(chan struct{}, 1), status: opt.Status, isClean: true,
	}
	e.changed = sync.NewCond(&e.mu)
	e.SetLimits(opt.Limits)
	return e
}

// SetLimits changes when transactions end: how long one lasts, from the next one on, and how much it
// holds. Any goroutine may call it.
func (e *Emitter) SetLimits(l Limits) { e.open.limits.Store(&l) }

// Interval is how long a transaction lasts at most. Any goroutine may call it.
func (e *Emitter) Interval() time.Duration { return e.open.limits.Load().Interval }

// Emit emits a batch as V1 made it. It is for an Emitter without a goroutine.
func (e *Emitter) Emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error {
	return e.open.emit(ctx, b, changes, dead)
}

// IsCommitDue reports whether the open transaction is to end now. Like Due and Commit it is for an
// Emitter without a goroutine.
func (e *Emitter) IsCommitDue() bool { return e.open.isDue(time.Now()) }

// Due is when the open transaction is to end; false where nothing is open.
func (e *Emitter) Due() (time.Time, bool) { return e.open.due, !e.open.isEmpty() }

// Commit ends the open transaction.
func (e *Emitter) Commit(ctx context.Context) error {
	if e.open.isEmpty() {
		return nil
	}
	changes, err := e.open.commit(ctx)
	if err != nil {
		return err
	}
	e.opt.Committed(e.open.last)
	for _, p := range changes {
		e.settle(p)
	}
	return nil
}

// Last is the Seq of the last batch that was emitted, where there is no goroutine or all is
// drained.
func (e *Emitter) Last() int64 { return e.open.last }

// SkipTo says that the batches up to one are not emitted: they were before.
func (e *Emitter) SkipTo(seq int64) { e.open.last = seq }

// IsRunning reports whether there is a goroutine. It is called by the runner's goroutine.
func (e *Emitter) IsRunning() bool { return e.done != nil }

// Start begins the goroutine, for a verified stage.
func (e *Emitter) Start(ctx context.Context) {
	e.mu.Lock()
	e.isRunning, e.isStopping, e.isClean, e.hasFallenBack = true, false, e.open.isEmpty(), false
	e.mu.Unlock()
	e.done = make(chan struct{})
	go e.run(ctx, e.done)
}

// Stop emits and commits what waits, each batch once it is compared or its time is over, and ends
// the goroutine.
func (e *Emitter) Stop() error {
	if e.done == nil {
		return nil
	}
	e.mu.Lock()
	e.isStopping = true
	e.mu.Unlock()
	e.rouse()
	<-e.done
	e.done = nil
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// Abort ends the goroutine, with nothing more emitted or committed.
func (e *Emitter) Abort() {
	if e.done == nil {
		return
	}
	e.mu.Lock()
	e.isAborting = true
	e.mu.Unlock()
	e.rouse()
	<-e.done
	e.done = nil
}

// Err is the error that has ended the goroutine. Any goroutine may call it.
func (e *Emitter) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// Drain is Stop without the end: when it returns nil, all that was sent has committed.
func (e *Emitter) Drain() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.isDraining = true
	e.rouse()
	for e.err == nil && (len(e.held) > 0 || len(e.changes) > 0 || !e.isClean) {
		e.changed.Wait()
	}
	e.isDraining = false
	return e.err
}

// Admit waits until there is room for another batch of so many bytes: V1 runs ahead of what is
// emitted by a bounded number of batches. It returns the error that has ended the goroutine.
func (e *Emitter) Admit(bytes int64) error {
	most := e.opt.MostBytes()
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.err == nil && len(e.held) > 0 && (len(e.held) >= e.opt.Queue || e.bytes+bytes > most) {
		e.changed.Wait()
	}
	return e.err
}

// Send hands a batch to the goroutine.
func (e *Emitter) Send(p *Parcel) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p.stage, p.latches = e.status.Stage, e.latches
	e.held, e.unjudged = append(e.held, p), append(e.unjudged, p)
	e.bytes += p.Bytes
	e.isClean = false
	e.rouse()
}

// Judge says what is emitted of a batch that was compared: rows, of which ofV2 are V2's. For one
// that is not compared, or differs, rows are V1's. Batches are judged in the order in which they
// were sent. Any goroutine may call it.
func (e *Emitter) Judge(p *Parcel, rows []row.Change, ofV2 int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p.isJudged, p.rows, p.ofV2 = true, rows, ofV2
	if len(e.unjudged) > 0 && e.unjudged[0] == p {
		e.unjudged = e.unjudged[1:]
	}
	e.rouse()
}

// rouse lets the goroutine look again.
func (e *Emitter) rouse() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}
