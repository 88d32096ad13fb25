package bench

import "slices"

// Spread is the range of one figure over the rounds.
type Spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// spreadOf returns the spread of values, which are not empty.
func spreadOf(values []float64) Spread {
	return Spread{Min: slices.Min(values), Median: median(values), Max: slices.Max(values)}
}

// median returns the median of values, which are not empty; of two middle values their
// mean.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// pairedRatio is how many times as fast a path was as another one: the median of the
// rounds' ratios. Both slices have a time for each round in the same order, so that a slow
// round affects both.
func pairedRatio(times, others []float64) Spread {
	ratios := make([]float64, len(times))
	for i, t := range times {
		ratios[i] = others[i] / t
	}
	return spreadOf(ratios)
}
