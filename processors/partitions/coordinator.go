package partitions

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/merge"
	"parallax/processors/plan"
	"parallax/processors/recycle"
	"parallax/processors/route"
	"parallax/processors/row"
)

// coordinator runs stages that read the same batches: it routes the records of each stage
// by its split key to N partitions, each a goroutine with its own engine, and merges the
// partitions' results for a batch back into order.
//
//	Submit ─► router ─► N queues ─► N engines ─► merge ─► Next
//
// The router cuts a batch into slices, so that the data of a partition and of merge stays
// in cache, however large the batch is. Several slices, of one batch or of several, are in
// flight at once, so that the partitions do not wait for the slowest one after each slice.
// Engines share only the batch, which they do not modify; a batch's outcome does not depend
// on N, on how batches are cut, or on the timing of the partitions.
//
// A panic on one of its goroutines becomes the *processors.PanicError of the batch that was
// processed. The outcomes of earlier batches are returned as usual; after the error the
// coordinator returns no more outcomes.
type coordinator struct {
	stages  []*plan.Query
	cfg     processors.Config
	slice   int // records
	hooks   Hooks
	sampler *Sampler // chooses the keys that are taken; nil for all
	// shares: outcomes have the shares of the batch's records. A chain measures them itself.
	shares     bool
	queries    []v2Query
	partitions []*partition
	merger     *merge.Merger
	runs       [][]row.Change // scratch of gather

	// Batches pass through in to the router. A job circulates: from free to the partitions'
	// queues, and through ordered, which keeps the order of submission, back to free. Each
	// channel has room for all jobs, so a batch waits only for room in the flight, and a
	// slice only for a free job.
	in            chan *harvest
	free, ordered chan *job
	flight        flight
	quit          chan struct{}
	// abandoned interrupts the engines once their results are no longer needed.
	abandoned        context.Context
	abandon          context.CancelFunc
	closing          sync.Once
	router           life
	which, whichElse []int32 // scratch of the router
	hashedElse       []uint64
	hashed           []uint64
	starts, ends     []int32
	made             recycle.Pool[harvest]
	gathering        gathering

	// failure is the error that the last Next returned. Next sets it and then closes
	// failed; others read it after failed is closed.
	failure error
	failed  chan struct{}
	// position and watermark are those after the last batch that Next returned.
	position, watermark int64
}

// v2Query is the coordinator's data of one stage.
type v2Query struct {
	inputs []v2Input
	// hashes: the routers of all inputs hash the key.
	hashes bool
	// counts: all of the stage's records are counted here; countsSome: the records of some
	// inputs are. Each record is counted once, even if several queries read it.
	counts, countsSome bool
}

// v2Input is one of the sources whose records a stage reads; a join has two.
type v2Input struct {
	source int32
	router *route.Router
	counts bool
}

