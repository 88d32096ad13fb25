// Package isolated measures the control and the candidate one at a time, after a run, on
// batches of that run, so that they do not share the CPUs. It builds new processors for
// each turn, and gives no figure if their outputs differ.
//
// Stability: ours.
package isolated

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/arm"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/throughput"
)

const (
	// mostRounds is how many rounds are measured. In a round the paths run in the order
	// control, candidate, candidate, control. Once maxTime has passed, no round begins
	// after the first fewestRounds.
	mostRounds   = 8
	fewestRounds = 3
	maxTime      = 15 * time.Second
)

// Paths says how to build and check the two paths. Arrays have the indexes
// throughput.Control and throughput.Candidate.
type Paths struct {
	// Build builds a fresh processor of each path.
	Build [2]func() (processors.Processor, error)
	// Handover checks the outcomes of each path.
	Handover [2]*arm.Handover
	// Deadline is the longest time that a path may take for a batch.
	Deadline time.Duration
	// Sinks and Compare say how the paths' outputs are compared.
	Sinks   []*row.Sink
	Compare diff.Options
	// ErrorText returns what is shown of the text of a path's error; nil for all of it.
	ErrorText func(text string) string
}

// answer is a path's outcome for a batch, with the time it took.
type answer struct {
	outcome *row.Outcome
	took    time.Duration
}

// Measure runs new processors over batches, in rounds of control, candidate, candidate,
// control, so that a drift of the machine affects both paths alike.
//
// A pair of times is two turns, one of each path over all batches. Times of single batches
// are not comparable, because a candidate that works on several batches at once returns
// them in bursts.
//
// The processors start with empty state, so their rows differ from the run's; they must
// still be equal on both paths.
func Measure(ctx context.Context, paths *Paths, batches []*row.Batch) evidence.Ratio {
	if len(batches) == 0 {
		return evidence.Ratio{Why: "no batch was kept to run again"}
	}
	begin := time.Now()
	var pairs throughput.Pairs
	for round := 0; round < mostRounds && (round < fewestRounds || time.Since(begin) < maxTime); round++ {
		for _, order := range [...][2]int{{throughput.Control, throughput.Candidate}, {throughput.Candidate, throughput.Control}} {
			var turns [2][]answer
			var took [2]time.Duration
			for _, path := range order {
				var err error
				if turns[path], err = paths.turn(ctx, path, batches); err != nil {
					return evidence.Ratio{Why: fmt.Sprintf("%s failed by itself: %s", throughput.PathNames[path], guard.FirstLine(guard.Redacted(err, paths.ErrorText)))}
				}
				for _, f := range turns[path] {
					took[path] += f.took
				}
			}
			if err := paths.same(turns); err != nil {
				return evidence.Ratio{Why: guard.FirstLine(guard.Redacted(err, paths.ErrorText))}
			}
			pairs.Add(took[throughput.Control], took[throughput.Candidate])
		}
	}
	ratio := pairs.Ratio("")
	ratio.Batches = len(batches)
	return ratio
}

// turn runs a new processor of a path over batches, with a deadline for each. A processor
// that hangs is abandoned.
func (p *Paths) turn(ctx context.Context, path int, batches []*row.Batch) (all []answer, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, failed := make(chan answer, len(batches)), make(chan error, 2)
	var fresh processors.Processor
	pprof.Do(ctx, pprof.Labels("path", throughput.PathNames[path]), func(ctx context.Context) {
		if err = guard.Wait(func() (err error) { fresh, err = p.Build[path](); return err }); err == nil {
			runtime.GC() // so that this turn does not pay for the garbage of the last one
			drive(ctx, fresh, batches, done, failed)
		}
	})
	if err != nil {
		return nil, err
	}
	deadline := time.NewTimer(p.Deadline)
	defer deadline.Stop()
	for len(all) < len(batches) && err == nil {
		select {
		case f := <-done:
			b := batches[len(all)]
			if wrong := p.Handover[path].Outcome(f.outcome, b); wrong != nil {
				err = fmt.Errorf("it answered with something else than the outcome of %s: %w", b.Describe(), wrong)
			}
			all = append(all, f)
			deadline.Reset(p.Deadline)
		case err = <-failed:
		case <-deadline.C:
			err = candidate.ErrNoProgress
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		guard.Go(fresh.Close, func(error) {}) // it may hang in that too
		return nil, err
	}
	return all, guard.Wait(fresh.Close)
}

// drive processes batches and measures them. A batch takes the time from the previous
// outcome to its own.
func drive(ctx context.Context, p processors.Processor, batches []*row.Batch, done chan<- answer, failed chan<- error) {
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
		done <- answer{outcome: o, took: now.Sub(last)}
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

// same returns an error if the two paths' outcomes for the same batches differ at the job's
// level.
func (p *Paths) same(turns [2][]answer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the comparison of the outputs failed: %w", &guard.PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	d := diff.New(p.Sinks, p.Compare)
	for i, one := range turns[throughput.Control] {
		d.Compare(one.outcome, turns[throughput.Candidate][i].outcome)
	}
	if roots, _ := d.Counts(); roots > 0 {
		return errors.New("the outputs differ when each path runs by itself")
	}
	return nil
}
