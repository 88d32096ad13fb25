package evidence

import (
	"cmp"
	"slices"

	"parallax/diff"
)

// Report returns the report that a run over the span would have made. incarnations is how
// many processes made it: the units of several are counted without counting one twice.
func (s *Span) Report(incarnations int) Report {
	r := Report{
		Ledger: s.Ledger, Late: s.Late, Uncounted: s.Uncounted, Outputs: s.Outputs, Require: s.Require,
		EventSpan: s.EventTimes.Span(0.01), Lateness: s.Lateness, WindowSize: s.Input.WindowSize, WindowGrace: s.Input.WindowGrace,
		SecondOpinions: s.SecondOpinions, States: s.StateEqual, Sensitivity: Sensitivity{Mutations: s.Mutations}, Strata: s.Strata, Columns: s.Columns,
		Emission: s.Emission, LagGrowing: s.Lag.Growing, Broken: s.Broken, V2Off: s.V2 == nil,
		BrokerGaps: s.Input.BrokerGaps, RefusedRows: s.Input.RefusedRows, ChangedTimestamps: s.Input.ChangedTimestamps,
		SetAside: SetAside{DeadLetters: s.Input.DeadLetters, DeadLetterTopics: s.Input.DeadLetterTopics},
	}
	r.Run = Run{Program: s.Program, Started: s.Wall[0], Ended: s.Wall[1], Took: Duration(s.Wall[1].Sub(s.Wall[0]))}
	for _, o := range s.Offsets {
		if o.To > o.From {
			r.Offsets = append(r.Offsets, OffsetRange{o.TopicPartition, o.From, o.To - 1})
		}
	}
	r.Diff = s.result(incarnations)
	r.Candidate = s.candidate()
	if n := len(s.Holes); n > 0 {
		r.Detached, r.Shed = s.Holes[n-1].Reason, s.Holes[n-1].Shed
	}
	if s.V2 != nil {
		r.Sampled = s.V2.Sampled
	}
	busy := Duration(0)
	for _, p := range s.Partitions {
		busy += p.Busy
	}
	r.Throughput = s.Speed.throughput(int64(busy), r.WhyNotComparable())
	r.Throughput.Tax = s.Tax.tax()
	r.Throughput.Decoded = PerSecond(s.Input.Decoded, s.Input.DecodeTime.Std())
	r.Throughput.Encoded = PerSecond(s.Input.Encoded, s.Input.EncodeTime.Std())
	return r
}

// result returns what the comparison found.
func (s *Span) result(incarnations int) diff.Result {
	r := diff.Result{Divergences: diff.Divergences{ByClass: addCounts(nil, s.ByClass), Origin: mergeOrigins(nil, s.Origin)}}
	for i := range s.Topics {
		o := s.Topics[i].output(incarnations)
		if i == 0 || o.LevelHeld < r.LevelHeld {
			r.LevelHeld = o.LevelHeld
		}
		r.Outputs = append(r.Outputs, o)
	}
	if s.Mixed {
		r.LevelHeld = min(r.LevelHeld, diff.E2)
	}
	for _, d := range s.Divergences {
		r.Root += d.Root
		r.Cascade += d.Cascade
		r.Signatures = append(r.Signatures, d.AsSignature())
	}
	diff.SortSignatures(r.Signatures)
	for _, h := range s.Rules {
		t := diff.Tolerated{Rule: h.Rule, Text: h.Rule.String(), Rows: h.Hits, Of: h.Of}
		t.Example, t.Latest = h.Samples.First.AsExample(), h.Samples.Latest.AsExample()
		r.Tolerated = append(r.Tolerated, t)
	}
	return r
}

// AsExample returns the example with the kinds of its columns, nil for none.
func (s *Sample) AsExample() *diff.Example {
	if s == nil {
		return nil
	}
	ex := s.Example
	ex.Columns = slices.Clone(ex.Columns)
	for i := range ex.Columns {
		if i < len(s.Kinds) {
			ex.Columns[i].Kind = s.Kinds[i]
		}
	}
	return &ex
}

