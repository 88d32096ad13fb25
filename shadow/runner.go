package shadow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/emission"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/host"
	"parallax/shadow/isolated"
	"parallax/shadow/metrics"
	"parallax/shadow/sampling"
	"parallax/shadow/stage"
	"parallax/shadow/states"
	"parallax/shadow/throughput"
)

// Source gives a task's input as batches, in the input order.
//
// Next returns io.EOF when a bounded input has ended, after its flush batch if
// it was asked to flush. It returns ctx.Err() when ctx ends first; nothing is
// lost by that, a later Next goes on. Any other error ends the run.
type Source interface {
	Next(ctx context.Context) (*row.Batch, error)
}

// Fetcher is a Source that knows when it got what it hands out. Fetched is when
// the oldest record of the last batch was fetched; zero for a batch without
// records.
type Fetcher interface {
	Fetched() time.Time
}

// Waiter is a Source that knows how long it has had nothing to give. Waited is how
// long Next has waited so far for input that had not come: what is there, and has
// yet to be fetched or decoded, is not waited for. It is called by the goroutine
// that calls Next.
type Waiter interface {
	Waited() time.Duration
}

// fetched is when the batch that s has just handed out was fetched; now, where s
// does not know.
func fetched(s Source) time.Time {
	if f, ok := s.(Fetcher); ok {
		return f.Fetched()
	}
	return time.Now()
}

// Output takes what a run emits.
type Output = emission.Output

// Pending is an Output that knows how many bytes the open transaction holds.
type Pending = emission.Pending

// Job is what a Runner runs.
type Job struct {
	Sinks  []*row.Sink
	Source Source
	Output Output
	// Control builds the control, Candidate the candidate; Candidate is nil for
	// `v2: off`. Run calls both, so that their goroutines carry the label of their
	// path: Control once, Candidate again for each candidate that is to come back,
	// also while an earlier call hangs.
	Control, Candidate func() (processors.Processor, error)
	Config             Config
	// RequireLevel is the level below which a difference is a divergence.
	RequireLevel diff.Level
	// Rules tolerate differences.
	Rules []diff.Rule
	// Resume is where the run continues; nil where it begins without state. Keeper stores
	// the control's state; nil is no state that is stored.
	Resume *Resumption
	Keeper Keeper
	// States says how states are compared at checkpoints; nil is not at all, for the reason
	// NoStates.
	States   *states.Plan
	NoStates string
	// PartitionOf returns the candidate's partition that a row of the control belongs to, -1 where that
	// is not known; nil for never. It is called by one goroutine.
	PartitionOf func(b *row.Batch, c *row.Change) int32

	Log     *slog.Logger
	Metrics *metrics.Metrics
	// Sample chooses the keys that the candidate is given, and so what is compared; nil
	// for all. It is the comparison's own: the candidate has another one.
	Sample sampling.Sampler
	// Heap returns the bytes in use on the heap, which v2.memory bounds the growth
	// of; nil takes the process's own.
	Heap func() int64
	// Held returns the bytes that the candidate holds itself, or an error that says why it must
	// go. With it v2.memory bounds these bytes, and not the growth of the heap, which is all
	// jobs' together. It must not block.
	Held func() (int64, error)
	// CPU returns what the process has used of the CPUs, which v2.spare_cpu bounds;
	// nil takes the process's own. It is called by a goroutine of its own.
	CPU func() host.CPUReading
	// LogDivergences says that the first divergence of each signature is logged when it
	// is found; StatusEvery is how often a line says how the run is, 0 for never. MoreStatus
	// returns what the line is to say beside, as slog's pairs; nil for nothing.
	LogDivergences bool
	StatusEvery    time.Duration
	MoreStatus     func(evidence.Report) []any
	// Spans takes the evidence of the run in spans of SpanPeriod (DefaultSpanPeriod for 0); nil
	// records none.
	Spans      Recorder
	SpanPeriod time.Duration

	// Stage is where the migration is when the run begins; the zero value is shadow.
	Stage stage.Status
	// Salt is hashed with the key of each output row, to choose the keys of a canary.
	Salt string
	// CanaryWait is how long rows of a verified stage wait for V2 after V1 has finished a batch;
	// 0 is a quarter of v2.deadline, at most 10 s. StagePatience is how long a change forward
	// may take; 0 is 30 s.
	CanaryWait, StagePatience time.Duration
	// StageChanged is told of each change of stage after it has committed, in order; nil is
	// none. It must not wait for the runner.
	StageChanged func(stage.Change)
	// GoBack completes a change back that the runner makes by itself, before it takes effect: its
	// step, strikes, and whether the migration is held. nil counts a strike. It must not wait.
	GoBack func(stage.Change) stage.Change
	// IsAccepted reports whether a difference is intended, so that it does not send the job
	// back; nil is never. It is called by one goroutine.
	IsAccepted func(diff.Signature) bool
	// Redaction says which values must not be shown; nil for none.
	Redaction Redaction
}

