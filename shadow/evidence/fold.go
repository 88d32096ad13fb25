package evidence

import (
	"fmt"
	"slices"
	"time"
)

// Fold adds up the spans of one run, in the order of their positions. The zero value is
// empty.
//
// The clean stretch is what was compared since the newest interruption: a part without a V2,
// a fallback or rollback, or positions whose spans are missing. What was before it is in
// Stretch.Before, and never in the sums.
type Fold struct {
	clean, before Span
	incarnations  map[string]bool
	ever          map[string]bool // the incarnations of all spans
	latest        *Span           // nil before the first one
	first         *Span
	from          int64 // where the clean stretch begins
	missing       []PositionRange
	interruptions []Interruption
	// away is the hole at the end of the run, while V2 is away.
	away     *SpanHole
	timeline timeline
	seen     map[string]*Sighting
}

// Before sums up the part of a run that is before its clean stretch.
type Before struct {
	Spans      int       `json:"spans"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Records    int64     `json:"records"`
	Compared   int64     `json:"compared"`
	Rows       int64     `json:"rows"`
	Root       int64     `json:"root"`
	Cascade    int64     `json:"cascade"`
	Signatures []string  `json:"signatures"`
}

// Add adds a span. One that begins before the end of the last one is left out: its positions
// are counted already. The span must not be modified afterwards.
func (f *Fold) Add(s *Span) {
	switch {
	case f.latest == nil:
		f.from, f.first, f.ever = s.From, s, map[string]bool{}
	case s.From < f.latest.To:
		return
	case s.From > f.latest.To:
		gap := PositionRange{f.latest.To, s.From}
		f.missing = append(f.missing, gap)
		f.interrupt(Interruption{
			Kind: "missing", At: s.Wall[0], To: s.From,
			Reason: fmt.Sprintf("the evidence of the positions from %d to %d was not stored", gap.From, gap.To-1),
		})
		f.away = nil
	}
	f.latest, f.ever[s.Incarnation] = s, true
	f.timeline.add(s)
	f.sight(s)
	i, isInterrupted := s.Interrupts()
	if s.IsHole() {
		hole := &s.Holes[len(s.Holes)-1]
		f.before.Merge(s)
		if f.away != nil && f.away.From == hole.From { // it goes on
			f.interruptions[len(f.interruptions)-1], f.from = i, i.To
		} else {
			f.interrupt(i)
		}
		f.away = hole
		return
	}
	f.away = nil
	if isInterrupted { // what the span has is after it
		i.At, i.To = s.Wall[0], s.From
		f.interrupt(i)
	}
	f.clean.Merge(s)
	if f.incarnations == nil {
		f.incarnations = map[string]bool{}
	}
	f.incarnations[s.Incarnation] = true
}

// interrupt ends the clean stretch.
func (f *Fold) interrupt(i Interruption) {
	if f.clean.Merged > 0 {
		f.before.Merge(&f.clean)
	}
	f.clean, f.incarnations, f.from = Span{}, nil, i.To
	f.interruptions = append(f.interruptions, i)
}

func (f *Fold) sight(s *Span) {
	for _, d := range s.Divergences {
		if f.seen == nil {
			f.seen = map[string]*Sighting{}
		}
		at := f.seen[d.Signature]
		if at == nil {
			at = &Sighting{Signature: d.Signature, First: d.Seen[0]}
			f.seen[d.Signature] = at
		}
		at.Last = d.Seen[1]
	}
}

// Stretch returns the clean stretch, nil before the first span. It has no identity and no
// retries: these are the store's.
func (f *Fold) Stretch() *Stretch {
	if f.latest == nil {
		return nil
	}
	clean := f.clean
	if clean.Merged == 0 {
		clean = f.latest.withoutCounts()
	}
	s := &Stretch{
		Job: clean.Job, From: f.from, To: f.latest.To, First: clean.Wall[0], Last: f.latest.Wall[1], Incarnations: len(f.incarnations),
		Missing: f.missing, Interruptions: slices.Clone(f.interruptions), Timeline: f.timeline.list(), Before: f.before.summary(),
	}
	slices.Reverse(s.Interruptions)
	s.Report, s.DetailGone = clean.Report(len(f.incarnations)), clean.DetailGone
	if f.away != nil { // V2 is still away
		s.Detached, s.Shed, s.State = f.away.Reason, f.away.Shed, f.away.Reason
	}
	for _, at := range f.seen {
		s.Sightings = append(s.Sightings, *at)
	}
	return s
}

// Whole returns all that was added as one stretch: interruptions do not end it, so Before is
// nil. It is nil before the first span.
func (f *Fold) Whole() *Stretch {
	s := f.Stretch()
	if s == nil {
		return nil
	}
	var all Span
	for _, part := range []*Span{&f.before, &f.clean} {
		if part.Merged > 0 {
			all.Merge(part)
		}
	}
	if all.Merged > 0 {
		s.Report, s.DetailGone = all.Report(len(f.ever)), all.DetailGone
	}
	s.From, s.First, s.Incarnations, s.Before = f.first.From, f.first.Wall[0], len(f.ever), nil
	return s
}

// withoutCounts returns what a span says of the job, without what was counted.
func (s *Span) withoutCounts() Span {
	c := Span{
		Job: s.Job, Run: s.Run, Task: s.Task, Program: s.Program, Roles: s.Roles, Require: s.Require, Wall: [2]time.Time{s.Wall[1], s.Wall[1]},
		Input: Input{WindowSize: s.Input.WindowSize, WindowGrace: s.Input.WindowGrace}, Lag: s.Lag,
	}
	for _, t := range s.Topics {
		c.Topics = append(c.Topics, Topic{Topic: t.Topic, Unit: t.Unit})
	}
	for _, r := range s.Rules {
		c.Rules = append(c.Rules, RuleHits{ID: r.ID, Rule: r.Rule})
	}
	if s.V2 != nil {
		v2 := *s.V2
		v2.Routing = slices.Clone(v2.Routing)
		for i := range v2.Routing {
			v2.Routing[i].Records = make([]int64, len(v2.Routing[i].Records))
		}
		v2.Reseeds, v2.Rescales, v2.Pressure = 0, 0, Pressure{}
		c.V2 = &v2
	}
	return c
}

// summary returns what was before the clean stretch, nil for nothing.
func (s *Span) summary() *Before {
	if s.Merged == 0 {
		return nil
	}
	b := &Before{
		Spans: s.Merged, From: s.Wall[0], To: s.Wall[1], Records: s.Ledger.Records(), Compared: s.Ledger.Compared + s.Ledger.Filtered,
		Rows: s.Outputs.V1, Signatures: []string{},
	}
	for _, d := range s.Divergences {
		b.Root += d.Root
		b.Cascade += d.Cascade
		b.Signatures = append(b.Signatures, d.Signature)
	}
	return b
}
