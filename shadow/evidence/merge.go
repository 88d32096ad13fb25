package evidence

import (
	"cmp"
	"maps"
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// Merge adds a later span of the same run. The result is what one span over both would have
// been: counts are sums, the level of a topic is the weakest, and of samples some are kept.
// o is not modified and not referred to afterwards.
func (s *Span) Merge(o *Span) {
	if s.Merged == 0 {
		*s = Span{
			Version: o.Version, Job: o.Job, Task: o.Task, Run: o.Run, Incarnation: o.Incarnation, From: o.From, To: o.From, Stage: o.Stage, Batches: o.Batches,
			Wall: o.Wall, Require: o.Require, Lag: Lag{Most: -1},
		}
	}
	s.Merged += o.Merged
	s.From, s.To = min(s.From, o.From), max(s.To, o.To)
	s.Program, s.Roles = o.Program, o.Roles
	s.mergeTimes(o)
	for _, of := range o.Offsets {
		s.addOffsets(of)
	}
	s.Ledger = s.Ledger.Plus(o.Ledger)
	s.Late += o.Late
	s.Uncounted += o.Uncounted
	s.Outputs = s.Outputs.plus(o.Outputs)
	s.mergeComparison(o)
	s.Speed.Merge(o.Speed)
	s.Tax.Merge(o.Tax)
	s.Lag = Lag{Most: max(s.Lag.Most, o.Lag.Most), Growing: o.Lag.Growing}
	s.mergeV2(o)
	s.StateEqual = s.StateEqual.plus(o.StateEqual)
	s.SecondOpinions.Equal += o.SecondOpinions.Equal
	s.SecondOpinions.Differing += o.SecondOpinions.Differing
	s.Batches[1] = o.Batches[1]
	if n := len(s.Holes); n > 0 && !o.IsHole() && s.Holes[n-1].To == NoBatch {
		s.Holes[n-1].To = BatchNumber(o.Batches[0])
	}
	for _, h := range o.Holes {
		s.addHole(h)
	}
	s.Fallback, s.Rollback, s.Broken = cmp.Or(s.Fallback, o.Fallback), cmp.Or(s.Rollback, o.Rollback), cmp.Or(s.Broken, o.Broken)
	s.Input = s.Input.plus(o.Input)
	s.Emission = mergeEmission(s.Emission, o.Emission)
	s.DetailGone = cmp.Or(s.DetailGone, o.DetailGone)
}

func (s *Span) mergeTimes(o *Span) {
	s.EventTimes.Merge(o.EventTimes)
	switch {
	case o.EventTime == nil:
	case s.EventTime == nil:
		s.EventTime = &[2]int64{o.EventTime[0], o.EventTime[1]}
	default:
		s.EventTime = &[2]int64{min(s.EventTime[0], o.EventTime[0]), max(s.EventTime[1], o.EventTime[1])}
	}
	s.Lateness = max(s.Lateness, o.Lateness)
	if o.Wall[0].Before(s.Wall[0]) {
		s.Wall[0] = o.Wall[0]
	}
	if o.Wall[1].After(s.Wall[1]) {
		s.Wall[1] = o.Wall[1]
	}
}

// compareTopicPartitions orders by topic, then partition.
func compareTopicPartitions(a, b row.TopicPartition) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
}

func (s *Span) addOffsets(o Offsets) {
	i, found := slices.BinarySearchFunc(s.Offsets, o.TopicPartition, func(e Offsets, tp row.TopicPartition) int { return compareTopicPartitions(e.TopicPartition, tp) })
	if !found {
		s.Offsets = slices.Insert(s.Offsets, i, o)
		return
	}
	of := &s.Offsets[i]
	of.From, of.To = min(of.From, o.From), max(of.To, o.To)
}

func (o Outputs) plus(p Outputs) Outputs {
	return Outputs{
		V1: o.V1 + p.V1, V2Raw: o.V2Raw + p.V2Raw, V2Merged: o.V2Merged + p.V2Merged, Deduplicated: o.Deduplicated + p.Deduplicated,
		Reordered: o.Reordered + p.Reordered, V1DeadLetters: o.V1DeadLetters + p.V1DeadLetters, V2DeadLetters: o.V2DeadLetters + p.V2DeadLetters,
	}
}

func (c StateComparisons) plus(o StateComparisons) StateComparisons {
	return StateComparisons{
		Equal: c.Equal + o.Equal, Differing: c.Differing + o.Differing, NotCompared: c.NotCompared + o.NotCompared, Why: cmp.Or(o.Why, c.Why),
	}
}