// newCoordinator starts the coordinator of some stages. It counts the records of the
// sources that are not in counted yet. Its goroutines run until close. sampler selects the
// keys that are processed; nil means all keys.
func newCoordinator(stages []*plan.Query, cfg processors.Config, opt processors.Options, hooks Hooks, sampler *Sampler, counted map[int]bool) (*coordinator, error) {
	n := cfg.Partitions
	if stages[0].Inputs != nil {
		hooks = Hooks{}
	}
	v := &coordinator{
		stages: stages, cfg: cfg, slice: opt.SliceSize(), hooks: hooks, sampler: sampler,
		flight: newFlight(),
		in:     make(chan *harvest, inFlight), free: make(chan *job, inFlight), ordered: make(chan *job, inFlight),
		quit: make(chan struct{}), failed: make(chan struct{}),
		merger: merge.New(n * len(stages)), runs: make([][]row.Change, 0, n*len(stages)),
		watermark: row.NoWatermark, starts: make([]int32, n), ends: make([]int32, n),
	}
	v.abandoned, v.abandon = context.WithCancel(context.Background())
	for _, q := range stages {
		query, err := newV2Query(q, cfg, hooks, counted)
		if err != nil {
			return nil, fmt.Errorf("v2: query %d (%s): %w", q.Index, q.Sink.Name, err)
		}
		v.queries = append(v.queries, query)
	}
	for i := range n {
		part := &partition{index: i, v: v, queue: make(chan *job, inFlight)}
		for _, q := range stages {
			engine, err := exec.NewStage(q, exec.Options{ErrorsToDeadLetter: opt.ErrorsToDeadLetter, LateToDeadLetter: opt.LateToDeadLetter})
			if err != nil {
				return nil, fmt.Errorf("v2: query %d (%s): %w", q.Index, q.Sink.Name, err)
			}
			part.engines = append(part.engines, engine)
		}
		part.taken = make([]atomic.Int64, len(stages))
		v.partitions = append(v.partitions, part)
	}
	for range inFlight {
		v.free <- newJob(len(stages), n)
	}
	if err := v.start(); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func newV2Query(q *plan.Query, cfg processors.Config, hooks Hooks, counted map[int]bool) (v2Query, error) {
	query := v2Query{hashes: true, counts: true}
	for side, source := range q.Sides() {
		r, err := newRouter(q, side, source, cfg, hooks)
		if err != nil {
			return v2Query{}, err
		}
		// The rows of an earlier stage are counted in that stage.
		topic := source
		if q.Inputs != nil {
			topic = q.Inputs[source].Source
		}
		counts := topic >= 0 && !counted[topic]
		counted[topic] = true
		query.inputs = append(query.inputs, v2Input{int32(source), r, counts})
		query.hashes = query.hashes && r.Hashes()
		query.counts = query.counts && counts
		query.countsSome = query.countsSome || counts
	}
	return query, nil
}

// newRouter returns the router of one side of a stage. The strategy in the job applies to
// topics' records only: rows between stages are routed automatically.
func newRouter(q *plan.Query, side, source int, cfg processors.Config, hooks Hooks) (*route.Router, error) {
	if q.Inputs != nil {
		cfg.Strategy, cfg.ForceStrategy = route.Auto, false
	}
	need := route.Need{Stateless: q.Split.Stateless, SourceKeyed: q.Split.SourceKeyed}
	by := q.Split.By
	if side > 0 {
		by = q.Split.Right
	}
	if len(by) > 0 {
		key, err := exec.CompileKey(by)
		if err != nil {
			return nil, fmt.Errorf("split key: %w", err)
		}
		need.Key = key
		if need.Hash, err = exec.CompileHash(by, int32(source)); err != nil {
			return nil, fmt.Errorf("split key: %w", err)
		}
	}
	if hooks.Assign != nil && need.Key != nil {
		return route.Assigned(hooks.Assign, cfg.Partitions, need)
	}
	return route.New(cfg.Strategy, cfg.Partitions, need, cfg.ForceStrategy)
}

// start starts the goroutines, with a label for profiles, and pins the partitions if the
// configuration asks for it.
func (v *coordinator) start() error {
	v.router.ended = make(chan struct{})
	for _, p := range v.partitions {
		p.life.ended = make(chan struct{})
	}
	go func() {
		defer close(v.router.ended)
		label("router")
		v.route()
	}()
	pinned := make(chan error, len(v.partitions))
	for _, p := range v.partitions {
		go func() {
			defer close(p.life.ended)
			label(strconv.Itoa(p.index))
			var err error
			if v.cfg.Affinity {
				var cpu int
				cpu, err = pin(p.index)
				p.pinned.Store(int32(cpu) + 1)
			}
			if pinned <- err; err == nil {
				p.serve()
			}
		}()
	}
	var failed error
	for range v.partitions {
		if err := <-pinned; err != nil && failed == nil {
			failed = fmt.Errorf("v2: affinity: %w", err)
		}
	}
	return failed
}

func label(partition string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("path", "v2", "partition", partition)))
}

