package shadow

import (
	"context"
	"slices"
	"sync"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/arm"
	"parallax/shadow/candidate"
	"parallax/shadow/estimate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/isolated"
	"parallax/shadow/sampling"
	"parallax/shadow/stage"
	"parallax/shadow/states"
	"parallax/shadow/throughput"
)

// tally adds up what the compared batches say. The zero value is empty.
type tally struct {
	mu       sync.Mutex
	out      evidence.Outputs
	pairs    throughput.Meter
	events   estimate.Sketch
	lateness int64
}

// addControl adds a committed outcome of the control.
func (t *tally) addControl(f finished) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := f.outcome
	t.out.V1 += int64(len(o.Changes))
	t.out.V1DeadLetters += int64(len(o.DeadLetters))
	for i := range o.Batch.Len() {
		rec := o.Batch.Record(i)
		if rec.State != row.Undecodable && rec.Watermark != row.NoWatermark {
			t.lateness = max(t.lateness, rec.Watermark-rec.EventTime)
		}
	}
}

// addPair adds a batch that both paths finished; s has the keys that were compared.
func (t *tally) addPair(p finishedPair, s *sampling.Keys) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := p.candidate.outcome
	t.out.V2Raw += o.Raw
	t.out.V2Merged += int64(len(o.Changes))
	t.out.Deduplicated += o.Deduplicated
	t.out.Reordered += o.Reordered
	t.out.V2DeadLetters += int64(len(o.DeadLetters))
	t.pairs.Add(o.Batch.Len(), p.control.came, p.control.timed(), p.candidate.timed())
	b := o.Batch
	for i, d := range p.control.outcome.Dispositions {
		if rec := b.Record(i); rec.State != row.Undecodable && d != row.Late && s.Share(i).Any {
			t.events.Add(rec.EventTime)
		}
	}
}

// speedRatio is the candidate's speed over the control's so far, the ratio of sums; 0
// before any batch.
func (t *tally) speedRatio() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pairs.SpeedRatio()
}

// censor adds a batch that the candidate was given up on.
func (t *tally) censor(b *row.Batch, had time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs.Censor(b.Len(), had)
}

// Report is what the run has shown so far; once it has ended, what Run returned. Any
// goroutine may ask at any time. The control waits for it only while the times of its
// own batches are copied.
func (r *Runner) Report() evidence.Report {
	rep := evidence.Report{V2Off: r.isOff.Load(), Sampled: r.job.Sample != nil, Require: r.job.RequireLevel, LagGrowing: r.lag.IsGrowing()}
	// The ledger before the candidate's own counts: these then cover what is in it.
	rep.Ledger, rep.Late, rep.Uncounted = r.ledger.read()
	select {
	case <-r.ended:
	default:
		rep.Running = true
	}
	rep.State = "off"
	r.seat.Lock()
	comparer, present, compared := r.comparer, r.candidate, r.states
	r.seat.Unlock()
	if comparer != nil {
		comparer.report(&rep)
		rep.Rescales = r.rescaled.Load()
		rep.States = compared.Read()
	}
	explainStates(&rep, r.job.States, r.job.NoStates)
	var work []processors.PartitionStats
	if present != nil {
		work = r.workDone()
		d := r.describeCandidate()
		rep.Processor, rep.Implementation, rep.Strategy = d.Name, d.Version, d.Strategy
		rep.Routing = r.routing(d)
		rep.Skew = evidence.Figure(r.skew())
		rep.Pressure = r.pressure.ReadWith(candidate.Backlog{Age: r.oldestAge()})
		rep.State = describeState(present)
		if r.Stage().Stage.Kind == stage.Done {
			rep.State = "running alone"
		}
		if rep.V2Off {
			rep.State = "off"
		}
		rep.Partitions = r.partitions.Report(work, r.tally.working(throughput.Candidate))
	}
	rep.Emission = r.emitter.Totals()
	r.tally.report(&rep, throughput.Busy(work))
	rep.Throughput.Tax = r.tax.Tax()
	return rep
}

// explainStates says why no states were compared where none were.
func explainStates(rep *evidence.Report, how *states.Plan, whyNot string) {
	s := &rep.States
	if s.Equal+s.Differing+s.NotCompared > 0 {
		return
	}
	switch {
	case how == nil:
		s.Why = whyNot
	case rep.V2Off:
		s.Why = "V2 is off"
	case rep.Running:
		s.Why = "there was no checkpoint yet"
	default:
		s.Why = "there was no checkpoint in this run: it was shorter than state.interval, and it did not end with a clean stop"
	}
}

// report adds what the comparison has found so far.
func (c *comparer) report(rep *evidence.Report) {
	c.judging.Lock()
	defer c.judging.Unlock()
	c.found(rep)
	c.mu.Lock()
	defer c.mu.Unlock()
	shown := history{slices.Clone(c.history.past), c.history.count}
	for _, o := range c.holes.list {
		shown.add(o)
	}
	rep.Holes, rep.HoleCount, rep.Reseeds = shown.past, shown.count, c.reseeds
	if c.last != nil && c.last.Err != nil {
		rep.Detached, rep.Shed = guard.FirstLine(c.last.Err), c.last.Kind == candidate.Overloaded
	}
}

