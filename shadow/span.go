package shadow

import (
	"cmp"
	"slices"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/estimate"
	"parallax/shadow/evidence"
	"parallax/shadow/sampling"
	"parallax/shadow/stage"
	"parallax/shadow/throughput"
)

// Recorder takes the spans of a run once all of their records have committed, in order. Take
// never waits: it is called by the control's goroutine. What it cannot take is dropped, which
// is a hole in the evidence. The span is the Recorder's afterwards.
type Recorder interface {
	Take(s *evidence.Span)
}

// DefaultSpanPeriod is how long a span lasts at most.
const DefaultSpanPeriod = 10 * time.Second

// cutter cuts a run into spans: at the end of a batch, when a span has lasted for its period,
// and where V2 goes away, returns or is replaced. Everything that a span counts is counted on
// the comparison's goroutine, batch by batch, with judging held; a span is given away when its
// last batch has committed.
type cutter struct {
	comparer *comparer
	period   time.Duration
	// describe adds what the runner knows of V2 and the input.
	describe func(s *evidence.Span, isOff bool)

	open *openSpan // nil between two spans
	// before is what had been found when the last span ended.
	before evidence.Report
	units  []unitSets
	// salted returns what is recorded of the hash of a key; nil for the hash.
	salted func(hash uint64) uint64
	// base is what the partitions of a candidate had done when the last span ended.
	base   []processors.PartitionStats
	baseOf *candidate.Candidate
}

// openSpan is a span in the making.
type openSpan struct {
	span   *evidence.Span
	hole   *hole // nil where batches are compared
	off    bool  // V2 is off
	events estimate.Sketch
	by     *candidate.Candidate // which the last compared batch is of
	worked []int64              // records by partition
	timer  *time.Timer
}

// unitSets are the keys and units of an output.
type unitSets struct{ keys, units evidence.Keys }

func newCutter(c *comparer, job *Job, describe func(*evidence.Span, bool)) *cutter {
	if job.Spans == nil {
		return nil
	}
	k := &cutter{comparer: c, period: cmp.Or(job.SpanPeriod, DefaultSpanPeriod), describe: describe, units: make([]unitSets, len(job.Sinks))}
	if job.Redaction != nil {
		k.salted = job.Redaction.Salted
	}
	return k
}

// Key takes a key of a compared row.
func (k *cutter) Key(query int, hash uint64) { k.units[query].keys.Add(k.recorded(hash)) }

// Unit takes a unit.
func (k *cutter) Unit(query int, hash uint64) {
	k.units[query].units.Add(k.recorded(hash))
}

// recorded returns what is recorded of the hash of a key or a unit.
func (k *cutter) recorded(hash uint64) uint64 {
	if k.salted == nil {
		return hash
	}
	return k.salted(hash)
}

// begin begins a span with a batch, unless one goes on: it ends where the batches that are
// compared begin or end, and where the stage changes. isSuccessor: another candidate begins with
// the batch.
func (k *cutter) begin(b *row.Batch, gone *hole, isSuccessor bool, at stage.Stage) {
	if k == nil {
		return
	}
	isOff := gone != nil && gone.Kind == candidate.SwitchedOff
	if isOff {
		gone = nil
	}
	if o := k.open; o != nil && (o.hole != gone || o.off != isOff || isSuccessor || o.span.Stage != at.String()) {
		if o.hole != nil && o.hole != gone {
			o.span.Holes[0].To = evidence.BatchNumber(b.Seq)
		}
		k.cut()
	}
	if k.open != nil {
		return
	}
	now := time.Now()
	o := &openSpan{hole: gone, off: isOff, span: &evidence.Span{
		Version: evidence.SpanVersion, From: b.First, To: b.First, Merged: 1, Stage: at.String(), Wall: [2]time.Time{now, now}, Lag: evidence.Lag{Most: -1}, Batches: [2]int64{b.Seq, b.Seq},
	}}
	if gone != nil {
		o.span.Holes = []evidence.SpanHole{{Hole: evidence.Hole{From: evidence.BatchNumber(gone.Detachment.From), To: evidence.NoBatch, Shed: gone.Shed, Offsets: []evidence.OffsetRange{}}}}
	}
	o.timer = time.AfterFunc(k.period, func() { k.due(o) })
	k.open = o
}

// due ends a span that has lasted for its period.
func (k *cutter) due(o *openSpan) {
	k.comparer.judging.Lock()
	defer k.comparer.judging.Unlock()
	if k.open == o {
		k.cut()
	}
}

// add adds a batch with its booking.
func (k *cutter) add(f finished, booked booking) {
	if k == nil {
		return
	}
	b, o := f.outcome.Batch, k.open
	s := o.span
	s.To, s.Batches[1] = b.First+int64(b.Len()), b.Seq
	s.Ledger = s.Ledger.Plus(booked.buckets)
	s.Late += booked.late
	s.Uncounted += booked.uncounted
	at := -1
	for i := range b.Len() {
		rec := b.Record(i)
		if rec.State != row.Undecodable && rec.Watermark != row.NoWatermark {
			s.Lateness = max(s.Lateness, rec.Watermark-rec.EventTime)
		}
		if at < 0 || s.Offsets[at].TopicPartition != rec.TopicPartition {
			at = offsetsAt(&s.Offsets, rec)
		}
		of := &s.Offsets[at]
		of.From, of.To = min(of.From, rec.Offset), max(of.To, rec.Offset+1)
	}
}

