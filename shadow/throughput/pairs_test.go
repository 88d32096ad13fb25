package throughput

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/shadow/estimate"
	"parallax/shadow/evidence"
)

func drawPairs(t *rapid.T) []pathTimes {
	times := rapid.Int64Range(1_000, 100_000_000)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pathTimes {
		return pathTimes{time.Duration(times.Draw(t, "v1")), time.Duration(times.Draw(t, "v2"))}
	}), 1, 60).Draw(t, "pairs")
}

func kept(pairs []pathTimes) (s Pairs) {
	for _, p := range pairs {
		s.Add(p[0], p[1])
	}
	return s
}

// The ratio of sums and the median lie between the pairs' ratios, and the ratio lies within
// its interval.
func TestTheRatioLiesWithinItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := drawPairs(t)
		s := kept(pairs)
		got := s.Ratio("")
		low, high := math.Inf(1), math.Inf(-1)
		for _, p := range pairs {
			ratio := float64(p[0]) / float64(p[1])
			low, high = min(low, ratio), max(high, ratio)
		}
		const rounding = 1e-9
		for name, x := range map[string]evidence.Figure{"ratio": got.Value, "median": got.Median} {
			if x := float64(x); x < low*(1-rounding) || x > high*(1+rounding) {
				t.Errorf("%s is %v, the pairs' ratios are from %v to %v", name, x, low, high)
			}
		}
		if !got.Comparable || got.Batches != len(pairs) || got.CI95.IsKnown() != (len(pairs) >= estimate.FewestPairs) {
			t.Errorf("%+v over %d pairs", got, len(pairs))
		}
		if value := float64(got.Value); got.CI95.IsKnown() && (value < got.CI95[0] || value > got.CI95[1] || got.CI95[0] <= 0) {
			t.Errorf("the ratio is %v, its interval %v", got.Value, got.CI95)
		}
	})
}

// A V2 that takes twice as long for each batch is half as fast in every figure.
func TestTwiceTheTimeIsHalfTheRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := drawPairs(t)
		s := kept(pairs)
		once := s.Ratio("")
		for i := range pairs {
			pairs[i][1] *= 2
		}
		s = kept(pairs)
		twice := s.Ratio("")
		for _, x := range [][2]float64{
			{float64(once.Value), float64(twice.Value)}, {float64(once.Median), float64(twice.Median)}, {once.CI95[0], twice.CI95[0]}, {once.CI95[1], twice.CI95[1]},
		} {
			if x != [2]float64{} && math.Abs(x[0]/x[1]-2) > 1e-9 {
				t.Errorf("%v became %v", x[0], x[1])
			}
		}
	})
}

// Slow phases last for many batches: blocks keep them together, and so the
// interval is wider than that of the same batches shuffled.
func TestNeighboursThatAreAlikeWidenTheInterval(t *testing.T) {
	const n = 512
	inPhases := make([]pathTimes, n)
	for i := range n {
		inPhases[i] = pathTimes{time.Millisecond, time.Duration(1+i/(n/4)%2) * time.Millisecond}
	}
	shuffled := slices.Clone(inPhases)
	rand.New(rand.NewPCG(1, 1)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	width := func(pairs []pathTimes) float64 {
		s := kept(pairs)
		ci := s.Ratio("").CI95
		return ci[1] - ci[0]
	}
	if phases, mixed := width(inPhases), width(shuffled); phases < 1.5*mixed || mixed == 0 {
		t.Errorf("in phases the interval is %v wide, shuffled %v", phases, mixed)
	}
}

// A long run is stored in longer and longer spans that cover all of it, so its interval
// describes the whole run and not only its end.
func TestALongRunsIntervalIsAboutTheWholeRun(t *testing.T) {
	var s Pairs
	for range 5 * keptPairs {
		s.Add(time.Second, time.Second)
	}
	for range 5 * keptPairs {
		s.Add(3*time.Second, time.Second)
	}
	got := s.Ratio("")
	if got.Value != 2 || got.Median != 3 || got.CI95[0] > 2 || got.CI95[1] < 2 || got.Batches != 10*keptPairs {
		t.Errorf("%+v", got)
	}
	if len(s.spans) > keptPairs || len(s.recent) > keptPairs {
		t.Errorf("%d spans and %d pairs are kept, %d are allowed", len(s.spans), len(s.recent), keptPairs)
	}
}

// Spans lose no pair and keep their order, for any length of the run.
func TestSpansAddUp(t *testing.T) {
	var s Pairs
	var sum pathTimes
	for i := range 3*keptPairs + 7 {
		s.Add(time.Duration(i), time.Duration(2*i))
		sum = sum.plus(pathTimes{time.Duration(i), time.Duration(2 * i)})
	}
	var spans pathTimes
	for i, span := range s.spans {
		spans = spans.plus(span)
		if i > 0 && i < len(s.spans)-1 && span[0] <= s.spans[i-1][0] {
			t.Fatalf("span %d is %v after %v", i, span, s.spans[i-1])
		}
	}
	if spans != sum || s.sum != sum {
		t.Errorf("the spans add up to %v, all to %v, want %v", spans, s.sum, sum)
	}
}

func TestThereIsNoRatioWhereOneWouldMislead(t *testing.T) {
	s := kept([]pathTimes{{1, 2}, {3, 4}})
	if got := s.Ratio("the outputs differ"); got != (evidence.Ratio{Why: "the outputs differ", Batches: 2, Pairs: 2}) {
		t.Errorf("%+v", got)
	}
	if got := new(Pairs).Ratio(""); got.Comparable || got.Why == "" || got.Value != 0 {
		t.Errorf("%+v", got)
	}
}
