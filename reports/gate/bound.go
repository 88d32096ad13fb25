package gate

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// UpperBound is the upper end of the one-sided confidence interval for the probability of
// an event that occurred s times in n trials (Clopper and Pearson 1934). For s = 0 it is 1
// - (1-confidence)^(1/n).
func UpperBound(s, n int64, confidence float64) float64 {
	switch {
	case n <= 0 || s >= n:
		return 1
	case s == 0:
		return 1 - math.Pow(1-confidence, 1/float64(n))
	}
	return mathext.InvRegIncBeta(float64(s+1), float64(n-s), confidence)
}

// TrialsFor is how many trials without an event bring the bound down to p.
func TrialsFor(p, confidence float64) int64 {
	if p >= 1 {
		return 1
	}
	return int64(math.Ceil(math.Log(1-confidence) / math.Log1p(-p)))
}