// offsetsAt returns the index of a record's topic-partition.
func offsetsAt(list *[]evidence.Offsets, rec *row.Record) int {
	i, found := slices.BinarySearchFunc(*list, rec.TopicPartition, func(o evidence.Offsets, tp row.TopicPartition) int {
		return cmp.Or(cmp.Compare(o.Topic, tp.Topic), cmp.Compare(o.Partition, tp.Partition))
	})
	if !found {
		*list = slices.Insert(*list, i, evidence.Offsets{TopicPartition: rec.TopicPartition, From: rec.Offset, To: rec.Offset + 1})
	}
	return i
}

// pair adds what both paths made of a batch.
func (k *cutter) pair(p finishedPair, sample *sampling.Keys) {
	if k == nil {
		return
	}
	o, b, control, other := k.open, p.control.outcome.Batch, &p.control, &p.candidate
	var toDone [2]int64
	for path, f := range [...]*finished{control, other} {
		toDone[path] = int64(f.done.Sub(control.came))
	}
	o.span.Speed.Add(b.Len(), [2]int{len(control.outcome.Changes), len(other.outcome.Changes)}, [2]int64{int64(control.took), int64(other.took)}, toDone, !control.came.IsZero())
	for i, d := range control.outcome.Dispositions {
		rec := b.Record(i)
		if rec.State == row.Undecodable || d == row.Late || !sample.Share(i).Any {
			continue
		}
		o.events.Add(rec.EventTime)
		if t := o.span.EventTime; t == nil {
			o.span.EventTime = &[2]int64{rec.EventTime, rec.EventTime}
		} else {
			t[0], t[1] = min(t[0], rec.EventTime), max(t[1], rec.EventTime)
		}
	}
	o.by = other.by
	for i, n := range other.outcome.Worked {
		if i == len(o.worked) {
			o.worked = append(o.worked, 0)
		}
		o.worked[i] += n
	}
}

// miss adds a batch of which the candidate has no outcome.
func (k *cutter) miss(b *row.Batch, missed int64) {
	if k == nil || k.open.hole == nil {
		return
	}
	h := &k.open.span.Holes[0]
	h.Records += missed
	h.Batches++
	for i := range b.Len() {
		h.Offsets = addOffset(h.Offsets, b.Record(i))
	}
}

// addOffset adds the offset of a record to ranges by topic and partition.
func addOffset(list []evidence.OffsetRange, rec *row.Record) []evidence.OffsetRange {
	i, found := slices.BinarySearchFunc(list, rec.TopicPartition, func(o evidence.OffsetRange, tp row.TopicPartition) int {
		return cmp.Or(cmp.Compare(o.Topic, tp.Topic), cmp.Compare(o.Partition, tp.Partition))
	})
	if !found {
		return slices.Insert(list, i, evidence.OffsetRange{TopicPartition: rec.TopicPartition, From: rec.Offset, To: rec.Offset})
	}
	list[i].From, list[i].To = min(list[i].From, rec.Offset), max(list[i].To, rec.Offset)
	return list
}

// censor adds a batch that the candidate was given up on.
func (k *cutter) censor(b *row.Batch, had time.Duration) {
	if k != nil {
		k.open.span.Speed.Censor(b.Len(), int64(had))
	}
}

// close ends the last span.
func (k *cutter) close() {
	if k != nil && k.open != nil {
		k.cut()
	}
}

// beginAgain says that the comparison has found nothing yet, as that of another run. No span is open.
func (k *cutter) beginAgain() {
	if k != nil {
		k.before = k.comparer.foundSoFar()
	}
}

// cut ends the open span.
func (k *cutter) cut() {
	o, c := k.open, k.comparer
	k.open = nil
	o.timer.Stop()
	s, now := o.span, time.Now()
	s.Wall[1] = now.UTC()
	s.Wall[0] = s.Wall[0].UTC()
	if o.hole != nil {
		c.mu.Lock()
		s.Holes[0].Reason = o.hole.Reason
		c.mu.Unlock()
	}
	o.events.Points(func(at, weight int64) { s.EventTimes.Add(evidence.TimePoint{At: at, Weight: weight}) })
	after := c.foundSoFar()
	s.SetFound(&k.before, &after, c.differ.Cut(), s.Wall[1])
	k.before = after
	for q := range k.units {
		s.Topics[q].Keys, s.Topics[q].Units = k.units[q].keys, k.units[q].units
		k.units[q] = unitSets{}
	}
	if o.by != nil {
		s.Partitions = k.workSince(o)
	}
	k.describe(s, o.off && o.span.Stage != stage.Done.String())
	c.record(s)
}

