package shadow

import (
	"context"
	"errors"
	"fmt"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/host"
	"parallax/shadow/stage"
	"parallax/shadow/throughput"
)

// Changes of a running job take effect between two batches. They neither
// leave the consumer group nor process a record again.

// ErrNotSwitched is why V2 is on, or off, as it was before.
const ErrNotSwitched = guard.Sentinel("V2 was not switched")

// SwitchOff ends V2 while the job runs: it finishes the batches that it has, and those from the next
// one on are V1's alone. A verified stage goes back to shadow at once. holds is called with the Seq of
// the first batch without V2. It may be called by any goroutine while the Runner runs.
func (r *Runner) SwitchOff(ctx context.Context, holds func(from int64)) error {
	done := make(chan error, 1)
	r.errands.add(func(context.Context) { done <- r.switchOff(holds) })
	return r.await(ctx, done, ErrNotSwitched)
}

func (r *Runner) switchOff(holds func(from int64)) error {
	old := r.compared()
	switch {
	case r.isOff.Load():
		return nil
	case old == nil:
		return fmt.Errorf("%w: it runs alone; go back to shadow first", ErrNotSwitched)
	}
	r.emitter.GoBack(stage.Changed, "V2 was switched off, so nothing is proven")
	holds(r.nextBatch)
	r.isOff.Store(true)
	r.comparer.switchedOff(r.nextBatch)
	finished := make(chan struct{})
	r.hasFinished = finished
	go func() {
		defer close(finished)
		old.Finish()
	}()
	r.headroom.Close()
	r.job.Log.Info("V2 was switched off", "at batch", r.nextBatch)
	return nil
}

// SwitchOn begins to compare a V2 that build makes, with a copy of V1's state, while the job runs.
// holds is called with the Seq of its first batch. It returns once V2 is to be given that batch: if
// it cannot be made, it is tried again as after a failure. It may be called by any goroutine while
// the Runner runs.
func (r *Runner) SwitchOn(ctx context.Context, build func() (processors.Processor, error), holds func(from int64)) error {
	done := make(chan error, 1)
	r.errands.add(func(work context.Context) { done <- r.switchOn(work, build, holds) })
	return r.await(ctx, done, ErrNotSwitched)
}

func (r *Runner) switchOn(ctx context.Context, build builder, holds func(from int64)) error {
	switch {
	case r.isAlone():
		return fmt.Errorf("%w: it runs alone; go back to shadow first", ErrNotSwitched)
	case !r.isOff.Load():
		return fmt.Errorf("%w: it is on", ErrNotSwitched)
	}
	gives := processors.CapabilitiesOf(r.control)
	if !gives.PortableState {
		return fmt.Errorf("%w: V1's state cannot be copied", ErrNotSwitched)
	}
	restore, err := candidate.CopyOf(r.control)
	if err != nil {
		return fmt.Errorf("%w: copy V1's state: %w", ErrNotSwitched, guard.Redacted(err, r.job.errorText()))
	}
	r.gives = [2]processors.Capabilities{throughput.Control: gives, throughput.Candidate: gives} // as much is expected of V2
	r.comparer.limitTo(r.highestLevel())
	r.builder.Store(&build)
	host.StayWarm(r.job.Config.Candidate.Memory)
	first, before := r.nextBatch, r.hasFinished
	admitted := r.admittedLike(throughput.Candidate, build)
	r.comparer.reattached(first)
	holds(first)
	r.isOff.Store(false)
	r.reseeder = reseeder{}
	r.succeed(candidate.Return(ctx, first, r.candidateOptions(), func() (processors.Processor, error) {
		if before != nil {
			<-before // what it still makes is of earlier batches
		}
		return candidate.Restored(admitted, restore)
	}))
	r.watchCandidate(ctx)
	r.job.Log.Info("V2 was switched on, with a copy of V1's state", "at batch", first)
	return nil
}

// SetCommit changes when transactions end, from the next one on. Any goroutine may call it.
func (r *Runner) SetCommit(p CommitPolicy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	r.emitter.SetLimits(p.limits())
	return nil
}

// ErrRulesNotSet is why the rules are those before.
const ErrRulesNotSet = guard.Sentinel("the rules were not changed")

// SetRules changes what is tolerated, from a batch on, with whose Seq holds is called before it is
// processed. What was found before is not what these rules would have found: the comparison begins
// again, and the last span of evidence ends before the batch.
func (r *Runner) SetRules(ctx context.Context, rules []diff.Rule, holds func(from int64)) error {
	if err := diff.CheckRules(rules, r.job.Sinks); err != nil {
		return errors.Join(ErrRulesNotSet, err)
	}
	done := make(chan error, 1)
	r.errands.add(func(context.Context) {
		holds(r.nextBatch)
		r.comparer.setRules(r.nextBatch, rules)
		r.job.Log.Info("the comparison has other rules", "rules", len(rules), "at batch", r.nextBatch)
		done <- nil
	})
	return r.await(ctx, done, ErrRulesNotSet)
}
