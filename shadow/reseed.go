package shadow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/guard"
)

// reseeder says when a V2 that was detached may come back. It belongs to the
// runner's goroutine.
type reseeder struct {
	wait  time.Duration // before the next attempt
	begun time.Time     // when the V2 at hand began
}

// due reports whether V2 is gone, and has been for long enough, before the batch
// of Seq next. V2 owes the batch in which it failed, so it cannot come back
// before that. Where there is no room for it, it comes back after ReseedMax all the
// same, so that a V1 that is always saturated is not never compared.
func (s *reseeder) due(c *candidate, next int64, cfg V2Config, room bool) bool {
	gone, at := c.detachment()
	if gone == nil || next <= gone.from || !c.mayReturn() {
		return false
	}
	if s.wait == 0 || at.Sub(s.begun) >= cfg.ReseedMax {
		s.wait = cfg.ReseedAfter
	}
	gap := time.Since(at)
	return gap >= s.wait && (room || gap >= cfg.ReseedMax)
}

// tried notes an attempt.
func (s *reseeder) tried(cfg V2Config) {
	s.begun = time.Now()
	s.wait = min(2*s.wait, cfg.ReseedMax)
}

// renew puts another V2 in the place of one that is gone, or that is to run
// otherwise, before a batch. V1 waits for nothing in it but that its state is fixed:
// the rest, the copy included, is the new V2's own business, and batches wait for it
// meanwhile as they do for any V2.
func (r *Runner) renew(ctx context.Context, b *row.Batch) {
	select {
	case req := <-r.rescales:
		r.rescale(ctx, b, req)
	default:
	}
	cfg := r.job.Config.V2
	if _, can := r.control.(processors.Snapshotter); !can || !cfg.Reseed || b.Flush() || !r.reseeder.due(r.candidate, b.Seq, cfg, r.headroom.some()) || !r.hasRoomForAnother() {
		return
	}
	r.reseeder.tried(cfg)
	r.headroom.anew()
	restore, err := copyOf(r.control)
	if err != nil {
		r.job.Log.Warn("V2 was not brought back: V1's state cannot be copied", "error", err)
		r.job.Metrics.NotReseeded()
		return
	}
	make := *r.v2.Load()
	r.comparer.reattached(b.Seq)
	r.succeed(seedCandidate(ctx, b.Seq, nil, &r.job, r.comparer, func(c *candidate) (processors.Processor, error) {
		c.begin()
		return restored(make, restore)
	}))
}

// seedCandidate returns a candidate whose V2 is made by seed, on a goroutine of
// V2's own and within its deadline. It takes over from before; without one it ends
// a hole: if it does not come, the hole goes on, since V2 was not asked about any
// record. V2's time runs from when seed calls begin.
func seedCandidate(ctx context.Context, first int64, before *candidate, job *Job, cmp *comparer, seed func(*candidate) (processors.Processor, error)) *candidate {
	c, ctx := newCandidate(ctx, first, job, cmp)
	c.seeding, c.early = true, true
	c.before, c.fills = before, before == nil
	labelled(ctx, "v2", func(ctx context.Context) {
		c.spawn(func() error {
			heap, base := heapOf(job)
			p, err := seed(c)
			if err != nil {
				return err
			}
			if c.base = base; before != nil {
				c.base = before.base // its state is the same
			}
			if !c.seeded(p) {
				shut(p, c.log)
				return nil
			}
			c.serve(ctx, p)
			go c.watchHeap(ctx, heap)
			return nil
		})
	})
	return c
}

// begin is when V2's deadline begins: it is on its way.
func (c *candidate) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.early, c.catchUp.going = false, true; c.gone == nil {
		c.watch()
	}
}

// seeded takes V2 once it has its state; false if the candidate is gone by then.
func (c *candidate) seeded(p processors.Processor) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone != nil {
		return false
	}
	c.p, c.seeding, c.early, c.before = p, false, false, nil
	if len(c.queue) > 0 {
		c.watch()
	} else if c.deadline != nil {
		c.deadline.Stop()
	}
	if c.fills {
		c.log.Info("V2 is back, with V1's state", "from batch", c.first)
		c.metrics.Reseeded()
		c.comparer.reseeded()
	}
	c.changed.Broadcast()
	return true
}

// copyOf fixes a processor's state, between two of its batches; restore puts it into
// another one, on any goroutine.
func copyOf(p processors.Processor) (restore func(processors.Processor) error, err error) {
	defer recovered(&err)
	snapshot, err := processors.Freeze(p)
	if err != nil {
		return nil, err
	}
	return func(p processors.Processor) (err error) {
		defer recovered(&err)
		into, ok := p.(processors.Snapshotter)
		if !ok {
			return errors.New("it cannot be given a state")
		}
		return into.Restore(snapshot())
	}, nil
}

// restored makes a V2 and gives it its state.
func restored(make builder, restore func(processors.Processor) error) (processors.Processor, error) {
	p, err := build(make)
	if err != nil {
		return nil, fmt.Errorf("build V2: %w", err)
	}
	if err := restore(p); err != nil {
		go shut(p, slog.New(slog.DiscardHandler)) // it never ran: how it ends says nothing
		return nil, fmt.Errorf("restore V2: %w", err)
	}
	return p, nil
}

// recovered turns a panic into an error, whose text is made here.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = guard.AsFailure(&guard.PanicError{Value: v, Stack: debug.Stack()})
	}
}
