package estimate

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// mostBlocks is how many blocks RatioOfSums cuts its pairs into.
	mostBlocks = 20
	// FewestPairs is how many pairs RatioOfSums needs. Below mostBlocks each pair
	// is a block.
	FewestPairs = 6
)

// RatioOfSums returns the sum of the pairs' first figures over that of their
// second ones, with an interval by the jackknife over 20 contiguous blocks: the
// ratio is computed without each block in turn, how much its logarithm then varies
// gives its standard error, and the interval is that of Student's t with 19 degrees
// of freedom, around the logarithm. Fewer pairs than blocks are a block each, with as
// many degrees of freedom less one. It returns false for fewer than FewestPairs, and
// where a sum must be greater than 0 without one of the blocks.
//
// The interval holds where the figures have a variance and blocks are much longer
// than the figures are correlated: neighbours may be alike.
//
// Sources: M. H. Quenouille, "Notes on bias in estimation", Biometrika 43 (1956);
// J. W. Tukey, "Bias and confidence in not quite large samples", Annals of
// Mathematical Statistics 29 (1958); R. G. Miller, "The jackknife: a review",
// Biometrika 61 (1974), 2.1 for ratios and 3 for the logarithm; H. R. Künsch, "The
// jackknife and the bootstrap for general stationary observations", Annals of
// Statistics 17 (1989), for blocks.
func RatioOfSums(pairs [][2]float64) (Estimate, bool) {
	if len(pairs) < FewestPairs {
		return Estimate{}, false
	}
	blocks := blockSums(pairs)
	var all [2]float64
	for _, b := range blocks {
		all[0], all[1] = all[0]+b[0], all[1]+b[1]
	}
	ratio := all[0] / all[1]
	changes, mean := make([]float64, len(blocks)), 0.0
	for i, b := range blocks {
		first, second := all[0]-b[0], all[1]-b[1]
		if first <= 0 || second <= 0 {
			return Estimate{}, false
		}
		changes[i] = math.Log(first / second / ratio)
		mean += changes[i]
	}
	n := float64(len(blocks))
	mean /= n
	variance := 0.0
	for _, c := range changes {
		variance += (c - mean) * (c - mean) * (n - 1) / n
	}
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(variance)
	return Estimate{Value: ratio, Low: ratio * math.Exp(-half), High: ratio * math.Exp(half)}, true
}

// blockSums adds pairs up in contiguous blocks of about the same length.
func blockSums(pairs [][2]float64) [][2]float64 {
	blocks := make([][2]float64, min(mostBlocks, len(pairs)))
	for i := range blocks {
		for _, p := range pairs[i*len(pairs)/len(blocks) : (i+1)*len(pairs)/len(blocks)] {
			blocks[i][0] += p[0]
			blocks[i][1] += p[1]
		}
	}
	return blocks
}
