package shadow

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Throughput compares the speeds of the two paths over the batches that both
// finished. A path's time runs from the decoded batch to its typed changelog:
// decoding is shared, and encoding is V1's sink's.
type Throughput struct {
	// V1 and V2 are in records a second; 0 where there is nothing to tell.
	V1, V2 float64
	// Ratio is V2's speed over V1's: the ratio of sums. CI95 is its 95 %
	// interval by a moving-block bootstrap over consecutive batches, since
	// neighbouring batches are alike.
	Ratio float64
	CI95  [2]float64
	// Comparable is false where the paths' outputs differ: then the ratio says
	// nothing, and is 0.
	Comparable bool
	Batches    int
}

// pairedTimes keeps the times of the latest batches, and sums over all.
type pairedTimes struct {
	records        int64
	v1, v2         time.Duration
	batches        int
	recent         [][2]time.Duration
	recentPosition int
}

// keptPairs bounds what a long run remembers for its confidence interval.
const keptPairs = 4096

func (p *pairedTimes) add(records int, v1, v2 time.Duration) {
	p.records += int64(records)
	p.v1 += v1
	p.v2 += v2
	p.batches++
	if len(p.recent) < keptPairs {
		p.recent = append(p.recent, [2]time.Duration{v1, v2})
		return
	}
	p.recent[p.recentPosition] = [2]time.Duration{v1, v2}
	p.recentPosition = (p.recentPosition + 1) % keptPairs
}

func (p *pairedTimes) throughput(same bool) Throughput {
	t := Throughput{Batches: p.batches}
	if p.v1 <= 0 || p.v2 <= 0 || p.records == 0 {
		return t
	}
	t.V1 = float64(p.records) / p.v1.Seconds()
	t.V2 = float64(p.records) / p.v2.Seconds()
	if !same {
		return t
	}
	t.Comparable = true
	t.Ratio = t.V2 / t.V1
	t.CI95 = p.interval(t.Ratio)
	return t
}

// interval bootstraps the ratio of sums in blocks of consecutive batches
// (Künsch 1989), the block as long as the cube root of the number of batches.
// The seed is fixed: the same times give the same interval.
func (p *pairedTimes) interval(ratio float64) [2]float64 {
	inOrder := slices.Concat(p.recent[p.recentPosition:], p.recent[:p.recentPosition])
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
	slices.Sort(ratios)
	return [2]float64{ratios[len(ratios)*25/1000], ratios[min(len(ratios)*975/1000, len(ratios)-1)]}
}
