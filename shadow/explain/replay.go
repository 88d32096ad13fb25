package explain

import (
	"context"
	"fmt"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/oracle"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/guard"
)

// Way is how records are replayed.
type Way struct {
	V2  processors.Config
	Cut Cut
	// Restarts: V2 is replaced between two batches by a new one with its stored state.
	Restarts bool
}

// keeper takes the outcomes of a replay; the oracle's is nil where there is none.
type keeper func(v1, v2, oracle *row.Outcome)

// trial is one replay.
type trial struct {
	subject *Subject
	plan    *plan.Plan
	way     Way
	// withOracle and withStates say what is compared besides V1 and V2.
	withOracle, withStates bool
	keep                   keeper
	// wrong are the sides whose rows, dispositions or dead letters differ from the oracle's.
	wrong [2]bool
}

// replay compares V1 and V2 over records.
func (s *Subject) replay(ctx context.Context, records []row.Record, way Way) (diff.Result, error) {
	t := trial{subject: s, plan: s.Plan, way: way, withStates: true}
	return t.run(ctx, records)
}

// run replays records through both sides. An error is not V2's, whose failure is a
// divergence.
func (t *trial) run(ctx context.Context, records []row.Record) (r diff.Result, err error) {
	batches, err := t.subject.decode(ctx, records)
	if err != nil {
		return r, err
	}
	opt := t.subject.Options
	v1, err := pipeline.New(t.plan, opt)
	if err != nil {
		return r, err
	}
	defer v1.Close()
	v2 := &candidate{subject: t.subject, plan: t.plan, way: t.way, build: t.subject.NewV2()}
	if err := v2.start(); err != nil {
		return r, err
	}
	defer v2.close()
	d := diff.New(t.plan.Sinks(), t.options())
	var judge *judge
	if t.withOracle {
		if judge, err = t.newJudge(); err != nil {
			return r, err
		}
	}
	hasFailed := false
	for _, b := range t.way.Cut.of(batches, len(t.plan.Sources)) {
		if b.Flush() && t.withStates && !hasFailed {
			if err := v2.compareStates(d, v1, b.Seq-1); err != nil {
				return r, err
			}
		}
		one, err := v1.Process(ctx, b)
		if err != nil {
			return r, fmt.Errorf("V1: %w", err)
		}
		var two *row.Outcome
		if !hasFailed {
			if two, err = v2.compare(ctx, d, one); ctx.Err() != nil {
				return r, ctx.Err()
			}
			hasFailed = err != nil
		}
		if judge != nil {
			if err := judge.look(ctx, one, two); err != nil {
				return r, err
			}
		}
		if t.keep != nil {
			t.keep(one, two, judge.last())
		} else if hasFailed {
			break // V1's other rows are not asked for
		}
	}
	if judge != nil {
		t.wrong = judge.wrong
	}
	return d.Result(), nil
}

// options are those of the job's comparison.
func (t *trial) options() diff.Options {
	opt := diff.Options{Require: t.subject.Require, Rules: t.subject.Rules}
	if l, err := partitions.NewLocator(t.plan, t.way.V2); err == nil {
		opt.PartitionOf = l.PartitionOf
	}
	return opt
}

// judge compares both sides with the oracle.
type judge struct {
	oracle  *oracle.Oracle
	differs [2]*diff.Differ
	wrong   [2]bool
	outcome *row.Outcome
}

func (t *trial) newJudge() (*judge, error) {
	o, err := oracle.New(t.plan, t.subject.Options)
	if err != nil {
		return nil, err
	}
	j := &judge{oracle: o}
	for side := range j.differs {
		opt := t.options()
		opt.PartitionOf = nil
		j.differs[side] = diff.New(t.plan.Sinks(), opt)
	}
	return j, nil
}

// look compares a batch; v2 is nil if V2 failed. What the oracle does not count, such as
// closed windows, is not compared.
func (j *judge) look(ctx context.Context, v1, v2 *row.Outcome) (err error) {
	if j.outcome, err = j.oracle.Process(ctx, v1.Batch); err != nil {
		return fmt.Errorf("the oracle: %w", err)
	}
	for side, o := range [...]*row.Outcome{diff.V1: v1, diff.V2: v2} {
		if o == nil {
			j.wrong[side] = true
			continue
		}
		j.differs[side].Compare(j.outcome, o)
		if j.differs[side].Last().Visible > 0 {
			j.wrong[side] = true
		}
	}
	return nil
}

// last returns the oracle's outcome of the last batch; nil without an oracle.
func (j *judge) last() *row.Outcome {
	if j == nil {
		return nil
	}
	return j.outcome
}

// candidate is the V2 of one replay.
type candidate struct {
	subject *Subject
	plan    *plan.Plan
	way     Way
	build   BuildV2
	v2      processors.Processor
	batches int
}

func (c *candidate) start() (err error) {
	c.v2, err = c.build(c.way.V2, c.plan, c.subject.Options)
	return err
}

// close ends V2. A V2 that fails to close has nothing more to show.
func (c *candidate) close() { _ = guard.Call(c.v2.Close) }

// compare runs a batch through V2, and compares its outcome with V1's. An error is V2's, and
// is a divergence by then.
func (c *candidate) compare(ctx context.Context, d *diff.Differ, v1 *row.Outcome) (*row.Outcome, error) {
	o, failed := c.process(ctx, v1.Batch)
	if failed != nil {
		d.ArmError(v1.Batch, diff.V2, guard.FailedPartition(failed), failed)
		return nil, failed
	}
	if len(o.Dispositions) == 0 { // where V2 gives none they are not compared
		o.Dispositions = v1.Dispositions
	}
	d.Compare(v1, o)
	return o, nil
}

// process runs a batch through V2, which has a deadline. An error is V2's failure.
func (c *candidate) process(ctx context.Context, b *row.Batch) (o *row.Outcome, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	var out *row.Outcome
	c.batches++
	guard.Go(func() (err error) {
		if c.way.Restarts && c.batches > 1 {
			if err := c.restart(); err != nil {
				return err
			}
		}
		out, err = c.v2.Process(ctx, b)
		return err
	}, func(err error) { done <- err })
	late := time.NewTimer(c.subject.deadline())
	defer late.Stop()
	select {
	case err := <-done:
		return out, err
	case <-late.C:
		return nil, c.subject.hungError()
	}
}