// builder makes a processor.
type builder = func() (processors.Processor, error)

// Runner runs one Job once.
type Runner struct {
	job       Job
	control   processors.Processor
	candidate *candidate.Candidate
	// gives is what the arms give, by path.
	gives    [2]processors.Capabilities
	comparer *comparer
	states   *states.Comparer
	ledger   ledger
	tally    tally
	emitter  *emission.Emitter
	// migration changes the stage.
	migration migration
	// nextBatch is the Seq of the next batch that is compared. The runner's goroutine uses it.
	nextBatch int64
	// isOff says that the job has no V2. The runner's goroutine changes it. hasFinished is closed when
	// the V2 that was switched off has finished what it had; nil before.
	isOff       atomic.Bool
	hasFinished chan struct{}
	// flushed says that the flush batch was processed.
	flushed    bool
	tax        *throughput.TaxMeter
	latest     isolated.Latest
	pressure   *candidate.PressureMeter
	headroom   candidate.Headroom
	partitions throughput.PartitionMeter
	lag        throughput.LagMeter
	// offering is how long the control waited for room in the candidate's queue, in ns.
	offering atomic.Int64

	spanBase spanBase

	// former are the candidates before this one, builder builds the next one. seat guards the
	// present one, and the comparer until the run has begun.
	seat        sync.Mutex
	former      []*candidate.Candidate
	formerWork  []processors.PartitionStats
	formerTaken [][]int64 // by stage and partition
	formerAge   time.Duration
	builder     atomic.Pointer[builder]
	reseeder    reseeder
	errands     errands
	rescaled    atomic.Int64 // how often
	ended       chan struct{}
}

// finished is a path's outcome and the time it took until it was done. came is when the
// batch's oldest record was fetched, and bytes what it holds while it waits for the
// candidate's; they are set in the control's only.
type finished struct {
	outcome    *row.Outcome
	took       time.Duration
	came, done time.Time
	bytes      int64
	// sum is the batch's checksum before the candidate was given it, 0 where it was not
	// taken, and by is the candidate that made the outcome; they are set in the
	// candidate's only.
	sum uint64
	by  *candidate.Candidate
	// parcel is the batch on its way to be emitted, of a verified stage; it is set in the
	// control's only.
	parcel *emission.Parcel
	// isAlone says that there was no candidate, because the control is V2; it is set in the
	// control's only.
	isAlone bool
}

// timed is what the pairing of times needs of it.
func (f *finished) timed() throughput.Finished {
	return throughput.Finished{Rows: len(f.outcome.Changes), Took: f.took, Done: f.done}
}

// New checks the job and returns its runner.
func New(job Job) (*Runner, error) {
	if err := job.Config.Validate(); err != nil {
		return nil, err
	}
	if job.Log == nil {
		job.Log = slog.New(slog.DiscardHandler)
	}
	if job.Metrics == nil {
		job.Metrics = metrics.New()
	}
	err := job.checkStage(job.Stage.Stage)
	if job.Stage.Stage.Kind != stage.Shadow && job.Candidate == nil {
		err = errors.New("V2 is off")
	}
	if err != nil {
		return nil, fmt.Errorf("the job cannot be in stage %s: %w", job.Stage.Stage, err)
	}
	r := &Runner{
		job: job, tax: throughput.NewTaxMeter(rand.New(rand.NewPCG(3, 4))), pressure: candidate.NewPressureMeter(job.Config.Candidate.Backpressure),
		ended: make(chan struct{}),
	}
	r.emitter = r.newEmitter()
	r.isOff.Store(job.Candidate == nil)
	r.migration.isAlone = job.Stage.Stage.Kind == stage.Done
	return r, nil
}

// Run runs the job until its source ends or ctx does, which is a request to
// finish: what the control took is emitted and committed, and the candidate gets up to its
// deadline to finish the same. A batch that the control has not finished finishWithin after that is
// interrupted, and not committed. The Report is whole when the error is nil; with an error
// it says how far the run got.
//
// The error is the control's, the source's or the output's: the candidate's never ends a run.
func (r *Runner) Run(ctx context.Context) (evidence.Report, error) {
	err := r.run(ctx)
	close(r.ended)
	return r.Report(), err
}