// Process processes one batch. With Submit and Next several are in flight.
func (v *coordinator) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := v.Submit(ctx, b); err != nil {
		return nil, err
	}
	return v.Next(ctx)
}

// Submit passes on a batch and waits while too many are in flight.
func (v *coordinator) Submit(ctx context.Context, b *row.Batch) error {
	select {
	case <-v.quit:
		return ErrClosed
	case <-v.failed:
		return v.failure
	default:
	}
	if err := v.flight.waitForRoom(ctx, b.Len(), v.quit, v.failed, &v.failure); err != nil {
		return err
	}
	v.flight.add(b.Len())
	m := v.made.Take()
	m.begin(b, len(v.queries), len(v.partitions), v.shares)
	v.in <- m
	return nil
}

// Next returns the outcome of the oldest batch in flight. After an error every later
// call returns the same error.
func (v *coordinator) Next(ctx context.Context) (*row.Outcome, error) {
	if v.failure != nil {
		return nil, v.failure
	}
	j, err := v.nextSlice(ctx)
	if err != nil {
		return nil, err
	}
	// From here on the batch is lost unless its outcome is returned.
	b := j.batch
	o, err := v.await(ctx, j)
	for o == nil && err == nil {
		if j, err = v.nextSlice(ctx); err == nil {
			o, err = v.await(ctx, j)
		}
	}
	if err != nil {
		v.failure = err
		close(v.failed)
		v.abandon()
		return nil, err
	}
	v.position = b.First + int64(b.Len())
	if w := b.Watermark(); w != row.NoWatermark {
		v.watermark = w
	}
	v.flight.remove(b.Len())
	return o, nil
}

// nextSlice waits until the router has cut the next slice.
func (v *coordinator) nextSlice(ctx context.Context) (*job, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-v.quit:
		return nil, ErrClosed
	case j := <-v.ordered:
		return j, nil
	}
}

// await waits until the partitions have processed a slice and merges their changes. Then
// the job is free. It returns the batch's outcome with the last slice.
func (v *coordinator) await(ctx context.Context, j *job) (*row.Outcome, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-v.quit:
		return nil, ErrClosed
	case <-j.done:
	}
	if j.err != nil {
		return nil, j.err
	}
	o, err := v.gather(j)
	if err == nil {
		j.forget()
		v.free <- j
	}
	return o, err
}

// routing returns how each stage is routed, and the records that it has taken so far.
func (v *coordinator) routing() (list []processors.Routing) {
	for i, q := range v.queries {
		r := routingOf(v.stages[i], q.inputs[0].router)
		r.Records = make([]int64, len(v.partitions))
		for n, p := range v.partitions {
			r.Records[n] = p.taken[i].Load()
		}
		list = append(list, r)
	}
	return list
}

// Partitions returns the counts of each partition so far. A record that several queries
// read is counted for the first of them.
func (v *coordinator) Partitions() []processors.PartitionStats {
	stats := make([]processors.PartitionStats, len(v.partitions))
	for i, p := range v.partitions {
		stats[i] = processors.PartitionStats{
			Records: p.records.Load(), Keys: p.keys.Load(), BusyNanos: p.busy.Load(), Queue: len(p.queue),
			QueuedRecords: p.queued.Load(), Pinned: p.pinned.Load(),
		}
	}
	return stats
}

// Close stops the goroutines and never blocks: one that is processing a batch is
// interrupted, and Leaked counts it until it has stopped.
func (v *coordinator) Close() error {
	v.closing.Do(func() { close(v.quit) })
	v.abandon()
	v.router.close()
	for _, p := range v.partitions {
		p.life.close()
	}
	return nil
}

// Leaked returns the number of goroutines that still run after Close.
func (v *coordinator) Leaked() int {
	n := 0
	if v.router.leaked() {
		n++
	}
	for _, p := range v.partitions {
		if p.life.leaked() {
			n++
		}
	}
	return n
}
