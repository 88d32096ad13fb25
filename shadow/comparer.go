package shadow

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"parallax/diff"
)

// comparer pairs what the two paths made of each batch and hands the pairs to
// diff, on a goroutine of its own. V1's outcomes reach it when they have
// committed, V2's when they are done; a batch is compared, and counted in the
// ledger, once both are there or V2's will never be.
type comparer struct {
	differ *diff.Differ
	ledger *ledger
	tally  *tally
	job    *Job
	done   chan struct{}

	mu      sync.Mutex
	changed *sync.Cond
	v1, v2  []finished
	gone    *detachment
	closed  bool
	// ready counts V1's outcomes that are not compared yet.
	ready int
	// broken is a failure of the comparison itself: the run's verdict is error.
	broken error
}

func newComparer(job *Job, l *ledger, t *tally) *comparer {
	c := &comparer{
		differ: diff.New(job.Sinks, diff.Options{Require: job.RequireLevel}),
		ledger: l, tally: t, job: job, done: make(chan struct{}),
	}
	c.changed = sync.NewCond(&c.mu)
	go func() {
		defer close(c.done)
		labelled(context.Background(), "diff", func(context.Context) { c.run() })
	}()
	return c
}

// control takes a committed outcome of V1.
func (c *comparer) control(f finished) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.v1 = append(c.v1, f)
	c.ready++
	c.changed.Broadcast()
}

// candidate takes an outcome of V2.
func (c *comparer) candidate(f finished) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.v2 = append(c.v2, f)
	c.changed.Broadcast()
}

// detached says that V2 will say nothing on batches from d.from on.
func (c *comparer) detached(d detachment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = &d
	c.changed.Broadcast()
}

// backlog is how many of V1's outcomes are not compared yet.
func (c *comparer) backlog() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready
}

// atRest reports whether there is nothing that it is comparing or could compare.
func (c *comparer) atRest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready == len(c.v1) && (len(c.v1) == 0 || len(c.v2) == 0)
}

// waitBelow waits until the backlog is below n. V2's deadline bounds the wait.
func (c *comparer) waitBelow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ready >= n {
		c.changed.Wait()
	}
}

// close compares what can still be compared and ends the goroutine.
func (c *comparer) close() {
	c.mu.Lock()
	c.closed = true
	c.changed.Broadcast()
	c.mu.Unlock()
	<-c.done
}

func (c *comparer) run() {
	for {
		v1, v2, gone, ok := c.pair()
		if !ok {
			return
		}
		if err := c.compare(v1, v2, gone); err != nil {
			c.job.Log.Error("the comparison failed", "error", err)
			c.mu.Lock()
			c.broken = err
			c.mu.Unlock()
		}
		c.mu.Lock()
		c.ready--
		c.changed.Broadcast()
		c.mu.Unlock()
	}
}

// pair waits for the next batch that can be judged. gone is set where V2 has
// nothing to say on it.
func (c *comparer) pair() (v1, v2 finished, gone *detachment, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case len(c.v1) == 0:
			if c.closed {
				return v1, v2, nil, false
			}
		case c.gone != nil && c.v1[0].outcome.Batch.Seq >= c.gone.from:
			v1, gone = c.v1[0], c.gone
			c.v1 = c.v1[1:]
			return v1, v2, gone, true
		case len(c.v2) > 0:
			v1, v2 = c.v1[0], c.v2[0]
			c.v1, c.v2 = c.v1[1:], c.v2[1:]
			return v1, v2, nil, true
		}
		c.changed.Wait()
	}
}

// compare judges one batch. A panic in it is the tool's own failure.
func (c *comparer) compare(v1, v2 finished, gone *detachment) (err error) {
	b := v1.outcome.Batch
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("compare %s: %w", describeBatch(b), &PanicError{Value: p, Stack: debug.Stack()})
		}
	}()
	c.tally.control(v1)
	if gone == nil {
		c.tally.pair(v1, v2)
		c.differ.Compare(v1.outcome, v2.outcome)
		c.ledger.compared(v1.outcome, v2.outcome)
	} else {
		if gone.kind == failed && b.Seq == gone.from {
			c.differ.ArmError(b, diff.V2, failedPartition(gone.err), gone.err)
		}
		if gone.kind != switchedOff {
			c.differ.NotComparable(v1.outcome)
		}
		c.ledger.alone(v1.outcome, *gone)
		if gone.censors(b) {
			c.tally.censor(b, gone.given[b.Seq])
		}
	}
	roots, cascades := c.differ.Counts()
	c.job.Metrics.compared(c.ledger.snapshot(), roots, cascades)
	return nil
}
