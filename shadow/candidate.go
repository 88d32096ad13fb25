package shadow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/guard"
	"parallax/shadow/host"
	"parallax/shadow/metrics"
	"parallax/shadow/throughput"
)

// candidate keeps V2 away from V1. V2 runs on goroutines of its own, behind a
// queue with an end, under a deadline, and each goroutine recovers. Whatever
// V2 does, the worst that happens to the run is that V2 is detached: from its
// oldest unfinished batch on there is nothing to compare, until another one takes
// its place (see reseed.go). A candidate is one V2's stay in the run: what a
// detached one still says, it says to a candidate that nobody listens to.
//
// What one process cannot do is end a goroutine that does not want to end: a V2
// that hangs is left behind, with what it holds.
type candidate struct {
	cfg      V2Config
	comparer *comparer
	log      *slog.Logger
	metrics  *metrics.Metrics
	handover *handover
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	// waiting and running batches are V2's unfinished ones, oldest first in
	// inFlight, then queue.
	queue, inFlight []*row.Batch
	bytes           int64
	fullSince       time.Time
	nextSeq         int64
	lastDone        time.Time
	started         map[int64]time.Time
	deadline        *time.Timer
	// seals are the checksums of batches in flight that are sampled (see seal.go).
	seals map[int64]uint64
	// offered is one for each unfinished batch, oldest first.
	offered []offering
	// holds ends a hold (see hold.go); nil while V2 is not held.
	holds     *time.Timer
	heldSince time.Time
	// oldest is the oldest that an unfinished batch was ever seen to be.
	oldest time.Duration
	closed bool
	gone   *detachment
	goneAt time.Time
	// goneForGood says that no other V2 may take its place.
	goneForGood bool
	// ended says that nothing of a V2 that was detached runs any more.
	ended bool

	// p is nil while V2 is being seeded, and again when it has been left behind.
	p processors.Processor
	// seeding says that V2 is on its way; fills that it is to end a hole; first is
	// the Seq of its first batch.
	seeding, fills bool
	first          int64
	// early says that it is not V2's fault yet if nothing moves.
	early bool
	// before is the V2 that this one is to take over from, while that finishes.
	before  *candidate
	catchUp catchUp
	// base is what the heap held when V2 began, in bytes.
	base int64
	// lastStats and lastWord are what a V2 said that was left behind.
	lastStats []processors.PartitionStats
	lastWord  processors.Description
}

// offering is when a batch was offered, and its footprint.
type offering struct {
	at    time.Time
	bytes int64
}

// detachment says from which batch on V2 has nothing to say, and why.
type detachment struct {
	kind detachKind
	from int64 // Seq of the first batch without an outcome
	err  error
	// unseen is the Seq of the first batch that V2 was never given.
	unseen int64
	// given is the time that V2 had had for each batch that it left unfinished, by
	// Seq.
	given map[int64]time.Duration
}

type detachKind uint8

const (
	// failed: an error, a panic, or no progress within the deadline. The batch
	// in which it happened is v2_error, later ones are not comparable.
	failed detachKind = iota
	// overloaded: V2 was shed. No divergence; its batches are counted as shed.
	overloaded
	// switchedOff: there is no V2.
	switchedOff
)

func (k detachKind) String() string {
	return [...]string{"failed", "shed", "off"}[k]
}

// errNoProgress is V2 missing its deadline.
const errNoProgress = guard.Sentinel("no progress on its oldest unfinished batch")

// startCandidate runs a V2 from the start.
func startCandidate(ctx context.Context, p processors.Processor, job *Job, cmp *comparer) *candidate {
	c, ctx := newCandidate(ctx, 0, job, cmp)
	var heap func() int64
	heap, c.base = heapOf(job)
	c.p = p
	c.serve(ctx, p)
	go c.watchHeap(ctx, heap)
	return c
}

// newCandidate returns a candidate that has no V2 yet, and the context that ends
// with it.
func newCandidate(ctx context.Context, first int64, job *Job, cmp *comparer) (*candidate, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	c := &candidate{
		cfg: job.Config.V2, comparer: cmp, log: job.Log, metrics: job.Metrics, cancel: cancel,
		handover: newHandover(job), nextSeq: first, first: first, started: map[int64]time.Time{}, seals: map[int64]uint64{},
	}
	c.changed = sync.NewCond(&c.mu)
	return c, ctx
}