func (i Input) plus(o Input) Input {
	topics := slices.Concat(i.DeadLetterTopics, o.DeadLetterTopics)
	slices.Sort(topics)
	return Input{
		BrokerGaps: i.BrokerGaps + o.BrokerGaps, RefusedRows: i.RefusedRows + o.RefusedRows, ChangedTimestamps: i.ChangedTimestamps + o.ChangedTimestamps,
		DeadLetters: i.DeadLetters + o.DeadLetters, DeadLetterTopics: slices.Compact(topics),
		Decoded: i.Decoded + o.Decoded, DecodeTime: i.DecodeTime + o.DecodeTime, Encoded: i.Encoded + o.Encoded, EncodeTime: i.EncodeTime + o.EncodeTime,
		WindowSize: max(i.WindowSize, o.WindowSize), WindowGrace: max(i.WindowGrace, o.WindowGrace),
	}
}

// mergeComparison adds what the comparison found.
func (s *Span) mergeComparison(o *Span) {
	s.Mixed = s.Mixed || o.Mixed
	for i, t := range o.Topics {
		if i == len(s.Topics) {
			s.Topics = append(s.Topics, Topic{Topic: t.Topic, Unit: t.Unit})
		}
		s.Topics[i].merge(t)
	}
	s.setLevels()
	s.Strata = addCounts(s.Strata, o.Strata)
	s.ByClass = addCounts(s.ByClass, o.ByClass)
	s.Origin = mergeOrigins(s.Origin, o.Origin)
	for _, d := range o.Divergences {
		s.addDivergence(d)
	}
	for i, c := range o.Columns { // in the order of the outputs, of which two may be one topic
		if i == len(s.Columns) {
			s.Columns = append(s.Columns, Column{Topic: c.Topic, Name: c.Name})
		}
		s.Columns[i].add(c)
	}
	for i, r := range o.Rules {
		if i == len(s.Rules) {
			s.Rules = append(s.Rules, RuleHits{ID: r.ID, Rule: r.Rule})
		}
		own := &s.Rules[i]
		own.Hits += r.Hits
		own.Of += r.Of
		own.Samples.merge(r.Samples)
	}
	for _, m := range o.Mutations {
		s.addMutation(m)
	}
}

// setLevels makes Levels of Topics: the weakest of those with the same topic.
func (s *Span) setLevels() {
	s.Levels = map[string]diff.Level{}
	for _, t := range s.Topics {
		if t.Level == nil {
			continue
		}
		if l, known := s.Levels[t.Topic]; !known || *t.Level < l {
			s.Levels[t.Topic] = *t.Level
		}
	}
}

func (t *Topic) merge(o Topic) {
	if o.Level != nil && (t.Level == nil || *o.Level < *t.Level) {
		level := *o.Level
		t.Level = &level
	}
	t.Rows += o.Rows
	t.ToleratedRows += o.ToleratedRows
	t.Root += o.Root
	t.Cascade += o.Cascade
	t.ClosedWindows += o.ClosedWindows
	t.NewUnits += o.NewUnits
	t.Units.Merge(o.Units)
	t.Keys.Merge(o.Keys)
}

func addCounts[K comparable](a, b map[K]int64) map[K]int64 {
	sum := maps.Clone(a)
	if sum == nil {
		sum = map[K]int64{}
	}
	for k, n := range b {
		sum[k] += n
	}
	return sum
}

func mergeOrigins(a, b *diff.Origin) *diff.Origin {
	switch {
	case b == nil:
		return a
	case a == nil:
		c := *b
		c.V2Partitions = slices.Clone(b.V2Partitions)
		return &c
	}
	c := diff.Origin{FirstBatch: min(a.FirstBatch, b.FirstBatch), LastBatch: max(a.LastBatch, b.LastBatch)}
	if a.V2Partitions != nil && b.V2Partitions != nil {
		c.V2Partitions = unionOf(a.V2Partitions, b.V2Partitions)
	}
	return &c
}

func unionOf(a, b []int32) []int32 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *Span) addDivergence(o Divergence) {
	i := slices.IndexFunc(s.Divergences, func(d Divergence) bool { return d.Signature == o.Signature })
	if i < 0 {
		c := o
		c.Columns, c.V2Partitions = slices.Clone(o.Columns), slices.Clone(o.V2Partitions)
		c.Samples = Samples{}
		c.Samples.merge(o.Samples)
		s.Divergences = append(s.Divergences, c)
		return
	}
	d := &s.Divergences[i]
	d.Root += o.Root
	d.Cascade += o.Cascade
	if d.Hypothesis != o.Hypothesis { // no one hypothesis fits all of them
		d.Hypothesis, d.HypothesisText = "", ""
	}
	d.Note = cmp.Or(o.Note, d.Note)
	d.V2Partitions = unionOf(d.V2Partitions, o.V2Partitions)
	if o.Seen[0].Before(d.Seen[0]) {
		d.Seen[0] = o.Seen[0]
	}
	if o.Seen[1].After(d.Seen[1]) {
		d.Seen[1] = o.Seen[1]
	}
	d.Samples.merge(o.Samples)
}

