package shadow

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawPairs(t *rapid.T) [][2]time.Duration {
	times := rapid.Int64Range(1_000, 100_000_000)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]time.Duration {
		return [2]time.Duration{time.Duration(times.Draw(t, "v1")), time.Duration(times.Draw(t, "v2"))}
	}), 1, 60).Draw(t, "pairs")
}

func kept(pairs [][2]time.Duration) (r recentPairs, v1, v2 time.Duration) {
	for _, p := range pairs {
		r.add(p[0], p[1])
		v1, v2 = v1+p[0], v2+p[1]
	}
	return r, v1, v2
}

// No resample of pairs has a ratio of sums outside of the pairs' own ratios, so
// neither have the ratio, its interval and the median.
func TestRatioAndIntervalLieBetweenThePairsOwnRatios(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := drawPairs(t)
		r, v1, v2 := kept(pairs)
		got := r.ratio(v1, v2, "")
		low, high := math.Inf(1), math.Inf(-1)
		for _, p := range pairs {
			ratio := float64(p[0]) / float64(p[1])
			low, high = min(low, ratio), max(high, ratio)
		}
		const rounding = 1e-9
		for name, x := range map[string]float64{"ratio": got.Value, "median": got.Median, "low": got.CI95[0], "high": got.CI95[1]} {
			if x < low*(1-rounding) || x > high*(1+rounding) {
				t.Errorf("%s is %v, the pairs' ratios are from %v to %v", name, x, low, high)
			}
		}
		if got.CI95[0] > got.CI95[1] || !got.Comparable || got.Batches != len(pairs) {
			t.Errorf("%+v over %d pairs", got, len(pairs))
		}
	})
}

// A V2 that takes twice as long for each batch is half as fast in every figure.
func TestTwiceTheTimeIsHalfTheRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := drawPairs(t)
		r, v1, v2 := kept(pairs)
		once := r.ratio(v1, v2, "")
		for i := range pairs {
			pairs[i][1] *= 2
		}
		r, v1, v2 = kept(pairs)
		twice := r.ratio(v1, v2, "")
		for _, x := range [][2]float64{
			{once.Value, twice.Value}, {once.Median, twice.Median}, {once.CI95[0], twice.CI95[0]}, {once.CI95[1], twice.CI95[1]},
		} {
			if math.Abs(x[0]/x[1]-2) > 1e-9 {
				t.Errorf("%v became %v", x[0], x[1])
			}
		}
	})
}

// Slow phases last for many batches: blocks keep them together, and so the
// interval is wider than that of the same batches shuffled.
func TestNeighboursThatAreAlikeWidenTheInterval(t *testing.T) {
	const n = 512
	inPhases := make([][2]time.Duration, n)
	for i := range n {
		inPhases[i] = [2]time.Duration{time.Millisecond, time.Duration(1+i/(n/4)%2) * time.Millisecond}
	}
	shuffled := slices.Clone(inPhases)
	rand.New(rand.NewPCG(1, 1)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	width := func(pairs [][2]time.Duration) float64 {
		r, v1, v2 := kept(pairs)
		ci := r.ratio(v1, v2, "").CI95
		return ci[1] - ci[0]
	}
	if phases, mixed := width(inPhases), width(shuffled); phases < 1.5*mixed || mixed == 0 {
		t.Errorf("in phases the interval is %v wide, shuffled %v", phases, mixed)
	}
}

func TestTheLatestPairsAreKept(t *testing.T) {
	var r recentPairs
	for range keptPairs {
		r.add(time.Second, time.Second)
	}
	for range keptPairs {
		r.add(3*time.Second, time.Second)
	}
	if got := r.ratio(4*time.Second, 2*time.Second, ""); got.Value != 2 || got.Median != 3 || got.CI95 != [2]float64{3, 3} || got.Batches != 2*keptPairs {
		t.Errorf("%+v", got)
	}
}

func TestThereIsNoRatioWhereOneWouldMislead(t *testing.T) {
	r, v1, v2 := kept([][2]time.Duration{{1, 2}, {3, 4}})
	if got := r.ratio(v1, v2, "the outputs differ"); got != (Ratio{Why: "the outputs differ", Batches: 2}) {
		t.Errorf("%+v", got)
	}
	if got := new(recentPairs).ratio(0, 0, ""); got.Comparable || got.Why == "" || got.Value != 0 {
		t.Errorf("%+v", got)
	}
}
