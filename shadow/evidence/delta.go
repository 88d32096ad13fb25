package evidence

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/zeebo/xxh3"

	"parallax/diff"
)

// SetFound sets what the comparison found between two moments of a run, of which before and
// after are the reports; part is what the comparison says of the time between. at is the
// wall time of the second.
func (s *Span) SetFound(before, after *Report, part diff.Part, at time.Time) {
	s.Require, s.Mixed, s.Origin = after.Require, part.Mixed, part.Origin
	s.Outputs = after.Outputs.minus(before.Outputs)
	for i, o := range after.Diff.Outputs {
		var b diff.Output
		if i < len(before.Diff.Outputs) {
			b = before.Diff.Outputs[i]
		}
		t := Topic{
			Topic: o.Topic, Unit: o.Unit, Rows: o.Rows - b.Rows, ToleratedRows: o.ToleratedRows - b.ToleratedRows,
			Root: o.Root - b.Root, Cascade: o.Cascade - b.Cascade, ClosedWindows: o.ClosedWindows - b.ClosedWindows, NewUnits: o.Units - b.Units,
		}
		if i < len(part.Levels) && part.IsCompared[i] {
			t.Level = &part.Levels[i]
		}
		s.Topics = append(s.Topics, t)
	}
	s.setLevels()
	s.Strata, s.ByClass = subtractCounts(after.Strata, before.Strata), subtractCounts(after.Diff.ByClass, before.Diff.ByClass)
	s.setDivergences(before.Diff.Signatures, after.Diff.Signatures, part.Largest, at)
	for i, c := range after.Columns {
		if i < len(before.Columns) {
			b := before.Columns[i]
			c = Column{
				c.Topic, c.Name, c.Rows - b.Rows, c.Same - b.Same, c.NullV1Only - b.NullV1Only, c.NullV2Only - b.NullV2Only,
				c.Type - b.Type, c.Tolerated - b.Tolerated, c.Differ - b.Differ,
			}
		}
		s.Columns = append(s.Columns, c)
	}
	s.setRules(before.Diff.Tolerated, after.Diff.Tolerated)
	known := map[string]Mutation{}
	for _, m := range before.Sensitivity.Mutations {
		known[m.Name] = m
	}
	for _, m := range after.Sensitivity.Mutations {
		b := known[m.Name]
		m.Injected, m.Detected = m.Injected-b.Injected, m.Detected-b.Detected
		if b.Missed != "" {
			m.Missed = "" // it is in an earlier span
		}
		s.Mutations = append(s.Mutations, m)
	}
	s.SecondOpinions = SecondOpinions{
		Equal: after.SecondOpinions.Equal - before.SecondOpinions.Equal, Differing: after.SecondOpinions.Differing - before.SecondOpinions.Differing,
	}
	if after.Broken != before.Broken {
		s.Broken = after.Broken
	}
}

func (o Outputs) minus(p Outputs) Outputs {
	return Outputs{
		V1: o.V1 - p.V1, V2Raw: o.V2Raw - p.V2Raw, V2Merged: o.V2Merged - p.V2Merged, Deduplicated: o.Deduplicated - p.Deduplicated,
		Reordered: o.Reordered - p.Reordered, V1DeadLetters: o.V1DeadLetters - p.V1DeadLetters, V2DeadLetters: o.V2DeadLetters - p.V2DeadLetters,
	}
}

func subtractCounts[K comparable](a, b map[K]int64) map[K]int64 {
	counts := map[K]int64{}
	for k, n := range a {
		if n -= b[k]; n != 0 {
			counts[k] = n
		}
	}
	return counts
}

// mostSampled is how many signatures of a span have samples.
const mostSampled = 500

func (s *Span) setDivergences(before, after []diff.Signature, largest map[string]*diff.Example, at time.Time) {
	known := make(map[string]*diff.Signature, len(before))
	for i := range before {
		known[before[i].ID] = &before[i]
	}
	for i := range after {
		g := &after[i]
		count, roots := g.Count, g.Roots
		b := known[g.ID]
		if b != nil {
			count, roots = count-b.Count, roots-b.Roots
		}
		if count == 0 {
			continue
		}
		d := Divergence{
			Signature: g.ID, Class: g.Class, Topic: g.Topic, Columns: g.Columns, Root: roots, Cascade: count - roots,
			Hypothesis: g.Hypothesis, HypothesisText: g.HypothesisText, Note: g.Note, V2Partitions: g.V2Partitions, Seen: [2]time.Time{at, at},
		}
		if len(s.Divergences) < mostSampled {
			if b == nil {
				d.Samples.First = sampleOf(&g.Example)
			}
			d.Samples.Latest, d.Samples.Largest = sampleOf(g.Latest), sampleOf(largest[g.ID])
		} else {
			s.DetailGone = "samples"
		}
		s.Divergences = append(s.Divergences, d)
	}
}

// sampleOf returns a sample of an example, nil for none.
func sampleOf(e *diff.Example) *Sample {
	if e == nil {
		return nil
	}
	sample := &Sample{Example: *e}
	for _, c := range e.Columns {
		sample.Kinds = append(sample.Kinds, c.Kind)
	}
	return sample
}

func (s *Span) setRules(before, after []diff.Tolerated) {
	for i, t := range after {
		r := RuleHits{ID: ruleID(t.Rule), Rule: t.Rule, Hits: t.Rows, Of: t.Of}
		if i < len(before) {
			r.Hits, r.Of = t.Rows-before[i].Rows, t.Of-before[i].Of
		}
		if r.Hits > 0 {
			if i >= len(before) || before[i].Rows == 0 {
				r.Samples.First = sampleOf(t.Example)
			}
			r.Samples.Latest = sampleOf(t.Latest)
		}
		s.Rules = append(s.Rules, r)
	}
}

// ruleID identifies a rule by what it says.
func ruleID(r diff.Rule) string {
	text, err := json.Marshal(r)
	if err != nil {
		return r.String() // an amount that is no number
	}
	return fmt.Sprintf("%012x", xxh3.Hash(text)>>16)
}