// workSince returns what the partitions of a candidate have done for a span. How long they
// were busy may include batches that are not compared yet.
func (k *cutter) workSince(o *openSpan) (list []evidence.Work) {
	if o.by != k.baseOf {
		k.baseOf, k.base = o.by, nil
	}
	stats := o.by.Partitions()
	for i, p := range stats {
		w := evidence.Work{Records: p.Records, Keys: p.Keys, Busy: evidence.Duration(p.BusyNanos), MostQueued: p.QueuedRecords}
		if i < len(k.base) {
			w.Records = max(0, w.Records-k.base[i].Records)
			w.Busy = max(0, w.Busy-evidence.Duration(k.base[i].BusyNanos)) // one that handed over has none
		}
		list = append(list, w)
	}
	k.base = slices.Clone(stats)
	for i, n := range o.worked {
		if i == len(list) {
			list = append(list, evidence.Work{})
		}
		list[i].Records = n
	}
	return list
}

// foundSoFar returns what the comparison has found and counted so far. Called with judging
// held.
func (c *comparer) foundSoFar() (rep evidence.Report) {
	c.found(&rep)
	rep.Require = c.job.RequireLevel
	c.tally.mu.Lock()
	rep.Outputs = c.tally.out
	c.tally.mu.Unlock()
	return rep
}

// record gives a span away once its last batch has committed.
func (c *comparer) record(s *evidence.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recorded = append(c.recorded, s)
	c.giveSpans()
}

// giveSpans gives away the spans that have committed. Called with mu held.
func (c *comparer) giveSpans() {
	n := 0
	for n < len(c.recorded) && c.recorded[n].Batches[1] <= c.committed {
		c.job.Spans.Take(c.recorded[n])
		n++
	}
	c.recorded = slices.Delete(c.recorded, 0, n)
}

// unitsOf returns what takes the keys and units of a run; nil for nothing.
func unitsOf(k *cutter) diff.Units {
	if k == nil {
		return nil
	}
	return k
}

// spanBase is what the runner had counted when the last span ended. The comparison's
// goroutine uses it.
type spanBase struct {
	states   evidence.StateComparisons
	reseeds  int64
	rescales int64
	// throttled and routing are V2's.
	throttled evidence.Duration
	routing   []evidence.Routing
}

// describeSpan adds to a span what the comparison does not know; isOff: the job had no V2. It is called by the
// comparison's goroutine. What V2's stages have routed may include batches that are not
// compared yet.
func (r *Runner) describeSpan(s *evidence.Span, isOff bool) {
	s.Roles = evidence.Roles{Control: r.describeControl().Name}
	s.Tax, s.Emission = r.tax.Take(), r.emitter.Take()
	s.Lag = evidence.Lag{Most: r.lag.TakeMost(), Growing: r.lag.IsGrowing()}
	r.seat.Lock()
	present, compared := r.candidate, r.states
	r.seat.Unlock()
	base := &r.spanBase
	if compared != nil {
		now := compared.Read()
		s.StateEqual = evidence.StateComparisons{
			Equal: now.Equal - base.states.Equal, Differing: now.Differing - base.states.Differing, NotCompared: now.NotCompared - base.states.NotCompared,
		}
		if s.StateEqual.NotCompared > 0 {
			s.StateEqual.Why = now.Why
		}
		base.states = now
	}
	if isOff {
		return
	}
	if present == nil {
		if s.Stage != stage.Done.String() {
			s.V2 = &evidence.SpanV2{} // it is being built
		}
		return
	}
	d := r.describeCandidate()
	pressure := r.pressure.ReadWith(candidate.Backlog{Age: r.oldestAge()})
	part := &evidence.SpanV2{
		Processor: d.Name, Implementation: d.Version, Strategy: d.Strategy, Sampled: r.job.Sample != nil,
		Pressure: evidence.Pressure{Worst: pressure.Worst, Throttled: pressure.Throttled - base.throttled},
	}
	r.comparer.mu.Lock()
	reseeds := r.comparer.reseeds
	r.comparer.mu.Unlock()
	rescales := r.rescaled.Load()
	part.Reseeds, part.Rescales = reseeds-base.reseeds, rescales-base.rescales
	routing := r.routing(d)
	for i, now := range routing {
		of := evidence.Routed{Routing: now, Output: now.Output, Index: now.Index, Unsplittable: now.Unsplittable}
		if i < len(base.routing) {
			of.Records = recordsSince(now.Records, base.routing[i].Records)
		}
		part.Routing = append(part.Routing, of)
	}
	base.reseeds, base.rescales, base.throttled, base.routing = reseeds, rescales, pressure.Throttled, routing
	part.Skew = evidence.Figure(throughput.SkewOf(s.Partitions))
	s.V2, s.Roles.Candidate = part, d.Name
}

// recordsSince returns the differences of counts by partition.
func recordsSince(now, before []int64) []int64 {
	list := make([]int64, len(now))
	for p, n := range now {
		if list[p] = n; p < len(before) && before[p] <= n {
			list[p] -= before[p]
		}
	}
	return list
}