// AsSignature returns the divergences as a report of a run has them.
func (d *Divergence) AsSignature() diff.Signature {
	g := diff.Signature{
		ID: d.Signature, Class: d.Class, Topic: d.Topic, Columns: d.Columns, Count: d.Root + d.Cascade, Roots: d.Root,
		Hypothesis: d.Hypothesis, HypothesisText: d.HypothesisText, Note: d.Note, V2Partitions: d.V2Partitions,
		Latest: d.Samples.Latest.AsExample(), Largest: d.Samples.Largest.AsExample(),
	}
	if first := d.Samples.First.AsExample(); first != nil {
		g.Example = *first
	}
	return g
}

// output returns the topic as the comparison reports it. The units of a topic are exact for
// one incarnation, and for several while the sketch is: beyond, they are its lower end.
func (t *Topic) output(incarnations int) diff.Output {
	o := diff.Output{
		Topic: t.Topic, Root: t.Root, Cascade: t.Cascade, Rows: t.Rows, ToleratedRows: t.ToleratedRows, Unit: t.Unit,
		ClosedWindows: t.ClosedWindows, Units: t.Rows,
	}
	if t.Level != nil {
		o.LevelHeld = *t.Level
	}
	if t.Unit.IsKeyed() {
		o.Keys, o.KeysAtLeast = t.Keys.AtLeast(), !t.Keys.IsExact()
	}
	switch {
	case t.Unit == diff.UnitKey:
		o.Units = o.Keys
	case t.Unit.IsWindowed() && incarnations <= 1:
		o.Units = t.NewUnits
	case t.Unit.IsWindowed():
		o.Units = min(t.NewUnits, t.Units.AtLeast())
	}
	return o
}

func (s *Span) candidate() Candidate {
	c := Candidate{Holes: []Hole{}}
	took := PerSecond(1, Duration(s.Speed.sum().V2).Std())
	for _, w := range s.Partitions {
		c.Partitions = append(c.Partitions, Partition{
			Records: w.Records, Keys: w.Keys, Busy: w.Busy, MostQueued: w.MostQueued, RecordsPerSecond: float64(w.Records) * float64(took),
		})
	}
	for _, h := range s.Holes {
		hole := h.Hole
		hole.Batches = h.Batches
		c.Holes = append(c.Holes, hole)
	}
	c.HoleCount, c.State = int64(len(c.Holes)), "off"
	if v2 := s.V2; v2 != nil {
		c.Strategy, c.Skew, c.Pressure, c.Reseeds, c.Rescales = v2.Strategy, v2.Skew, v2.Pressure, v2.Reseeds, v2.Rescales
		c.Processor, c.Implementation, c.State = v2.Processor, v2.Implementation, "running"
		for _, of := range v2.Routing {
			routing := of.Routing
			routing.Output, routing.Index, routing.Unsplittable = of.Output, of.Index, of.Unsplittable
			c.Routing = append(c.Routing, routing)
		}
	}
	if n := len(s.Holes); n > 0 && s.Holes[n-1].To == NoBatch {
		c.State = cmp.Or(s.Holes[n-1].Reason, "detached")
	}
	return c
}

// WhyNotComparable says why the speeds of the two paths must not be compared; "" where they
// may.
func (r *Report) WhyNotComparable() string {
	switch {
	case r.V2Off:
		return "V2 is off"
	case r.Broken != "":
		return "the comparison of the outputs failed"
	case r.Diff.Roots() > 0 && len(r.Diff.ByClass) == 1 && r.Diff.ByClass[diff.StateClass] > 0:
		return "the states differ"
	case r.Diff.Roots() > 0:
		return "the outputs differ"
	case r.Detached != "":
		return "V2 was detached"
	case r.Sampled:
		return "V2 was given some of the keys only"
	case r.Processed() < r.Ledger.Compared+r.Ledger.Filtered:
		return "V2's partitions did not process what was compared"
	}
	return ""
}
