package shadow

import (
	"sync"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/estimate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/sampling"
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

// control adds a committed outcome of V1.
func (t *tally) control(v1 finished) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := v1.outcome
	t.out.V1 += int64(len(o.Changes))
	t.out.V1DeadLetters += int64(len(o.DeadLetters))
	for i := range o.Batch.Len() {
		rec := o.Batch.Record(i)
		if rec.State != row.Undecodable && rec.Watermark != row.NoWatermark {
			t.lateness = max(t.lateness, rec.Watermark-rec.EventTime)
		}
	}
}

// pair adds a batch that both paths finished, of which s says what was compared.
func (t *tally) pair(v1, v2 finished, s *sampling.Keys) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := v2.outcome
	t.out.V2Raw += o.Raw
	t.out.V2Merged += int64(len(o.Changes))
	t.out.Deduplicated += o.Deduplicated
	t.out.Reordered += o.Reordered
	t.out.V2DeadLetters += int64(len(o.DeadLetters))
	t.pairs.Add(o.Batch.Len(), v1.came, v1.timed(), v2.timed())
	b := o.Batch
	for i, d := range v1.outcome.Dispositions {
		if rec := b.Record(i); rec.State != row.Undecodable && d != row.Late && s.Share(i).Any {
			t.events.Add(rec.EventTime)
		}
	}
}

// speedRatio is V2's speed over V1's so far, the ratio of sums; 0 before any batch.
func (t *tally) speedRatio() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pairs.SpeedRatio()
}

// censor adds a batch that V2 was given up on.
func (t *tally) censor(b *row.Batch, had time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs.Censor(b.Len(), had)
}

// report gathers everything once the goroutines have ended.
func (r *Runner) report() evidence.Report {
	rep := evidence.Report{
		V2Off: r.job.V2 == nil, Ledger: r.ledger.snapshot(), Late: r.ledger.late, Uncounted: r.ledger.uncounted, Sampled: r.job.Sample != nil,
		Require: r.job.RequireLevel,
	}
	rep.Outputs = r.tally.out
	rep.LagGrowing = r.lag.IsGrowing()
	rep.EventSpan, rep.Lateness = r.tally.events.Span(0.01), r.tally.lateness
	if r.comparer != nil {
		rep.Diff = r.comparer.differ.Result()
		if broken := r.comparer.broken; broken != nil {
			rep.Broken = "the comparison failed: " + guard.FirstLine(broken)
		}
		rep.SecondOpinions = r.comparer.second.Count()
		rep.Holes, rep.HoleCount = r.comparer.history.past, r.comparer.history.count
		rep.Reseeds, rep.Rescales = r.comparer.reseeds, r.rescaled.Load()
		if gone := r.comparer.last; gone != nil && gone.Err != nil {
			rep.Detached = guard.FirstLine(gone.Err)
			rep.Shed = gone.Kind == candidate.Overloaded
		}
	}
	var work []processors.PartitionStats
	if r.candidate != nil {
		work = r.workDone()
		d := r.describeV2()
		rep.Processor, rep.Implementation, rep.Strategy = d.Name, d.Version, d.Strategy
		rep.Routing = r.routing(d)
		rep.Partitions = r.partitions.Report(work, r.tally.pairs.Working(throughput.V2))
		rep.Skew = evidence.Figure(r.skew())
		r.pressure.Observe(candidate.Backlog{Age: r.oldestAge()})
		rep.Pressure = r.pressure.Read()
	}
	rep.Throughput = r.tally.pairs.Report(throughput.Busy(work), whyNotComparable(&rep))
	rep.Throughput.Tax = r.tax.Tax()
	return rep
}

// routing is how V2 says that it routes each stage, with the names of the job's outputs.
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