func (r *Runner) run(ctx context.Context) error {
	defer host.TakeSlack(r.job.Config.Candidate.Memory)()
	if r.job.Config.Control.OwnCore {
		cpu, release, err := host.TakeCore()
		if err != nil {
			return fmt.Errorf("v1.own_core: %w", err)
		}
		defer release()
		r.job.Metrics.OwnCore(cpu)
		r.job.Log.Info("V1 has a CPU of its own", "cpu", cpu)
	}
	work := context.WithoutCancel(ctx) // ctx ends the intake, not the work
	err := r.start(ctx, work)
	if err == nil {
		stop := r.watchLag(work)
		quiet := logStatus(work, r.job.Log, r.job.StatusEvery, r.statusLine)
		err = r.loop(ctx, work)
		quiet()
		stop()
	}
	if errors.Is(err, errStoppedInReplay) {
		err = nil
	}
	r.headroom.Close()
	r.emitter.Abort() // after an error: what is not committed does not count
	if c := r.compared(); c != nil {
		c.Finish()
	}
	if r.states != nil {
		r.states.Wait(r.job.Config.Candidate.Deadline)
	}
	if r.comparer != nil {
		r.comparer.close()
	}
	if r.control != nil {
		err = errors.Join(err, r.control.Close())
	}
	return err
}

func (r *Runner) start(intake, ctx context.Context) error {
	var err error
	labelled(ctx, "v1", func(context.Context) { r.control, err = build(r.job.authority(r.job.Stage.Stage)) })
	if err != nil {
		return fmt.Errorf("build %s: %w", r.authority(), err)
	}
	if r.isAlone() {
		r.gives[throughput.Control] = processors.CapabilitiesOf(r.control)
		r.gives[throughput.Candidate] = r.gives[throughput.Control] // as much is expected of those that follow
	}
	var made *construction
	hasCandidate := !r.isOff.Load() && !r.isAlone()
	if hasCandidate {
		made = r.construct(ctx) // while V1 restores its state
	}
	if err := r.restore(intake, ctx); err != nil {
		made.discard(r.job.Log)
		return err
	}
	if r.emitter.IsVerified() {
		r.emitter.Start(ctx)
	}
	if !hasCandidate {
		r.comparer.detached(candidate.Detachment{Kind: candidate.SwitchedOff})
		return nil
	}
	return r.startCandidate(ctx, made)
}

// restore gives the control the state that the run continues from, or stores the one that it
// begins with, and makes the comparison of the two paths.
func (r *Runner) restore(intake, ctx context.Context) error {
	if err := r.resume(intake); err != nil {
		return err
	}
	r.nextBatch = r.emitter.Last() + 1
	if err := r.keepFirst(ctx); err != nil {
		return err
	}
	comparer, err := newComparer(ctx, &r.job, &r.ledger, &r.tally, r.emitter, r.describeSpan)
	if err != nil {
		return err
	}
	r.seat.Lock()
	defer r.seat.Unlock()
	r.comparer, r.states = comparer, states.New(r.job.States, comparer, r.job.Log)
	return nil
}

// logRouting says what the candidate does with each query's records, and why.
func (r *Runner) logRouting(d processors.Description) {
	for _, q := range d.Routing {
		level := slog.LevelInfo
		if q.Forced {
			level = slog.LevelWarn
		}
		r.job.Log.Log(context.Background(), level, "V2's routing", "processor", d.Name, "query", q.Query, "strategy", q.Strategy, "why", q.Why)
	}
}

// loop is the run: batches until the source ends, a commit whenever one is due.
func (r *Runner) loop(ctx, work context.Context) error {
	processing, release := interruptible(ctx)
	defer release()
	for {
		awake := r.errands.renew(ctx)
		r.errands.run(work)
		if err := r.followStage(work); err != nil {
			return err
		}
		b, err := r.next(awake)
		switch {
		case err == nil:
			err := r.step(work, processing, b)
			if isEndOf(processing, err) {
				r.interrupted(b) // no state is stored: the control's is that of a part of the batch
				return r.commitAll(work)
			}
			if err != nil {
				return err
			}
			if !r.emitter.IsRunning() && !r.emitter.IsCommitDue() {
				continue
			}
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			// No batch came before the commit was due.
		case errors.Is(err, io.EOF) || isEndOf(ctx, err):
			if err := r.commitAll(work); err != nil {
				return err
			}
			r.keepLast(work)
			return nil
		case isEndOf(awake, err):
			continue // the stage is to be changed, or the emitter has failed
		default:
			return fmt.Errorf("read input: %w", err)
		}
		if err := r.commitAndKeep(work); err != nil {
			return err
		}
	}
}

// commitAndKeep commits, and stores the control's state where that is due. In a verified stage the
// emitter commits by itself, but for a state.
func (r *Runner) commitAndKeep(ctx context.Context) error {
	if !r.emitter.IsRunning() {
		if err := r.commit(ctx); err != nil {
			return err
		}
		r.keep(ctx)
		return nil
	}
	if !r.isKeepDue() {
		return nil
	}
	if err := r.emitter.Drain(); err != nil {
		return err
	}
	r.keepState(ctx)
	return nil
}