// mostOthers is how many examples are kept beside the first and the latest.
const mostOthers = 6

// merge adds later samples. Of those between the first and the latest it keeps some, spread
// over the time.
func (s *Samples) merge(o Samples) {
	var list []Sample
	for _, of := range []Samples{*s, o} {
		if of.First != nil {
			list = append(list, *of.First)
		}
		list = append(list, of.Others...)
		if of.Latest != nil {
			list = append(list, *of.Latest)
		}
	}
	*s = Samples{Largest: larger(s.Largest, o.Largest)}
	if len(list) == 0 {
		return
	}
	s.First = &list[0]
	if len(list) == 1 {
		return
	}
	s.Latest = &list[len(list)-1]
	between := list[1 : len(list)-1]
	for len(between) > mostOthers {
		// The two halves have the same number of samples, however many spans they are of: one
		// of every two goes.
		kept := between[:0:0]
		for i := range between {
			if i%2 == 0 {
				kept = append(kept, between[i])
			}
		}
		between = kept
	}
	s.Others = slices.Clone(between)
}

// larger returns the sample whose values are further apart, the first one of two that are alike.
func larger(a, b *Sample) *Sample {
	if a == nil || b != nil && b.Amount > a.Amount {
		return b
	}
	return a
}

func (c *Column) add(o Column) {
	c.Rows += o.Rows
	c.Same += o.Same
	c.NullV1Only += o.NullV1Only
	c.NullV2Only += o.NullV2Only
	c.Type += o.Type
	c.Tolerated += o.Tolerated
	c.Differ += o.Differ
}

func (s *Span) addMutation(o Mutation) {
	i := slices.IndexFunc(s.Mutations, func(m Mutation) bool { return m.Name == o.Name })
	if i < 0 {
		s.Mutations = append(s.Mutations, o)
		return
	}
	m := &s.Mutations[i]
	m.Injected += o.Injected
	m.Detected += o.Detected
	m.Missed = cmp.Or(m.Missed, o.Missed)
}

// mergeV2 adds what V2 did. What is a state and not a count is the later one's.
func (s *Span) mergeV2(o *Span) {
	for i, w := range o.Partitions {
		if i == len(s.Partitions) {
			s.Partitions = append(s.Partitions, Work{})
		}
		p := &s.Partitions[i]
		p.Records += w.Records
		p.Busy += w.Busy
		p.Keys, p.MostQueued = max(p.Keys, w.Keys), max(p.MostQueued, w.MostQueued)
	}
	if o.V2 == nil {
		return
	}
	before := s.V2
	v2 := *o.V2
	v2.Routing = slices.Clone(o.V2.Routing)
	for i := range v2.Routing {
		v2.Routing[i].Records = slices.Clone(v2.Routing[i].Records)
	}
	s.V2 = &v2
	if before == nil {
		return
	}
	v2.Reseeds += before.Reseeds
	v2.Rescales += before.Rescales
	v2.Pressure.Worst = max(v2.Pressure.Worst, before.Pressure.Worst)
	v2.Pressure.Throttled += before.Pressure.Throttled
	v2.Sampled = v2.Sampled || before.Sampled
	for i := range v2.Routing {
		if i >= len(before.Routing) {
			break
		}
		r := &v2.Routing[i]
		r.Forced = r.Forced || before.Routing[i].Forced
		for p, n := range before.Routing[i].Records {
			if p == len(r.Records) {
				r.Records = append(r.Records, 0)
			}
			r.Records[p] += n
		}
	}
}

// addHole adds a part of a hole, which may be the continuation of the last one.
func (s *Span) addHole(o SpanHole) {
	o.Offsets = slices.Clone(o.Offsets)
	if n := len(s.Holes); n > 0 && s.Holes[n-1].Hole.From == o.Hole.From {
		h := &s.Holes[n-1]
		h.Records += o.Records
		h.Batches += o.Batches
		h.To, h.Reason = o.To, o.Reason
		for _, of := range o.Offsets {
			i, found := slices.BinarySearchFunc(h.Offsets, of.TopicPartition, func(e OffsetRange, tp row.TopicPartition) int { return compareTopicPartitions(e.TopicPartition, tp) })
			if !found {
				h.Offsets = slices.Insert(h.Offsets, i, of)
				continue
			}
			h.Offsets[i].From, h.Offsets[i].To = min(h.Offsets[i].From, of.From), max(h.Offsets[i].To, of.To)
		}
		return
	}
	s.Holes = append(s.Holes, o)
}