// serve gives V2 the batches that it is offered.
func (c *candidate) serve(ctx context.Context, p processors.Processor) {
	c.running.Add(1) // it runs until all of its goroutines are started
	defer c.running.Done()
	labelled(ctx, "v2", func(ctx context.Context) {
		if pipe, ok := p.(processors.Pipeliner); ok {
			c.spawn(func() error { return c.submit(ctx, pipe) })
			c.spawn(func() error { return c.collect(ctx, pipe) })
		} else {
			c.spawn(func() error { return c.process(ctx, p) })
		}
	})
}

// spawn runs one of V2's goroutines; its error or panic, or its end before f returns,
// detaches V2.
func (c *candidate) spawn(f func() error) {
	c.running.Add(1)
	guard.Go(f, func(err error) {
		defer c.running.Done()
		if err != nil {
			c.detach(failed, err)
		}
	})
}

// offer hands a batch to V2, and returns its footprint, 0 if V2 did not take it. Under
// shed it never waits: a queue that stays full for ShedAfter, or that holds more than
// mayWait, ends V2's part in the run. Under block it waits for room, at most until V2's
// deadline has detached it.
func (c *candidate) offer(b *row.Batch) (bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextSeq = b.Seq
	c.endCrowdedHold()
	c.endCatchUp()
	if c.gone != nil {
		return 0
	}
	bytes = footprint(b)
	for c.cfg.OnOverload == Block && c.gone == nil && (c.full() || c.overBudget(bytes)) {
		c.changed.Wait()
	}
	if c.gone != nil {
		return 0
	}
	if reason := c.overload(bytes); reason != nil {
		c.detachLocked(overloaded, reason)
		return 0
	}
	c.queue = append(c.queue, b)
	c.offered = append(c.offered, offering{time.Now(), bytes})
	c.bytes += bytes
	c.nextSeq = b.Seq + 1
	if len(c.queue)+len(c.inFlight) == 1 {
		c.watch()
	}
	c.metrics.Queued(len(c.queue) + len(c.inFlight))
	c.changed.Broadcast()
	return bytes
}

func (c *candidate) full() bool { return len(c.queue)+len(c.inFlight) >= c.room() }

// fewBatches may wait for V2 whatever they hold: it works on several at once.
const fewBatches = 4

// mayWait is how many bytes may wait for V2 and for the comparison with it. V1
// writes what waits, into memory that it would otherwise use again and again, and
// beyond the heap's slack into memory that the system has yet to find: so under shed
// a V2 that falls behind goes before. One that catches up may need all of its memory.
func (c *candidate) mayWait() int64 {
	if c.cfg.OnOverload == Shed && !c.catchUp.going && c.waiting() >= fewBatches {
		return min(c.cfg.Memory, host.HeapSlack) / 2
	}
	return c.cfg.Memory
}

// overBudget reports whether a batch is too much to wait for V2 beside what does.
func (c *candidate) overBudget(bytes int64) bool {
	if c.cfg.OnOverload == Block { // V1 waits for the comparison elsewhere (see keepUp)
		return c.bytes+bytes > c.mayWait() && len(c.queue)+len(c.inFlight) > 0
	}
	return max(c.bytes, c.comparer.heldBytes())+bytes > c.mayWait() && c.waiting() > 0
}

// overload says why V2 must be shed before it is given a batch; nil if it need not.
func (c *candidate) overload(bytes int64) error {
	switch {
	case c.cfg.OnOverload == Block:
		return nil
	case c.overBudget(bytes):
		return fmt.Errorf("what waits for V2 would be more than %d MiB, its part of v2.memory", c.mayWait()>>20)
	case c.catchUp.going:
		return c.lagging()
	}
	if !c.full() && c.comparer.backlog() < c.cfg.Queue {
		c.fullSince = time.Time{}
		return nil
	}
	now := time.Now()
	if c.fullSince.IsZero() {
		c.fullSince = now
	}
	if stayed := now.Sub(c.fullSince); stayed >= c.cfg.ShedAfter {
		return fmt.Errorf("V2's queue of %d batches has been full for %v", c.cfg.Queue, stayed.Round(time.Millisecond))
	}
	return nil
}

// keepUp waits, under block, until the comparison is no further behind than a
// full queue.
func (c *candidate) keepUp() {
	if c.cfg.OnOverload == Block {
		if c.comparer.backlog() >= c.cfg.Queue {
			c.Release()
		}
		c.comparer.waitBelow(c.cfg.Queue)
	}
}

