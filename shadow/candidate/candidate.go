package candidate

import (
	"context"
	"log/slog"
	"runtime/pprof"
	"sync"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/arm"
	"parallax/shadow/guard"
)

// Candidate is one processor's stay in the run, behind a queue with an end, under a
// deadline, on goroutines of its own that recover. The late results of a detached one are
// dropped.
type Candidate struct {
	cfg        Config
	handover   *arm.Handover
	listener   Listener
	comparison Comparison
	log        *slog.Logger
	redact     func(string) string
	cancel     context.CancelFunc
	running    sync.WaitGroup
	// first is the Seq of its first batch; fills says that it is to end a hole.
	first int64
	fills bool

	mu      sync.Mutex
	changed *sync.Cond
	state   State
	queue   queue
	// processor is nil while the candidate is coming, and again when it has been left.
	processor processors.Processor
	// before is the candidate whose place this one takes, until that has handed over.
	before *Candidate
	// left says why the candidate is out; nil while it is not.
	left *Detachment
	// barred says that no other candidate may take its place.
	barred bool

	// marks are where its state is asked for, in order, freezing says that it is at the first
	// one (see mark.go).
	marks    []*mark
	freezing bool

	deadline *time.Timer
	hold     hold
	overload overload
	catchUp  catchUp
	// seals are the checksums of batches in flight that are sampled (see seal.go).
	seals map[int64]uint64
	// base is what the heap held when the candidate began, in bytes.
	base int64
	// stats and word are what the processor says of itself, also after it was left.
	stats question[[]processors.PartitionStats]
	word  question[processors.Description]
}

// Options are what a candidate needs of the run.
type Options struct {
	Config     Config
	Handover   *arm.Handover
	Listener   Listener
	Comparison Comparison
	// Heap returns the bytes in use on the heap; nil takes the process's own.
	Heap func() int64
	// Held returns the bytes that the candidate holds itself, or an error that says why it
	// must go; nil estimates them from the growth of the heap, which is only right if nothing
	// else runs in the process.
	Held func() (int64, error)
	Log  *slog.Logger
	// Redact returns what is shown of the text of an error of the processor; nil for all of it.
	Redact func(text string) string
}

// Listener takes what a candidate makes and what becomes of it. It is called with the
// candidate's lock held, so it must not call the candidate.
type Listener interface {
	// Queued takes how many batches the candidate has not finished.
	Queued(n int)
	// Finished takes what it made of a batch, in the order of batches.
	Finished(f Finished)
	// Detached says that it makes nothing of batches from d.From on.
	Detached(d Detachment)
	// Returned says that a candidate that is to end a hole has its state; DidNotReturn
	// that it will not: the batches from Seq first on stay in the hole.
	Returned()
	DidNotReturn(first int64)
	// Broken takes an error of Parallax itself.
	Broken(err error)
}

// Comparison says how far the comparison of the two paths is behind.
type Comparison interface {
	// Backlog is how many batches of the control are not compared yet, HeldBytes what
	// they hold, in bytes.
	Backlog() int
	HeldBytes() int64
	// IsAtRest reports whether there is nothing that it is comparing or could compare.
	IsAtRest() bool
	// WaitBelow waits until the backlog is below n.
	WaitBelow(n int)
}

// Finished is what a candidate made of a batch, and the time it took until Done.
type Finished struct {
	Outcome *row.Outcome
	Took    time.Duration
	Done    time.Time
	// Sum is the batch's checksum before the candidate was given it, 0 where it was not
	// taken.
	Sum uint64
	By  *Candidate
}

// Start runs a processor from the start of the run.
func Start(ctx context.Context, p processors.Processor, opt Options) *Candidate {
	c, ctx := newCandidate(ctx, 0, Running, opt)
	var heap func() int64
	if opt.Held == nil {
		heap, c.base = heapOf(opt.Heap)
	}
	c.processor = p
	c.ask(p)
	c.serve(ctx, p)
	go c.watchMemory(ctx, heap, opt.Held)
	return c
}

// newCandidate returns a candidate that has no processor yet, and the context that ends
// with it.
func newCandidate(ctx context.Context, first int64, begin State, opt Options) (*Candidate, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	c := &Candidate{
		cfg: opt.Config, handover: opt.Handover, listener: opt.Listener, comparison: opt.Comparison, log: opt.Log, redact: opt.Redact, cancel: cancel,
		first: first, state: begin, queue: newQueue(first), seals: map[int64]uint64{},
	}
	c.changed = sync.NewCond(&c.mu)
	return c, ctx
}

// serve gives a processor the batches that the candidate is offered.
func (c *Candidate) serve(ctx context.Context, p processors.Processor) {
	c.running.Add(1) // it runs until all of its goroutines are started
	defer c.running.Done()
	labelled(ctx, func(ctx context.Context) {
		if pipe, ok := p.(processors.Pipeliner); ok {
			c.spawn(func() error { return c.submit(ctx, pipe) })
			c.spawn(func() error { return c.collect(ctx, pipe) })
		} else {
			c.spawn(func() error { return c.process(ctx, p) })
		}
	})
}

// spawn runs one of the candidate's goroutines; its error or panic, or its end before f
// returns, detaches the candidate.
func (c *Candidate) spawn(f func() error) {
	c.running.Add(1)
	guard.Go(f, func(err error) {
		defer c.running.Done()
		if err != nil {
			c.detach(Failed, err)
		}
	})
}

// labelled runs f with its profile samples marked as the candidate's.
func labelled(ctx context.Context, f func(context.Context)) {
	pprof.Do(ctx, pprof.Labels("path", "v2"), f)
}
