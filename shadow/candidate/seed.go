package candidate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"parallax/processors"
	"parallax/processors/state"
	"parallax/shadow/guard"
)

// Return returns a candidate that ends a hole: it takes the batches from that of Seq
// first on. Its processor is made by seed, on a goroutine of the candidate's own and
// within its deadline. If it does not come the hole goes on, since it was not asked about
// any record.
func Return(ctx context.Context, first int64, opt Options, seed func() (processors.Processor, error)) *Candidate {
	return seeded(ctx, first, nil, true, opt, atOnce(seed))
}

// Resume returns the first candidate of a run that continues an earlier one: it takes the
// batches from that of Seq first on. Its processor is made by seed, with the control's
// state, on a goroutine of the candidate's own and within its deadline.
func Resume(ctx context.Context, first int64, opt Options, seed func() (processors.Processor, error)) *Candidate {
	return seeded(ctx, first, nil, false, opt, atOnce(seed))
}

// atOnce is seed, and the candidate's time runs from its beginning.
func atOnce(seed func() (processors.Processor, error)) func(*Candidate) (processors.Processor, error) {
	return func(c *Candidate) (processors.Processor, error) {
		c.begin()
		return seed()
	}
}

// TakeOver returns a candidate that takes the batches from that of Seq first on, and
// leaves those before to old, whose place it takes. Once old has finished them, next makes
// a processor with the state of old's. If it cannot, old's own processor goes on in the
// new candidate. Done is called with the result, and with both descriptions where the
// error is nil.
func TakeOver(ctx context.Context, first int64, old *Candidate, opt Options, next func(processors.Processor) (processors.Processor, error), done func(from, to processors.Description, err error)) *Candidate {
	return seeded(ctx, first, old, false, opt, func(c *Candidate) (processors.Processor, error) {
		var none processors.Description
		if !old.Drain() {
			err := errors.New("it was detached before")
			done(none, none, err)
			return nil, err
		}
		c.begin()
		p := old.currentProcessor()
		n, err := next(p)
		if err != nil {
			old.forget()
			done(none, none, err)
			return p, nil // as it was
		}
		old.leave(p)
		to, _ := Ask(n.Describe)
		done(old.Describe(), to, nil)
		return n, nil
	})
}

// seeded returns a candidate whose processor is made by seed. The candidate's time runs
// from when seed calls begin.
func seeded(ctx context.Context, first int64, before *Candidate, fills bool, opt Options, seed func(*Candidate) (processors.Processor, error)) *Candidate {
	c, ctx := newCandidate(ctx, first, Waiting, opt)
	c.before, c.fills = before, fills
	labelled(ctx, func(ctx context.Context) {
		c.spawn(func() error {
			var heap func() int64
			var base int64
			if opt.Held == nil {
				heap, base = heapOf(opt.Heap)
			}
			p, err := seed(c)
			if err != nil {
				return err
			}
			if c.base = base; before != nil {
				c.base = before.base // its state is the same
			}
			if !c.accept(p) {
				shut(p, c.log, c.redact)
				return nil
			}
			c.serve(ctx, p)
			go c.watchMemory(ctx, heap, opt.Held)
			return nil
		})
	})
	return c
}

// begin is when the candidate's deadline begins: its processor is on its way.
func (c *Candidate) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.state.isOut() {
		c.enter(Seeding)
		c.watch()
	}
}

// accept takes the processor once it has its state; false if the candidate is out by
// then.
func (c *Candidate) accept(p processors.Processor) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.isOut() {
		return false
	}
	c.processor, c.before = p, nil
	c.ask(p)
	if c.queue.closed {
		c.drainLocked()
	} else {
		c.enter(CatchingUp)
	}
	c.watchRest()
	if c.fills {
		c.log.Info("V2 is started again with a copy of V1's state", "from batch", c.first)
		c.listener.Returned()
	}
	return true
}

// CopyOf fixes a processor's state, between two of its batches; restore puts it into
// another one, on any goroutine.
func CopyOf(p processors.Processor) (restore func(processors.Processor) error, err error) {
	var frozen *state.Frozen
	if err := guard.Call(func() (err error) { frozen, err = processors.Freeze(p); return err }); err != nil {
		return nil, err
	}
	return func(p processors.Processor) error {
		return guard.Call(func() error { return processors.Restore(p, frozen.Snapshot()) })
	}, nil
}

// Restored builds a processor and gives it its state.
func Restored(build func() (processors.Processor, error), restore func(processors.Processor) error) (p processors.Processor, err error) {
	if err := guard.Call(func() (err error) { p, err = build(); return err }); err != nil {
		return nil, fmt.Errorf("build V2: %w", err)
	}
	if err := restore(p); err != nil {
		go shut(p, slog.New(slog.DiscardHandler), nil) // it never ran: how it ends says nothing
		return nil, fmt.Errorf("restore V2: %w", err)
	}
	return p, nil
}
