package shadow

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"parallax/processors"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/host"
	"parallax/shadow/throughput"
)

// construction is the constructor of a candidate at work, on a goroutine of its own.
type construction struct {
	begun time.Time
	// done is closed when the constructor has returned; p and err are its results.
	done chan struct{}
	p    processors.Processor
	err  error
}

// construct calls the constructor of the first candidate.
func (r *Runner) construct(ctx context.Context) *construction {
	c := &construction{begun: time.Now(), done: make(chan struct{})}
	labelled(ctx, "v2", func(context.Context) {
		guard.Go(func() (err error) { c.p, err = r.job.Candidate(); return err }, func(err error) {
			c.err = err
			close(c.done)
		})
	})
	return c
}

// hasReturned waits for the constructor, up to a time after it began, and reports whether it has
// returned.
func (c *construction) hasReturned(within time.Duration) bool {
	left := time.NewTimer(within - time.Since(c.begun))
	defer left.Stop()
	select {
	case <-c.done:
		return true
	case <-left.C:
	}
	select {
	case <-c.done: // it was V1 that took so long
		return true
	default:
		return false
	}
}

// result waits for the constructor, and returns what it made.
func (c *construction) result() (processors.Processor, error) {
	<-c.done
	return c.p, c.err
}

// discard closes what the constructor makes, once it has, without waiting for that. There is nothing
// to discard of nil.
func (c *construction) discard(log *slog.Logger) {
	if c == nil {
		return
	}
	go func() {
		if p, err := c.result(); err == nil {
			candidate.Discard(p, 0, log)
		}
	}()
}

// startCandidate makes the first candidate.
func (r *Runner) startCandidate(ctx context.Context, made *construction) error {
	cfg := r.job.Config.Candidate
	err := r.admit(throughput.Control, processors.CapabilitiesOf(r.control), r.control.Describe())
	if err != nil {
		made.discard(r.job.Log)
		return err
	}
	isAdmitted, err := r.admitFirst(made)
	if err != nil {
		return err
	}
	r.comparer.limitTo(r.highestLevel())
	r.builder.Store(&r.job.Candidate)
	host.StayWarm(cfg.Memory)
	first, err := r.firstCandidate(ctx, made, isAdmitted)
	if err != nil {
		made.discard(r.job.Log)
		return err
	}
	r.succeed(first)
	r.watchCandidate(ctx)
	return nil
}

// watchCandidate begins to watch the run's candidates.
func (r *Runner) watchCandidate(ctx context.Context) {
	r.job.Metrics.Watch(shown{r})
	var waited func() time.Duration
	if w, ok := r.job.Source.(Waiter); ok {
		waited = w.Waited
	}
	r.headroom = candidate.NewHeadroom(ctx, r.job.Config.Candidate, waited, r.job.CPU)
}

// admitFirst waits for the first candidate, but not beyond its deadline, and reports whether it is
// there. An error of its constructor, or of what it declares, ends a run that begins: the job
// names a V2 that cannot be compared. A run that continues an earlier one continues
// without V2, as it does after any later failure of V2.
func (r *Runner) admitFirst(made *construction) (isAdmitted bool, err error) {
	deadline := r.job.Config.Candidate.Deadline
	if made.hasReturned(deadline) {
		if err = r.admitNew(made); err == nil {
			return true, nil
		}
		if r.job.Resume == nil {
			return false, err
		}
		made.p, made.err = nil, err
	} else {
		r.job.Log.Warn("V2's constructor did not return within v2.deadline; V1 starts without V2", "deadline", deadline)
	}
	// It did not declare what it gives: as much as V1 is expected of those that follow.
	r.gives[throughput.Candidate] = r.gives[throughput.Control]
	return false, nil
}

// admitNew notes what the candidate gives that a constructor made.
func (r *Runner) admitNew(made *construction) error {
	p, err := made.result()
	if err != nil {
		return fmt.Errorf("build V2: %w", err)
	}
	d, err := r.admitCandidate(p)
	if err != nil {
		candidate.Discard(p, r.job.Config.Candidate.Deadline, r.job.Log)
		return err
	}
	r.logRouting(d)
	return nil
}

// firstCandidate gives the batches that are not replayed to what a constructor makes, which gets
// the control's state first where the run continues an earlier one. One that has not been admitted
// yet is waited for on the candidate's goroutine, within its deadline.
func (r *Runner) firstCandidate(ctx context.Context, made *construction, isAdmitted bool) (*candidate.Candidate, error) {
	if r.job.Resume == nil && isAdmitted {
		return candidate.Start(ctx, made.p, r.candidateOptions()), nil
	}
	build := made.result
	if !isAdmitted {
		build = r.admittedLike(throughput.Candidate, made.result)
	}
	from, restore := int64(0), func(processors.Processor) error { return nil }
	if r.job.Resume != nil {
		var err error
		from = r.emitter.Last() + 1
		if restore, err = candidate.CopyOf(r.control); err != nil {
			return nil, fmt.Errorf("copy V1's state for V2: %w", err)
		}
	}
	return candidate.Resume(ctx, from, r.candidateOptions(), func() (processors.Processor, error) {
		return candidate.Restored(build, restore)
	}), nil
}
