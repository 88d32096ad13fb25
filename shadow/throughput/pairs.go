package throughput

import (
	"slices"
	"time"

	"parallax/shadow/estimate"
	"parallax/shadow/evidence"
)

// Pairs stores pairs of the two paths' times for the same work, for figures that need more
// than sums, in limited memory. The zero value is empty.
type Pairs struct {
	pairs  int
	sum    pathTimes
	recent []pathTimes // the latest pairs, from oldest on round
	oldest int
	// spans cover all pairs in order. Each is the sum of the same number of pairs, except
	// for the last one, which may be incomplete. When there are too many, neighbours are
	// joined.
	spans   []pathTimes
	perSpan int
	inLast  int
}

// pathTimes are the times of the control and the candidate.
type pathTimes [2]time.Duration

// keptPairs limits the memory of a long run.
const keptPairs = 4096

// Add adds the two times of the same work.
func (s *Pairs) Add(control, candidate time.Duration) {
	pair := pathTimes{control, candidate}
	s.pairs++
	s.sum = s.sum.plus(pair)
	if len(s.recent) < keptPairs {
		s.recent = append(s.recent, pair)
	} else {
		s.recent[s.oldest] = pair
		s.oldest = (s.oldest + 1) % keptPairs
	}
	if s.inLast < s.perSpan {
		s.inLast++
		last := &s.spans[len(s.spans)-1]
		*last = last.plus(pair)
		return
	}
	if len(s.spans) == keptPairs {
		for i := range keptPairs / 2 {
			s.spans[i] = s.spans[2*i].plus(s.spans[2*i+1])
		}
		s.spans, s.perSpan = s.spans[:keptPairs/2], 2*s.perSpan
	}
	s.perSpan = max(s.perSpan, 1)
	s.spans, s.inLast = append(s.spans, pair), 1
}

func (t pathTimes) plus(other pathTimes) pathTimes {
	return pathTimes{t[0] + other[0], t[1] + other[1]}
}

// Ratio returns the figures of all pairs, or none if why gives a reason.
func (s *Pairs) Ratio(why string) evidence.Ratio {
	if why == "" && (s.sum[Control] <= 0 || s.sum[Candidate] <= 0) {
		why = "no batch was measured on both paths"
	}
	if why != "" {
		return evidence.Ratio{Why: why, Batches: s.pairs, Pairs: s.pairs}
	}
	r := evidence.Ratio{Comparable: true, Value: evidence.Figure(s.sum.ratio()), Median: evidence.Figure(s.median()), Batches: s.pairs, Pairs: s.pairs}
	if e, isKnown := s.estimate(); isKnown {
		value := float64(r.Value)
		r.CI95 = evidence.Interval{min(e.Low, value), max(e.High, value)}
	}
	return r
}

// ratio is the candidate's speed divided by the control's.
func (t pathTimes) ratio() float64 { return float64(t[Control]) / float64(t[Candidate]) }

// median is the median of the latest pairs' ratios; of two middle ones the lower.
func (s *Pairs) median() float64 {
	var ratios []float64
	for _, p := range s.recent {
		if p[Control] > 0 && p[Candidate] > 0 {
			ratios = append(ratios, p.ratio())
		}
	}
	if len(ratios) == 0 {
		return 0
	}
	slices.Sort(ratios)
	return ratios[(len(ratios)-1)/2]
}

// estimate is the ratio of the sums with its interval; false if there are too few pairs for
// an interval.
func (s *Pairs) estimate() (estimate.Estimate, bool) {
	spans := make([][2]float64, len(s.spans))
	for i, span := range s.spans {
		spans[i] = [2]float64{float64(span[Control]), float64(span[Candidate])}
	}
	return estimate.RatioOfSums(spans)
}