// watch starts V2's deadline anew. Called with mu held, when V2 makes progress
// and when it gets work after it had none.
func (c *candidate) watch() {
	if c.early {
		return
	}
	c.lastDone = time.Now()
	if c.deadline == nil {
		c.deadline = time.AfterFunc(c.cfg.Deadline, func() {
			c.detach(failed, fmt.Errorf("%w for %v", errNoProgress, c.cfg.Deadline))
		})
		return
	}
	c.deadline.Reset(c.cfg.Deadline)
}

// take moves the next batch from the queue into flight; nil when there will be
// no more.
func (c *candidate) take() *row.Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	for (len(c.queue) == 0 || c.holds != nil) && !c.closed && c.gone == nil {
		c.changed.Wait()
	}
	if c.gone != nil || len(c.queue) == 0 {
		return nil
	}
	b := c.queue[0]
	c.queue = c.queue[1:]
	c.inFlight = append(c.inFlight, b)
	c.started[b.Seq] = time.Now()
	c.changed.Broadcast()
	return b
}

// process drives a V2 that takes one batch at a time.
func (c *candidate) process(ctx context.Context, p processors.Processor) error {
	for b := c.take(); b != nil; b = c.take() {
		c.seal(b)
		o, err := p.Process(ctx, b)
		if err != nil {
			return err
		}
		if err := c.deliver(o); err != nil {
			return err
		}
	}
	return nil
}

// submit and collect drive a V2 that works on several batches at once.
func (c *candidate) submit(ctx context.Context, p processors.Pipeliner) error {
	for b := c.take(); b != nil; b = c.take() {
		c.seal(b)
		if err := p.Submit(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (c *candidate) collect(ctx context.Context, p processors.Pipeliner) error {
	for c.awaitFlight() {
		o, err := p.Next(ctx)
		if err != nil {
			return err
		}
		if err := c.deliver(o); err != nil {
			return err
		}
	}
	return nil
}

// awaitFlight waits until a batch is in flight; false when none will be.
func (c *candidate) awaitFlight() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.inFlight) == 0 && c.gone == nil && (!c.closed || len(c.queue) > 0) {
		c.changed.Wait()
	}
	return c.gone == nil && len(c.inFlight) > 0
}

// deliver accepts V2's outcome for its oldest batch in flight. What is wrong with it is
// V2's error. It checks without the lock, for which V1 would wait.
func (c *candidate) deliver(o *row.Outcome) error {
	now := time.Now()
	b := c.oldestInFlight()
	if b == nil {
		return nil // too late: the batch is in another bucket
	}
	if err := c.handover.check(o, b); err != nil {
		return err
	}
	sum, err := c.unseal(b)
	if err != nil {
		c.wroteToInput(err)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone != nil {
		return nil
	}
	// Batches overlap: the time of one runs from when V2 could turn to it.
	begin := c.begun(b)
	delete(c.started, b.Seq)
	c.oldest = max(c.oldest, c.age(now))
	c.bytes -= c.offered[0].bytes
	c.offered = c.offered[1:]
	c.inFlight = c.inFlight[1:]
	c.lastDone = now
	if len(c.inFlight)+len(c.queue) > 0 {
		c.watch()
	} else {
		c.deadline.Stop()
	}
	took := now.Sub(begin)
	c.metrics.Processed(throughput.V2, o, took)
	c.metrics.Queued(len(c.queue) + len(c.inFlight))
	c.comparer.candidate(finished{outcome: o, took: took, done: now, sum: sum, by: c})
	c.changed.Broadcast()
	return nil
}

// oldestInFlight is the batch that V2 owes an outcome for next; nil where V2 is gone.
func (c *candidate) oldestInFlight() *row.Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone != nil {
		return nil
	}
	return c.inFlight[0]
}

// detach ends V2's part in the run, once.
func (c *candidate) detach(kind detachKind, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.detachLocked(kind, err)
}

func (c *candidate) detachLocked(kind detachKind, err error) {
	if c.gone != nil || c.closed && !c.seeding && len(c.inFlight)+len(c.queue) == 0 {
		return
	}
	from, unseen := c.nextSeq, c.nextSeq
	at := "between batches"
	for _, unfinished := range [][]*row.Batch{c.queue, c.inFlight} {
		if len(unfinished) > 0 {
			from, at = unfinished[0].Seq, "in "+unfinished[0].Describe()
		}
	}
	c.gone = &detachment{kind: kind, from: from, err: err, unseen: unseen, given: c.given()}
	c.oldest = max(c.oldest, c.age(time.Now()))
	c.queue, c.inFlight, c.offered, c.bytes = nil, nil, nil, 0
	c.releaseLocked()
	if c.deadline != nil {
		c.deadline.Stop()
	}
	c.cancel()
	c.goneAt = time.Now()
	c.metrics.Queued(0)
	if c.before != nil && c.seeding {
		// It was held up by the one before, whose batches nobody must wait for when
		// another one comes back.
		c.before.detach(kind, err)
	}
	if c.seeding && c.fills {
		c.log.Warn("V2 was not brought back", "why", kind.String(), "error", err)
		c.metrics.NotReseeded()
		c.comparer.reopen(c.first)
	} else {
		c.log.Warn("V2 is detached; V1 goes on", "why", kind.String(), "at", at, "error", err)
		c.metrics.Detached()
		c.comparer.detached(*c.gone)
	}
	go c.end(c.p)
	c.changed.Broadcast()
}

// finish ends the candidate, after it had up to its deadline for what it was
// offered. A V2 that was detached is left behind: it may hang in anything.
func (c *candidate) finish() {
	if !c.drain() {
		return
	}
	left := make(chan struct{})
	go func() {
		defer close(left)
		c.leave(c.processor())
	}()
	select {
	case <-left:
	case <-time.After(c.cfg.Deadline):
		c.log.Warn("V2 did not close within its deadline and is left behind", "deadline", c.cfg.Deadline)
	}
}

// drain waits until V2 has finished what it was offered, after which it gets no
// more; false if it was detached.
func (c *candidate) drain() bool {
	c.mu.Lock()
	c.closed = true
	c.releaseLocked()
	c.changed.Broadcast()
	for c.gone == nil && (c.seeding || len(c.queue)+len(c.inFlight) > 0) {
		c.changed.Wait()
	}
	gone := c.gone
	c.mu.Unlock()
	if gone == nil {
		c.running.Wait()
	}
	return gone == nil
}

// leave takes V2's last word and closes it. After that nothing here holds on to
// it, so that its memory can be had again.
func (c *candidate) leave(p processors.Processor) {
	c.cancel()
	stats, word := statsOf(p), describe(p)
	c.mu.Lock()
	c.lastStats, c.lastWord = stats, word
	c.p = nil
	c.mu.Unlock()
	shut(p, c.log)
}

// shut closes a V2. A failure in that is logged and changes nothing.
func shut(p processors.Processor, log *slog.Logger) {
	if err := guard.Call(p.Close); err != nil {
		log.Warn("closing V2", "error", guard.FirstLine(err))
	}
}

// processor is V2 itself; nil while it is on its way, and when it was left.
func (c *candidate) processor() processors.Processor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.p
}