// commitAll commits what the control has made, after which nothing of it waits.
func (r *Runner) commitAll(ctx context.Context) error {
	if err := r.emitter.Stop(); err != nil {
		return err
	}
	return r.commit(ctx)
}

// next waits for a batch, but not past the time at which a commit is due.
func (r *Runner) next(ctx context.Context) (*row.Batch, error) {
	due, isDue := time.Time{}, false
	if !r.emitter.IsRunning() {
		due, isDue = r.emitter.Due()
	} else if r.job.Keeper != nil { // which the emitter's commits do not look at
		due, isDue = time.Now().Add(r.emitter.Interval()), true
	}
	if isDue {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, due)
		defer cancel()
	}
	if err := r.throttle(ctx); err != nil {
		return nil, err
	}
	return r.job.Source.Next(ctx)
}

// step is the product in one place: the candidate gets the batch, the control processes it,
// the control's changes go out with the batch's offsets. Comparing comes after, elsewhere:
// emit first, compare second. In a verified stage the emitter waits for the comparison
// instead, on a goroutine of its own. The control processes the batch in a context of its own,
// which interrupts it.
func (r *Runner) step(ctx, processing context.Context, b *row.Batch) error {
	r.nextBatch = b.Seq + 1
	r.ledger.take(b)
	came := fetched(r.job.Source)
	bytes := int64(0)
	isVerified := r.emitter.IsRunning()
	if isVerified {
		if err := r.emitter.Admit(candidate.Footprint(b)); err != nil {
			return err
		}
	}
	hasCandidate := r.compared() != nil
	if hasCandidate {
		if !isVerified { // where V2's speed is the job's, and V1 waits for it
			r.headroom.Yield(r.candidate)
		}
		r.renew(ctx, b)
		if !isVerified {
			r.tax.Before(r.candidate)
		}
		bytes = r.offer(b) // waits only under on_overload: block
	}
	done, err := r.runControl(processing, b)
	if err != nil {
		return fmt.Errorf("%s failed in %s; nothing of it was committed: %w", r.authority(), b.Describe(), guard.Redacted(err, r.job.errorText()))
	}
	done.came, done.bytes, done.isAlone = came, bytes, r.isAlone()
	if r.job.Config.Candidate.Isolated {
		r.latest.Keep(b)
	}
	r.flushed = r.flushed || b.Flush()
	if isVerified {
		done.parcel = &emission.Parcel{Batch: b, Rows: done.outcome.Changes, Dead: deadLetters(done.outcome), Done: done.done, Bytes: candidate.Footprint(b)}
		r.emitter.Send(done.parcel)
		r.comparer.takeControl(done)
		return nil
	}
	if hasCandidate {
		r.tax.After(r.candidate, b.Len(), done.took)
	}
	if err := r.emitter.Emit(ctx, b, done.outcome.Changes, deadLetters(done.outcome)); err != nil {
		return err
	}
	r.comparer.takeControl(done)
	return nil
}

func (r *Runner) runControl(ctx context.Context, b *row.Batch) (done finished, err error) {
	defer guard.Recover(&err)
	labelled(ctx, "v1", func(ctx context.Context) {
		start := time.Now()
		done.outcome, err = r.control.Process(ctx, b)
		done.done = time.Now()
		done.took = done.done.Sub(start)
	})
	if err == nil && r.isAlone() {
		err = r.handover(throughput.Candidate).Check(done.outcome, b)
	}
	if err == nil {
		r.job.Metrics.Processed(throughput.Control, done.outcome, done.took)
	}
	return done, err
}

// commit ends the transaction, where the emitter does not run, and lets what is in it be counted.
func (r *Runner) commit(ctx context.Context) error {
	if _, isOpen := r.emitter.Due(); !isOpen {
		return nil
	}
	if err := r.emitter.Commit(ctx); err != nil {
		return err
	}
	if c := r.compared(); c != nil {
		c.KeepUp()
	}
	return nil
}

// deadLetters are the records that the control refused and those that could not be
// decoded.
func deadLetters(o *row.Outcome) []row.DeadLetter {
	dead := o.DeadLetters
	for i := range o.Batch.Len() {
		if rec := o.Batch.Record(i); rec.State == row.Undecodable {
			reason := "undecodable"
			if rec.Err != nil {
				reason = rec.Err.Error()
			}
			dead = append(dead, row.DeadLetter{Record: i, Reason: reason})
		}
	}
	return dead
}

// build calls a constructor and turns its panic into an error.
func build(f func() (processors.Processor, error)) (p processors.Processor, err error) {
	defer guard.Recover(&err)
	return f()
}

// labelled runs f with its profile samples marked as a path's.
func labelled(ctx context.Context, path string, f func(context.Context)) {
	pprof.Do(ctx, pprof.Labels("path", path), f)
}
