package shadow

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/throughput"
)

const (
	// isolatedMost is how many of the run's latest batches are kept to be run
	// again one path at a time.
	isolatedMost = 32
	// isolatedRounds is how often the paths take turns: V1, V2, V2, V1. After
	// isolatedTime it is no more than isolatedFewest.
	isolatedRounds = 8
	isolatedFewest = 3
	isolatedTime   = 15 * time.Second
)

// sample keeps the latest batches that have records. The zero value is empty.
type sample struct {
	batches  []*row.Batch
	position int
}

func (s *sample) keep(b *row.Batch) {
	switch {
	case b.Len() == 0:
	case len(s.batches) < isolatedMost:
		s.batches = append(s.batches, b)
	default:
		s.batches[s.position] = b
		s.position = (s.position + 1) % isolatedMost
	}
}

// inOrder are the batches, oldest first.
func (s *sample) inOrder() []*row.Batch {
	return append(append([]*row.Batch(nil), s.batches[s.position:]...), s.batches[:s.position]...)
}

// Isolated measures the paths one at a time, after Run, on the latest batches of
// the run, which it keeps under candidate.Config.Isolated: fresh processors, in turns
// V1, V2, V2, V1, so that a drift of the machine hits both alike. It takes the
// run's report: paths that were not comparable in the run are not run again.
//
// What is paired is two turns, one of each path over all the batches: a V2 that
// works on several batches at once hands them out in bursts, so that a single
// one's time says little.
//
// The processors begin empty, so their rows are not the run's; they must still
// be the same on both paths.
func (r *Runner) Isolated(ctx context.Context, rep evidence.Report) evidence.Ratio {
	batches := r.sample.inOrder()
	switch {
	case !rep.Throughput.Contended.Comparable:
		return evidence.Ratio{Why: rep.Throughput.Contended.Why}
	case len(batches) == 0:
		return evidence.Ratio{Why: "no batch was kept to run again"}
	}
	begin := time.Now()
	var pairs throughput.Pairs
	for round := 0; round < isolatedRounds && (round < isolatedFewest || time.Since(begin) < isolatedTime); round++ {
		for _, order := range [...][2]int{{throughput.Control, throughput.Candidate}, {throughput.Candidate, throughput.Control}} {
			var turns [2][]finished
			var took [2]time.Duration
			for _, path := range order {
				var err error
				if turns[path], err = r.turn(ctx, path, batches); err != nil {
					return evidence.Ratio{Why: fmt.Sprintf("%s failed by itself: %s", throughput.PathNames[path], guard.FirstLine(err))}
				}
				for _, f := range turns[path] {
					took[path] += f.took
				}
			}
			if err := r.same(turns); err != nil {
				return evidence.Ratio{Why: guard.FirstLine(err)}
			}
			pairs.Add(took[throughput.Control], took[throughput.Candidate])
		}
	}
	ratio := pairs.Ratio("")
	ratio.Batches = len(batches)
	return ratio
}

// turn runs a fresh processor of a path over batches, under V2's deadline for
// each. One that hangs is left behind.
func (r *Runner) turn(ctx context.Context, path int, batches []*row.Batch) (all []finished, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	construct := [...]func() (processors.Processor, error){throughput.Control: r.job.Control, throughput.Candidate: r.job.Candidate}[path]
	done, failed := make(chan finished, len(batches)), make(chan error, 2)
	var p processors.Processor
	labelled(ctx, throughput.PathNames[path], func(ctx context.Context) {
		if err = guard.Wait(func() (err error) { p, err = construct(); return err }); err == nil {
			runtime.GC() // the last turn's garbage is not this one's
			drive(ctx, p, batches, done, failed)
		}
	})
	if err != nil {
		return nil, err
	}
	deadline := time.NewTimer(r.job.Config.Candidate.Deadline)
	defer deadline.Stop()
	for len(all) < len(batches) && err == nil {
		select {
		case f := <-done:
			b := batches[len(all)]
			if wrong := r.handover(path).Outcome(f.outcome, b); wrong != nil {
				err = fmt.Errorf("it answered with something else than the outcome of %s: %w", b.Describe(), wrong)
			}
			all = append(all, f)
			deadline.Reset(r.job.Config.Candidate.Deadline)
		case err = <-failed:
		case <-deadline.C:
			err = candidate.ErrNoProgress
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		guard.Go(p.Close, func(error) {}) // it may hang in that too
		return nil, err
	}
	return all, guard.Wait(p.Close)
}

// drive starts a processor's way through batches. A batch takes as long as it
// comes out after the one before it.
func drive(ctx context.Context, p processors.Processor, batches []*row.Batch, done chan<- finished, failed chan<- error) {
	last := time.Now()
	begin := func(f func() error) {
		guard.Go(f, func(err error) {
			if err != nil {
				failed <- err
			}
		})
	}
	finish := func(o *row.Outcome, err error) error {
		if err != nil {
			return err
		}
		now := time.Now()
		done <- finished{outcome: o, took: now.Sub(last)}
		last = now
		return nil
	}
	pipe, ok := p.(processors.Pipeliner)
	if !ok {
		begin(func() error {
			for _, b := range batches {
				if err := finish(p.Process(ctx, b)); err != nil {
					return err
				}
			}
			return nil
		})
		return
	}
	begin(func() error {
		for _, b := range batches {
			if err := pipe.Submit(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	begin(func() error {
		for range batches {
			if err := finish(pipe.Next(ctx)); err != nil {
				return err
			}
		}
		return nil
	})
}

// same returns nil if the two paths made the same of the same batches, at the
// job's level.
func (r *Runner) same(turns [2][]finished) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the comparison of the outputs failed: %w", &guard.PanicError{Value: p, Stack: debug.Stack()})
		}
	}()
	d := diff.New(r.job.Sinks, diff.Options{Require: r.job.RequireLevel, Rules: r.job.Rules})
	for i, v1 := range turns[throughput.Control] {
		d.Compare(v1.outcome, turns[throughput.Candidate][i].outcome)
	}
	if roots, _ := d.Counts(); roots > 0 {
		return errors.New("the outputs differ when each path runs by itself")
	}
	return nil
}
