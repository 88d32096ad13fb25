package shadow

import (
	"math/rand/v2"
	"slices"
	"time"
)

// recentPairs keeps the latest pairs of the two paths' times for the same work,
// for what sums do not tell. The zero value is empty.
type recentPairs struct {
	batches  int // of all time
	pairs    [][2]time.Duration
	position int
}

// keptPairs bounds what a long run remembers.
const keptPairs = 4096

func (r *recentPairs) add(v1, v2 time.Duration) {
	r.batches++
	if len(r.pairs) < keptPairs {
		r.pairs = append(r.pairs, [2]time.Duration{v1, v2})
		return
	}
	r.pairs[r.position] = [2]time.Duration{v1, v2}
	r.position = (r.position + 1) % keptPairs
}

// ratio makes the figures for given sums over all batches.
func (r *recentPairs) ratio(v1, v2 time.Duration, why string) Ratio {
	if why == "" && (v1 <= 0 || v2 <= 0) {
		why = "no batch was timed on both paths"
	}
	if why != "" {
		return Ratio{Why: why, Batches: r.batches}
	}
	value := v1.Seconds() / v2.Seconds()
	inOrder := slices.Concat(r.pairs[r.position:], r.pairs[:r.position])
	return Ratio{
		Comparable: true, Value: value, Median: medianRatio(inOrder), CI95: interval(inOrder, value), Batches: r.batches, Pairs: r.batches,
	}
}

// medianRatio is the median of the batches' own ratios; the lower one of two.
func medianRatio(pairs [][2]time.Duration) float64 {
	var ratios []float64
	for _, p := range pairs {
		if p[0] > 0 && p[1] > 0 {
			ratios = append(ratios, float64(p[0])/float64(p[1]))
		}
	}
	if len(ratios) == 0 {
		return 0
	}
	slices.Sort(ratios)
	return ratios[(len(ratios)-1)/2]
}

// interval bootstraps the ratio of sums in blocks of consecutive batches
// (Künsch 1989), since neighbouring batches are alike; the block is as long as
// the cube root of the number of batches. The seed is fixed: the same times give
// the same interval.
func interval(inOrder [][2]time.Duration, ratio float64) [2]float64 {
	n := len(inOrder)
	if n < 2 {
		return [2]float64{ratio, ratio}
	}
	block := 1
	for block*block*block < n {
		block++
	}
	const resamples = 1000
	random := rand.New(rand.NewPCG(1, 2))
	ratios := make([]float64, 0, resamples)
	for range resamples {
		var v1, v2 time.Duration
		for drawn := 0; drawn < n; drawn += block {
			start := random.IntN(n - block + 1)
			for _, pair := range inOrder[start : start+min(block, n-drawn)] {
				v1 += pair[0]
				v2 += pair[1]
			}
		}
		if v2 > 0 {
			ratios = append(ratios, float64(v1)/float64(v2))
		}
	}
	if len(ratios) == 0 {
		return [2]float64{ratio, ratio}
	}
	return middle95(ratios)
}

// middle95 sorts figures and returns between which the middle 95 % of them lie.
func middle95(figures []float64) [2]float64 {
	if len(figures) == 0 {
		return [2]float64{}
	}
	slices.Sort(figures)
	return [2]float64{figures[len(figures)*25/1000], figures[min(len(figures)*975/1000, len(figures)-1)]}
}
