package shadow

import (
	"sync"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/estimate"
	"parallax/shadow/guard"
	"parallax/shadow/opinion"
	"parallax/shadow/sampling"
	"parallax/shadow/throughput"
)

// Report is what a run showed. It judges nothing.
type Report struct {
	Ledger diff.Ledger
	// Uncounted is how many more records are in Compared and Filtered than V2's
	// partitions count. Of the queries that read a record they count the first:
	// where keys are sampled, V2 may have it for another one only. They also count
	// what V1 refused, so it may be below zero.
	Uncounted int64
	// Sampled says that not all keys were compared.
	Sampled bool
	// Late is the part of Ledger.Filtered that came too late for every window.
	Late    int64
	Outputs Outputs
	Diff    diff.Result
	// Compared holds what both paths finished, V1Only what only V1 did too.
	Throughput throughput.Report
	V2         processors.Description
	// V2Off says that there was no V2 to compare with.
	V2Off      bool
	Partitions []throughput.Partition
	// Skew is the largest partition's records over the mean, of the last V2: 1 where
	// all have the same, 0 where there are none.
	Skew     float64
	Pressure PressureReport
	// Detached says why V2 was detached, the last time, "" if it was not, even if
	// it came back; Shed whether that was for overload.
	Detached string
	Shed     bool
	// Holes are the stretches without a V2, Reseeds how often one came back.
	// HoleCount is how many holes there were, if there are more than the list has.
	Holes              []Hole
	HoleCount, Reseeds int64
	// Rescales is how often V2 was replaced while it ran, without a hole.
	Rescales int64
	// EventSpan is from the 1 % to the 99 % quantile of the event times of the records
	// that were compared and were not late, in ms; Lateness is the furthest that a record
	// was behind the watermark, in ms. Both are 0 where no record had an event time.
	EventSpan, Lateness int64
	// SecondOpinions counts the batches on which the comparison was checked.
	SecondOpinions opinion.Count
	// LagGrowing says that V1 fell further and further behind its input at the end.
	LagGrowing bool
	// Broken is a failure of the tool's own comparison.
	Broken error
}

// Outputs counts rows. V2Raw is before merge.
type Outputs struct {
	V1, V2Raw, V2Merged          int64
	Deduplicated, Reordered      int64
	V1DeadLetters, V2DeadLetters int64
}

// tally adds up what the compared batches say. The zero value is empty.
type tally struct {
	mu       sync.Mutex
	out      Outputs
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
func (r *Runner) report() Report {
	rep := Report{V2Off: r.job.V2 == nil, Ledger: r.ledger.snapshot(), Late: r.ledger.late, Uncounted: r.ledger.uncounted, Sampled: r.job.Sample != nil}
	rep.Outputs = r.tally.out
	rep.LagGrowing = r.lag.IsGrowing()
	rep.EventSpan, rep.Lateness = r.tally.events.Span(0.01), r.tally.lateness
	if r.comparer != nil {
		rep.Diff = r.comparer.differ.Result()
		rep.Broken = r.comparer.broken
		rep.SecondOpinions = r.comparer.second.Count()
		rep.Holes, rep.HoleCount = r.comparer.history.past, r.comparer.history.count
		rep.Reseeds, rep.Rescales = r.comparer.reseeds, r.rescaled.Load()
		if gone := r.comparer.last; gone != nil && gone.err != nil {
			rep.Detached = guard.FirstLine(gone.err)
			rep.Shed = gone.kind == overloaded
		}
	}
	if r.candidate != nil {
		rep.V2 = r.describeV2()
		rep.Partitions = r.partitions.Report(r.workDone(), r.tally.pairs.Working(throughput.V2))
		rep.Skew = r.skew()
		r.pressure.observe(backlog{age: r.oldestAge()})
		rep.Pressure = r.pressure.read()
	}
	rep.Throughput = r.tally.pairs.Report(throughput.Busy(rep.Partitions), whyNotComparable(&rep))
	rep.Throughput.Tax = r.tax.Tax()
	return rep
}