// found adds what adds up over the spans of a run. Called with judging held.
func (c *comparer) found(rep *evidence.Report) {
	rep.Diff, rep.SecondOpinions = c.differ.Result(), c.second.Count()
	rep.Strata, rep.Columns, rep.Sensitivity = c.differ.Strata(), columnsOf(c.differ), c.mutations()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		rep.Broken = "the comparison failed: " + guard.FirstLine(c.broken)
	}
}

// columnsOf returns what was compared by column. Called with judging held.
func columnsOf(d *diff.Differ) (list []evidence.Column) {
	for _, c := range d.Columns() {
		list = append(list, evidence.Column{
			Topic: c.Topic, Name: c.Name, Rows: c.Rows, Same: c.Same, NullV1Only: c.NullV1Only, NullV2Only: c.NullV2Only,
			Type: c.Type, Tolerated: c.Tolerated, Differ: c.Differ,
		})
	}
	return list
}

// working is the sum of a path's service times.
func (t *tally) working(path int) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pairs.Working(path)
}

// report adds what was counted, and the speeds; busy is the time that the candidate's engines were
// busy.
func (t *tally) report(rep *evidence.Report, busy time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rep.Outputs, rep.EventSpan, rep.Lateness = t.out, t.events.Span(0.01), t.lateness
	rep.Throughput = t.pairs.Report(busy, rep.WhyNotComparable())
}

// routing is how the candidate says that it routes each stage, with the names of the job's outputs.
func (r *Runner) routing(d processors.Description) (list []evidence.Routing) {
	for _, s := range d.Routing {
		e := evidence.Routing{
			Query: s.Query, Output: s.Query, Index: s.Index, Strategy: string(s.Strategy), Forced: s.Forced, Why: s.Why,
			Unsplittable: s.Unsplittable, Records: s.Records,
		}
		if s.Index < len(r.job.Sinks) {
			e.Output = r.job.Sinks[s.Index].Name
		}
		list = append(list, e)
	}
	return list
}

// Isolated measures the paths one at a time, after Run, on the latest batches of the run,
// which it keeps under candidate.Config.Isolated. It takes the run's report: paths that
// were not comparable in the run are not run again.
func (r *Runner) Isolated(ctx context.Context, rep evidence.Report) evidence.Ratio {
	if !rep.Throughput.Contended.Comparable {
		return evidence.Ratio{Why: rep.Throughput.Contended.Why}
	}
	paths := isolated.Paths{
		Build:    [...]builder{throughput.Control: r.job.Control, throughput.Candidate: r.job.Candidate},
		Handover: [...]*arm.Handover{throughput.Control: r.handover(throughput.Control), throughput.Candidate: r.handover(throughput.Candidate)},
		Deadline: r.job.Config.Candidate.Deadline,
		Sinks:    r.job.Sinks, Compare: diff.Options{Require: r.job.RequireLevel, Rules: r.job.Rules},
	}
	if r.job.Redaction != nil {
		paths.Compare.Redaction = r.job.Redaction
		paths.ErrorText = r.job.Redaction.ReplaceError
	}
	return isolated.Measure(ctx, &paths, r.latest.InOrder())
}

// mutations returns what was injected into the comparison so far. Called with judging held.
func (c *comparer) mutations() evidence.Sensitivity {
	s := c.sensitivity.Count()
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Mutations = append(s.Mutations, c.probed)
	return s
}

// showMutations shows in the metrics what was injected, and logs the first one that was missed.
// Called with judging held.
func (c *comparer) showMutations() {
	detected, missed := c.sensitivity.Found()
	if missed > 0 {
		c.emitter.GoBack(stage.Blind, "the comparison did not detect a difference that was injected, so it is not known to be right")
	}
	if missed > 0 && !c.saidBlind {
		c.saidBlind = true
		for _, m := range c.sensitivity.Count().Mutations {
			if m.Missed != "" {
				c.job.Log.Error("the comparison did not detect a difference that was injected: its results cannot be trusted", "kind", m.Name, "what", m.Missed)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.job.Metrics.Mutations(detected+c.probed.Detected, missed+c.probed.Injected-c.probed.Detected)
}

// Compared takes the counts of checkpoints at which states were compared.
func (c *comparer) Compared(n evidence.StateComparisons) { c.job.Metrics.StatesCompared(n) }

// Probed takes how many changed entries of states were injected into their comparison so far.
func (c *comparer) Probed(m evidence.Mutation, err error) {
	if err != nil {
		c.fail(guard.Redacted(err, c.job.errorText()))
	}
	c.mu.Lock()
	c.probed = m
	c.mu.Unlock()
}

// Differs takes a stage whose states differ at a checkpoint. It is called by any goroutine.
func (c *comparer) Differs(batch int64, topic string, isRoot bool, d diff.StateDifference) {
	c.judging.Lock()
	defer c.judging.Unlock()
	c.differ.StateDiffers(batch, topic, isRoot, d)
	c.goBackFor(c.differ.Latest())
	c.showFound()
}