// coming reports whether V2 is being given its state.
func (c *candidate) coming() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone == nil && c.seeding
}

// detachment says why V2 is gone, and since when; nil while it is not.
func (c *candidate) detachment() (*detachment, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone, c.goneAt
}

// forget lets go of a V2 that is somebody else's now.
func (c *candidate) forget() {
	c.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.p = nil
}

// partitions are V2's own counts; nil where it has none or cannot say.
func (c *candidate) partitions() []processors.PartitionStats {
	c.mu.Lock()
	p, last := c.p, c.lastStats
	c.mu.Unlock()
	if p == nil {
		return last
	}
	return statsOf(p)
}

// describe is V2's own description; empty where it cannot say.
func (c *candidate) describe() processors.Description {
	c.mu.Lock()
	p, last := c.p, c.lastWord
	c.mu.Unlock()
	if p == nil {
		return last
	}
	return describe(p)
}

func statsOf(p processors.Processor) (stats []processors.PartitionStats) {
	defer func() {
		if recover() != nil {
			stats = nil
		}
	}()
	if m, ok := p.(processors.Meter); ok {
		return m.Partitions()
	}
	return nil
}

func describe(p processors.Processor) (d processors.Description) {
	defer guard.IgnorePanic()
	return p.Describe()
}

// footprint estimates what a batch holds in memory, in bytes.
func footprint(b *row.Batch) int64 {
	const perRecord = 512 // metadata, columns, and what V1 makes of it
	n := int64(b.Len()) * perRecord
	for i := range b.Len() {
		r := b.Record(i)
		n += int64(len(r.Key) + len(r.Value))
	}
	return n
}
